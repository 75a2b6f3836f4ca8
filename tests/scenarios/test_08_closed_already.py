"""A return that Loop has paid already takes grades and nothing else."""

from __future__ import annotations

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Stage
from loopdesk.presenters.screens.window import Signal
from loopdesk.simulator.samples import SAMPLES
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

NEVER = {"process", "remove", "flag", "cancel", "close"}


@pytest.mark.parametrize("name", ["carrier_scan", "expired", "review"])
def test_only_grades_are_offered_and_sent(desk: Desk, shop: SimulatorThread, name: str) -> None:
    parcel = SAMPLES[name]
    before = shop.truth(parcel.return_id)

    async def body() -> None:
        await desk.synced()
        await desk.open(parcel)
        await desk.press("Ctrl+A", "2")
        plan = desk.screen.plan
        assert plan is not None
        assert {choice.kind for choice in plan.choices} <= {"grade_only"}
        assert (plan.button.text, plan.button.enabled) == ("Grade only", True)
        assert not any("cannot be undone" in step for step in plan.steps)
        await desk.press("F12")
        lane = await desk.until_lane(parcel.return_id, Stage.DONE)
        assert {entry.kind for entry in lane} == {Kind.GRADE, Kind.ASSESS}

    desk.play(body)

    assert traffic.acts(traffic.posts(shop, parcel)) == ["grade", "assess"]
    assert set(traffic.grades(shop, parcel)) == {"grade_b"}
    after = shop.truth(parcel.return_id)
    for fact in ("state", "effects", "closed_at", "notes"):
        assert after[fact] == before[fact]


def test_a_flag_is_refused_before_a_reason_is_asked_for(desk: Desk, shop: SimulatorThread) -> None:
    parcel = SAMPLES["carrier_scan"]

    async def body() -> None:
        await desk.synced()
        await desk.open(parcel)
        await desk.press("Ctrl+A", "2", "F4")
        assert desk.screen.band.signal is Signal.BLOCKED
        assert desk.screen.prompt is None
        await desk.scan("LDCMDTEXT1")
        assert await desk.lane(parcel.return_id) == ()

    desk.play(body)

    assert traffic.posts(shop, parcel) == []


def test_a_cancelled_parcel_is_set_aside_with_a_note_alone(desk: Desk, shop: SimulatorThread) -> None:
    parcel = SAMPLES["cancelled"]

    async def body() -> None:
        await desk.synced()
        await desk.open(parcel)
        plan = desk.screen.plan
        assert plan is not None
        assert plan.sentence == "Set the parcel aside. Loop gets a note, nothing else."
        await desk.press("F12")
        await desk.until_lane(parcel.return_id, Stage.DONE)

    desk.play(body)

    assert traffic.acts(traffic.posts(shop, parcel)) == ["note"]
    truth = shop.truth(parcel.return_id)
    assert truth["state"] == "cancelled"
    assert len(truth["notes"]) == 1
    assert not NEVER & set(traffic.acts(traffic.posts(shop, parcel)))
