"""Reads windows of Loop's list into the store: page after page, and on from where it was cut off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from loopdesk.domain.errors import Refused
from loopdesk.domain.returns import ReturnState
from loopdesk.domain.sync import Estimate, estimate, share_done
from loopdesk.services.events import Feed, ReturnChanged, SyncProgress
from loopdesk.services.loop_ports import Fetched, Page, Priority, ReturnsGateway
from loopdesk.services.ports import Clock
from loopdesk.services.store_ports import ReturnCache

log = logging.getLogger("loopdesk.lookup")

PASSES: tuple[ReturnState | None, ...] = (None, ReturnState.REVIEW, ReturnState.CANCELLED)
"""Without a state Loop lists open, closed and expired returns only, so two more passes are needed."""

PAGE_SIZE = 300
"""Returns a page of a long reading: 120 days with 30,000 take about 100 calls, and one lost costs little."""

CHANGES_PAGE_SIZE = 500
"""Returns a page of what changed lately: one call for each pass, also after a rush or a short outage."""

KEPT_AT_ONCE = 10
"""Returns that are stored in one transaction, so that a scan never waits long for its turn."""

ALL_READ = "all"
"""Stands for the cursor of a pass that is complete."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is to be read.

    Attributes:
        filter_by: ``created_at`` or ``updated_at``.
        resume: Under which name the store remembers the page reached, so that a reading that was cut
            off goes on there; "" for a short one that begins anew.
    """

    start: datetime
    end: datetime
    filter_by: str
    resume: str = ""
    passes: tuple[ReturnState | None, ...] = PASSES
    priority: int = Priority.BACKGROUND


@dataclass(slots=True)
class _Run:
    """How far one reading has come, for the estimate."""

    window: Window
    began: float
    read: int = 0
    read_in_pass: int = 0
    pass_began: float = 0.0
    done_before: float = 0.0
    is_first_page: bool = True


class ListReader:
    """Reads Loop's list; stores each page in small pieces and tells of each return.

    Args:
        observe: Told of every fresh copy, so that entries that wait for it can end.
    """

    def __init__(
        self,
        *,
        cache: ReturnCache,
        gateway: ReturnsGateway,
        clock: Clock,
        feed: Feed,
        observe: Callable[[Fetched], Awaitable[None]],
    ) -> None:
        self._cache = cache
        self._gateway = gateway
        self._clock = clock
        self._feed = feed
        self._observe = observe

    async def read(self, window: Window) -> int:
        """Read every pass of a window. Returns how many returns were read.

        Raises:
            ApiError: Loop could not be asked; pages read so far are kept.
        """
        run = _Run(window, self._clock.monotonic())
        for state in window.passes:
            await self._read_pass(run, state)
        return run.read

    async def forget(self, resume: str) -> None:
        """Let the next reading of that name begin anew."""
        for state in PASSES:
            await self._cache.mark(place_of(resume, state), "")

    async def _read_pass(self, run: _Run, state: ReturnState | None) -> None:
        window = run.window
        name = place_of(window.resume, state)
        cursor = await self._cache.marked(name) if window.resume else ""
        is_resumed = cursor not in ("", ALL_READ)
        run.read_in_pass, run.pass_began = 0, self._clock.monotonic()
        run.done_before, run.is_first_page = 0.0, is_resumed
        while cursor != ALL_READ:
            try:
                page = await self._page(window, state, cursor)
            except Refused:
                if not is_resumed:
                    raise
                log.info("cursor_refused name=%s", name)  # Loop has forgotten it: from the start
                cursor, is_resumed, run.is_first_page = "", False, False
                continue
            await self._keep(page.returns)
            cursor = page.cursor if page.cursor and page.cursor != cursor else ALL_READ
            if window.resume:
                await self._cache.mark(name, cursor)
            self._tell(run, page)

    async def _page(self, window: Window, state: ReturnState | None, cursor: str) -> Page:
        return await self._gateway.list_page(
            start=window.start,
            end=window.end,
            filter_by=window.filter_by,
            state=state,
            cursor=cursor,
            page_size=PAGE_SIZE if window.resume else CHANGES_PAGE_SIZE,
            priority=window.priority,
        )

    async def _keep(self, returns: Sequence[Fetched]) -> None:
        for first in range(0, len(returns), KEPT_AT_ONCE):
            some = returns[first : first + KEPT_AT_ONCE]
            await self._cache.save(some, self._clock.now())
            for fetched in some:
                await self._observe(fetched)
                self._feed.tell(ReturnChanged(fetched.ret.return_id))
            await asyncio.sleep(0)  # whatever was scanned or pressed meanwhile comes first

    def _tell(self, run: _Run, page: Page) -> None:
        run.read += len(page.returns)
        left = self._estimate(run, page)
        of = run.read + left.returns if left is not None else None
        seconds = left.seconds if left is not None else None
        self._feed.tell(SyncProgress(run.read, running=True, of=of, seconds_left=seconds))

    def _estimate(self, run: _Run, page: Page) -> Estimate | None:
        """How much is left of a long reading; the passes to come are small and not counted."""
        window = run.window
        if not window.resume or not page.returns:
            return None
        last = page.returns[-1].ret
        oldest = last.created_at if window.filter_by == "created_at" else last.updated_at
        done = share_done(window.start, window.end, oldest)
        if run.is_first_page:  # what was read before the cut is not part of this run
            run.done_before, run.is_first_page, run.pass_began = done, False, self._clock.monotonic()
            return None
        run.read_in_pass += len(page.returns)
        seconds = self._clock.monotonic() - run.pass_began
        return estimate(done_before=run.done_before, done=done, read=run.read_in_pass, seconds=seconds)


def place_of(resume: str, state: ReturnState | None) -> str:
    """Return the store's mark of the page that a pass of a long reading has reached."""
    return f"{resume}:{state.value if state else 'default'}"
