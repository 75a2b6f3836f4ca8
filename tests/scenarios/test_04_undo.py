"""Undo while a settlement is held: nothing of it reaches Loop, and everything entered is back."""

from __future__ import annotations

import pytest

from loopdesk.domain.outbox.stages import Stage
from loopdesk.domain.returns.grading import Draft
from loopdesk.presenters.screens.window import BenchScreen, Signal
from loopdesk.simulator.samples import SAMPLES
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

PARCEL = SAMPLES["multi_line"]
NEXT = SAMPLES["single"]
WORDS = "Torn."
HOLD = {"LOOPDESK_HOLD_SECONDS": "2"}
EVERY_READ = {"LOOPDESK_SCANNER_DOUBLE_READ_SECONDS": "0"}
"""The same code twice in a row is two units, not one read twice."""


async def _enter_everything(desk: Desk) -> None:
    """Tick two units, find one more, grade, place, write a note."""
    first, second, third = PARCEL.barcodes
    await desk.open(PARCEL)
    await desk.refreshed(PARCEL)
    await desk.scan(first, second)
    await desk.press("Up", "2", "Ctrl+2", "1", "6")
    await desk.scan(third, third)
    await desk.press("F2", *WORDS)
    await desk.press("F12")
    assert desk.screen.prompt is None


async def _draft(desk: Desk) -> Draft:
    return await desk.runtime.store.drafts.get(PARCEL.return_id)


def _signal(desk: Desk) -> Signal:
    return desk.screen.band.signal


def _entered(screen: BenchScreen) -> object:
    """Everything on screen that the operator entered or that follows from it."""
    return screen.lines, screen.selected, screen.plan, screen.item


async def _settle_the_next_one(desk: Desk) -> None:
    """Work on until a later parcel is done, longer than any undo window of the one before."""
    await desk.open(NEXT)
    await desk.press("1", "F12")
    await desk.until_lane(NEXT.return_id, Stage.DONE)


@pytest.mark.fault(84)
def test_a_held_settlement_is_withdrawn_and_the_draft_is_back_exactly(
    desk: Desk, shop: SimulatorThread
) -> None:
    async def body() -> None:
        await desk.synced()
        await _enter_everything(desk)
        before, shown = await _draft(desk), _entered(desk.screen)
        assert len(before.inspections) == 3
        assert len(before.seen) == 3
        assert [extra.code for extra in before.extras] == [PARCEL.barcodes[2]]
        assert before.notes == (WORDS,)
        await desk.press("F12")
        assert _signal(desk) is Signal.KEPT
        assert (await _draft(desk)).is_empty
        await desk.press("F10")
        await desk.until_lane(PARCEL.return_id, Stage.WITHDRAWN)
        assert await _draft(desk) == before
        assert _entered(desk.screen) == shown
        assert _signal(desk) is Signal.TAKEN_BACK
        await _settle_the_next_one(desk)

    desk.play(body, **HOLD, **EVERY_READ)

    assert traffic.posts(shop, PARCEL) == []
    truth = shop.truth(PARCEL.return_id)
    assert (truth["state"], truth["effects"], truth["notes"]) == ("open", [], [])
    assert traffic.grades(shop, PARCEL) == [None, None, None]


def test_gun_and_mouse_undo_too(desk: Desk, shop: SimulatorThread) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(NEXT)
        await desk.press("1", "F12")
        await desk.scan("LDCMDUNDO")
        await desk.until_lane(NEXT.return_id, Stage.WITHDRAWN)
        await desk.press("F12")
        assert desk.session.window.bench.commands.confirm.command == "confirm"
        await desk.click(desk.session.window.bench.undo.button)
        await desk.until_lane(NEXT.return_id, Stage.WITHDRAWN)
        assert len(await desk.lane(NEXT.return_id)) == 6

    desk.play(body, **HOLD)

    assert traffic.posts(shop, NEXT) == []


def test_a_withdrawn_settlement_can_be_confirmed_again_and_reaches_loop_once(
    desk: Desk, shop: SimulatorThread
) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(NEXT)
        await desk.press("1", "F12", "F10")
        await desk.until_lane(NEXT.return_id, Stage.WITHDRAWN)
        await desk.press("F12")
        await desk.until_lane(NEXT.return_id, Stage.WITHDRAWN, Stage.DONE)

    desk.play(body)

    assert traffic.acts(traffic.posts(shop, NEXT)) == ["grade", "assess", "process"]
    assert shop.truth(NEXT.return_id)["processings"] == 1


def test_the_next_parcel_neither_shortens_the_hold_nor_takes_undo_away(
    desk: Desk, shop: SimulatorThread
) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(NEXT)
        await desk.press("1", "F12")
        await desk.open(PARCEL)
        assert {entry.stage for entry in await desk.lane(NEXT.return_id)} == {Stage.HELD}
        assert desk.screen.band.countdown is not None
        await desk.press("F10")
        await desk.shown(NEXT)
        await desk.until_lane(NEXT.return_id, Stage.WITHDRAWN)
        assert [row.decided for row in desk.screen.lines] == ["A"]

    desk.play(body, **HOLD)

    assert traffic.posts(shop, NEXT) == []


def test_undo_takes_back_the_last_decision_before_anything_is_settled(desk: Desk) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        await desk.press("1", "2", "F10")
        assert [row.decided for row in desk.screen.lines] == ["A", "", ""]
        await desk.press("F10")
        assert [row.decided for row in desk.screen.lines] == ["", "", ""]

    desk.play(body)
