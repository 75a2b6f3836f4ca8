"""What is on its way is listed from the store, opens at the bench, and is gone from the list once scanned."""

from __future__ import annotations

from typing import Any

from loopdesk.simulator.samples import SAMPLES
from tests.network import ThreadedProxy
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

SINGLE = SAMPLES["single"]
SEVERAL = SAMPLES["several_parcels"]
MOVING = SEVERAL.tracking_numbers[1]
"""The second of three parcels is under way."""


async def _arrivals(desk: Desk, filter_id: str) -> Any:
    """Bring the view to the front and choose a filter by mouse."""
    window = desk.session.window
    await desk.click(window.rail.button("arrivals"))
    view: Any = window.view("arrivals")
    await desk.click(view.filters.button(filter_id))
    presenter: Any = desk.session.pages.presenters["arrivals"]
    await desk.hand.until("the list", lambda: presenter._screen().chosen_filter == filter_id)
    return view


def _has(view: Any, return_id: str, number: str | None) -> bool:
    return bool(view.table.rows.place_of(f"{return_id} {number}") >= 0)


def test_a_parcel_under_way_opens_its_return_and_a_scanned_one_is_seen(
    desk: Desk, shop: SimulatorThread
) -> None:
    del shop

    async def body() -> None:
        await desk.synced()
        view = await _arrivals(desk, "week")
        await desk.hand.until("what moves", lambda: _has(view, SEVERAL.return_id, MOVING))
        key = f"{SEVERAL.return_id} {MOVING}"
        view.table.setCurrentIndex(view.table.rows.index(view.table.rows.place_of(key), 0))
        view.table.setFocus()
        await desk.press("\r")
        await desk.shown(SEVERAL)
        assert desk.session.window.shown_view() == "bench"

        view = await _arrivals(desk, "not_seen")
        await desk.hand.until("the delivered", lambda: _has(view, SINGLE.return_id, SINGLE.tracking_number))
        await desk.open(SINGLE)
        view = await _arrivals(desk, "not_seen")
        await desk.hand.until("it is seen", lambda: not _has(view, SINGLE.return_id, SINGLE.tracking_number))

    desk.play(body)


def test_of_several_parcels_only_the_scanned_one_leaves_the_list(desk: Desk) -> None:
    first, second, _ = SEVERAL.tracking_numbers

    async def body() -> None:
        await desk.synced()
        await desk.open(SEVERAL)
        await desk.press("1")
        view = await _arrivals(desk, "week")
        await desk.hand.until("the other parcel", lambda: _has(view, SEVERAL.return_id, second))
        view = await _arrivals(desk, "not_seen")
        await desk.hand.until("others", lambda: view.table.rows.rowCount() > 0)
        assert not _has(view, SEVERAL.return_id, first)

    async def later() -> None:
        view = await _arrivals(desk, "week")
        await desk.hand.until("it is remembered", lambda: _has(view, SEVERAL.return_id, second))

    desk.play(body)
    desk.play(later)


def test_offline_the_list_is_what_loop_told_last_and_says_so(desk: Desk, shop: SimulatorThread) -> None:
    with ThreadedProxy("127.0.0.1", shop.port) as wire:
        desk.environ["LOOPDESK_API_URL"] = f"{wire.url}/api"

        async def learn() -> None:
            await desk.synced()

        async def offline() -> None:
            await desk.hand.until("the strip", lambda: desk.strip.connection.startswith("Offline"))
            view = await _arrivals(desk, "week")
            await desk.hand.until("the list", lambda: _has(view, SEVERAL.return_id, MOVING))
            presenter: Any = desk.session.pages.presenters["arrivals"]
            await desk.hand.until("the note", lambda: presenter._screen().note.startswith("Offline since"))

        desk.play(learn)
        wire.refuse()
        desk.play(offline)


def test_before_anything_was_read_it_says_that_nothing_is_known(desk: Desk, shop: SimulatorThread) -> None:
    with ThreadedProxy("127.0.0.1", shop.port) as wire:
        desk.environ["LOOPDESK_API_URL"] = f"{wire.url}/api"
        wire.refuse()

        async def body() -> None:
            view = await _arrivals(desk, "today")
            assert view.accessibleName().startswith("Not known yet")

        desk.play(body)
