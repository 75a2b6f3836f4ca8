"""A bench that follows a hub, with a store of its own on the disk; it can be killed and started again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from loopdesk.api.connections import WireFactory, real_wire
from loopdesk.api.hub_changes import HubChanges
from loopdesk.api.translate import from_body
from loopdesk.api.transport import Transport
from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.station.events import Feed
from loopdesk.services.station.tasks import Tasks
from loopdesk.services.sync.following import Following
from loopdesk.store.store import Store, open_store
from loopdesk.system.host.clock import SystemClock
from tests.unit.api.bench import OpenBudget


class Shelf:
    """Takes shared events, and keeps their numbers as a store does."""

    def __init__(self) -> None:
        self.events: list[SharedEvent] = []
        self.number = 0

    async def position(self) -> int:
        """Return the last number."""
        return self.number

    async def shared(self, event: SharedEvent) -> None:
        """Take one."""
        self.events.append(event)
        self.number = event.seq

    async def begin_anew(self) -> None:
        """Begin at 0."""
        self.number = 0


class FollowingBench:
    """The following service with its adapter and a store.

    Attributes:
        told: The ids of returns, as often as they were told, without those of a fill.
        unread: Ids that could not be read.
        synced: Up to when everything was said to be known, each time.
        begun: How often a stream began or a fill was complete.
        anew: How often the hub counted anew.
    """

    def __init__(self, store: Store, transport: Transport, tasks: Tasks) -> None:
        self.store = store
        self.told: list[str] = []
        self.unread: list[str] = []
        self.synced: list[datetime] = []
        self.begun = self.anew = 0
        self.seen: list[Fetched] = []
        self.has_hub = True
        self.stream = HubChanges(transport.line)
        self.following = Following(
            has_hub=lambda: self.has_hub,
            stream=self.stream,
            returns=store.hub_told,
            cache=store.returns,
            clock=SystemClock(),
            tasks=tasks,
            feed=Feed(lambda _where, failure: self._fault(failure)),
            observe=self._observe,
            synced=self._synced,
            unread=self._unread,
            after_told=self._after_told,
            anew=self._anew,
            random=lambda: 0.05,
        )

    def _fault(self, failure: BaseException) -> None:
        raise AssertionError from failure

    async def _observe(self, fetched: Fetched) -> None:
        self.seen.append(fetched)

    async def _synced(self, at: datetime) -> None:
        self.synced.append(at)

    async def _unread(self, return_ids: Sequence[str]) -> None:
        self.unread += return_ids

    async def _after_told(self, return_ids: Sequence[str]) -> None:
        self.told += return_ids
        self.begun += not return_ids

    async def _anew(self) -> None:
        self.anew += 1


@asynccontextmanager
async def following_bench(
    url: str, token: str, folder: Path, *, make_wire: WireFactory = real_wire
) -> AsyncIterator[FollowingBench]:
    """Open the bench in a folder, without starting to follow; leaving it is as abrupt as a kill."""
    faults: list[BaseException] = []
    tasks = Tasks(lambda _where, failure: faults.append(failure))
    transport = Transport(
        clock=SystemClock(), budget=OpenBudget(), base_url=f"{url}/api", is_hub=True, make_wire=make_wire
    )
    transport.set_key(token)
    store = await open_store(folder, from_body)
    try:
        yield FollowingBench(store, transport, tasks)
    finally:
        await tasks.aclose()
        await transport.aclose()
        await store.close()
    assert faults == []


@asynccontextmanager
async def running(bench: FollowingBench) -> AsyncIterator[None]:
    """Let it follow meanwhile."""
    task = asyncio.ensure_future(bench.following.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
