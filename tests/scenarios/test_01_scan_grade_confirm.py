"""Scan, grade, confirm: grade and one processing are true at Loop before the screen says done."""

from __future__ import annotations

from datetime import datetime

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Entry, Stage
from loopdesk.presenters.screens.window import Signal
from loopdesk.simulator.samples import SAMPLES
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

PARCEL = SAMPLES["single"]
LONG_SECONDS = 600.0
"""Longer than the test waits: what is queued at Loop stays queued until the test says otherwise."""


async def _process_entry(desk: Desk) -> Entry:
    return next(entry for entry in await desk.lane(PARCEL.return_id) if entry.kind is Kind.PROCESS)


def test_a_parcel_is_graded_and_processed_exactly_once(desk: Desk, shop: SimulatorThread) -> None:
    async def body() -> None:
        await desk.synced()
        assert desk.title == "Ready — loopdesk"
        await desk.open(PARCEL)
        assert desk.title == f"{PARCEL.order_name} · {PARCEL.return_id} — loopdesk"
        assert desk.screen.band.signal is Signal.FOUND
        await desk.press("1", "F12")
        await desk.until_lane(PARCEL.return_id, Stage.DONE)
        await desk.hand.until("the word done", lambda: desk.screen.band.signal is Signal.DONE)

    desk.play(body)

    truth = shop.truth(PARCEL.return_id)
    assert truth["state"] == "closed"
    assert [effect["kind"] for effect in truth["effects"]] == ["processed"]
    assert truth["processings"] == 1
    assert traffic.grades(shop, PARCEL) == ["grade_a"]
    assert traffic.dispositions(shop, PARCEL) == ["back_to_stock"]
    assert traffic.acts(traffic.posts(shop, PARCEL)) == ["grade", "assess", "process"]


def test_nothing_reaches_loop_while_the_settlement_is_held(desk: Desk, shop: SimulatorThread) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        await desk.press("1", "F12")
        assert desk.screen.band.signal is Signal.KEPT
        assert desk.screen.band.countdown is not None
        assert {entry.stage for entry in await desk.lane(PARCEL.return_id)} == {Stage.HELD}
        kept = await _process_entry(desk)
        await desk.until_lane(PARCEL.return_id, Stage.DONE)
        first = traffic.posts(shop, PARCEL)[0]
        assert (first.at - kept.decided_at).total_seconds() >= 2.0

    desk.play(body, LOOPDESK_HOLD_SECONDS="2")


@pytest.mark.fault(134)
def test_done_is_said_only_after_loop_was_read_back_as_closed(desk: Desk, shop: SimulatorThread) -> None:
    shop.loop.settings.change(processing_seconds=LONG_SECONDS)
    signals: list[Signal] = []

    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        await desk.press("1", "F12")
        await desk.hand.until("the process call", lambda: bool(shop.requests("POST", "/process")))
        asked = shop.requests("POST", "/process")[0]
        await desk.hand.until("a read after it", lambda: bool(traffic.reads(shop, PARCEL, since=asked.n)))
        await desk.at_rest()
        assert shop.truth(PARCEL.return_id)["queued"]
        assert (await _process_entry(desk)).stage is Stage.SETTLING
        assert desk.screen.band.signal is not Signal.DONE
        signals.append(desk.screen.band.signal)

        shop.act("hurry", PARCEL.return_id)
        await desk.until_lane(PARCEL.return_id, Stage.DONE)
        done = await _process_entry(desk)
        closed_at = datetime.fromisoformat(shop.truth(PARCEL.return_id)["closed_at"])
        assert done.moved_at is not None
        assert done.moved_at > closed_at
        assert traffic.reads(shop, PARCEL)[-1].at > closed_at
        await desk.hand.until("the word done", lambda: desk.screen.band.signal is Signal.DONE)

    desk.play(body)

    assert signals == [Signal.KEPT]
    assert len(shop.requests("POST", "/process")) == 1
    assert shop.truth(PARCEL.return_id)["processings"] == 1


def test_every_code_of_a_parcel_opens_its_return(desk: Desk) -> None:
    codes = (f"42090210{PARCEL.tracking_number}", PARCEL.order_name.removeprefix("#"), PARCEL.return_id)

    async def body() -> None:
        await desk.synced()
        for code in codes:
            await desk.open(PARCEL, code)
            assert desk.screen.header is not None
            assert desk.screen.header.return_id == PARCEL.return_id
            await desk.press("F9")
            assert desk.title == "Ready — loopdesk"

    desk.play(body)
