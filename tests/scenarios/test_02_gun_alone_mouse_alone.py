"""The whole flow with the scanner alone, and with the mouse alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Stage
from loopdesk.presenters.screens.window import Signal
from loopdesk.simulator.samples import SAMPLES
from loopdesk.ui.pages.search import SearchView
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

PARCEL = SAMPLES["single"]
OTHER = SAMPLES["warranty"]
PAIR = SAMPLES["store_credit"]


async def _until_done(desk: Desk, shop: SimulatorThread) -> None:
    """Wait until the parcel's entries and the band say done, which is not before Loop was read back as
    closed."""
    assert desk.title == f"{PARCEL.order_name} · {PARCEL.return_id} — loopdesk"
    assert desk.screen.band.signal is Signal.KEPT
    lane = await desk.until_lane(PARCEL.return_id, Stage.DONE)
    closed_at = datetime.fromisoformat(shop.truth(PARCEL.return_id)["closed_at"])
    assert lane[-1].kind is Kind.PROCESS
    assert lane[-1].moved_at is not None
    assert traffic.reads(shop, PARCEL)[-1].at > closed_at
    assert lane[-1].moved_at > closed_at
    await desk.hand.until("the word done", lambda: desk.screen.band.signal is Signal.DONE)


def _is_processed_once(shop: SimulatorThread, disposition: str) -> None:
    """Compare Loop's truth with what the keyboard alone would have achieved."""
    truth = shop.truth(PARCEL.return_id)
    assert (truth["state"], truth["processings"]) == ("closed", 1)
    assert [effect["kind"] for effect in truth["effects"]] == ["processed"]
    assert traffic.grades(shop, PARCEL) == ["grade_a"]
    assert traffic.dispositions(shop, PARCEL) == [disposition]
    assert traffic.acts(traffic.posts(shop, PARCEL)) == ["grade", "assess", "process"]


def test_the_gun_alone_settles_a_parcel_with_three_scans(desk: Desk, shop: SimulatorThread) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.scan(PARCEL.tracking_number or "", "LDCMDGRADEA", "LDCMDCONFIRM")
        await _until_done(desk, shop)

    desk.play(body)

    _is_processed_once(shop, "back_to_stock")


def test_the_gun_alone_goes_from_parcel_to_parcel_under_caps_lock(desk: Desk, shop: SimulatorThread) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.scan(PARCEL.tracking_number or "", "LDCMDGRADEA", "LDCMDCONFIRM")
        await desk.scan(OTHER.tracking_number or "", "ldcmdgradeb", "ldcmdconfirm")
        for parcel in (PARCEL, OTHER):
            await desk.until_lane(parcel.return_id, Stage.DONE)

    desk.play(body)

    for parcel in (PARCEL, OTHER):
        assert traffic.acts(traffic.posts(shop, parcel)) == ["grade", "assess", "process"]
        assert shop.truth(parcel.return_id)["processings"] == 1
    assert traffic.grades(shop, PARCEL) == ["grade_a"]
    assert traffic.grades(shop, OTHER) == ["grade_b"]


def test_the_gun_alone_decides_every_line_and_where_it_goes(desk: Desk, shop: SimulatorThread) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(PAIR)
        await desk.scan("LDCMDGRADEB", "LDCMDPREV", "LDCMDDONATE", "LDCMDNEXT", "LDCMDGRADEC")
        await desk.scan("LDCMDCONFIRM")
        assert desk.screen.band.signal is Signal.KEPT
        await desk.until_lane(PAIR.return_id, Stage.DONE)

    desk.play(body)

    assert traffic.grades(shop, PAIR) == ["grade_b", "grade_c"]
    assert traffic.dispositions(shop, PAIR) == ["donate", "resale_hold"]
    assert shop.truth(PAIR.return_id)["processings"] == 1


@pytest.mark.parametrize("way", ["search", "arrivals"])
def test_the_mouse_alone_settles_a_parcel_from_the_start_on(
    desk: Desk, shop: SimulatorThread, way: str
) -> None:
    async def body() -> None:
        await desk.synced()
        with NoKeys(desk):
            await desk.click(desk.button(way))
            await _click_the_parcel(desk, way)
            await desk.shown(PARCEL)
            await _settle_by_mouse(desk)
            await _until_done(desk, shop)

    desk.play(body)

    _is_processed_once(shop, "resale_hold")


class NoKeys(QObject):
    """Fails if a key event reaches the program during the block."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._app = desk.session.app
        self._keys = 0

    def __enter__(self) -> None:
        self._app.installEventFilter(self)

    def __exit__(self, *_: object) -> None:
        self._app.removeEventFilter(self)
        assert self._keys == 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count keys."""
        del watched
        self._keys += event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)
        return False


async def _click_the_parcel(desk: Desk, way: str) -> None:
    """Wait for the parcel's row in the list that was opened, turn the wheel to it, click it."""
    view: Any = desk.session.window.view(way)
    key = PARCEL.return_id
    if way == "arrivals":
        await desk.click(view.filters.button("not_seen"))
        key = f"{PARCEL.return_id} {PARCEL.tracking_number}"
    await desk.hand.until("the row", lambda: view.table.rows.place_of(key) >= 0)
    await desk.wheel_to_row(view.table, view.table.rows.place_of(key))
    await desk.click_row(view.table, view.table.rows.place_of(key))


async def _settle_by_mouse(desk: Desk) -> None:
    await desk.click(desk.button("grade_d"))
    await desk.click(desk.button("grade_a"))
    await desk.click(desk.button("disposition_hold"))
    await desk.click(desk.button("confirm"))


def test_the_mouse_opens_a_return_that_was_put_aside(desk: Desk) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(PAIR)
        await desk.click(desk.button("grade_b"))
        await desk.click(desk.button("park"))
        assert desk.title == "Ready — loopdesk"
        assert [link.return_id for link in desk.screen.parked] == [PAIR.return_id]
        await desk.click_row(desk.session.window.bench.empty.parked.list, 0)
        await desk.shown(PAIR)
        assert [row.decided for row in desk.screen.lines] == ["B", ""]

    desk.play(body)


@pytest.mark.parametrize("typed", ["20401", "974101 1"])
def test_a_return_is_found_by_words_and_opened_by_a_click(desk: Desk, typed: str) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.click(desk.session.window.rail.button("search"))
        view = desk.session.window.view("search")
        assert isinstance(view, SearchView)
        await desk.press(*typed)
        await desk.hand.until("the only row", lambda: view.table.rows.rowCount() == 1)
        await desk.click_row(view.table, 0)
        await desk.shown(PARCEL)
        assert desk.session.window.shown_view() == "bench"

    desk.play(body)
