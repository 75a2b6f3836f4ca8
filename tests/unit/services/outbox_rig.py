"""The sending half of the outbox on a hand-turned clock, against the scripted gateway."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from typing import Any

from loopdesk.app.compose import compose
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Entry, Stage
from loopdesk.domain.returns.returns import Return, fingerprint
from loopdesk.services.ports.photos import PhotoQueue
from loopdesk.services.ports.station import Limits, Station
from loopdesk.services.ports.store import AuditLog, Outbox, ReturnCache
from loopdesk.services.station.connection import Connection
from loopdesk.services.station.events import Event, NeedsPerson, OutboxChanged, ReturnChanged, Settled
from loopdesk.services.sync.budget import RequestBudget
from tests.bench_rig import some_ports
from tests.builders import KEY_FINGERPRINT, OPERATOR, STATION, a_keep_request, a_return, an_action
from tests.fakes.clock import HandClock
from tests.fakes.gateway import ScriptedGateway
from tests.fakes.memory_outbox import MemoryOutbox
from tests.fakes.memory_store import MemoryStore
from tests.fakes.photo_place import no_photo_place

HALF = 0.5


def slow_down(outbox: MemoryOutbox, clock: HandClock, random: Random) -> None:
    """Make every call of a fake take some loop iterations before and after it acts, as a disk does."""
    clock.rounds = 400

    def slow(act: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def acted(*args: Any, **kwargs: Any) -> Any:
            for _ in range(random.randint(0, 3)):
                await asyncio.sleep(0)
            found = await act(*args, **kwargs)
            for _ in range(random.randint(0, 3)):
                await asyncio.sleep(0)
            return found

        return acted

    for name in ("held", "release", "lanes", "lane", "waived", "claim", "apply", "payload_is_whole"):
        setattr(outbox, name, slow(getattr(outbox, name)))


class Rig:
    """Everything that sends, wired as the program wires it.

    Args:
        outbox, audit: The fakes unless a real store is given.
    """

    def __init__(
        self,
        *,
        outbox: Outbox | None = None,
        audit: AuditLog | None = None,
        returns: ReturnCache | None = None,
        clock: HandClock | None = None,
    ) -> None:
        self.clock = clock or HandClock()
        self.store = store = MemoryStore()
        self.outbox: Outbox = outbox if outbox is not None else self.store.outbox
        self.audit: AuditLog = audit if audit is not None else self.store.audit
        self.returns: ReturnCache = returns if returns is not None else self.store.returns
        self.audit_uploads = store.audit_uploads
        self.drafts, self.openings, self.arrivals = store.drafts, store.openings, store.arrivals
        self.mysteries, self.seen_parcels = store.mysteries, store.seen_parcels
        self.photo_queue: PhotoQueue = store.photo_queue
        self.overview, self.hub_told = store.overview, store.hub_told
        self.photos = no_photo_place()
        self.label_prints = store.label_prints
        self.events: list[Event] = []
        self.faults: list[BaseException] = []
        self.station = Station(STATION, OPERATOR, KEY_FINGERPRINT)
        self.limits = Limits()
        self.shown: set[str] = set()
        self.stations = 1
        self.gateway = ScriptedGateway(self.clock)
        self.build()

    def build(self) -> None:
        """Make (or, after a crash, make anew) everything that lives in memory only."""
        ports = some_ports(
            self,
            self._connect,
            self.clock,
            lambda _, failure: self.faults.append(failure),
            lambda: self.station,
        )
        self.parts = parts = compose(
            replace(
                ports,
                stations=lambda: self.stations,
                limits=lambda: self.limits,
                photos=self.photos,
                random=lambda: HALF,
            )
        )
        for kind in (OutboxChanged, ReturnChanged, Settled, NeedsPerson):
            parts.feed.on(kind, self._heard)
        self.feed, self.tasks, self.connection = parts.feed, parts.tasks, parts.connection
        self.stage_writer, self.keys, self.confirmer = parts.stage_writer, parts.keys, parts.confirmer
        self.sender, self.attention, self.drain = parts.sender, parts.attention, parts.drain
        parts.inspection.shows = self._shows  # type: ignore[method-assign]

    def _shows(self, return_id: str) -> bool:
        return return_id in self.shown

    def _connect(self, _budget: RequestBudget, connection: Connection) -> ScriptedGateway:
        self.gateway.on_exchange = connection.on_exchange
        return self.gateway

    def _heard(self, event: Any) -> None:
        self.events.append(event)

    def start(self) -> None:
        """Start what runs for as long as the program runs."""
        self.parts.start_sending()

    async def crash(self) -> None:
        """End at once as kill -9 does, keeping what was committed; then make everything anew.

        What is ``sending`` is put back to it, because a killed process writes nothing any more.
        """
        outbox = self.store.outbox
        kept, attempts = dict(outbox.kept), {name: list(x) for name, x in outbox._attempts.items()}
        await self.tasks.aclose()
        outbox.kept, outbox._attempts = kept, attempts
        self.gateway.release()
        self.build()

    async def keep(
        self, *kinds: Kind, ret: Return | None = None, target: str | None = None, **fields: Any
    ) -> tuple[Entry, ...]:
        """Keep a settlement of these kinds for a return that the gateway knows (added when it does not)."""
        ret = ret or a_return()
        if ret.return_id not in self.gateway.truth:
            self.gateway.add(ret)
        line_id = target or ret.lines[0].line_item_id
        fields.setdefault("hold_seconds", 0.0)
        fields.setdefault("actions", tuple(an_action(kind, line_id) for kind in kinds))
        request = a_keep_request(
            *kinds,
            return_id=ret.return_id,
            seen=fingerprint(ret),
            **fields,
        )
        entries = await self.outbox.keep(request)
        self.feed.tell(OutboxChanged(ret.return_id))
        return entries

    def now(self, entry: Entry) -> Entry:
        """Return the current state of an entry (in the fake)."""
        return self.store.outbox.kept[entry.entry_id]

    def stages(self, *entries: Entry) -> tuple[Stage, ...]:
        """Return the stages of entries."""
        return tuple(self.now(entry).stage for entry in entries)

    def told(self, kind: type[Event]) -> list[Any]:
        """Return the events of one type so far."""
        return [event for event in self.events if isinstance(event, kind)]


@asynccontextmanager
async def running(rig: Rig | None = None) -> AsyncIterator[Rig]:
    """Run a rig; at the end nothing may be left running and nothing may have failed unexpectedly."""
    rig = rig or Rig()
    rig.start()
    await rig.clock.turn(0.0)  # what is kept from now on is kept in this run
    try:
        yield rig
    finally:
        rig.sender._stopping = True
        await rig.tasks.aclose()
    assert rig.faults == []
    assert rig.gateway.overlaps == 0


def many(count: int, first: int = 70000001) -> list[Return]:
    """Build open returns, each with a line of its own."""
    base = a_return()
    return [
        replace(
            base,
            return_id=str(first + n),
            order_name=f"#{n}",
            lines=(replace(base.lines[0], line_item_id=str(90000001 + n)),),
        )
        for n in range(count)
    ]
