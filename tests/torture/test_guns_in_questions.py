"""Guns type into the real window while a question is open: none is answered, and no word is lost."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest
from PySide6.QtWidgets import QApplication

from loopdesk.domain.scanner.burst import PREFIX, WedgeRules
from loopdesk.domain.scanner.wedge import Notice
from loopdesk.simulator.barcodes import ups, usps
from loopdesk.ui.app import make_app
from loopdesk.ui.theme import apply_theme
from tests import guns
from tests.builders import a_parcel, a_return, lines
from tests.public.window_rig import WindowRig
from tests.torture import figures

HOME, OTHER, SHARED = usps(100), ups(101), ups(102)
STRAY = "99887766554433"
WORDS = "torn box"
CODES = (
    *(usps(number) for number in range(500, 504)),
    *(ups(number) for number in range(500, 504)),
    *("11111111", "123456789012", "00000000000000000001", OTHER),
    *("LDCMDCONFIRM", "LDCMDTEXT1", "LDCMDCONFIRMBCDEF", "LDCMDTEXT1BCDEF", "LDCMDDISMISSBCDEF"),
)
"""Labels of unknown parcels and of a known one; command codes without a secret, and with another's."""

ABOUT_RETURN = ("note", "flag", "extra_item", "photo", "photos", "grade_wrong", "stray")
QUESTIONS = (*ABOUT_RETURN, "shared", "mystery", "type_code")


@pytest.fixture
async def rig(qapp: QApplication) -> AsyncIterator[WindowRig]:
    make_app(["loopdesk"])
    apply_theme(qapp, "light")
    labels = (HOME, OTHER, SHARED, SHARED)
    known = [
        a_return(
            str(91_000_300 + n),
            order_name=f"#{3000 + n}",
            parcels=(a_parcel(label),),
            lines=lines(3, 1000 + 100 * n),
        )
        for n, label in enumerate(labels)
    ]
    made = WindowRig(qapp, *known)
    await made.begin()
    yield made
    await made.end()


async def ask(rig: WindowRig, name: str) -> None:
    """Leave what is open, and bring the question up."""
    await rig.press("dismiss", "dismiss", "dismiss", "park", "dismiss", "dismiss")
    if name == "shared":
        await rig.scan(SHARED)
    if name in ("mystery", "type_code"):
        await rig.press(name)
    if name not in ABOUT_RETURN:
        return
    await rig.scan(HOME)
    if name == "stray":
        await rig.scan(STRAY)
    elif name == "photos":
        await rig.press("grade_d", "photo")
        rig.bench.answer("/front.jpg")
        await rig.wait()
        await rig.press("photos")
    else:
        await rig.press(*(("grade_d",) if name == "photo" else ()), name)


def entered(rig: WindowRig) -> tuple[object, ...]:
    """What is entered for the open return, but words."""
    here = rig.bench.state.on_bench
    if here is None:
        return ()
    draft = here.draft
    found = [(x.line_item_id, x.grade, x.disposition, x.photos) for x in draft.inspections]
    return (here.ret.return_id, found, draft.chosen, here.known.entries)


async def words_kept(rig: WindowRig) -> str:
    """Everything that is written somewhere: in the field, with the return, with a mystery parcel."""
    here = rig.bench.state.on_bench
    known = await rig.store.openings.known("91000300")
    drafts = [known.draft if known is not None else None, here.draft if here is not None else None]
    noted = [(draft.notes, draft.extras) for draft in drafts if draft is not None]
    return f"{rig.window.bench.prompt.field.toPlainText()} {noted} {await rig.store.mysteries.all()}"


@pytest.mark.fault(150, 151, 152)
async def test_no_gun_answers_a_question_and_no_word_that_is_being_written_is_lost(rig: WindowRig) -> None:
    wanted = figures.size("question_guns", 40, 1_000)
    counts = figures.begin("guns into questions", figures.seed())
    chance = random.Random(figures.seed() + 3)
    notices = list[Notice]()
    rig.scans.noticed.connect(notices.append)
    while counts.trials < wanted and figures.has_time(counts):
        name, gun, code = chance.choice(QUESTIONS), guns.draw(chance), chance.choice(CODES)
        await ask(rig, name)
        prompt = rig.screen.prompt
        words = "" if prompt is None or prompt.is_choice or chance.random() < 0.4 else WORDS
        await rig.type_person(words) if words else None
        is_known = chance.random() < 0.85
        rig.scans.adapt(WedgeRules(typical_seconds=gun.gap if is_known else None, marks=(PREFIX,)))
        question, before = rig.bench.state.question, entered(rig)
        asked, pressed = list(rig.asked), list(rig.pressed)
        rig.raws.clear()
        notices.clear()
        await rig.type_gun(gun, code)
        where = (name, words, code, gun, is_known, rig.screen.band)
        counts.trials += 1
        assert (rig.asked, rig.pressed) == (asked, pressed), where
        assert entered(rig) == before or entered(rig)[:1] != before[:1], where
        assert rig.raws == [code] or notices or "canner" in rig.screen.band.sentence, where
        if words and name != "type_code":  # a code that was begun gives way to one that is scanned
            assert words in await words_kept(rig), where
        if rig.bench.state.question == question and rig.raws:
            assert rig.window.bench.prompt.field.toPlainText() == words, where
    counts.end()
