"""The presenter of what is on its way to the dock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loopdesk.domain.returns.parcels import (
    EXPECTED_THIS_WEEK,
    NOT_SEEN,
    ArrivalCount,
    CarrierCount,
    LabelState,
    SeenParcel,
    by_carrier,
)
from loopdesk.presenters.pages.arrivals import EVERY, SHOWN_MOST, ArrivalsPresenter
from loopdesk.presenters.screens.pages import ArrivalsScreen
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.station.connection import ConnectionState, LinkState
from loopdesk.services.station.events import ConnectionChanged, SyncProgress
from tests.builders import a_fetched, a_parcel, a_return
from tests.fakes.clock import HandClock
from tests.unit.presenters.rig import Recorder, Rig, a_rig

HOUR = timedelta(hours=1)


def one(number: int, status: str, carrier: str = "ups", hours: int = 1, **fields: object) -> Fetched:
    """A return with one parcel whose label came into a state so many hours ago, as the rig's clock begins."""
    parcel = a_parcel(
        f"1Z{number:04}", carrier=carrier, status=status, updated_at=HandClock().now() - hours * HOUR
    )
    return a_fetched(a_return(f"7000{number:04}", order_name=f"#{number}", parcels=(parcel,), **fields))


MIXED = (
    one(1, "out_for_delivery"),
    one(2, "available_for_pickup", "USPS", hours=30),
    one(3, "in_transit", "UPS"),
    one(4, "in_transit", "usps", hours=3),
    one(5, "pre_transit"),
    one(6, "delivered", "ups", hours=50, state="closed"),
    one(7, "delivered", "", hours=2),
)


async def opened(rig: Rig, *, synced: bool = True) -> tuple[ArrivalsPresenter, Recorder[ArrivalsScreen]]:
    at = rig.clock.now() if synced else None
    presenter = ArrivalsPresenter(
        rig.page,
        arrivals=rig.store.arrivals,
        line=rig.line,
        synced_at=lambda: at,
        open_return=rig.opened.append,
    )
    surface = Recorder[ArrivalsScreen]()
    presenter.attach(surface)
    presenter.show()
    await rig.settle()
    return presenter, surface


def orders(screen: ArrivalsScreen) -> list[str]:
    return [row.order_name for row in screen.rows]


async def test_what_the_van_or_the_counter_has_is_expected_today_latest_first() -> None:
    async with a_rig() as rig:
        await rig.store.returns.save(MIXED, rig.clock.now())
        _, surface = await opened(rig)
        screen = surface.last()
        assert orders(screen) == ["#1", "#2"]
        assert screen.message == "2 parcels are expected today."
        assert [(x.carrier, x.number, x.label) for x in screen.rows] == [
            ("UPS", "1Z0001", "out for delivery"),
            ("USPS", "1Z0002", "ready for pickup"),
        ]
        assert screen.filters == (
            ("today", "Today 2"),
            ("week", "This week 4"),
            ("not_seen", "Delivered, not seen 2"),
        )


async def test_what_the_carrier_has_is_expected_this_week() -> None:
    async with a_rig() as rig:
        await rig.store.returns.save(MIXED, rig.clock.now())
        presenter, surface = await opened(rig)
        presenter.choose_filter("week")
        await rig.settle()
        assert sorted(orders(surface.last())) == ["#1", "#2", "#3", "#4"]
        presenter.choose_filter("nonsense")
        await rig.settle()
        assert surface.last().chosen_filter == "week"


async def test_what_was_delivered_and_never_scanned_is_listed_newest_first_until_it_is_scanned() -> None:
    async with a_rig() as rig:
        await rig.store.returns.save(MIXED, rig.clock.now())
        presenter, surface = await opened(rig)
        presenter.choose_filter("not_seen")
        await rig.settle()
        assert orders(surface.last()) == ["#7", "#6"]
        assert surface.last().rows[0].carrier == "No carrier named"
        assert surface.last().rows[1].state == "Closed"
        await rig.store.seen_parcels.add(SeenParcel("70000007", "1Z0007", rig.clock.now()))
        presenter.refresh()
        await rig.settle()
        assert orders(surface.last()) == ["#6"]
        assert surface.last().message == "1 parcel was delivered and never scanned here."


async def test_carriers_are_summed_up_whatever_their_names_look_like_and_one_can_be_chosen() -> None:
    async with a_rig() as rig:
        await rig.store.returns.save(MIXED, rig.clock.now())
        presenter, surface = await opened(rig)
        rows = surface.last().carriers
        assert [(x.name, x.counts) for x in rows] == [
            ("All carriers", "1 out for delivery · 1 ready for pickup"),
            ("UPS", "1 out for delivery"),
            ("USPS", "1 ready for pickup"),
            ("No carrier named", "none"),
        ]
        presenter.choose_filter("not_seen")
        await rig.settle()
        assert [x.counts for x in surface.last().carriers] == [
            "2 delivered",
            "1 delivered",
            "none",
            "1 delivered",
        ]
        presenter.choose_filter("week")
        await rig.settle()
        assert [x.counts for x in surface.last().carriers] == [
            "1 out for delivery · 1 ready for pickup · 2 in transit",
            "1 out for delivery · 1 in transit",
            "1 ready for pickup · 1 in transit",
            "none",
        ]
        presenter.choose_carrier(rows[2].key)
        await rig.settle()
        assert sorted(orders(surface.last())) == ["#2", "#4"]
        assert surface.last().chosen_carrier == rows[2].key
        presenter.choose_carrier(EVERY)
        await rig.settle()
        assert len(surface.last().rows) == 4


async def test_a_carrier_shows_all_it_has_however_many_newer_parcels_others_have() -> None:
    async with a_rig() as rig:
        newer = [one(number, "in_transit", "UPS") for number in range(100, 100 + SHOWN_MOST)]
        await rig.store.returns.save([*newer, one(4, "in_transit", "usps", hours=3)], rig.clock.now())
        presenter, surface = await opened(rig)
        presenter.choose_filter("week")
        presenter.choose_carrier(surface.last().carriers[2].key)
        await rig.settle()
        assert orders(surface.last()) == ["#4"]
        assert surface.last().message == "1 parcel is expected this week."


async def test_a_carrier_of_which_nothing_is_left_is_no_longer_chosen() -> None:
    async with a_rig() as rig:
        await rig.store.returns.save(MIXED[:1], rig.clock.now())
        presenter, surface = await opened(rig)
        presenter.choose_carrier(surface.last().carriers[1].key)
        await rig.store.seen_parcels.add(SeenParcel("70000001", "1Z0001", rig.clock.now()))
        await rig.settle()
        assert (surface.last().chosen_carrier, surface.last().carriers) == (EVERY, ())
        assert surface.last().message == "No parcel is expected today."


async def test_a_row_opens_its_return() -> None:
    async with a_rig() as rig:
        await rig.store.returns.save(MIXED, rig.clock.now())
        presenter, surface = await opened(rig)
        presenter.open(surface.last().rows[1].key)
        presenter.open("nothing")
        assert rig.opened == ["70000002"]


@pytest.mark.parametrize(
    ("filter_id", "message"),
    [
        ("today", "No parcel is expected today."),
        ("week", "No parcel is expected this week."),
        ("not_seen", "Every parcel that was delivered was scanned here."),
    ],
)
async def test_nothing_is_said_in_words(filter_id: str, message: str) -> None:
    async with a_rig() as rig:
        presenter, surface = await opened(rig)
        presenter.choose_filter(filter_id)
        await rig.settle()
        assert surface.last().message == message


async def test_before_the_first_synchronization_nothing_is_known_and_it_says_so() -> None:
    async with a_rig() as rig:
        _, surface = await opened(rig, synced=False)
        assert surface.last().message == "Not known yet: Loop has not told this station what is on its way."
        assert surface.last().note == ""


async def test_offline_it_says_how_old_the_news_are() -> None:
    async with a_rig() as rig:
        _, surface = await opened(rig)
        assert surface.last().note.startswith("As Loop told it at ")
        rig.line.state = ConnectionState(LinkState.OFFLINE, rig.clock.now())
        rig.feed.tell(ConnectionChanged())
        await rig.settle()
        assert surface.last().note.startswith("Offline since ")


async def test_it_is_read_again_when_a_synchronization_is_over() -> None:
    async with a_rig() as rig:
        _, surface = await opened(rig)
        await rig.store.returns.save(MIXED, rig.clock.now())
        rig.feed.tell(SyncProgress(7, running=True))
        await rig.settle()
        assert surface.last().rows == ()
        rig.feed.tell(SyncProgress(7, running=False))
        await rig.settle()
        assert len(surface.last().rows) == 2


async def test_a_row_that_did_not_change_is_not_written_again() -> None:
    async with a_rig() as rig:
        await rig.store.returns.save(MIXED, rig.clock.now())
        presenter, surface = await opened(rig)
        before = surface.last().rows
        presenter.refresh()
        await rig.settle()
        assert all(a is b for a, b in zip(before, surface.last().rows, strict=True))
        await rig.clock.turn(86_400.0)
        await rig.settle()
        assert surface.last().rows[0].since != before[0].since


def test_only_what_was_not_seen_counts() -> None:
    counts = (
        ArrivalCount("UPS", LabelState.DELIVERED, True, 90),
        ArrivalCount("UPS", LabelState.DELIVERED, False, 3),
        ArrivalCount("ups ", LabelState.OUT_FOR_DELIVERY, False, 2),
        ArrivalCount("DHL", LabelState.PRE_TRANSIT, False, 8),
    )
    (ups,) = by_carrier(counts)
    assert ups == CarrierCount("UPS", {LabelState.DELIVERED: 3, LabelState.OUT_FOR_DELIVERY: 2})
    assert (ups.among(EXPECTED_THIS_WEEK), ups.among(NOT_SEEN)) == (2, 3)
