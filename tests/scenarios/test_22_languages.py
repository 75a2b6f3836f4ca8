"""The window in another language: all of it translated and legible, and switched without losing anything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, cast

from loopdesk.domain.outbox.stages import Cause, Stage, Why
from loopdesk.presenters.pages.attention import AttentionPresenter
from loopdesk.presenters.pages.settings import SettingsPresenter
from loopdesk.presenters.screens.returns import Prompt, QuestionKind
from loopdesk.presenters.words.words import masked_email
from loopdesk.simulator.samples import SAMPLES
from loopdesk.system.settings.model import SETTINGS
from loopdesk.ui.main_window import PLACES
from loopdesk.ui.texts import clean
from tests.scenarios.desk import Desk
from tests.scenarios.said import said, words_in
from tests.simulator_thread import SimulatorThread
from tests.ui.legible import SIZES, illegible

Visit = Callable[[str], None]


async def questions(desk: Desk) -> AsyncIterator[Prompt]:
    """Ask every question, one after the other, first with a return open and then without one."""
    for key in ("F2", "F4", "Ctrl+E", "F8", "F3"):
        await desk.press(key)
        yield _asked(desk)
        await desk.press("Esc")
    desk.session.bench.take_photo(_photo)
    await desk.at_rest()
    await desk.scan("LDCMDPHOTOS")
    yield _asked(desk)
    await desk.press("Esc")
    await desk.scan(UNKNOWN_CODE)
    await desk.hand.until("what the stray code is", lambda: desk.screen.prompt is not None)
    yield _asked(desk)
    await desk.press("Esc", "F9")
    await desk.scan(UNKNOWN_CODE)
    await desk.hand.until("the mystery parcel", lambda: desk.screen.prompt is not None)
    yield _asked(desk)
    await desk.press("F8")
    yield _asked(desk)
    await desk.press("Esc", "Esc")
    await desk.scan(SAMPLES["shared_first"].tracking_number or "")
    await desk.hand.until("two returns to choose from", lambda: desk.screen.prompt is not None)
    yield _asked(desk)
    await desk.press("Esc")


async def _photo() -> str:
    """Return the name of a photo whose file is not there; a camera is drawn in its place."""
    return "00000000000000000000000000000000.jpg"


def _asked(desk: Desk) -> Prompt:
    assert desk.screen.prompt is not None
    return desk.screen.prompt


async def opened(desk: Desk, name: str) -> None:
    """Scan a sample's label and wait for its return, whatever the window's language is."""
    await desk.hand.scan(SAMPLES[name].tracking_number or "")
    await desk.hand.until(name, lambda: SAMPLES[name].return_id in desk.title)
    await desk.at_rest()


async def everywhere(desk: Desk, visit: Visit) -> None:
    """Bring every page, every question and the bench's usual pictures to the front, one after the other."""
    window, hand = desk.session.window, desk.hand
    await desk.synced()
    visit("empty")
    for name in (
        "several_parcels",
        "keep_and_donate",
        "closed",
        "cancelled",
        "review",
        "elsewhere",
        "multi_line",
    ):
        await opened(desk, name)
        visit(name)
        await desk.press("2")
        visit(f"{name}, graded")
    await desk.press("6")
    visit("missing")
    met = set()
    async for asked in questions(desk):
        met.add(asked.kind)
        visit(f"question {asked.kind}")
    assert met == set(QuestionKind)
    await opened(desk, "single")
    await desk.press("1", "F12")
    assert desk.screen.band.countdown is not None
    visit("kept")
    for place, *_rest in PLACES:
        window.show_view(place)
        await hand.until(f"the page {place}", lambda n=place: _has_read(desk, n))  # type: ignore[misc]
        visit(place)
    await _behind_a_press(desk, visit)


async def _behind_a_press(desk: Desk, visit: Callable[[str], None]) -> None:
    """Visit what the pages show after one press."""
    window, pages = desk.session.window, cast("dict[str, Any]", desk.session.pages.presenters)
    presses: dict[str, Callable[[], None]] = {
        "finished": lambda: None,
        "queue": lambda: pages["queue"].unfold(SAMPLES["single"].return_id),
        "health": pages["health"].unfold,
        "settings": lambda: pages["settings"].choose_page("it"),
    }
    for place, press in presses.items():
        window.show_view(place)
        await desk.hand.until(f"the page {place}", lambda n=place: _has_read(desk, n))  # type: ignore[misc]
        await desk.hand.do(press)
        visit(f"{place}, behind a press")


def _has_read(desk: Desk, place: str) -> bool:
    tasks = desk.program.parts.tasks.names
    return not {f"{place} refresh", "mysteries refresh", "health checks"} & set(tasks)


def of_the_shop(desk: Desk, shop: SimulatorThread) -> set[str]:
    """Return the words of the shop's data, of the station and of its vocabulary, which no catalogue knows."""
    texts = [repr(ret) for ret in shop.loop.index.kept()]
    texts += [clean(line.title, lines=True) for ret in shop.loop.index.kept() for line in ret.lines]
    texts += [masked_email(ret.customer_email or "") for ret in shop.loop.index.kept()]
    texts += [repr(place) for place in shop.loop.destinations]
    vocabulary = desk.runtime.vocabulary
    texts += [rule.description for rule in vocabulary.grades]
    texts += [*vocabulary.flag_reasons, *vocabulary.note_templates, UNKNOWN_CODE]
    texts.append("Parcel of a cancelled return set aside")  # a note that goes to Loop, in the shop's language
    texts += [known.env for known in SETTINGS]
    return words_in(texts) | NAMES


UNKNOWN_CODE = "NOT-A-CODE-THAT-ANYONE-KNOWS"

NAMES = frozenset(
    {"loop", "loopdesk", "rma", "sku", "api", "usb", "com", "ada", "dock", "english", "deutsch"}
) | {
    *("esc", "enter", "alt", "ctrl", "shift", "down"),
    *("cdn", "shopify", "com"),
}
"""Names that are the same in every language."""


@dataclass
class Walked:
    """What a walk found, each with where it stands: words of no catalogue, and what cannot be read."""

    plain: dict[str, list[str]] = field(default_factory=dict)
    illegible: dict[str, list[str]] = field(default_factory=dict)


def walk(desk: Desk, shop: SimulatorThread, language: str) -> Walked:
    """Walk everywhere in a language, and look at each place in every size of window."""
    found = Walked()
    known: set[str] = set()

    async def body() -> None:
        known.update(of_the_shop(desk, shop))
        window = desk.session.window

        def visit(name: str) -> None:
            for text in said(window):
                if words_in([text]) - known:
                    found.plain.setdefault(text, []).append(name)
            for width, height in SIZES:
                window.resize(width, height)
                for what in illegible(window):
                    found.illegible.setdefault(what, []).append(f"{name} at {width}")

        await everywhere(desk, visit)

    desk.play(body, LOOPDESK_LANGUAGE=language, LOOPDESK_HOLD_SECONDS="8")
    return found


def told(found: dict[str, list[str]]) -> str:
    return "\n".join(f"{text!r} on {', '.join(where)}" for text, where in found.items())


def test_in_the_pseudo_language_no_text_is_plain_english_and_none_lacks_room(
    desk: Desk, shop: SimulatorThread
) -> None:
    found = walk(desk, shop, "pseudo")
    assert not found.plain, told(found.plain)
    assert not found.illegible, told(found.illegible)


def test_in_german_no_text_lacks_room(desk: Desk, shop: SimulatorThread) -> None:
    found = walk(desk, shop, "de")
    assert not found.illegible, told(found.illegible)


async def speak(desk: Desk, language: str) -> None:
    """Choose another language on the page of settings, and return to the bench."""
    window = desk.session.window
    window.show_view("settings")
    settings = desk.session.pages.presenters["settings"]
    assert isinstance(settings, SettingsPresenter)
    settings.change("language", language)
    settings.save()
    queue = {"en": "Queue", "de": "Ausgang"}[language]
    await desk.hand.until(queue, lambda: window.rail.button("queue").accessibleName() == queue)
    await desk.at_rest()
    window.show_view("bench")


def test_the_language_is_changed_in_the_middle_of_every_question_and_nothing_is_lost(desk: Desk) -> None:
    parcel = SAMPLES["multi_line"]

    async def body() -> None:
        await desk.synced()
        await desk.open(parcel)
        await desk.press("2")
        field, languages = desk.session.window.bench.prompt.field, cycle(("de", "en"))
        met = set()
        async for asked in questions(desk):
            typed = "" if asked.is_choice else "wet"
            await desk.press(*typed)
            await speak(desk, next(languages))
            now = _asked(desk)
            assert (now.kind, now.text) == (asked.kind, typed)
            assert now.title != asked.title
            assert field.toPlainText() == typed
            await desk.press(*typed)  # and one goes on where one was
            assert field.toPlainText() == typed * 2
            met.add(now.kind)
        assert met == set(QuestionKind)
        draft = await desk.runtime.store.drafts.get(parcel.return_id)
        assert [x.grade.value for x in draft.inspections] == ["grade_b"]

    desk.play(body)


def test_the_language_is_changed_while_lines_are_graded_and_undo_still_takes_back_the_last(
    desk: Desk,
) -> None:
    parcel = SAMPLES["multi_line"]

    async def body() -> None:
        await desk.synced()
        await desk.open(parcel)
        await desk.press("2", "Ctrl+A")
        before = desk.screen
        await speak(desk, "de")
        now = desk.screen
        assert [row.decided for row in now.lines] == [row.decided for row in before.lines]
        assert [row.is_marked for row in now.lines] == [row.is_marked for row in before.lines]
        assert now.selected == before.selected
        assert now.band.undo == before.band.undo == parcel.order_name
        await desk.press("3")
        draft = await desk.runtime.store.drafts.get(parcel.return_id)
        assert sorted(x.grade.value for x in draft.inspections) == ["grade_b", "grade_c", "grade_c"]
        await desk.press("F10")
        draft = await desk.runtime.store.drafts.get(parcel.return_id)
        assert [x.grade.value for x in draft.inspections] == ["grade_b"]

    desk.play(body)


def test_the_language_is_changed_while_a_note_is_written_and_nothing_is_lost(desk: Desk) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(SAMPLES["single"])
        await desk.press("2", "F2")
        await desk.hand.until("the note", lambda: "Note" in said(desk.session.window))
        await desk.press("w", "e", "t")
        desk.session.window.show_view("settings")
        settings = desk.session.pages.presenters["settings"]
        assert isinstance(settings, SettingsPresenter)
        settings.change("language", "de")
        settings.save()
        await desk.hand.until("German", lambda: "Ausgang" in " ".join(said(desk.session.window)))

        def is_asked_anew() -> bool:
            return desk.screen.prompt is not None and desk.screen.prompt.title == "Notiz"

        await desk.hand.until("the question in German", is_asked_anew)
        assert words_in(said(desk.session.window)) & {"language", "settings", "save"} == set()
        desk.session.window.show_view("bench")
        prompt = desk.screen.prompt
        assert prompt is not None
        assert (prompt.kind, prompt.title, prompt.text) == ("note", "Notiz", "wet")
        assert desk.screen.band.word == "Gefunden"
        assert desk.screen.header is not None
        assert "Erstattung 49,34 USD" in desk.screen.header.promise
        assert SAMPLES["single"].return_id in desk.title
        shown = said(desk.session.window)
        assert "Note" not in shown
        assert "Keep the note" not in shown
        draft = await desk.runtime.store.drafts.get(SAMPLES["single"].return_id)
        assert [x.grade.value for x in draft.inspections] == ["grade_b"]

    desk.play(body)


def test_why_an_action_needs_a_person_and_what_failed_are_said_in_the_language_of_now(
    desk: Desk, shop: SimulatorThread
) -> None:
    async def body() -> None:
        parcel, window = SAMPLES["single"], desk.session.window
        await desk.synced()
        await desk.open(parcel)
        await desk.refreshed(parcel)
        await desk.press("1", "F12")
        shop.act("set_state", parcel.return_id, state="review")
        (*_, parked) = await desk.until_lane(parcel.return_id, Stage.PARKED)
        assert parked.cause == Cause(Why.CHANGED)
        window.show_view("attention")
        attention = desk.session.pages.presenters["attention"]
        assert isinstance(attention, AttentionPresenter)
        await desk.hand.until("the case", lambda: "Check again" in " ".join(heard()))
        assert "hanged at Loop meanwhile" in " ".join(heard())
        shop.fault("answer", method="GET", path="/details$", status=502)
        attention.choose("check_again")
        await desk.hand.until("what failed", lambda: "answer did not arrive" in " ".join(heard()))

        await speak("de", "Ausgang")
        window.show_view("attention")
        await desk.hand.until("German", lambda: "nzwischen bei Loop geändert" in " ".join(heard()))
        shown = " ".join(heard())
        assert "Die Antwort von Loop kam nicht an. Nichts zu tun: Das Programm fragt Loop" in shown
        assert "answer did not arrive" not in shown
        assert "hanged at Loop" not in shown
        window.show_view("queue")
        why = "Loop zeigt etwas anderes, als am Platz zu sehen war"
        await desk.hand.until("the row in German", lambda: why in " ".join(heard()))

        await speak("en", "Queue")
        window.show_view("queue")
        why = "Loop shows something else than the operator saw"
        await desk.hand.until("the row in English", lambda: why in " ".join(heard()))

    def heard() -> list[str]:
        return said(desk.session.window)

    async def speak(language: str, queue: str) -> None:
        desk.session.window.show_view("settings")
        settings = desk.session.pages.presenters["settings"]
        assert isinstance(settings, SettingsPresenter)
        settings.change("language", language)
        settings.save()
        await desk.hand.until(language, lambda: queue in heard())

    desk.play(body, LOOPDESK_HOLD_SECONDS="1")
