"""The flows of a scan and of an action that the architecture page draws are those that the program runs."""

from __future__ import annotations

from collections.abc import Sequence

from loopdesk.domain.outbox.stages import Stage
from loopdesk.presenters.screens.window import Signal
from loopdesk.simulator.samples import SAMPLES
from tests.flows import ACTION, SCAN, Profiler, Step, Watch
from tests.scenarios.desk import Desk

PARCEL = SAMPLES["single"]


def _names(flow: Sequence[Step], numbers: Sequence[int]) -> list[str]:
    return [f"{flow[number].module} {flow[number].name}" for number in numbers]


def _must_be(flow: Sequence[Step], watch: Watch) -> None:
    assert _names(flow, watch.called) == _names(flow, range(len(flow)))


def test_a_scan_and_an_action_run_as_they_are_drawn(desk: Desk) -> None:
    profiler = Profiler()

    async def body() -> None:
        await desk.synced()
        scan = profiler.watch(SCAN)
        await desk.open(PARCEL)
        await desk.refreshed(PARCEL)
        _must_be(SCAN, scan)

        await desk.press("1")
        action = profiler.watch(ACTION)
        await desk.press("F12")
        await desk.until_lane(PARCEL.return_id, Stage.DONE)
        await desk.hand.until("the word done", lambda: desk.screen.band.signal is Signal.DONE)
        _must_be(ACTION, action)

    with profiler.running():
        desk.play(body)
