"""Keeps the store's index of returns up to date: initial fill, increments, a nightly sweep, search words.

Loop cannot look up a tracking number, so a station must know every return before its parcel arrives.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo

from loopdesk.domain.errors import ApiError
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.domain.sync import LONGEST, believed, is_night_over, since
from loopdesk.services.ports.loop import Priority
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import IndexedReturns, ReturnCache
from loopdesk.services.station.events import Feed, NextSync, OutboxChanged, SyncProgress
from loopdesk.services.station.tasks import SingleFlight
from loopdesk.services.sync.arriving import AdvanceNotice
from loopdesk.services.sync.listing import PASSES, ListReader, SetApart, Window, place_of

log = logging.getLogger("loopdesk.lookup")

REACH = LONGEST
"""How far back the initial fill goes."""

OVERLAP = timedelta(minutes=15)
"""How much an increment overlaps the previous one, because window edges and ties are undocumented."""

NIGHTLY_REACH = timedelta(days=30)
"""How far back the nightly sweep goes: a label may appear or move without a change of the return."""

AHEAD = timedelta(hours=2)
"""How far beyond Loop's present a window of changes ends: a machine that slept does not know for how long."""

STALE = timedelta(days=7)
"""A long run that was interrupted longer ago than this starts over."""

TOLD_EVERY = timedelta(minutes=1)
"""How often the watermark is kept that is told by others; its windows overlap by more."""

TOLD_SECONDS = 60.0
"""How often a hub reads the lists, so how long after what it told of them it will tell more. What Loop
accepted waits for that, instead of a request of its own.
"""

TOLD_BY, LOOP = "synced_by", "loop"
"""The store's record of whose time the watermark is: Loop's, or "" if Loop's answers did not tell it."""

WATERMARK = "synced_until"
"""The store's watermark: the time up to which every change is known (ISO 8601, UTC)."""

SWEPT = "swept_at"
"""The store's record of the last nightly sweep."""


class Prefetch:
    """Reads Loop's list into the store; can be stopped at any page and resumes there.

    Args:
        announced: Read after the list, each night.
        after_sync: Awaited after each complete synchronization (mystery parcels are retried).
        before_sync: Awaited before each, before Loop is asked for the first of its pages.
        zone: The time zone of the nights.
        is_told: Whether somebody tells what changes at Loop, so that its lists need not be read here.

    Attributes:
        synced_at: When the store last knew everything; None for never.
        catch_up: Reads what changed since the last time; the first time, everything of the last 120 days.
            Raises ``ApiError``; pages read so far are kept. Concurrent callers share one run.
        newest: What an unknown scan waits for, step by step: what changed in the states that nearly every
            return is in, then the rest. Leaves the watermark alone.
    """

    def __init__(
        self,
        *,
        cache: IndexedReturns,
        reader: ListReader,
        announced: AdvanceNotice,
        clock: Clock,
        feed: Feed,
        after_sync: Callable[[], Awaitable[None]],
        zone: tzinfo,
        is_told: Callable[[], bool] = lambda: False,
        before_sync: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._cache = cache
        self._is_told = is_told
        self._told_at: datetime | None = None
        self._reader = reader
        self._announced = announced
        self._clock = clock
        self._feed = feed
        self._after_sync = after_sync
        self._before_sync = before_sync
        self._zone = zone
        self.synced_at: datetime | None = None
        self.catch_up = SingleFlight(self._catch_up)
        self.newest = (
            SingleFlight(lambda: self._read_newest(PASSES[:1], Priority.LOOKUP)),
            SingleFlight(lambda: self._read_newest(PASSES[1:], Priority.READ_BACK)),
        )

    @property
    def apart(self) -> SetApart:
        """The rows of the list that could not be read."""
        return self._reader.apart

    async def run(self, every_seconds: float) -> None:
        """Synchronize now and then periodically, until canceled; 0 means never."""
        while every_seconds > 0:
            if self._is_told():
                await self._clock.sleep(every_seconds)
                continue
            try:
                await self.catch_up()
                await self._do_nightly()
            except ApiError as failure:
                log.info("sync_failed code=%s", failure.code)
                self._feed.tell(NextSync(None))
            else:
                self._feed.tell(NextSync(every_seconds))
            await self._clock.sleep(every_seconds)

    async def told_until(self, at: datetime) -> None:
        """Somebody told everything that changed at Loop until then. Kept now and then."""
        if self.synced_at is not None and at <= self.synced_at:
            return
        self.synced_at = at
        if self._told_at is None or at - self._told_at >= TOLD_EVERY:
            self._told_at = at
            await self._cache.mark_all({WATERMARK: at.isoformat(), TOLD_BY: LOOP})
        self._feed.tell(SyncProgress(0, running=False, finished_at=at))
        age = (self._clock.now() - at).total_seconds()
        self._feed.tell(NextSync(max(0.0, TOLD_SECONDS - max(0.0, age)), is_shared=True))

    async def load_watermark(self) -> None:
        """Load the time of the last synchronization from the store."""
        self.synced_at = await self._marked(WATERMARK)

    async def _marked(self, name: str) -> datetime | None:
        text = await self._cache.marked(name)
        return datetime.fromisoformat(text) if text else None

    async def _known_until(self, now: datetime) -> datetime | None:
        """Return the watermark; None if there is none that Loop's time confirms.

        What was read in windows of a wrong clock has unknown gaps: once Loop tells its time, a watermark that
        was not based on it is ignored.
        """
        is_loops = await self._cache.marked(TOLD_BY) == LOOP or self._clock.skew_seconds is None
        return believed(await self._marked(WATERMARK), now) if is_loops else None

    async def _catch_up(self) -> None:
        if self._before_sync is not None:
            await self._before_sync()
        now = await self._reader.time.now()
        mark = await self._known_until(now)
        over: dict[str, str] = {}
        if mark is None:
            now, read, over = await self._read_all(now)
        else:
            read = await self._reader.read(self._changes(mark, now))
        told_by = LOOP if self._clock.skew_seconds is not None else ""
        await self._cache.mark_all({WATERMARK: now.isoformat(), TOLD_BY: told_by, **over})
        self.synced_at = now
        log.info("synced read=%s all=%s", read, mark is None)
        await self._finish(read)

    async def _read_all(self, now: datetime) -> tuple[datetime, int, dict[str, str]]:
        """Read everything within reach: the first time, and after windows of a wrong clock.

        Returns:
            Up to when everything is known then, how many returns were read, and what is to be marked together
            with the watermark.
        """
        is_first = not await self._cache.marked(WATERMARK)
        name, filter_by = ("fill", "created_at") if is_first else ("recheck", "updated_at")
        if not is_first:
            log.warning("recheck: windows of a wrong clock may have missed something")
        end = await self._fixed_end(name, now)
        read = await self._reader.read(_long(end, REACH - AHEAD, filter_by, name))
        return end, read, {SWEPT: end.isoformat(), **_over(name)}

    async def _read_newest(self, passes: tuple[ReturnState | None, ...], priority: int) -> None:
        now = await self._reader.time.now()
        mark = await self._known_until(now)
        if mark is None:
            if not self._is_told():
                await self.catch_up()
            return
        while True:
            window = self._changes(mark, now, passes, priority)
            await self._reader.read(window)
            now = self._clock.now()
            if now <= window.end:  # otherwise the machine slept, and Loop has just told how long
                return

    async def _do_nightly(self) -> None:
        """Once a night read the last weeks again, changed or not."""
        now = await self._reader.time.now()
        if is_night_over(believed(await self._marked(SWEPT), now), now, self._zone):
            end = await self._fixed_end("sweep", now)
            read = await self._reader.read(_long(end, NIGHTLY_REACH, "created_at", "sweep"))
            await self._cache.mark_all({SWEPT: end.isoformat(), **_over("sweep")})
            log.info("swept read=%s", read)
            await self._finish(read)
        if await self._announced.read():
            await self._after_sync()

    async def _finish(self, read: int) -> None:
        self._feed.tell(SyncProgress(read, running=False, finished_at=self.synced_at))
        await self._after_sync()

    def _changes(
        self,
        mark: datetime,
        now: datetime,
        passes: tuple[ReturnState | None, ...] = PASSES,
        priority: int = Priority.BACKGROUND,
    ) -> Window:
        """The window of changes since the watermark; it ends a little in the future, where nothing is yet."""
        end = now + AHEAD
        return Window(since(mark, end, OVERLAP, REACH), end, "updated_at", passes=passes, priority=priority)

    async def _fixed_end(self, name: str, now: datetime) -> datetime:
        """The end of a long run's window; the same after an interruption."""
        known = believed(await self._marked(f"{name}_end"), now)
        if known is not None and now - known < STALE:
            return known
        await self._cache.mark_all({**_over(name), f"{name}_end": now.isoformat()})
        return now


def _over(name: str) -> dict[str, str]:
    """The marks by which the next long run of that name starts over.

    Set together with what says that this one is done: whoever is killed in between reads nothing again.
    """
    return {f"{name}_end": "", **{place_of(name, state): "" for state in PASSES}}


def _long(now: datetime, reach: timedelta, filter_by: str, name: str) -> Window:
    """The window of a long run; like that of the changes it ends a little in the future."""
    return Window(now - reach, now + AHEAD, filter_by, resume=name)


# --- the words of it --------------------------------------------------------------------------------

INDEXING_FIRST_SECONDS = 5.0
"""After startup: the window and the first scans come first."""

INDEXING_PAUSE_SECONDS = 0.05
"""Between two batches, for scans that arrived in the meantime."""


class SearchIndexing:
    """Indexes notes after each settlement, and the words of an older file after an update.

    Args:
        cache: What is indexed; its progress survives a restart.
    """

    def __init__(self, *, cache: ReturnCache, clock: Clock, feed: Feed) -> None:
        self._cache = cache
        self._clock = clock
        self._kept = asyncio.Event()
        feed.on(OutboxChanged, self._on_outbox)

    async def run(self) -> None:
        """Index whatever is pending, until canceled.

        Raises:
            StoreError: The store cannot be written now.
        """
        await self._clock.sleep(INDEXING_FIRST_SECONDS)
        while True:
            self._kept.clear()
            while await self._cache.index_some():
                await self._clock.sleep(INDEXING_PAUSE_SECONDS)
            await self._kept.wait()

    def _on_outbox(self, _: OutboxChanged) -> None:
        self._kept.set()
