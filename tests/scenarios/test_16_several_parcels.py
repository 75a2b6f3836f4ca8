"""A return in several parcels: each label ticks its own, across restarts, and nothing is settled early."""

from __future__ import annotations

import pytest

from loopdesk.domain.outbox.stages import Stage
from loopdesk.presenters.screens.returns import HeaderScreen
from loopdesk.presenters.screens.window import Signal
from loopdesk.simulator.samples import SAMPLES
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

SEVERAL = SAMPLES["several_parcels"]
FIRST, SECOND, THIRD = SEVERAL.tracking_numbers
ORDER = SAMPLES["order_later"]
ORDER_BEFORE = SAMPLES["order_first"]


def _header(desk: Desk) -> HeaderScreen:
    header = desk.screen.header
    assert header is not None
    return header


def _decided(desk: Desk) -> list[str]:
    return [row.decided for row in desk.screen.lines]


def _marked(desk: Desk) -> list[bool]:
    return [row.is_marked for row in desk.screen.lines]


def _can_confirm(desk: Desk) -> bool:
    plan = desk.screen.plan
    return plan is not None and plan.button.enabled


def test_parcels_are_ticked_one_by_one_over_restarts_and_only_then_settled(
    desk: Desk, shop: SimulatorThread
) -> None:
    async def monday() -> None:
        await desk.synced()
        await desk.open(SEVERAL)
        assert _header(desk).parcels == "parcel 1 of 3 · 1 of 3 seen"
        assert _marked(desk) == [True, True, False, False]
        await desk.press("1")
        assert _decided(desk) == ["A", "A", "", ""]
        assert not _can_confirm(desk)
        await desk.press("F12")
        assert desk.screen.band.signal is Signal.BLOCKED

    async def wednesday() -> None:
        await desk.open(SEVERAL, THIRD)
        assert _header(desk).parcels == "parcel 3 of 3 · 2 of 3 seen"
        assert desk.screen.selected == 3
        await desk.press("2")
        assert _decided(desk) == ["A", "A", "", "B"]
        assert not _can_confirm(desk)
        assert SECOND in _header(desk).warnings[0]

    async def friday() -> None:
        await desk.open(SEVERAL, SECOND)
        assert _header(desk).parcels == "parcel 2 of 3 · all 3 seen"
        assert _header(desk).warnings == ()
        await desk.press("1")
        assert _can_confirm(desk)
        await desk.press("F12")
        await desk.until_lane(SEVERAL.return_id, Stage.DONE)
        seen = await desk.runtime.store.seen_parcels.of_return(SEVERAL.return_id)
        assert [x.tracking_number for x in seen] == [FIRST, THIRD, SECOND]
        assert await desk.runtime.store.audit.verify() is None

    for day in (monday, wednesday, friday):
        desk.play(day)

    truth = shop.truth(SEVERAL.return_id)
    assert (truth["state"], truth["processings"]) == ("closed", 1)
    assert traffic.grades(shop, SEVERAL) == ["grade_a", "grade_a", "grade_a", "grade_b"]


@pytest.mark.parametrize("how", ["key", "gun", "button"])
def test_a_person_says_not_to_wait_for_the_rest(how: str, desk: Desk, shop: SimulatorThread) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(SEVERAL)
        await desk.press("1", "6", "6")
        assert not _can_confirm(desk)
        if how == "key":
            await desk.press("Ctrl+G")
        elif how == "gun":
            await desk.scan("LDCMDWITHOUT")
        else:
            await desk.click(desk.button("go_on_without"))
        assert desk.screen.band.signal is Signal.ATTENTION
        assert _can_confirm(desk)
        await desk.press("F12")
        await desk.until_lane(SEVERAL.return_id, Stage.DONE)

    desk.play(body)

    truth = shop.truth(SEVERAL.return_id)
    assert (truth["removals"], truth["processings"]) == (1, 1)
    assert sorted(truth["removed_line_ids"]) == sorted(SEVERAL.line_item_ids[2:])


def test_the_other_return_of_an_order_is_shown_and_opens(desk: Desk) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(ORDER)
        (chip,) = _header(desk).siblings
        assert chip.return_id == ORDER_BEFORE.return_id
        await desk.press("Ctrl+O")
        await desk.shown(ORDER_BEFORE)
        await desk.scan("LDCMDOTHER")
        await desk.shown(ORDER)
        await desk.click(desk.session.window.bench.header.siblings.chips()[0])
        await desk.shown(ORDER_BEFORE)

    desk.play(body)
