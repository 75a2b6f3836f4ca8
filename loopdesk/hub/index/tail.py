"""Reads the feed of changes for all streams of a process: one LISTEN, one query, one copy in memory.

A stream that is behind what memory holds reads its own pages, few at a time, and holds no connection while
its reader takes what it got. So a slow reader costs nothing but its own lag.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Final

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Row
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.hub.index.feed import CHANNEL
from loopdesk.hub.index.positions import Extent, first_gap, goes_on
from loopdesk.hub.index.telling import event
from loopdesk.services.station.tasks import Tasks

log = logging.getLogger("loopdesk.hub.index")

LOOK_SECONDS: Final = 1.0
"""A notification is a hint and may be lost."""

KEPT: Final = 1000
"""Changes of a shop in memory, for streams that are a moment behind."""

PAGE: Final = 200
"""Changes that one query reads of a shop, and that a stream gets at once."""

PAGES_AT_ONCE: Final = 2
"""Streams that read pages of their own at the same time; the pool has other users."""

BEAT_SECONDS: Final = 15.0
"""So often a silent stream says that it lives."""

BEAT: Final = b": beat\n\n"


class FeedBroken(Exception):
    """A number is missing, or numbers are of another generation: whoever follows must begin anew."""


class Outdated(Exception):
    """A reader cannot go on from where it stands without missing something; it must be filled anew."""


@dataclass(frozen=True, slots=True)
class _Event:
    shop: str
    seq: int
    text: bytes


@dataclass(slots=True)
class _Recent:
    """The latest changes of a shop: those up to ``last``, without a gap."""

    last: int
    events: deque[_Event] = field(default_factory=lambda: deque(maxlen=KEPT))

    def after(self, seq: int) -> list[_Event] | None:
        """Return at most a page of what follows a number, None if memory does not reach so far back."""
        if seq >= self.last:
            return []
        if not self.events or self.events[0].seq > seq + 1:
            return None
        first = seq + 1 - self.events[0].seq
        return [self.events[n] for n in range(first, min(first + PAGE, len(self.events)))]


class ChangeTail:
    """The reading half of the feed.

    Args:
        tasks: Keeps the one coroutine that reads.

    Attributes:
        looks: How many queries the one coroutine has made.
    """

    def __init__(self, database: Database, tasks: Tasks) -> None:
        self._database = database
        self._tasks = tasks
        self._followed: Counter[str] = Counter()
        self._recent: dict[str, _Recent] = {}
        self._heard = asyncio.Event()
        self._moved = asyncio.Event()
        self._pages = asyncio.Semaphore(PAGES_AT_ONCE)
        self._is_reading = False
        self._is_ended = False
        self._broken = 0
        self.looks = 0
        database.listener.on(CHANNEL, lambda _payload: self._heard.set())

    @property
    def streams(self) -> int:
        """How many positions are followed, one for each shop of each stream."""
        return self._followed.total()

    def end(self) -> None:
        """End all streams: the process stops."""
        self._is_ended = True
        self._move()

    async def follow(self, position: Mapping[str, int], began_in: str) -> AsyncGenerator[bytes, None]:
        """Return all changes after a position, in order for each shop, and a beat when there are none.

        It ends when the process does, or when numbers do not follow each other; then the reader asks again,
        and is told whether it may go on. No connection is held at a yield. Close it.

        Args:
            position: The last change that the reader has of each shop.
            began_in: The generation in which it was told so, "" if it does not say.

        Raises:
            Outdated: It would miss something.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        found = await self._database.read("changes.feeds", shops=list(position))
        extents = {each["shop"]: Extent(each["last"], each["dropped"]) for each in found}
        generation = found[0]["generation"] if found else ""
        if len(extents) < len(position) or not goes_on(
            position, extents, generation=generation, began_in=began_in
        ):
            raise Outdated
        return self._stream(dict(position), {shop: extent.last for shop, extent in extents.items()})

    async def _stream(self, at: dict[str, int], heads: Mapping[str, int]) -> AsyncGenerator[bytes, None]:
        broken = self._broken
        self._begin(heads)
        try:
            while not self._is_ended and self._broken == broken:
                moved = self._moved
                try:
                    events = await self._next(at)
                except (FeedBroken, DatabaseUnusable):
                    return
                if events:
                    at |= {one.shop: one.seq for one in events}
                    yield b"".join(one.text for one in events)
                elif not await _within(moved, BEAT_SECONDS):
                    yield BEAT
        finally:
            self._followed.subtract(heads.keys())
            self._forget()

    def _begin(self, heads: Mapping[str, int]) -> None:
        self._followed.update(heads.keys())
        for shop, last in heads.items():
            self._recent.setdefault(shop, _Recent(last))
        self._heard.set()
        if not self._is_reading and not self._is_ended:
            self._is_reading = True
            self._tasks.spawn(self._read(), name="hub change tail")

    def _forget(self) -> None:
        self._followed = +self._followed
        for shop in self._recent.keys() - self._followed.keys():
            del self._recent[shop]
        if not self._recent:
            self._heard.set()

    async def _next(self, at: Mapping[str, int]) -> list[_Event]:
        """Return what follows a stream's position: from memory, and from the database where memory has no
        more of it.
        """
        events: list[_Event] = []
        behind: dict[str, int] = {}
        for shop, seq in at.items():
            found = self._recent[shop].after(seq)
            if found is None:
                behind[shop] = seq
            else:
                events += found
        if behind:
            async with self._pages:
                events += await self._page(behind)
        _prove(at, events)
        return events

    async def _read(self) -> None:
        """Look for changes of all shops that are followed, until nobody follows any."""
        try:
            while self._recent and not self._is_ended:
                self._heard.clear()
                if not await self._look():
                    await _within(self._heard, LOOK_SECONDS)
        finally:
            self._is_reading = False

    async def _look(self) -> bool:
        """Read what is new. Returns whether there may be more at once."""
        at = {shop: recent.last for shop, recent in self._recent.items()}
        self.looks += 1
        try:
            events = await self._page(at)
            _prove(at, events)
        except DatabaseUnusable as failure:
            log.warning("feed_unreachable why=%s", failure.why)
            return False
        except FeedBroken:
            self._break()
            return True
        for one in events:
            recent = self._recent.get(one.shop)
            if recent is not None and one.seq == recent.last + 1:
                recent.events.append(one)
                recent.last = one.seq
        if events:
            self._move()
        return len(events) >= PAGE

    async def _page(self, at: Mapping[str, int]) -> list[_Event]:
        generation = self._database.generation
        found = await self._database.read("changes.page", shops=list(at), after=list(at.values()), most=PAGE)
        if any(row["generation"] != generation for row in found):
            raise FeedBroken
        return [_event(row) for row in found]

    def _break(self) -> None:
        """End all streams, and forget what was read."""
        log.warning("feed_broken streams=%s", self.streams)
        self._broken += 1
        self._recent.clear()
        self._move()

    def _move(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        if self._is_ended:
            self._heard.set()


def _prove(at: Mapping[str, int], events: list[_Event]) -> None:
    """Check that numbers follow each other.

    Raises:
        FeedBroken: One is missing.
    """
    gap = first_gap(at, [(one.shop, one.seq) for one in events])
    if gap is not None:
        log.error("feed_gap shop=%s seq=%s", *gap)
        raise FeedBroken


def _event(row: Row) -> _Event:
    return _Event(row["shop"], row["seq"], event(row))


async def _within(happened: asyncio.Event, seconds: float) -> bool:
    """Wait for an event for so long. Returns whether it happened."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await happened.wait()
    return happened.is_set()
