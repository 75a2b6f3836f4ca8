"""The status strip: what it says about the connection."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from loopdesk.domain.errors import Unreachable
from loopdesk.domain.labels.classify import classify
from loopdesk.domain.sync import NOT_HEARD, HubContact
from loopdesk.presenters.screens.window import StripScreen
from loopdesk.presenters.strip import StripParts, StripPresenter
from loopdesk.services.bench.mysteries import MysteryDesk
from loopdesk.services.station.connection import ClockWatch, Connection
from loopdesk.services.station.events import (
    ConnectionChanged,
    HubContactChanged,
    PhotoStored,
    SecondBenchNoticed,
    StationChanged,
    SyncProgress,
)
from loopdesk.services.station.tasks import InTurn
from tests.builders import AT
from tests.unit.presenters.rig import ZONE, Rig, a_rig


@dataclass
class Drawn:
    """A surface that keeps every strip drawn on it."""

    screens: list[StripScreen] = field(default_factory=list)

    def render_strip(self, screen: StripScreen) -> None:
        """Keep a strip."""
        self.screens.append(screen)


def a_strip(
    rig: Rig,
    has_second_bench: Callable[[], bool] = bool,
    has_photo_trouble: Callable[[], bool] = bool,
    synced_at: datetime | None = None,
    hub_contact: Callable[[], HubContact] = lambda: NOT_HEARD,
) -> tuple[Connection, Drawn]:
    """Make a strip over a connection without any exchange yet."""
    connection = Connection(clock=rig.clock, tasks=rig.tasks, feed=rig.feed)
    parts = StripParts(
        outbox=rig.store.outbox,
        mysteries=MysteryDesk(
            mysteries=rig.store.mysteries,
            cache=rig.store.returns,
            clock=rig.clock,
            feed=rig.feed,
            station=rig.station,
            classify=classify,
        ),
        connection=connection,
        feed=rig.feed,
        clock=rig.clock,
        zone=ZONE,
        station=rig.station,
        synced_at=lambda: synced_at,
        has_second_bench=has_second_bench,
        has_photo_trouble=has_photo_trouble,
        hub_contact=hub_contact,
    )
    drawn = Drawn()
    line = InTurn(rig.tasks, "strip", lambda _, failure: rig.faults.append(failure))
    StripPresenter(parts, line).attach(drawn)
    return connection, drawn


async def test_the_strip_says_online_only_once_loop_has_answered() -> None:
    async with a_rig() as rig:
        connection, drawn = a_strip(rig)
        await rig.settle()
        assert (drawn.screens[-1].connection, drawn.screens[-1].connection_tone) == ("Not asked yet", "plain")
        connection.on_exchange(None, 0.4)
        await rig.settle()
        assert (drawn.screens[-1].connection, drawn.screens[-1].connection_tone) == ("Online", "ok")


@pytest.mark.parametrize(
    ("read", "of", "said"),
    [(1, None, "1"), (7, None, "7"), (7, 30, "7 of about 30")],
)
async def test_while_the_index_is_read_the_strip_says_how_many_returns_it_has(
    read: int, of: int | None, said: str
) -> None:
    async with a_rig() as rig:
        _, drawn = a_strip(rig)
        rig.feed.tell(SyncProgress(read, running=True, of=of))
        await rig.settle()
        assert (drawn.screens[-1].synced, drawn.screens[-1].is_reading) == (said, True)


async def test_a_later_reading_leaves_the_time_of_the_last_one_on_the_strip() -> None:
    async with a_rig() as rig:
        _, drawn = a_strip(rig, synced_at=rig.clock.now())
        await rig.settle()
        before = drawn.screens[-1].synced
        rig.feed.tell(SyncProgress(1, running=True))
        await rig.settle()
        assert (drawn.screens[-1].synced, drawn.screens[-1].is_reading) == (before, False)


async def test_a_line_that_is_down_before_the_first_answer_is_offline() -> None:
    async with a_rig() as rig:
        connection, drawn = a_strip(rig)
        connection.on_exchange(Unreachable())
        await rig.settle()
        assert drawn.screens[-1].connection.startswith("Offline since ")


@pytest.mark.fault(156)
@pytest.mark.parametrize(
    ("skew", "said"),
    [
        (None, ""),
        (59.0, ""),
        (60.0, " · this computer's clock is 60 s behind"),
        (-7_200.0, " · this computer's clock is 2 h ahead"),
        (94_608_000.0, " · this computer's clock is 1\N{THIN SPACE}095 days behind"),
    ],
)
async def test_the_strip_says_how_wrong_the_clock_is_from_a_minute_on(skew: float | None, said: str) -> None:
    async with a_rig() as rig:
        connection, drawn = a_strip(rig)
        rig.clock.skew_seconds = skew
        connection.on_exchange(None, 0.4)
        await rig.settle()
        assert drawn.screens[-1].connection == f"Online{said}"
        assert drawn.screens[-1].connection_tone == ("offline" if said else "ok")


@pytest.mark.fault(156)
async def test_a_difference_that_appears_or_goes_is_told_at_once_and_only_then() -> None:
    async with a_rig() as rig:
        told: list[ConnectionChanged] = []
        rig.feed.on(ConnectionChanged, told.append)
        skews = [0.0, 3600.0, 3590.0, 0.0, 0.0]
        watch = ClockWatch(rig.clock, lambda _: setattr(rig.clock, "skew_seconds", skews.pop(0)), rig.feed)
        counts = []
        for _ in range(5):
            watch.on_server_date(rig.clock.now())
            counts.append(len(told))
        assert counts == [0, 1, 1, 2, 2]


@pytest.mark.fault(174)
async def test_the_strip_names_another_bench_until_it_is_settled_how_many_there_are() -> None:
    async with a_rig() as rig:
        others: list[str] = []
        connection, drawn = a_strip(rig, lambda: bool(others))
        connection.on_exchange(None, 0.4)
        others.append("dock 3")
        rig.feed.tell(SecondBenchNoticed("dock 3"))
        await rig.settle()
        assert drawn.screens[-1].connection == "Online · another bench uses this key"
        assert drawn.screens[-1].connection_tone == "offline"
        others.clear()
        rig.feed.tell(StationChanged())
        await rig.settle()
        assert (drawn.screens[-1].connection, drawn.screens[-1].connection_tone) == ("Online", "ok")


async def test_the_strip_says_that_photos_wait_for_their_place() -> None:
    async with a_rig() as rig:
        trouble = [True]
        _, drawn = a_strip(rig, has_photo_trouble=lambda: bool(trouble))
        await rig.clock.settle()
        assert drawn.screens[-1].connection.endswith("photos wait")
        assert drawn.screens[-1].connection_tone == "offline"
        trouble.clear()
        rig.feed.tell(PhotoStored())
        await rig.clock.settle()
        assert "photos" not in drawn.screens[-1].connection


async def test_the_strip_says_whether_the_hub_can_be_heard_as_soon_as_that_changes() -> None:
    async with a_rig() as rig:
        hub = HubContact(is_heard=True, heard_at=AT)
        connection, drawn = a_strip(rig, hub_contact=lambda: hub)
        connection.on_exchange(None, 0.4)
        await rig.settle()
        assert (drawn.screens[-1].connection, drawn.screens[-1].connection_tone) == ("Online · hub", "ok")
        hub = HubContact(heard_at=AT, is_silent=True)
        rig.feed.tell(HubContactChanged())
        await rig.settle()
        assert drawn.screens[-1].connection == "Online · the hub is silent"
        assert drawn.screens[-1].connection_tone == "offline"


async def test_a_line_that_is_down_is_said_without_the_hub_behind_it() -> None:
    async with a_rig() as rig:
        connection, drawn = a_strip(rig, hub_contact=lambda: HubContact(heard_at=AT, is_silent=True))
        connection.on_exchange(Unreachable())
        await rig.settle()
        assert drawn.screens[-1].connection.startswith("Offline since ")
        assert "hub" not in drawn.screens[-1].connection
