"""Keeps the store's index of returns up to date: first fill, increments, and a nightly reading.

Loop looks up no tracking number, so a station must know every return before its parcel arrives.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo

from loopdesk.domain.errors import ApiError
from loopdesk.domain.returns import ReturnState
from loopdesk.domain.sync import is_night_over
from loopdesk.services.announced import Announced
from loopdesk.services.events import Feed, NextSync, SyncProgress
from loopdesk.services.listing import PASSES, ListReader, Window
from loopdesk.services.loop_ports import Priority
from loopdesk.services.ports import Clock
from loopdesk.services.shared import Shared
from loopdesk.services.store_ports import ReturnCache

log = logging.getLogger("loopdesk.lookup")

REACH = timedelta(days=120)
"""How far back the first fill goes; Loop refuses windows of more than 120 days."""

OVERLAP = timedelta(minutes=15)
"""How much an increment reads again, because window edges and ties are not documented."""

NIGHTLY_REACH = timedelta(days=30)
"""How far back the nightly reading goes: a label may appear or move without a change of the return."""

WATERMARK = "synced_until"
"""The store's mark of the time up to which every change is known (ISO 8601, UTC)."""

SWEPT = "swept_at"
"""The store's mark of the last nightly reading."""


class Prefetch:
    """Reads Loop's list into the store; can be stopped at any page and goes on there.

    Args:
        announced: Read after the list, each night.
        after_sync: Awaited after each complete synchronization (mystery parcels are tried again).
        zone: In which the nights are.

    Attributes:
        synced_at: When the store last knew everything; None when never.
        catch_up: Reads what changed since the last time; the first time, everything of the last 120
            days. Raises ``ApiError``; pages read so far are kept. Shared by all who come meanwhile.
        newest: What a scan that nobody knows waits for, step by step: what changed in the states
            that nearly every return is in, then the rest. Leaves the watermark where it is.
    """

    def __init__(
        self,
        *,
        cache: ReturnCache,
        reader: ListReader,
        announced: Announced,
        clock: Clock,
        feed: Feed,
        after_sync: Callable[[], Awaitable[None]],
        zone: tzinfo,
    ) -> None:
        self._cache = cache
        self._reader = reader
        self._announced = announced
        self._clock = clock
        self._feed = feed
        self._after_sync = after_sync
        self._zone = zone
        self.synced_at: datetime | None = None
        self.catch_up = Shared(self._catch_up)
        self.newest = (
            Shared(lambda: self._read_newest(PASSES[:1], Priority.LOOKUP)),
            Shared(lambda: self._read_newest(PASSES[1:], Priority.READ_BACK)),
        )

    async def run(self, every_seconds: float) -> None:
        """Synchronize now and then every so often, until canceled; 0 means never."""
        while every_seconds > 0:
            try:
                await self.catch_up()
                await self._do_nightly()
            except ApiError as failure:
                log.info("sync_failed code=%s", failure.code)
                self._feed.tell(NextSync(None))
            else:
                self._feed.tell(NextSync(every_seconds))
            await self._clock.sleep(every_seconds)

    async def load_watermark(self) -> None:
        """Learn from the store when the last synchronization was."""
        self.synced_at = await self._marked(WATERMARK)

    async def _marked(self, name: str) -> datetime | None:
        text = await self._cache.marked(name)
        return datetime.fromisoformat(text) if text else None

    async def _catch_up(self) -> None:
        mark = await self._marked(WATERMARK)
        end = self._clock.now() if mark else await self._fixed_end("fill")
        if mark:
            read = await self._reader.read(Window(self._since(mark, end), end, "updated_at"))
        else:
            read = await self._reader.read(Window(end - REACH, end, "created_at", resume="fill"))
            await self._cache.mark(SWEPT, end.isoformat())
        await self._cache.mark(WATERMARK, end.isoformat())
        self.synced_at = end
        log.info("synced read=%s first=%s", read, mark is None)
        await self._finish(read)

    async def _read_newest(self, passes: tuple[ReturnState | None, ...], priority: int) -> None:
        mark = await self._marked(WATERMARK)
        if mark is None:
            await self.catch_up()
            return
        end = self._clock.now()
        window = Window(self._since(mark, end), end, "updated_at", passes=passes, priority=priority)
        await self._reader.read(window)

    async def _do_nightly(self) -> None:
        """Once a night read the last weeks again, whatever changed or not."""
        if is_night_over(await self._marked(SWEPT), self._clock.now(), self._zone):
            end = await self._fixed_end("sweep")
            read = await self._reader.read(Window(end - NIGHTLY_REACH, end, "created_at", resume="sweep"))
            await self._reader.forget("sweep")
            await self._cache.mark("sweep_end", "")
            await self._cache.mark(SWEPT, end.isoformat())
            log.info("swept read=%s", read)
            await self._finish(read)
        if await self._announced.read():
            await self._after_sync()

    async def _finish(self, read: int) -> None:
        self._feed.tell(SyncProgress(read, running=False, finished_at=self.synced_at))
        await self._after_sync()

    def _since(self, mark: datetime, end: datetime) -> datetime:
        """The start of an increment; a clock that was set back reads its last minutes again."""
        return min(end, max(mark - OVERLAP, end - REACH))

    async def _fixed_end(self, name: str) -> datetime:
        """The end of a long reading's window; the same one after an interruption."""
        known = await self._marked(f"{name}_end")
        if known is not None:
            return known
        end = self._clock.now()
        await self._cache.mark(f"{name}_end", end.isoformat())
        return end
