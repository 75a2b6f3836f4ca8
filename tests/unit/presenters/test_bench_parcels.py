"""A return in several parcels, and an order with several returns, at the bench."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from loopdesk.presenters.screens.window import Signal
from tests.bench_rig import BenchRig
from tests.builders import a_parcel, a_return, lines

FIRST, SECOND, THIRD = "1Z999AA10123456784", "1Z999AA10987654329", "1Z12345E0205271688"
RETURN_ID = "91000123"
LINES = lines(4)
PARCELS = (
    a_parcel(FIRST, line_item_ids=tuple(x.line_item_id for x in LINES[:2])),
    a_parcel(SECOND, line_item_ids=(LINES[2].line_item_id,), status="in_transit"),
    a_parcel(THIRD, line_item_ids=(LINES[3].line_item_id,), status="pre_transit"),
)


@pytest.fixture
async def rig() -> AsyncIterator[BenchRig]:
    made = BenchRig(a_return(RETURN_ID, lines=LINES, parcels=PARCELS))
    yield await made.open()
    await made.close()


async def test_each_label_ticks_its_parcel(rig: BenchRig) -> None:
    screen = await rig.scan(FIRST)
    assert screen.header is not None
    assert screen.header.parcels == "parcel 1 of 3 · 1 of 3 seen"
    assert screen.band.sentence.endswith("Parcel 1 of 3, 1 of 3 seen.")
    screen = await rig.scan(THIRD)
    assert screen.header is not None
    assert screen.header.parcels == "parcel 3 of 3 · 2 of 3 seen"
    assert screen.header.warnings == (f"Not seen here yet: UPS {SECOND} (on its way).",)
    screen = await rig.scan(SECOND)
    assert screen.header is not None
    assert (screen.header.parcels, screen.header.warnings) == ("parcel 2 of 3 · all 3 seen", ())
    assert screen.band.sentence.endswith("Parcel 2 of 3, all 3 seen.")


async def test_what_lies_in_the_scanned_parcel_is_chosen(rig: BenchRig) -> None:
    screen = await rig.scan(FIRST)
    assert [line.is_marked for line in screen.lines] == [True, True, False, False]
    screen = await rig.press("grade_a")
    assert [line.decided for line in screen.lines] == ["A", "A", "", ""]
    screen = await rig.scan(THIRD)
    assert (screen.selected, any(line.is_marked for line in screen.lines)) == (3, False)
    screen = await rig.press("grade_b")
    assert [line.decided for line in screen.lines] == ["A", "A", "", "B"]
    assert (await rig.scan(FIRST)).selected == 0


async def test_nothing_is_proposed_before_every_parcel_was_seen(rig: BenchRig) -> None:
    await rig.scan(FIRST)
    await rig.press("select_all", "grade_a")
    screen = await rig.press("confirm")
    assert screen.plan is not None
    assert not screen.plan.button.enabled
    assert (
        screen.plan.sentence == "2 parcels were not seen yet. What you enter is remembered until they come."
    )
    assert (screen.band.signal, screen.band.sentence) == (
        Signal.BLOCKED,
        "Not every parcel was seen yet. Scan the others when they come, or go on without them.",
    )
    assert await rig.store.outbox.lane(RETURN_ID) == ()
    await rig.scan(SECOND, THIRD)
    screen = await rig.press("rest_a", "confirm")
    assert screen.band.signal is Signal.KEPT


async def test_a_person_may_go_on_without_the_rest_and_take_that_back(rig: BenchRig) -> None:
    await rig.scan(FIRST)
    await rig.press("rest_a")
    for place in (2, 3):
        rig.bench.select_line(place)
        await rig.press("grade_a")
    screen = await rig.press("go_on_without")
    assert screen.plan is not None
    assert (screen.band.signal, screen.plan.button.enabled) == (Signal.ATTENTION, True)
    assert "go_on_without" not in {x.command for x in screen.commands}
    screen = await rig.press("go_on_without")
    assert screen.band.sentence == "Every parcel of this return was seen, or is not waited for."
    screen = await rig.press("undo")
    assert screen.plan is not None
    assert not screen.plan.button.enabled
    assert screen.commands[0].command == "go_on_without"
    screen = await rig.scan("LDCMDWITHOUT", "LDCMDCONFIRM")
    assert screen.band.signal is Signal.KEPT


async def test_note_gives_way_to_what_only_this_return_needs_and_no_exception_does(rig: BenchRig) -> None:
    screen = await rig.scan(FIRST)
    beside = {x.command for x in screen.commands}
    assert "note" not in beside
    assert {"flag", "empty_box", "wrong_parcel"} <= beside
    assert "note" in {x.command for x in screen.more}
    screen = await rig.scan(SECOND, THIRD)
    assert "note" in {x.command for x in screen.commands}
    assert "note" not in {x.command for x in screen.more}


@pytest.mark.parametrize("command", ["select_all", "rest_a"])
async def test_all_and_the_rest_leave_out_what_comes_in_parcels_that_are_awaited(
    rig: BenchRig, command: str
) -> None:
    await rig.scan(FIRST)
    screen = await rig.press(command, "grade_a") if command == "select_all" else await rig.press(command)
    assert [row.decided for row in screen.lines] == ["A", "A", "", ""]
    screen = await rig.press(command)
    assert screen.band.sentence == "Every line is decided."
    await rig.scan(SECOND)
    screen = await rig.press("rest_a")
    assert [row.decided for row in screen.lines] == ["A", "A", "A", ""]
    screen = await rig.press("go_on_without", "rest_a")
    assert [row.decided for row in screen.lines] == ["A", "A", "A", "A"]


async def test_a_return_opened_without_a_label_is_graded_whole_by_the_rest(rig: BenchRig) -> None:
    await rig.scan(RETURN_ID)
    screen = await rig.press("rest_a")
    assert [row.decided for row in screen.lines] == ["A"] * 4


async def test_what_was_seen_is_remembered_when_nothing_else_was_entered(rig: BenchRig) -> None:
    await rig.scan(FIRST)
    await rig.press("park")
    await rig.clock.turn(3 * 86_400.0)
    screen = await rig.scan(SECOND)
    assert screen.header is not None
    assert screen.header.parcels == "parcel 2 of 3 · 2 of 3 seen"


async def test_a_return_opened_by_its_number_ticks_no_parcel(rig: BenchRig) -> None:
    screen = await rig.scan(RETURN_ID)
    assert screen.header is not None
    assert screen.header.parcels == "3 parcels · 0 of 3 seen"
    assert await rig.store.seen_parcels.of_return(RETURN_ID) == ()


async def test_a_return_in_one_parcel_says_nothing_of_parcels_but_is_remembered() -> None:
    rig = await BenchRig(a_return(RETURN_ID, lines=lines(2))).open()
    screen = await rig.scan(FIRST)
    assert screen.header is not None
    assert (screen.header.parcels, screen.header.warnings) == ("", ())
    assert not any(line.is_marked for line in screen.lines)
    assert [x.tracking_number for x in await rig.store.seen_parcels.of_return(RETURN_ID)] == [FIRST]
    await rig.close()


async def test_the_other_return_of_an_order_is_one_command_away() -> None:
    one = a_return(RETURN_ID)
    other = a_return("91000124", parcels=(a_parcel(SECOND),))
    rig = await BenchRig(one, other).open()
    screen = await rig.scan(FIRST)
    assert screen.header is not None
    (other_link,) = screen.header.siblings
    assert (other_link.return_id, other_link.text) == ("91000124", "Also RMA 91000124, open")
    assert screen.commands[0].command == "other_return"
    assert "91000124" in (await rig.scan("LDCMDOTHER")).title
    assert RETURN_ID in (await rig.press("other_return")).title
    await rig.close()


async def test_several_other_returns_of_an_order_are_offered(rig: BenchRig) -> None:
    await rig.close()
    rets = [a_return(f"9100012{n}", parcels=(a_parcel(number),)) for n, number in enumerate(PARCEL_NUMBERS)]
    rig = await BenchRig(*rets).open()
    await rig.scan(FIRST)
    screen = await rig.press("other_return")
    assert screen.prompt is not None
    ids = [text.split()[-1] for text in screen.prompt.templates]
    assert sorted(ids) == ["91000121", "91000122"]
    second = ids[1]
    assert second in (await rig.scan("LDCMDTEXT2")).title
    await rig.close()


PARCEL_NUMBERS = (FIRST, SECOND, THIRD)


async def test_an_order_with_one_return_has_no_other(rig: BenchRig) -> None:
    await rig.scan(FIRST)
    screen = await rig.press("other_return")
    assert screen.band.sentence == "No other return of this order is known here."
