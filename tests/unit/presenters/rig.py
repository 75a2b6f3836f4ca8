"""A surface that records screens, and the parts that every presenter of a page needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Generic, TypeVar

from loopdesk.domain.operators import Operator
from loopdesk.domain.printing.labels import PrintsBy
from loopdesk.presenters.pages.evidence_choice import EvidenceShown
from loopdesk.presenters.pages.page import PageServices
from loopdesk.services.bench.labels import LabelDesk
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.ports.station import Station
from loopdesk.services.station.connection import ConnectionState, LinkState
from loopdesk.services.station.events import Feed
from loopdesk.services.station.tasks import Tasks
from tests import builders
from tests.fakes.clock import HandClock
from tests.fakes.memory_store import MemoryStore
from tests.fakes.paper_printer import PaperPrinter

S = TypeVar("S")
ZONE = UTC


class Recorder(Generic[S]):
    """A surface that keeps what it was asked to draw."""

    def __init__(self) -> None:
        self.screens: list[S] = []

    def render(self, screen: S) -> None:
        """Keep a screen."""
        self.screens.append(screen)

    def last(self) -> S:
        """Return the current screen."""
        return self.screens[-1]


class FakeLine:
    """A connection in the state that a test sets."""

    def __init__(self, link: LinkState = LinkState.ONLINE) -> None:
        self.state = ConnectionState(link)


class Evidence:
    """Writes no sheet, and says what a test wants.

    Attributes:
        asked: Of which returns a sheet was wanted.
        may_end: Clear it to keep a sheet being written.
    """

    def __init__(self, said: EvidenceShown | Exception | None = None) -> None:
        self.said = said
        self.asked: list[str] = []
        self.may_end = asyncio.Event()
        self.may_end.set()

    async def show(self, return_id: str) -> EvidenceShown | None:
        """Note the return and answer."""
        self.asked.append(return_id)
        await self.may_end.wait()
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


class Rig:
    """The store in memory, a clock turned by hand, a feed, tasks, and what was opened."""

    def __init__(self) -> None:
        self.faults: list[BaseException] = []
        self.tasks = Tasks(self._fault)
        self.store = MemoryStore()
        self.clock = HandClock()
        self.feed = Feed(self._fault)
        self.page = PageServices(self.feed, self.tasks, self.clock, ZONE)
        self.line = FakeLine()
        self.opened: list[str] = []
        self.at_loop: tuple[Fetched, ...] = ()
        self.printer = PaperPrinter()
        self.labels = LabelDesk(
            prints=self.store.label_prints,
            printer=lambda: self.printer,
            prints_by=lambda: PrintsBy.OFF,
            clock=self.clock,
            tasks=self.tasks,
            feed=self.feed,
            on_fault=self._fault,
        )
        self.where = Station("dock 1", Operator(name="Kim"), builders.KEY_FINGERPRINT)

    def _fault(self, _: str, failure: BaseException) -> None:
        self.faults.append(failure)

    def station(self) -> Station:
        """Return who works where."""
        return self.where

    async def settle(self) -> None:
        """Let everything run that does not wait for the clock."""
        await self.clock.settle()


@asynccontextmanager
async def a_rig() -> AsyncIterator[Rig]:
    """Give a rig; whatever failed in a task fails the test."""
    rig = Rig()
    try:
        yield rig
        await rig.settle()
    finally:
        await rig.tasks.aclose()
        await asyncio.sleep(0)
    assert rig.faults == []
