"""Reads the feed of changes for all streams of a process: one LISTEN, one query, one copy in memory.

A stream that is behind what memory holds reads its own pages, few at a time, and holds no connection while
its reader takes what it got. So a slow reader costs nothing but its own lag.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from loopdesk.hub.database.pool import Database
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.hub.index.feed import CHANNEL
from loopdesk.hub.index.positions import SITE, Extent, first_gap, goes_on
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
class ToldChange:
    """A change as it is told.

    Attributes:
        shop: Whose feed it is of; ``positions.SITE`` for the site's.
        seq: Its number there.
        text: A server-sent event.
        only_for: Of the site's feed: the shop whose benches are told; None for all.
    """

    shop: str
    seq: int
    text: bytes
    only_for: str | None = None


class ChangePage(NamedTuple):
    """Changes that follow a number, in order.

    Attributes:
        upto: Nothing else is there up to this number.
        generation: In which the numbers mean something.
    """

    events: Sequence[ToldChange]
    upto: int
    generation: str


class SiteFeed(Protocol):
    """The feed of what the benches of all shops share: it keeps the newest change of each key only."""

    async def extent(self) -> tuple[Extent, str]:
        """Return what it holds, and the generation of its numbers."""
        ...

    async def page(self, after: int, most: int) -> ChangePage:
        """Return at most so many of the changes after a number."""
        ...


@dataclass(slots=True)
class _Recent:
    """The latest changes of a feed: all of those after ``since``, up to ``last``."""

    last: int
    since: int
    events: deque[ToldChange] = field(default_factory=deque)

    def after(self, seq: int) -> list[ToldChange] | None:
        """Return at most a page of what follows a number, None if memory does not reach so far back."""
        if seq >= self.last:
            return []
        if seq < self.since:
            return None
        first = bisect_right(self.events, seq, key=lambda one: one.seq)
        return [self.events[n] for n in range(first, min(first + PAGE, len(self.events)))]

    def add(self, events: Sequence[ToldChange], upto: int) -> None:
        """Remember what follows."""
        self.events.extend(events)
        self.last = upto
        while len(self.events) > KEPT:
            self.since = self.events.popleft().seq


class ChangeTail:
    """The reading half of the feed.

    Args:
        tasks: Keeps the one coroutine that reads.
        site: What the benches share; None where nothing is.

    Attributes:
        looks: How many queries the one coroutine has made.
    """

    def __init__(self, database: Database, tasks: Tasks, site: SiteFeed | None = None) -> None:
        self._database = database
        self._tasks = tasks
        self._site = site
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

    async def follow(
        self, position: Mapping[str, int], began_in: str, shops: Collection[str] = ()
    ) -> AsyncGenerator[bytes, None]:
        """Return all changes after a position, in order for each feed, and a beat when there are none.

        It ends when the process does, or when numbers do not follow each other; then the reader asks again,
        and is told that it may not go on. No connection is held at a yield. Close it.

        Args:
            position: The last change that the reader has of each shop, and of the site.
            began_in: The generation in which it was told so, "" if it does not say.
            shops: Of what the benches share, what is these shops' is told, and what is nobody's.

        Raises:
            Outdated: It would miss something.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        extents, generation = await self._extents(position)
        if len(extents) < len(position) or not goes_on(
            position, extents, generation=generation, began_in=began_in
        ):
            raise Outdated
        await self._prove_next(position, extents)
        heads = {feed: extent.last for feed, extent in extents.items()}
        return self._stream(dict(position), heads, frozenset(shops))

    async def _extents(self, position: Mapping[str, int]) -> tuple[dict[str, Extent], str]:
        """Return what the feeds of a position hold, and the generation of their numbers."""
        found = await self._database.read("changes.feeds", shops=list(position))
        extents = {each["shop"]: Extent(each["last"], each["dropped"]) for each in found}
        generation = found[0]["generation"] if found else ""
        if SITE in position and self._site is not None:
            extents[SITE], generation = await self._site.extent()
        return extents, generation

    async def _prove_next(self, position: Mapping[str, int], extents: Mapping[str, Extent]) -> None:
        """Check that what comes next is all there: a reader before a lost number would begin again for ever.

        Raises:
            Outdated: A number of the next page is missing, of a shop.
        """
        next_page = {
            shop: (seq, min(seq + PAGE, extents[shop].last))
            for shop, seq in position.items()
            if shop != SITE and seq < extents[shop].last
        }
        if not next_page:
            return
        after, upto = zip(*next_page.values(), strict=True)
        found = await self._database.read(
            "changes.number_within", shops=list(next_page), after=list(after), upto=list(upto)
        )
        for each in found:
            seq, last = next_page[each["shop"]]
            if each["number"] < last - seq:
                log.error("feed_lacks shop=%s after=%s upto=%s", each["shop"], seq, last)
                raise Outdated

    async def _stream(
        self, at: dict[str, int], heads: Mapping[str, int], shops: Collection[str]
    ) -> AsyncGenerator[bytes, None]:
        broken = self._broken
        self._begin(heads)
        try:
            while not self._is_ended and self._broken == broken:
                moved = self._moved
                try:
                    events, upto = await self._next(at)
                except (FeedBroken, DatabaseUnusable):
                    return
                at |= upto
                texts = [one.text for one in events if one.only_for is None or one.only_for in shops]
                if texts:
                    yield b"".join(texts)
                elif not events and not await _within(moved, BEAT_SECONDS):
                    yield BEAT
        finally:
            self._followed.subtract(heads.keys())
            self._forget()

    def _begin(self, heads: Mapping[str, int]) -> None:
        self._followed.update(heads.keys())
        for shop, last in heads.items():
            self._recent.setdefault(shop, _Recent(last, last))
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

    async def _next(self, at: Mapping[str, int]) -> tuple[list[ToldChange], dict[str, int]]:
        """Return what follows a stream's position, and how far that takes it: from memory, and from the
        database where memory has no more of it.
        """
        events: list[ToldChange] = []
        upto: dict[str, int] = {}
        behind: dict[str, int] = {}
        for feed, seq in at.items():
            recent = self._recent[feed]
            found = recent.after(seq)
            if found is None:
                behind[feed] = seq
            else:
                events += found
                upto[feed] = found[-1].seq if len(found) >= PAGE else max(seq, recent.last)
        if behind:
            async with self._pages:
                for feed, page in (await self._read_pages(behind)).items():
                    events += page.events
                    upto[feed] = page.upto
        _prove(at, events)
        return events, upto

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
            pages = await self._read_pages(at)
            _prove(at, [one for page in pages.values() for one in page.events])
        except DatabaseUnusable as failure:
            log.warning("feed_unreachable why=%s", failure.why)
            return False
        except FeedBroken:
            self._break()
            return True
        for feed, page in pages.items():
            recent = self._recent.get(feed)
            if recent is not None and recent.last == at[feed]:
                recent.add(page.events, page.upto)
        if any(page.events for page in pages.values()):
            self._move()
        return any(len(page.events) >= PAGE for page in pages.values())

    async def _read_pages(self, at: Mapping[str, int]) -> dict[str, ChangePage]:
        """Read the next page of each feed. Raises ``FeedBroken`` if a number is of another generation."""
        generation = self._database.generation
        shops = {feed: seq for feed, seq in at.items() if feed != SITE}
        pages = await self._shop_pages(shops, generation) if shops else {}
        if SITE in at and self._site is not None:
            pages[SITE] = await self._site.page(at[SITE], PAGE)
        if any(page.generation != generation for page in pages.values()):
            raise FeedBroken
        return pages

    async def _shop_pages(self, at: Mapping[str, int], generation: str) -> dict[str, ChangePage]:
        found = await self._database.read("changes.page", shops=list(at), after=list(at.values()), most=PAGE)
        told = found[0]["generation"] if found else generation
        events: dict[str, list[ToldChange]] = {shop: [] for shop in at}
        for row in found:
            events[row["shop"]].append(ToldChange(row["shop"], row["seq"], event(row)))
        return {
            shop: ChangePage(mine, mine[-1].seq if mine else at[shop], told) for shop, mine in events.items()
        }

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


def _prove(at: Mapping[str, int], events: Sequence[ToldChange]) -> None:
    """Check that numbers follow each other.

    Raises:
        FeedBroken: One is missing.
    """
    gap = first_gap(at, [(one.shop, one.seq) for one in events])
    if gap is not None:
        log.error("feed_gap shop=%s seq=%s", *gap)
        raise FeedBroken


async def _within(happened: asyncio.Event, seconds: float) -> bool:
    """Wait for an event for so long. Returns whether it happened."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await happened.wait()
    return happened.is_set()
