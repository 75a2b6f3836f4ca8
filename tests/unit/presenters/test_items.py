"""Items at the bench: units of one code, items too many, and what came instead of a wrong one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.returns.grading import Grade
from loopdesk.domain.returns.places import PlaceRule, Places
from loopdesk.domain.returns.returns import LineOutcome
from loopdesk.presenters.screens.window import BenchScreen, Signal
from loopdesk.services.bench import on_bench
from loopdesk.store.codecs import draft_json, json_draft
from tests.bench_rig import VOCABULARY, BenchRig
from tests.builders import a_line, a_parcel, a_return

UPS = "1Z999AA10123456784"
SOCKS, HAT, FOREIGN = "4006381333931", "0036000291452", "5901234123457"
RETURN_ID = "91000123"


LINES = (
    *(
        a_line(f"3000000{n}", title="Trail Socks", variant_title="", sku="SOCK", barcode=SOCKS)
        for n in (1, 2, 3)
    ),
    a_line("30000004", title="Hat", variant_title="", sku="HAT", barcode=HAT),
)
RETURN = a_return(RETURN_ID, parcels=(a_parcel(UPS),), lines=LINES)


@pytest.fixture
async def rig() -> AsyncIterator[BenchRig]:
    made = BenchRig(RETURN)
    places = Places((PlaceRule("tote 9", "resale_hold"),))
    made.work_by(replace(VOCABULARY, places=places))
    yield await made.open()
    await made.close()


async def notes_sent(rig: BenchRig) -> list[str]:
    """The texts of the notes in the outbox, without their markers."""
    entries = await rig.store.outbox.lane(RETURN_ID)
    return [str(x.payload["content"]).rpartition(" [ld:")[0] for x in entries if x.kind is Kind.NOTE]


async def test_units_of_one_code_are_counted_one_by_one(rig: BenchRig) -> None:
    await rig.scan(UPS)
    said = [(await rig.scan(SOCKS)).band for _ in range(3)]
    assert [band.word for band in said] == ["1 of 3", "2 of 3", "3 of 3"]
    assert said[1].sentence == "2 of 3 Trail Socks"
    assert [bool(row.seen) for row in rig.screen.lines] == [True, True, True, False]
    assert (await rig.scan(HAT)).band.word == "Present"


async def test_one_more_than_expected_is_an_extra_item_with_a_row_of_its_own(rig: BenchRig) -> None:
    await rig.scan(UPS, SOCKS, SOCKS, SOCKS)
    screen = await rig.scan(SOCKS)
    assert (screen.band.signal, screen.band.word) == (Signal.EXCEPTION, "Extra")
    row = screen.lines[4]
    assert (row.index, row.title, row.subtitle) == (4, "Trail Socks", f"extra item · {SOCKS}")
    assert row.decided == ""
    assert row.is_extra, "why it is here is said before when it came"
    screen = await rig.press("undo")
    assert len(screen.lines) == 4


async def test_an_extra_item_is_graded_placed_and_photographed_in_its_row(rig: BenchRig) -> None:
    await rig.scan(UPS, FOREIGN)
    screen = await rig.press("text_1")
    assert screen.selected == 0, "the next grade is still the first line's"
    rig.bench.select_line(4)
    screen = await rig.press("grade_c")
    row = screen.lines[4]
    assert (row.title, row.decided, row.decided_detail) == (FOREIGN, "C", "Hold for resale · tote 9")
    assert screen.band.sentence == f"{FOREIGN} → Hold for resale · tote 9"
    rig.bench.select_line(4)
    await rig.press("photo")
    rig.bench.answer("/tmp/sock.png")
    await rig.clock.settle()
    assert rig.screen.lines[4].photos == 1
    rig.bench.select_line(4)
    screen = await rig.press("disposition_donate")
    assert screen.lines[4].decided_detail == "Donate"
    screen = await rig.press("rest_a", "confirm")
    assert screen.band.signal is Signal.KEPT
    assert (
        f"In the parcel but not on the return: {FOREIGN} (worn or repackaging needed; donate)."
        in (await notes_sent(rig))[0]
    )


async def test_an_extra_item_stays_in_its_row_once_it_is_kept_and_nothing_more_is_decided_about_it(
    rig: BenchRig,
) -> None:
    await rig.scan(UPS, FOREIGN)
    await rig.press("text_1")
    rig.bench.select_line(4)
    await rig.press("grade_c", "rest_a")
    before = rig.screen.lines[4]
    screen = await rig.press("confirm")
    assert screen.band.signal is Signal.KEPT
    assert screen.lines[4:] == (before,)
    rig.bench.select_line(4)
    await rig.clock.settle()
    shown = rig.screen.item
    assert rig.screen.selected == 4
    assert shown is not None
    assert (shown.title, any(button.enabled for button in shown.grades)) == (FOREIGN, False)
    screen = await rig.press("undo")
    assert screen.band.word == "Taken back"
    assert [row.title for row in screen.lines[4:]] == [FOREIGN], "once, not twice"
    rig.bench.select_line(4)
    screen = await rig.press("grade_b")
    assert screen.lines[4].decided == "B"


async def test_what_came_instead_still_stands_beside_its_line_once_it_is_kept(rig: BenchRig) -> None:
    await rig.scan(UPS)
    rig.bench.select_line(0)
    await rig.press("grade_wrong")
    await rig.scan(FOREIGN)
    await rig.press("rest_a", "confirm")
    rig.bench.select_line(0)
    await rig.clock.settle()
    assert rig.screen.item is not None
    assert FOREIGN in rig.screen.item.note


async def test_an_extra_item_is_taken_away_by_missing_and_brought_back_by_undo(rig: BenchRig) -> None:
    await rig.scan(UPS, FOREIGN)
    await rig.press("text_1")
    rig.bench.select_line(4)
    screen = await rig.press("grade_wrong")
    assert screen.band.signal is Signal.BLOCKED
    screen = await rig.press("grade_missing")
    assert (len(screen.lines), screen.band.word) == (4, "Taken away")
    screen = await rig.press("undo")
    assert [row.title for row in screen.lines[4:]] == [FOREIGN]


async def words_then_code(rig: BenchRig) -> BenchScreen:
    """Describe the item, then scan its code."""
    await rig.press("extra_item")
    rig.bench.answer("a red sock")
    await rig.clock.settle()
    rig.bench.select_line(4)
    await rig.press("note")
    assert rig.screen.prompt is not None
    assert rig.screen.prompt.title == "More about a red sock"
    return await rig.scan(FOREIGN)


async def code_then_words(rig: BenchRig) -> BenchScreen:
    """Scan the code of the item, then describe it."""
    await rig.scan(FOREIGN)
    await rig.press("text_1")
    rig.bench.select_line(4)
    await rig.press("note")
    rig.bench.answer("a red sock")
    await rig.clock.settle()
    return rig.screen


@pytest.mark.parametrize("way", [words_then_code, code_then_words])
async def test_an_item_on_no_line_has_its_code_and_words_beside_it_and_each_is_taken_back_alone(
    rig: BenchRig, way: Callable[[BenchRig], Awaitable[BenchScreen]]
) -> None:
    await rig.scan(UPS)
    screen = await way(rig)
    assert screen.prompt is None
    assert (screen.band.word, screen.band.sentence) == ("Noted", f"a red sock · {FOREIGN}")
    (row,) = screen.lines[4:]
    assert (row.title, row.subtitle) == ("a red sock", f"extra item · {FOREIGN}")
    assert screen.item is not None
    assert (screen.item.title, screen.item.codes) == ("a red sock", FOREIGN)
    screen = await rig.press("undo")
    assert [row.title for row in screen.lines[4:]] == ["a red sock" if way is words_then_code else FOREIGN]
    screen = await rig.press("undo")
    assert screen.lines[4:] == ()
    await way(rig)
    await rig.press("rest_a", "confirm")
    assert await notes_sent(rig) == [
        f"In the parcel but not on the return: a red sock {FOREIGN}. Kim, dock 1"
    ]


async def test_a_typed_code_of_an_item_is_its_code_and_a_known_one_brings_its_title(rig: BenchRig) -> None:
    await rig.scan(UPS)
    for typed in (FOREIGN, "hat"):
        await rig.press("extra_item")
        rig.bench.answer(typed)
        await rig.clock.settle()
    assert [(row.title, row.subtitle) for row in rig.screen.lines[4:]] == [
        (FOREIGN, "extra item"),
        ("Hat", "extra item · hat"),
    ]


async def test_what_the_code_of_an_extra_item_carries_is_said_shown_and_noted(rig: BenchRig) -> None:
    await rig.scan(UPS, "]d20105901234123457" + "10LOT7\x1d21SN-9")
    screen = await rig.press("text_1")
    assert screen.band.detail == f"{FOREIGN} · lot LOT7 · serial SN-9"
    rig.bench.select_line(4)
    await rig.clock.settle()
    assert rig.screen.item is not None
    assert rig.screen.item.note == "extra item · lot LOT7 · serial SN-9"
    await rig.press("rest_a", "confirm")
    assert await notes_sent(rig) == [
        f"In the parcel but not on the return: {FOREIGN}, lot LOT7, serial SN-9. Kim, dock 1"
    ]


async def test_what_is_on_no_line_survives_a_restart(rig: BenchRig) -> None:
    await rig.scan(UPS, "]d20105901234123457" + "10LOT7\x1d21SN-9")
    await rig.press("text_2")
    rig.bench.select_line(4)
    await rig.press("note")
    rig.bench.answer("a red sock")
    await rig.clock.settle()
    await rig.press("grade_c")
    before = rig.screen.lines
    draft = await rig.store.drafts.get(RETURN_ID)
    assert json_draft(draft_json(draft)) == draft
    again = BenchRig(RETURN, known=False)
    again.store = rig.store
    again._wire()
    await again.open()
    screen = await again.scan(UPS)
    assert [(row.title, row.subtitle) for row in screen.lines] == [(x.title, x.subtitle) for x in before]
    await again.close()


async def answer_by_scan(rig: BenchRig) -> BenchScreen:
    """Scan what came instead."""
    return await rig.scan(FOREIGN)


async def answer_in_words(rig: BenchRig) -> BenchScreen:
    """Describe what came instead."""
    screen = await rig.press("extra_item")
    assert screen.prompt is not None
    assert screen.prompt.title == "What came instead of Hat?"
    rig.bench.answer("a red sock")
    await rig.clock.settle()
    return rig.screen


@pytest.mark.parametrize("way", [answer_by_scan, answer_in_words])
async def test_what_came_instead_is_asked_once_and_noted(rig: BenchRig, way: object) -> None:
    await rig.scan(UPS)
    rig.bench.select_line(3)
    screen = await rig.press("grade_wrong")
    assert screen.prompt is None, "nothing waits for the answer"
    assert screen.band.detail == "Scan what came instead, or go on. Ctrl+E describes it."
    screen = await (answer_by_scan(rig) if way is answer_by_scan else answer_in_words(rig))
    came = FOREIGN if way is answer_by_scan else "a red sock"
    assert (screen.lines[4].title, screen.lines[4].subtitle) == (came, "instead of Hat")
    await rig.press("rest_a", "confirm")
    entries = await rig.store.outbox.lane(RETURN_ID)
    (wrong,) = (
        x for x in entries if x.kind is Kind.GRADE and x.payload["condition_category"] == Grade.WRONG.value
    )
    assert wrong.payload["note"] == came
    assert await notes_sent(rig) == [
        f"A different product in the parcel instead of: HAT (came: {came}). Kim, dock 1"
    ]


async def test_another_grade_forgets_what_came_instead(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_wrong")
    await rig.scan(FOREIGN)
    rig.bench.select_line(0)
    screen = await rig.press("grade_a")
    assert len(screen.lines) == 4


async def test_after_the_next_decision_a_foreign_item_is_asked_about_again(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_wrong", "grade_a")
    screen = await rig.scan(FOREIGN)
    assert screen.prompt is not None
    assert screen.prompt.templates == ("Extra item", "Wrong item", "Another parcel")


async def test_a_wrong_parcel_is_flagged_and_settled_by_one_command(rig: BenchRig) -> None:
    await rig.scan(UPS)
    screen = await rig.press("wrong_parcel")
    assert screen.band.signal is Signal.KEPT
    entries = await rig.store.outbox.lane(RETURN_ID)
    assert [x.kind for x in entries] == [Kind.NOTE, Kind.FLAG]
    assert await notes_sent(rig) == ["The parcel belongs to another return or shop. Kim, dock 1"]
    screen = await rig.press("undo")
    screen = await rig.press("rest_a")
    assert screen.plan is not None
    assert screen.plan.sentence.startswith("Process the return."), "a grade takes the flag back"


async def test_what_the_code_of_an_item_carries_is_said_shown_and_noted_with_its_grade(rig: BenchRig) -> None:
    await rig.scan(UPS)
    screen = await rig.scan("]d201000360002914521727033110LOT7\x1d21SN-9")
    assert (screen.band.word, screen.band.detail) == (
        "Present",
        "lot LOT7 · serial SN-9 · expires 2027-03-31",
    )
    assert screen.item is not None
    assert screen.item.note == "lot LOT7 · serial SN-9 · expires 2027-03-31"
    await rig.press("rest_a", "confirm")
    entries = await rig.store.outbox.lane(RETURN_ID)
    notes = [x.payload["note"] for x in entries if x.kind is Kind.GRADE]
    assert notes == ["", "", "", "lot LOT7, serial SN-9, expires 2027-03-31"]


async def test_a_lot_that_may_be_run_together_with_a_serial_is_said_to_be_unclear_and_noted_as_such(
    rig: BenchRig,
) -> None:
    await rig.scan(UPS)
    screen = await rig.scan("]d2010003600029145210LOT721SN9")
    assert screen.band.word == "Present"
    assert screen.band.detail == "unclear, because the scanner sends no separators: 10LOT721SN9"
    await rig.press("rest_a", "confirm")
    entries = await rig.store.outbox.lane(RETURN_ID)
    assert [x.payload["note"] for x in entries if x.kind is Kind.GRADE][-1] == "unclear 10LOT721SN9"


async def test_a_scanner_that_was_seen_to_send_separators_is_believed(rig: BenchRig) -> None:
    await rig.scan("]C142012345\x1d9205500000000000000000", UPS)
    screen = await rig.scan("]d2010003600029145210LOT721SN9")
    assert screen.band.detail == "lot LOT721SN9"


SERIALS = a_return(
    RETURN_ID,
    parcels=(a_parcel(UPS),),
    lines=tuple(
        a_line(
            f"3000000{n}",
            title="Phone",
            variant_title="",
            sku="PHONE",
            barcode=HAT,
            properties=(("Device ID", f"SN-{n}"),),
        )
        for n in (1, 2)
    ),
)


@pytest.fixture
async def phones() -> AsyncIterator[BenchRig]:
    made = BenchRig(SERIALS)
    made.work_by(replace(VOCABULARY, serials=("Device ID",)))
    yield await made.open()
    await made.close()


async def test_a_serial_number_ticks_the_unit_that_was_sold_with_it(phones: BenchRig) -> None:
    await phones.scan(UPS)
    screen = await phones.scan("]d2010003600029145221SN2")
    assert (screen.band.word, screen.band.detail) == ("1 of 2", "serial SN2")
    assert [bool(row.seen) for row in screen.lines] == [False, True]


async def test_another_serial_number_than_the_sold_one_is_said_shown_and_noted(phones: BenchRig) -> None:
    await phones.scan(UPS)
    screen = await phones.scan("]d2010003600029145221SN-7")
    assert (screen.band.signal, screen.band.word) == (Signal.ATTENTION, "Other serial")
    assert screen.band.sentence == "Phone: sold with serial SN-1, this one is SN-7"
    assert bool(screen.lines[0].seen), "it is in the parcel all the same"
    assert screen.item is not None
    assert screen.item.note == "serial SN-7 · sold with serial SN-1, this one is SN-7"
    await phones.press("rest_a", "confirm")
    entries = await phones.store.outbox.lane(RETURN_ID)
    notes = [x.payload["note"] for x in entries if x.kind is Kind.GRADE]
    assert notes == ["serial SN-7, sold serial SN-1", ""]


async def test_undo_of_what_came_instead_asks_for_it_again_of_the_same_line(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_wrong")
    await rig.scan(FOREIGN)
    screen = await rig.press("undo")
    assert screen.band.word == "Taken back"
    assert screen.band.detail == "Scan what came instead, or go on. Ctrl+E describes it."
    screen = await rig.scan(FOREIGN)
    assert screen.lines[4].subtitle == "instead of Trail Socks"
    assert [row.decided for row in screen.lines[:2]] == ["Wrong item", ""]


async def test_an_answer_about_a_line_whose_grade_was_taken_back_is_an_item_too_many(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_wrong", "extra_item")
    rig.bench.edit_prompt("a red sock")
    screen = await rig.press("undo")
    assert screen.prompt is None, "nothing came instead of it any more"
    assert (await rig.store.drafts.get(RETURN_ID)).notes == ("a red sock",)
    wrong = graded_wrong(rig)
    now = on_bench.add_extra(wrong, FOREIGN, rig.parts.inspection.by, instead_of="30000004")
    assert now.draft.extras[-1].instead_of == "", "the flag calls for it"


def graded_wrong(rig: BenchRig) -> on_bench.OnBench:
    """The open return with a line that is no wrong item."""
    assert rig.bench.state.on_bench is not None
    return on_bench.grade(rig.bench.state.on_bench, Grade.A, ("30000004",), rig.parts.inspection.by)


async def test_words_about_an_item_that_was_taken_back_stay_as_a_note_and_other_words_with_it(
    rig: BenchRig,
) -> None:
    await rig.scan(UPS, FOREIGN)
    await rig.press("text_1")
    rig.bench.select_line(4)
    await rig.press("note")
    rig.bench.edit_prompt("half a word")
    await rig.press("park")
    assert [x.words for x in (await rig.store.drafts.get(RETURN_ID)).extras] == ["half a word"]
    await rig.scan(UPS)
    await rig.press("undo", "undo")
    await rig.scan(FOREIGN)
    await rig.press("text_1")
    rig.bench.select_line(len(rig.screen.lines) - 1)
    await rig.press("note")
    rig.bench.edit_prompt("late words")
    await rig.clock.settle()
    screen = await rig.press("undo")
    assert screen.prompt is None
    assert (await rig.store.drafts.get(RETURN_ID)).notes == ("late words",)


async def test_an_item_of_the_return_is_ticked_while_only_words_about_another_are_asked_for(
    rig: BenchRig,
) -> None:
    await rig.scan(UPS, FOREIGN)
    await rig.press("text_1")
    rig.bench.select_line(4)
    await rig.press("note")
    screen = await rig.scan(HAT)
    assert screen.band.word == "Present"
    assert screen.lines[4].title == FOREIGN


async def test_of_lines_with_one_code_the_one_in_the_parcel_at_hand_is_ticked() -> None:
    other = "1Z999AA10987654329"
    lines = tuple(a_line(f"3000000{n}", title=f"Sock {n}", barcode=SOCKS) for n in (1, 2))
    parcels = (
        a_parcel(UPS, line_item_ids=("30000001",)),
        a_parcel(other, line_item_ids=("30000002",)),
    )
    rig = await BenchRig(a_return(RETURN_ID, parcels=parcels, lines=lines)).open()
    await rig.scan(other)
    screen = await rig.scan(SOCKS)
    assert [bool(row.seen) for row in screen.lines] == [False, True]
    screen = await rig.scan(SOCKS)
    assert [bool(row.seen) for row in screen.lines] == [True, True], "better than an item too many"
    await rig.close()


async def test_a_code_with_other_zeros_is_another_code_and_case_is_none() -> None:
    lines = (a_line("30000001", title="Sock", sku="Sock-007", barcode=""),)
    rig = await BenchRig(a_return(RETURN_ID, parcels=(a_parcel(UPS),), lines=lines)).open()
    await rig.scan(UPS)
    assert (await rig.scan("SOCK-07")).band.word == "Not on this return"
    assert (await rig.scan("sock-007")).band.word == "Present"
    await rig.close()


async def test_an_item_that_the_shopper_keeps_is_named_when_it_came_all_the_same() -> None:
    kept = a_line("30000002", title="Hat", variant_title="", barcode=HAT, outcome=LineOutcome.KEEP)
    ret = a_return(RETURN_ID, parcels=(a_parcel(UPS),), lines=(*LINES[:1], kept))
    rig = await BenchRig(ret).open()
    await rig.scan(UPS)
    screen = await rig.scan(HAT)
    assert screen.band.word == "Not on this return"
    assert screen.band.detail == f"Hat: the shopper keeps it · Scanned: {HAT}"
    screen = await rig.press("text_1")
    assert (screen.lines[2].title, screen.lines[2].subtitle) == ("Hat", f"extra item · {HAT}")
    await rig.close()
