"""Reads each thing once for all who need it, over all processes.

Whoever needs a fresh answer joins a read that has not begun yet. Within a process that is a flight here;
between processes it is an advisory lock, which is only tried, on the connection that is there for locks:
whoever does not get it waits for what the other process keeps. The lock saves requests and proves nothing;
after a while a process reads by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, TypeAlias
from uuid import UUID

import psycopg

from loopdesk.domain.errors import Throttled
from loopdesk.hub.budget.budget import HubBudget
from loopdesk.hub.budget.dealing import Klass
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import rows
from loopdesk.hub.failures import DatabaseUnusable, HubFailure, LoopAway
from loopdesk.hub.reads.copies import Copies, LoopPage, keep
from loopdesk.hub.reads.freshness import Need, is_fresh
from loopdesk.hub.reads.homes import saw
from loopdesk.hub.reads.loop_reader import LoopAnswer, LoopReader
from loopdesk.hub.reads.readings import LoopRead, returns_in
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.tasks import Tasks

log = logging.getLogger("loopdesk.hub.reads")

CHANNEL: Final = "loopdesk_reads"

OnAnswer: TypeAlias = Callable[[str, Any, datetime, bool], Coroutine[Any, Any, None]]
"""Takes in a shop's id, Loop's answer, decoded, when its read began, and whether it has returns' details."""

LOCK_ROOM: Final = 0x4C44
"""First half of the advisory locks of reads; other locks of the hub have one number, not two."""

LOOK_SECONDS: Final = 0.5
"""How often a process that waits for another one's read looks, without a notification."""

PATIENCE_SECONDS: Final = {Klass.LOOKUP: 1.0, Klass.FINISH: 1.0}
OTHERS_PATIENCE_SECONDS: Final = 6.0
"""How long it waits before it reads by itself."""


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom is read, and how urgently."""

    bench_id: UUID
    klass: Klass


@dataclass(frozen=True, slots=True)
class Landed:
    """What a read brought.

    Attributes:
        page: Loop's answer.
        began: When its read began.
        is_answer: It is what was asked for; False for a refusal in Loop's own words.
        is_absent: The refusal says that there is no such thing.
    """

    page: LoopPage
    began: datetime
    is_answer: bool = True
    is_absent: bool = False


@dataclass(eq=False, slots=True)
class _Flight:
    shop_id: str
    reading: LoopRead
    asker: Asker
    need: Need
    ended: asyncio.Future[Landed]
    has_begun: bool = False
    waiting: asyncio.Timeout | None = None

    def join(self, asker: Asker, need: Need) -> None:
        """Add somebody who waits; the strictest decides what will do, the most urgent its place in the
        budget.
        """
        self.need = Need(max(self.need.asked, need.asked), min(self.need.max_age, need.max_age))
        if asker.klass < self.asker.klass:
            self.asker = asker
            if self.waiting is not None:
                self.waiting.reschedule(asyncio.get_running_loop().time())


_Key = tuple[str, str]


class Flights:
    """The reads that are under way or wait for their turn."""

    def __init__(
        self,
        database: Database,
        copies: Copies,
        loop: LoopReader,
        budget: HubBudget,
        clock: Clock,
        tasks: Tasks,
    ) -> None:
        self._database = database
        self._copies = copies
        self._loop = loop
        self._budget = budget
        self._clock = clock
        self._tasks = tasks
        self._running: dict[_Key, _Flight] = {}
        self._following: dict[_Key, _Flight] = {}
        self._waking: dict[str, asyncio.Event] = {}
        self._told: list[OnAnswer] = []
        database.listener.on(CHANNEL, self._on_kept)

    def on_answer(self, told: OnAnswer) -> None:
        """Tell somebody, behind whoever asked, of every answer that names returns."""
        self._told.append(told)

    def running(self, shop_id: str, reading: LoopRead) -> asyncio.Future[Landed] | None:
        """Return the read of this that has begun, if there is one."""
        flight = self._running.get((shop_id, reading.target))
        return flight.ended if flight is not None and flight.has_begun else None

    async def join(self, shop_id: str, reading: LoopRead, asker: Asker, need: Need) -> Landed:
        """Return the answer of a read that begins from now on, or of one of another process that will do.

        Raises:
            LoopAway: Loop did not answer.
            HubFailure: There was no turn in the budget, or the shop has no key.
        """
        key = (shop_id, reading.target)
        flight = self._running.get(key)
        if flight is None:
            flight = self._running[key] = self._new(shop_id, reading, asker, need)
            self._tasks.spawn(self._fly(key), name=f"read {reading.kind} of {shop_id}")
        elif flight.has_begun:
            flight = self._following.get(key)
            if flight is None:
                flight = self._following[key] = self._new(shop_id, reading, asker, need)
        flight.join(asker, need)
        return await asyncio.shield(flight.ended)

    def _new(self, shop_id: str, reading: LoopRead, asker: Asker, need: Need) -> _Flight:
        ended: asyncio.Future[Landed] = asyncio.get_running_loop().create_future()
        ended.add_done_callback(_retrieved)
        return _Flight(shop_id, reading, asker, need, ended)

    async def _fly(self, key: _Key) -> None:
        """Run the flights of a key, one after another, until nobody waits."""
        try:
            while (flight := self._running.get(key)) is not None:
                try:
                    flight.ended.set_result(await self._one(flight))
                except (HubFailure, psycopg.Error) as failure:
                    flight.ended.set_exception(_expected(failure))
                following = self._following.pop(key, None)
                if following is None:
                    del self._running[key]
                else:
                    self._running[key] = following
        finally:  # a bug, or the end of the process: nobody may wait for ever
            for flights in (self._running, self._following):
                left = flights.pop(key, None)
                if left is not None and not left.ended.done():
                    left.ended.set_exception(LoopAway(why="ended"))

    async def _one(self, flight: _Flight) -> Landed:
        has_lock = False
        try:
            if flight.reading.keeping.days:
                has_lock, landed = await self._lock(flight)
                if landed is not None:
                    return landed
            await self._turn(flight)
            flight.has_begun = True
            return await self._read(flight)
        finally:
            flight.has_begun = True
            if has_lock:
                await self._unlock(flight)

    async def _lock(self, flight: _Flight) -> tuple[bool, Landed | None]:
        """Take the lock, unless the process that has it brings what will do, or takes too long.

        Returns:
            Whether it is taken; and what another process has read since it was looked for here.
        """
        since = self._clock.monotonic()
        waking = self._waking.setdefault(_mark(flight), asyncio.Event())
        try:
            while True:
                waking.clear()
                if await self._try_lock(flight):
                    return True, await self._landed(flight)
                patience = PATIENCE_SECONDS.get(flight.asker.klass, OTHERS_PATIENCE_SECONDS)
                if self._clock.monotonic() - since >= patience:
                    log.info("read_alone kind=%s shop=%s", flight.reading.kind, flight.shop_id)
                    return False, None
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await waking.wait()
                if (landed := await self._landed(flight)) is not None:
                    return False, landed
        finally:
            if self._waking.get(_mark(flight)) is waking:
                del self._waking[_mark(flight)]

    async def _landed(self, flight: _Flight) -> Landed | None:
        """Return what is kept, if it will do for all who wait."""
        known = await self._copies.known(flight.reading, (flight.shop_id,))
        copy = known.copies.get(flight.shop_id)
        if copy is None or not is_fresh(copy.seen, flight.need, known.at):
            return None
        return Landed(copy.page, copy.seen.began)

    async def _turn(self, flight: _Flight) -> None:
        """Take a turn in the budget; anew, if somebody more urgent joins."""
        while True:
            asker = flight.asker
            try:
                async with asyncio.timeout(None) as flight.waiting:
                    await self._budget.take(flight.shop_id, asker.bench_id, asker.klass)
                    return
            except TimeoutError:
                continue
            finally:
                flight.waiting = None

    async def _read(self, flight: _Flight) -> Landed:
        shop_id, reading = flight.shop_id, flight.reading
        began = await self._copies.now()
        try:
            told = await self._loop.read(shop_id, reading)
        except LoopAway as away:
            if away.status == 429:
                await self._budget.throttled(shop_id, away.retry_after_seconds)
            raise
        if isinstance(told.refusal, Throttled):
            await self._budget.throttled(shop_id, told.wait_seconds)
        if told.refusal is None:
            await self._keep(flight, told, began)
            if reading.names_returns:
                for tell in self._told:
                    heard = tell(shop_id, told.value, began, reading.is_details)
                    self._tasks.spawn(heard, name=f"read {reading.kind} told")
        return Landed(told.page, began, told.refusal is None, told.is_absent)

    async def _keep(self, flight: _Flight, told: LoopAnswer, began: datetime) -> None:
        """Keep the answer. If that fails it is given all the same: it is Loop's."""
        try:
            async with self._database.transaction() as connection:
                await keep(connection, flight.shop_id, flight.reading, told.page, began)
                if flight.reading.names_returns:
                    await saw(connection, flight.shop_id, returns_in(told.value))
            if flight.reading.keeping.days:
                await self._database.notify(CHANNEL, _mark(flight))
        except (psycopg.Error, DatabaseUnusable) as failure:
            log.warning("answer_not_kept kind=%s why=%s", flight.reading.kind, type(failure).__name__)

    async def _try_lock(self, flight: _Flight) -> bool:
        async with self._database.lock_connection() as connection:
            [found] = await rows(
                connection,
                "reads.try_lock",
                room=LOCK_ROOM,
                key=lock_key(flight.shop_id, flight.reading.target),
            )
            return bool(found["taken"])

    async def _unlock(self, flight: _Flight) -> None:
        try:
            async with self._database.lock_connection() as connection:
                await rows(
                    connection,
                    "reads.unlock",
                    room=LOCK_ROOM,
                    key=lock_key(flight.shop_id, flight.reading.target),
                )
        except (psycopg.Error, DatabaseUnusable):
            pass  # the connection broke, and the lock went with it

    def _on_kept(self, mark: str) -> None:
        woken = self._waking.values() if not mark else filter(None, [self._waking.get(mark)])
        for waking in woken:
            waking.set()


def _digest(shop_id: str, target: str) -> bytes:
    return blake2b(f"{shop_id} {target}".encode(), digest_size=8).digest()


def _mark(flight: _Flight) -> str:
    """Name what is read, in a notification; it says nothing about anybody."""
    return _digest(flight.shop_id, flight.reading.target).hex()


def lock_key(shop_id: str, target: str) -> int:
    """Return the second half of the advisory lock of a read."""
    return int.from_bytes(_digest(shop_id, target)[:4], "big", signed=True)


def _expected(failure: HubFailure | psycopg.Error) -> HubFailure:
    return failure if isinstance(failure, HubFailure) else DatabaseUnusable(why="unreachable")


def _retrieved(ended: asyncio.Future[Landed]) -> None:
    """Note the failure of a read for which nobody waits any more."""
    if not ended.cancelled():
        ended.exception()
