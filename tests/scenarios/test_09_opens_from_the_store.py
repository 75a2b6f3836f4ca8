"""A known return opens from the store whatever the network does, and is refreshed in the background."""

from __future__ import annotations

import pytest

from loopdesk.domain.outbox.stages import Stage
from loopdesk.presenters.screens.returns import LineRow
from loopdesk.presenters.screens.window import Signal
from loopdesk.simulator.samples import SAMPLES
from tests.network import ThreadedProxy
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

PARCEL = SAMPLES["multi_line"]
SINGLE = SAMPLES["single"]
SLOW_SECONDS = 1.5
"""Long enough to see what the store knew before Loop's answer comes."""


def _row(desk: Desk, line_item_id: str) -> LineRow:
    return next(row for row in desk.screen.lines if row.line_item_id == line_item_id)


def _signal(desk: Desk) -> Signal:
    return desk.screen.band.signal


@pytest.mark.fault(1, 99)
def test_with_the_server_down_a_known_return_opens_and_is_inspected(
    desk: Desk, shop: SimulatorThread
) -> None:
    with ThreadedProxy("127.0.0.1", shop.port) as wire:
        desk.environ["LOOPDESK_API_URL"] = f"{wire.url}/api"

        async def learn() -> None:
            await desk.synced()

        async def body() -> None:
            await desk.open(PARCEL)
            assert _signal(desk) is Signal.FOUND
            assert "Opened from this station" in desk.screen.band.detail
            assert desk.screen.header is not None
            assert len(desk.screen.lines) == len(PARCEL.line_item_ids)
            await desk.press("1", "2", "1", "F12")
            assert _signal(desk) is Signal.KEPT
            await desk.until_lane(PARCEL.return_id, Stage.READY)
            await desk.hand.until("the strip", lambda: desk.strip.connection.startswith("Offline"))

        desk.play(learn)
        wire.refuse()
        before = len(wire.passages)  # what had gone through by then may reach Loop a moment later
        desk.play(body)
        assert len(wire.passages) == before
        wire.accept()
        desk.play(lambda: _drained(desk))

    truth = shop.truth(PARCEL.return_id)
    assert (truth["state"], truth["processings"]) == ("closed", 1)
    assert traffic.grades(shop, PARCEL) == ["grade_a", "grade_b", "grade_a"]


async def _drained(desk: Desk) -> None:
    await desk.until_lane(PARCEL.return_id, Stage.DONE)


def test_a_line_changed_at_loop_is_redrawn_and_what_was_entered_stays(
    desk: Desk, shop: SimulatorThread
) -> None:
    first, second, _ = PARCEL.line_item_ids

    async def body() -> None:
        await desk.synced()
        shop.act("edit_line", PARCEL.return_id, line_item_id=first, set={"title": "Renamed at Loop"})
        shop.fault("slow", path="/return/details", seconds=SLOW_SECONDS)
        await desk.open(PARCEL)
        old = _row(desk, first).title
        assert old
        assert "Renamed" not in old, "the store is shown before Loop answered"
        await desk.press("2", "F2")
        await desk.press(*"dusty")
        await desk.hand.until("Loop's title", lambda: _row(desk, first).title.startswith("Renamed at Loop"))
        assert _row(desk, first).decided == "B"
        assert desk.screen.selected == 1
        assert desk.screen.prompt is not None, "a note that is being written stays open"
        assert desk.session.window.bench.prompt.field.toPlainText() == "dusty"
        await desk.press("\r")
        await desk.refreshed(PARCEL)
        assert [row.decided for row in desk.screen.lines] == ["B", "", ""]
        assert desk.screen.lines[1].line_item_id == second
        await desk.press("1", "1", "F12")
        await desk.until_lane(PARCEL.return_id, Stage.DONE)

    desk.play(body)

    assert traffic.grades(shop, PARCEL) == ["grade_b", "grade_a", "grade_a"]
    assert any(note["content"].startswith("dusty") for note in shop.truth(PARCEL.return_id)["notes"])


@pytest.mark.fault(133)
def test_a_return_closed_at_loop_meanwhile_is_graded_only(desk: Desk, shop: SimulatorThread) -> None:
    async def body() -> None:
        await desk.synced()
        shop.act("process", SINGLE.return_id, by="carrier")
        shop.fault("slow", path="/return/details", seconds=SLOW_SECONDS)
        await desk.open(SINGLE)
        assert desk.screen.header is not None
        assert desk.screen.header.state == "Open"
        await desk.press("1")
        assert desk.screen.plan is not None
        assert desk.screen.plan.sentence.startswith("Process")
        await desk.hand.until(
            "Loop's state", lambda: desk.screen.header is not None and desk.screen.header.state == "Closed"
        )
        assert desk.screen.lines[0].decided == "A"
        assert "process" not in desk.screen.plan.sentence.casefold().replace("processed", "")
        await desk.press("F12")
        await desk.until_lane(SINGLE.return_id, Stage.DONE)

    desk.play(body)

    truth = shop.truth(SINGLE.return_id)
    assert [effect["by"] for effect in truth["effects"]] == ["carrier"]
    assert (truth["state"], truth["processings"]) == ("closed", 0)
    assert traffic.grades(shop, SINGLE) == ["grade_a"]


def test_a_line_added_at_loop_must_be_decided_too(desk: Desk, shop: SimulatorThread) -> None:
    async def body() -> None:
        await desk.synced()
        shop.fault("slow", path="/return/details", seconds=SLOW_SECONDS)
        await desk.open(SINGLE)
        await desk.press("1")
        shop.act("add_line", SINGLE.return_id, line={"title": "Late arrival", "barcode": "4006381333931"})
        shop.loop.faults.clear()
        await desk.press("F5")
        await desk.hand.until("the second line", lambda: len(desk.screen.lines) == 2)
        await desk.refreshed(SINGLE)
        assert [row.decided for row in desk.screen.lines] == ["A", ""]
        assert desk.screen.plan is not None
        assert not desk.screen.plan.button.enabled
        await desk.press("F12")
        assert _signal(desk) is Signal.BLOCKED
        assert await desk.lane(SINGLE.return_id) == ()
        await desk.scan("4006381333931")
        assert _signal(desk) is Signal.DECIDED
        await desk.press("2", "F12")
        await desk.until_lane(SINGLE.return_id, Stage.DONE)

    desk.play(body)

    assert sorted(grade or "" for grade in traffic.grades(shop, SINGLE)) == ["grade_a", "grade_b"]
    assert shop.truth(SINGLE.return_id)["processings"] == 1


def test_a_line_dropped_at_loop_takes_nothing_else_with_it(desk: Desk, shop: SimulatorThread) -> None:
    first, second, third = PARCEL.line_item_ids

    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        await desk.refreshed(PARCEL)
        await desk.press("1", "2")
        shop.act("drop_line", PARCEL.return_id, line_item_id=second)
        await desk.press("F5")
        await desk.hand.until("one line less", lambda: len(desk.screen.lines) == 2)
        assert [(row.line_item_id, row.decided) for row in desk.screen.lines] == [(first, "A"), (third, "")]
        await desk.press("1", "F12")
        await desk.until_lane(PARCEL.return_id, Stage.DONE)

    desk.play(body)

    truth = shop.truth(PARCEL.return_id)
    assert (truth["state"], truth["processings"], truth["removals"]) == ("closed", 1, 0)
    assert traffic.grades(shop, PARCEL) == ["grade_a", "grade_a"]
