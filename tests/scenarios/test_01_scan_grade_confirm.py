"""Scan, grade, confirm: grade and one processing are true at Loop before the screen says done."""

from __future__ import annotations

from loopdesk.domain.outbox import Stage
from loopdesk.simulator.samples import SAMPLES
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread


def test_a_parcel_is_graded_and_processed_once(desk: Desk, shop: SimulatorThread) -> None:
    parcel = SAMPLES["single"]

    async def body() -> None:
        await desk.synced()
        await desk.open(parcel)
        await desk.press("1", "F12")
        await desk.until_lane(parcel.return_id, Stage.DONE)

    desk.play(body)

    assert shop.truth(parcel.return_id)["processings"] == 1
