"""Reads windows of Loop's list into the store, page by page, resumable; sets unreadable rows apart."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loopdesk.domain.errors import AnswerLost, ApiError, NotFound, Refused
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.domain.sync import Estimate, estimate, share_done
from loopdesk.services.ports.loop import Fetched, ListPage, Priority, ReadingGateway
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import IndexedReturns
from loopdesk.services.station.connection import LoopTime
from loopdesk.services.station.events import Feed, ReturnChanged, SyncProgress

log = logging.getLogger("loopdesk.lookup")

PASSES: tuple[ReturnState | None, ...] = (None, ReturnState.REVIEW, ReturnState.CANCELLED)
"""Without a state Loop lists only open, closed and expired returns, so two more passes are needed."""

PAGE_SIZE = 300
"""Returns per page of a long run: 120 days with 30,000 take about 100 calls, and losing one costs little."""

CHANGES_PAGE_SIZE = 500
"""Returns per page of recent changes: one call per pass, even after a rush or a short outage."""

KEPT_AT_ONCE = 10
"""Returns that are stored in one transaction, so that a scan never waits long."""

LAST_ROWS = 3
"""The newest time of this many last rows of a page counts: an odd one must not skip others."""

TIES = timedelta(seconds=1)
"""After a cursor died the last second is read again: more rows may share it."""

ALL_READ = "all"
"""Replaces the cursor of a complete pass."""


@dataclass(frozen=True, slots=True)
class Window:
    """What to read.

    Attributes:
        filter_by: ``created_at`` or ``updated_at``.
        resume: Under which name the store remembers the page reached, so that an interrupted run resumes
            there; "" for a short one that starts over.
    """

    start: datetime
    end: datetime
    filter_by: str
    resume: str = ""
    passes: tuple[ReturnState | None, ...] = PASSES
    priority: int = Priority.BACKGROUND


@dataclass(slots=True)
class _Run:
    """Progress of one run, for the estimate and for resuming where a cursor died.

    Attributes:
        end: The current end of the pass's window.
        oldest: The time of the last rows that were read in the pass: no later row is newer.
    """

    window: Window
    began: float
    end: datetime
    read: int = 0
    read_in_pass: int = 0
    pass_began: float = 0.0
    done_before: float = 0.0
    is_first_page: bool = True
    is_resumed: bool = False
    oldest: datetime | None = None

    def begin_pass(self, now: float, *, is_resumed: bool) -> None:
        """Start a pass, at its start or at the page that an earlier run reached."""
        self.read_in_pass, self.pass_began, self.done_before = 0, now, 0.0
        self.is_first_page = self.is_resumed = is_resumed
        self.end, self.oldest = self.window.end, None

    def took(self, page: ListPage) -> None:
        """Record a page; its rows are sorted by time, newest first, but one of them may be odd."""
        by_created = self.window.filter_by == "created_at"
        times = [x.ret.created_at if by_created else x.ret.updated_at for x in page.returns]
        self.oldest = max((at for at in times[-LAST_ROWS:] if at is not None), default=self.oldest)
        self.is_resumed = False

    def goes_on_without_cursor(self) -> bool:
        """Continue where the cursor died: after what was read, or from the start if nothing was.

        Returns:
            False if that would repeat the same request, so that it ends.
        """
        if self.is_resumed:
            self.is_resumed = self.is_first_page = False
            return True
        behind = self.oldest + TIES if self.oldest is not None else self.end
        if not self.window.start < behind < self.end:
            return False
        self.end = behind
        return True


class ListReader:
    """Reads Loop's list; stores each page in small batches and publishes each return.

    Args:
        observe: Called with every fresh copy, so that entries that wait for it can end.

    Attributes:
        time: Loop's time, by which windows are chosen.
        apart: The rows that could not be read.
    """

    def __init__(
        self,
        *,
        cache: IndexedReturns,
        gateway: ReadingGateway,
        clock: Clock,
        feed: Feed,
        observe: Callable[[Fetched], Awaitable[None]],
    ) -> None:
        self._cache = cache
        self._gateway = gateway
        self._clock = clock
        self._feed = feed
        self._observe = observe
        self.time = LoopTime(gateway, clock)
        self.apart = SetApart(cache, gateway, clock)

    async def read(self, window: Window) -> int:
        """Read every pass of a window. Returns how many returns were read.

        Raises:
            ApiError: Loop could not be asked; pages read so far are kept.
        """
        run = _Run(window, self._clock.monotonic(), window.end)
        for state in window.passes:
            await self._read_pass(run, state)
        return run.read

    async def _read_pass(self, run: _Run, state: ReturnState | None) -> None:
        window = run.window
        name = place_of(window.resume, state)
        cursor = await self._cache.marked(name) if window.resume else ""
        run.begin_pass(self._clock.monotonic(), is_resumed=cursor not in ("", ALL_READ))
        while cursor != ALL_READ:
            try:
                page = await self._page(replace(window, end=run.end), state, cursor)
            except (Refused, NotFound, AnswerLost) as failure:
                if not (cursor and _is_about_cursor(failure) and run.goes_on_without_cursor()):
                    raise
                log.warning("cursor_died name=%s code=%s", name, failure.code)
                cursor = ""
                continue
            await self._keep(page.returns)
            await self._keep(await self.apart.take(page))
            run.took(page)
            cursor = page.cursor if page.cursor and page.cursor != cursor else ALL_READ
            if window.resume and (run.end == window.end or cursor == ALL_READ):
                await self._cache.mark(name, cursor)
            self._tell(run, page)

    async def _page(self, window: Window, state: ReturnState | None, cursor: str) -> ListPage:
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
            await asyncio.sleep(0)  # scans and key presses come first

    def _tell(self, run: _Run, page: ListPage) -> None:
        run.read += len(page.returns)
        left = self._estimate(run, page)
        of = run.read + left.returns if left is not None else None
        seconds = left.seconds if left is not None else None
        self._feed.tell(SyncProgress(run.read, running=True, of=of, seconds_left=seconds))

    def _estimate(self, run: _Run, page: ListPage) -> Estimate | None:
        """The remaining work of a long run; the passes to come are small and not counted."""
        window = run.window
        if not window.resume or not page.returns:
            return None
        last = page.returns[-1].ret
        oldest = last.created_at if window.filter_by == "created_at" else last.updated_at
        done = share_done(window.start, window.end, oldest)
        if run.is_first_page:  # what was read before the interruption is not part of this run
            run.done_before, run.is_first_page, run.pass_began = done, False, self._clock.monotonic()
            return None
        run.read_in_pass += len(page.returns)
        seconds = self._clock.monotonic() - run.pass_began
        return estimate(done_before=run.done_before, done=done, read=run.read_in_pass, seconds=seconds)


def _is_about_cursor(failure: ApiError) -> bool:
    """Whether a page may have failed because of its cursor: refused, not found, or an internal error."""
    return not isinstance(failure, AnswerLost) or (failure.http_status or 0) >= 500


def place_of(resume: str, state: ReturnState | None) -> str:
    """Return the store's watermark of the page that a pass of a long run has reached."""
    return f"{resume}:{state.value if state else 'default'}"


ASKED_A_PAGE = 20
"""At most this many rows of a page are requested individually; the others when the page is read again."""

ASK_AGAIN_SECONDS = 3600.0
REMEMBERED = 1000

UNREAD = "unread"
"""The store's list of returns that Loop shows but that cannot be read: their ids, as a JSON array."""


class SetApart:
    """Remembers which returns Loop shows in a way that cannot be read.

    Attributes:
        nameless: The maximum number of rows without a readable id in one page.
    """

    def __init__(self, cache: IndexedReturns, gateway: ReadingGateway, clock: Clock) -> None:
        self._cache = cache
        self._gateway = gateway
        self._clock = clock
        self._ids: dict[str, None] | None = None
        self._asked: dict[str, float] = {}
        self.nameless = 0

    async def ids(self) -> tuple[str, ...]:
        """Return the ids of the returns that cannot be read, oldest first."""
        return tuple(await self._known())

    async def take(self, page: ListPage) -> tuple[Fetched, ...]:
        """Record a page's rows, and request those that could not be read. Returns what that brought."""
        self.nameless = max(self.nameless, page.unread.count(""))
        ids = tuple(dict.fromkeys(x for x in page.unread if x))
        before = await self._known()
        read = tuple(x for x in before if x in {y.ret.return_id for y in page.returns})
        found = await self._ask(ids) if ids else ()
        read += tuple(x.ret.return_id for x in found)
        unread = {**before, **dict.fromkeys(ids)}
        for return_id in read:
            unread.pop(return_id, None)
        if unread.keys() != before.keys():
            self._ids = dict(list(unread.items())[-REMEMBERED:])
            await self._cache.mark(UNREAD, json.dumps(list(self._ids)))
        return found

    async def _known(self) -> dict[str, None]:
        if self._ids is None:
            self._ids = dict.fromkeys(json.loads(await self._cache.marked(UNREAD) or "[]"))
        return self._ids

    async def _ask(self, ids: Sequence[str]) -> tuple[Fetched, ...]:
        """Request rows individually, each at most once an hour; if Loop cannot be asked, later."""
        now = self._clock.monotonic()
        self._asked = {x: at for x, at in self._asked.items() if now - at < ASK_AGAIN_SECONDS}
        found: list[Fetched] = []
        for return_id in [x for x in ids if x not in self._asked][:ASKED_A_PAGE]:
            try:
                found.append(await self._gateway.details(return_id, priority=Priority.BACKGROUND))
            except (NotFound, Refused, AnswerLost) as failure:
                log.info("row_unread return=%s code=%s", return_id, failure.code)
            except ApiError:
                break
            self._asked[return_id] = now
        return tuple(found)
