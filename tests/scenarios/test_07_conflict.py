"""A return that changed at Loop since the operator decided is parked for a person; nothing is sent."""

from __future__ import annotations

from typing import Any

import pytest

from loopdesk.domain.outbox.stages import ParkReason, Stage
from loopdesk.simulator.samples import SAMPLES
from loopdesk.ui.pages.attention import AttentionView, PictureRow
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

PARCEL = SAMPLES["quantity_three"]
HOLD = {"LOOPDESK_HOLD_SECONDS": "1"}


async def _settle_and_change(desk: Desk, shop: SimulatorThread, act: str, **more: Any) -> None:
    """Confirm a return; somebody changes it at Loop while it is held."""
    await desk.open(PARCEL)
    await desk.refreshed(PARCEL)
    await desk.press("Ctrl+A", "1", "F12")
    assert {entry.stage for entry in await desk.lane(PARCEL.return_id)} == {Stage.HELD}
    shop.act(act, PARCEL.return_id, **more)


async def _pictures(desk: Desk) -> list[PictureRow]:
    """Go to the Attention view by mouse and return the two pictures of the case that it shows."""
    await desk.click(desk.session.window.rail.button("attention"))
    view = desk.session.window.view("attention")
    assert isinstance(view, AttentionView)
    await desk.hand.until("both pictures", view.pictures.isVisible)
    rows = view.pictures.rows
    return [rows.row(place) for place in range(rows.rowCount())]


@pytest.mark.fault(28)
def test_a_return_put_into_review_meanwhile_is_parked_with_both_pictures(
    desk: Desk, shop: SimulatorThread
) -> None:
    async def body() -> None:
        await desk.synced()
        await _settle_and_change(desk, shop, "set_state", state="review")
        lane = await desk.until_lane(PARCEL.return_id, Stage.PARKED)
        gate = lane[-1]
        assert gate.reason is ParkReason.CONFLICT
        assert gate.seen is not None
        assert gate.found is not None
        assert (gate.seen.state, gate.found.state) == ("open", "review")
        assert gate.seen.lines == gate.found.lines
        await desk.hand.until("the badge", lambda: desk.strip.attention == 1)

        differing = [row for row in await _pictures(desk) if row.now.differs]
        assert len(differing) == 1
        assert "open" in differing[0].then.text.lower()
        assert "review" in differing[0].now.text.lower()

    desk.play(body, **HOLD)

    assert traffic.posts(shop, PARCEL) == []
    assert traffic.reads(shop, PARCEL) != []
    truth = shop.truth(PARCEL.return_id)
    assert (truth["state"], truth["processings"], truth["notes"]) == ("review", 0, [])
    assert traffic.grades(shop, PARCEL) == [None, None, None]


@pytest.mark.parametrize(
    ("act", "more"),
    [
        pytest.param("drop_line", {"line_item_id": PARCEL.line_item_ids[0]}, id="a line went away"),
        pytest.param("add_line", {"line": {"price": "12.00"}}, id="a line was added"),
        pytest.param("set_state", {"state": "cancelled"}, id="it was cancelled"),
    ],
)
def test_any_other_change_that_matters_parks_it_too(
    desk: Desk, shop: SimulatorThread, act: str, more: dict[str, Any]
) -> None:
    async def body() -> None:
        await desk.synced()
        await _settle_and_change(desk, shop, act, **more)
        lane = await desk.until_lane(PARCEL.return_id, Stage.PARKED)
        assert lane[-1].reason is ParkReason.CONFLICT
        assert lane[-1].seen != lane[-1].found

    desk.play(body, **HOLD)

    assert traffic.posts(shop, PARCEL) == []
    assert shop.truth(PARCEL.return_id)["processings"] == 0


@pytest.mark.fault(27)
def test_what_somebody_else_processed_meanwhile_is_not_processed_again(
    desk: Desk, shop: SimulatorThread
) -> None:
    async def body() -> None:
        await desk.synced()
        await _settle_and_change(desk, shop, "process")
        await desk.until_lane(PARCEL.return_id, Stage.DONE, Stage.SUPERSEDED)

    desk.play(body, **HOLD)

    truth = shop.truth(PARCEL.return_id)
    assert [(effect["kind"], effect["by"]) for effect in truth["effects"]] == [("processed", "admin")]
    assert "process" not in traffic.acts(traffic.posts(shop, PARCEL))
    assert traffic.grades(shop, PARCEL) == ["grade_a"] * 3
