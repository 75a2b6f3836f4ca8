"""Keeps the store's index of returns up to date: the first fill and the increments.

Loop looks up no tracking number, so a station must know every return before its parcel arrives.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from loopdesk.domain.errors import ApiError
from loopdesk.domain.returns import ReturnState
from loopdesk.services.events import Feed, ReturnChanged, SyncProgress
from loopdesk.services.ports import Clock, Fetched, Page, ReturnCache, ReturnsGateway

log = logging.getLogger("loopdesk.lookup")

REACH = timedelta(days=119)
"""How far back the first fill goes; Loop refuses windows of more than 120 days."""

OVERLAP = timedelta(minutes=15)
"""How much an increment reads again, because window edges and ties are not documented."""

PASSES: tuple[ReturnState | None, ...] = (None, ReturnState.REVIEW, ReturnState.CANCELLED)
"""Without a state Loop lists open, closed and expired returns only, so two more passes are needed."""

WATERMARK = "synced_until"
"""The store's mark of the time up to which every change is known (ISO 8601, UTC)."""


ALL_READ = "all"
"""Stands for the cursor of a pass that is complete."""


class Prefetch:
    """Reads Loop's list into the store; can be stopped at any page and goes on there.

    Args:
        observe: Told of every fresh copy, so that entries that wait for it can end.
        after_sync: Awaited after each complete synchronization (mystery parcels are tried again).
    """

    def __init__(
        self,
        *,
        cache: ReturnCache,
        gateway: ReturnsGateway,
        clock: Clock,
        feed: Feed,
        observe: Callable[[Fetched], Awaitable[None]],
        after_sync: Callable[[], Awaitable[None]],
    ) -> None:
        self._cache = cache
        self._gateway = gateway
        self._clock = clock
        self._feed = feed
        self._observe = observe
        self._after_sync = after_sync
        self._turn = asyncio.Lock()
        self._begun = 0
        self._ended: tuple[int, ApiError | None] = (0, None)
        self.synced_at: datetime | None = None

    async def run(self, every_seconds: float) -> None:
        """Synchronize now and then every so often, until canceled; 0 means never."""
        while every_seconds > 0:
            try:
                await self.catch_up()
            except ApiError as failure:
                log.info("sync_failed code=%s", failure.code)
            await self._clock.sleep(every_seconds)

    async def load_watermark(self) -> None:
        """Learn from the store when the last synchronization was."""
        text = await self._cache.marked(WATERMARK)
        self.synced_at = datetime.fromisoformat(text) if text else None

    async def catch_up(self) -> None:
        """Read what changed since the last time; the first time, everything of the last 119 days.

        One runs at a time. All who come while one runs share the next one, its failure too: what
        happened at Loop before the call is known afterwards, and fifty scans cost two readings, not fifty.

        Raises:
            ApiError: Loop could not be asked; pages read so far are kept.
        """
        mine = self._begun + 1
        async with self._turn:
            ended, failure = self._ended
            if ended >= mine:
                if failure is not None:
                    raise failure.with_traceback(None)
                return
            self._begun += 1
            number = self._begun
            try:
                read, first = await self._catch_up()
            except ApiError as broken:
                self._ended = (number, broken)
                raise
            self._ended = (number, None)
        log.info("synced read=%s first=%s", read, first)
        self._feed.tell(SyncProgress(read, running=False, finished_at=self.synced_at))
        await self._after_sync()

    async def _catch_up(self) -> tuple[int, bool]:
        """Read once. Returns how many returns were read, and whether it was the first fill."""
        mark = await self._cache.marked(WATERMARK)
        if mark:
            end = self._clock.now()
            start = max(datetime.fromisoformat(mark) - OVERLAP, end - REACH)
            read = await self._read(start, end, "updated_at")
        else:
            end = await self._fill_end()
            read = await self._read(end - REACH, end, "created_at")
        await self._cache.mark(WATERMARK, end.isoformat())
        self.synced_at = end
        return read, not mark

    async def _fill_end(self) -> datetime:
        """The end of the first fill's window; the same one after an interruption."""
        text = await self._cache.marked("fill_end")
        if text:
            return datetime.fromisoformat(text)
        end = self._clock.now()
        await self._cache.mark("fill_end", end.isoformat())
        return end

    async def _read(self, start: datetime, end: datetime, filter_by: str) -> int:
        """Read every pass of a window. Returns how many returns were read."""
        read = 0
        for state in PASSES:
            read = await self._read_pass(start, end, filter_by, state, read)
        return read

    async def _read_pass(
        self, start: datetime, end: datetime, filter_by: str, state: ReturnState | None, read: int
    ) -> int:
        """Read all pages of one state; a first fill goes on at the page that it had reached."""
        is_fill = filter_by == "created_at"
        name = f"fill:{state.value if state else 'default'}"
        cursor = await self._cache.marked(name) if is_fill else ""
        while cursor != ALL_READ:
            page: Page = await self._gateway.list_page(
                start=start, end=end, filter_by=filter_by, state=state, cursor=cursor
            )
            await self._keep(page)
            read += len(page.returns)
            self._feed.tell(SyncProgress(read, running=True))
            cursor = page.cursor if page.cursor and page.cursor != cursor else ALL_READ
            if is_fill:
                await self._cache.mark(name, cursor)
        return read

    async def _keep(self, page: Page) -> None:
        if not page.returns:
            return
        await self._cache.save(page.returns, self._clock.now())
        for fetched in page.returns:
            await self._observe(fetched)
            self._feed.tell(ReturnChanged(fetched.ret.return_id))
