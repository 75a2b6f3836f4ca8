"""What a decision costs: trips to the store's thread, and drawings of the bench."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from functools import wraps
from typing import Any

import pytest

from loopdesk.presenters.screens.window import BenchScreen, Signal, StripScreen
from loopdesk.presenters.strip import StripParts, StripPresenter
from loopdesk.services.station.tasks import InTurn
from tests.bench_rig import BenchRig
from tests.builders import a_parcel, a_return, lines

UPS, OTHER_UPS = "1Z999AA10123456784", "1Z999AA10123456793"


class Counted:
    """A part of the store that notes each of its calls, which is one trip to the store's thread."""

    def __init__(self, part: Any, name: str, trips: list[str]) -> None:
        self._part, self._name, self._trips = part, name, trips

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._part, method)
        if not inspect.iscoroutinefunction(found):
            return found

        @wraps(found)
        async def call(*args: Any, **kwargs: Any) -> Any:
            self._trips.append(f"{self._name}.{method}")
            return await found(*args, **kwargs)

        return call


PARTS = ("returns", "drafts", "audit", "mysteries", "outbox", "arrivals", "seen_parcels", "openings")


class CountedRig(BenchRig):
    """The bench with its status strip; ``trips`` are the calls of the store, in order."""

    def _wire(self) -> None:
        self.trips: list[str] = []
        self._trips_at: dict[int, int] = {}
        for name in PARTS:
            setattr(self.store, name, Counted(getattr(self.store, name), name, self.trips))
        super()._wire()
        self.strips: list[StripScreen] = []
        strip = StripParts(
            outbox=self.store.outbox,
            mysteries=self.mysteries,
            connection=self.connection,
            feed=self.feed,
            clock=self.clock,
            zone=self.parts.ports.zone,
            station=self.station,
            synced_at=lambda: None,
        )
        StripPresenter(strip, InTurn(self.tasks, "strip", self._fault)).attach(self)

    def render_strip(self, screen: StripScreen) -> None:
        """Keep a strip."""
        self.strips.append(screen)

    def render(self, screen: BenchScreen) -> None:
        """Draw a screen, and note how many trips there had been."""
        self._trips_at.setdefault(id(screen), len(self.trips))
        super().render(screen)

    @property
    def drawings(self) -> int:
        """How many screens were built and drawn, without the sign in the band that something was taken."""
        return sum(not screen.band.taken for screen in self.screens)

    def trips_before(self, screen: BenchScreen) -> list[str]:
        """Return the trips before a screen was drawn for the first time."""
        return self.trips[: self._trips_at[id(screen)]]

    def forget(self) -> None:
        """Count from here."""
        self.trips.clear()
        self._trips_at.clear()
        self.screens.clear()


@pytest.fixture
async def rig() -> AsyncIterator[CountedRig]:
    first = a_return("91000123", order_name="#20417", parcels=(a_parcel(UPS),), lines=lines(2))
    other = a_return("91000124", order_name="#20418", parcels=(a_parcel(OTHER_UPS),), lines=lines(2))
    made = CountedRig(first, other)
    await made.open()
    await made.scan(UPS)
    made.forget()
    yield made
    await made.close()


async def test_scanning_another_return_takes_one_trip_until_it_is_drawn(rig: CountedRig) -> None:
    """Also where the open one has something entered, and the other one was put aside before."""
    await rig.press("grade_a")
    await rig.scan(OTHER_UPS)
    await rig.press("grade_b")
    rig.forget()
    await rig.scan(UPS)
    drawn = next(screen for screen in rig.screens if screen.title.startswith("#20417"))
    assert rig.trips_before(drawn) == ["openings.take"]
    assert [line.decided for line in drawn.lines] == ["A", ""]
    (aside,) = await rig.store.drafts.parked()
    assert aside.return_id == "91000124"
    assert not aside.is_empty


async def test_a_grade_takes_one_trip_to_the_store_and_one_drawing(rig: CountedRig) -> None:
    screen = await rig.press("grade_a")
    assert rig.trips == ["drafts.save"]
    assert rig.drawings == 1
    assert [line.decided for line in screen.lines] == ["A", ""]


async def test_undoing_a_decision_takes_one_trip_and_one_drawing(rig: CountedRig) -> None:
    await rig.press("grade_a")
    rig.forget()
    screen = await rig.press("undo")
    assert rig.trips == ["drafts.save"]
    assert rig.drawings == 1
    assert [line.decided for line in screen.lines] == ["", ""]


async def test_confirming_takes_four_trips_to_the_store_and_one_drawing(rig: CountedRig) -> None:
    """One keeps it, one counts it for the strip, two are the sender's: what is held, and what may go."""
    await rig.press("rest_a")
    await rig.clock.turn(1.0)
    rig.forget()
    screen = await rig.press("confirm")
    assert screen.band.signal is Signal.KEPT
    assert sorted(rig.trips) == ["outbox.counts", "outbox.held", "outbox.keep", "outbox.lanes"]
    assert rig.drawings == 1
    assert rig.strips[-1].kept == 1
