"""Finds the return that a code stands for: in the store first, then at Loop."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loopdesk.domain.errors import NotFound
from loopdesk.domain.labels.scans import Candidate, CandidateKind
from loopdesk.domain.outbox.stages import Entry, came_true
from loopdesk.domain.returns.parcels import comes_in_one
from loopdesk.domain.returns.returns import ReturnState, is_loop_id
from loopdesk.services.ports.loop import Fetched, ReadingGateway
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import Hit, Known, ReturnCache, ScanTransactions, Stored
from loopdesk.services.station.events import Feed, ReturnChanged

log = logging.getLogger("loopdesk.lookup")

FRESH_FOR = timedelta(seconds=20)
"""A details answer younger than this is not asked for again when its return is opened."""

SYNCED_FOR = timedelta(seconds=90)
"""What the list of changes would have named is not asked for either when that was read so recently.

It does not name everything: a label may be made and a line graded without a change of the return. So a
return is asked for unless its one parcel brings every line; and where others grade, unless it is open:
what leaves for an open one is compared with Loop once more.
"""

MOST_QUESTIONS = 4
"""Most direct questions that one unknown code may cost; an order's is put without ``#`` and then with it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a code leads to.

    Attributes:
        hits: Several when the code stands for several returns; empty when nothing is known.
        from_loop: Loop had to be asked.
    """

    hits: tuple[Hit, ...]
    from_loop: bool = False


class Lookup:
    """Store first; then Loop, in the order of likelihood.

    Args:
        newest: Read what changed at Loop since the last synchronization, step by step (tracking
            numbers are found no other way, because Loop looks none up).
        synced_at: Up to when every change at Loop is known; None when never read.
        stations: How many stations share the key, now.
        observe: Told of every fresh copy, so that entries that wait for it can end.
    """

    def __init__(
        self,
        *,
        cache: ReturnCache,
        openings: ScanTransactions,
        gateway: ReadingGateway,
        clock: Clock,
        feed: Feed,
        newest: Sequence[Callable[[], Awaitable[None]]],
        synced_at: Callable[[], datetime | None],
        stations: Callable[[], int],
        observe: Callable[[Fetched], Awaitable[None]],
    ) -> None:
        self._cache = cache
        self._openings = openings
        self._gateway = gateway
        self._clock = clock
        self._feed = feed
        self._newest = newest
        self._synced_at = synced_at
        self._stations = stations
        self._observe = observe

    async def local(self, candidates: Sequence[Candidate]) -> Found:
        """Look into the store only."""
        return Found(await self._cache.find(candidates))

    async def stored(self, return_id: str) -> Stored | None:
        """Return what the store knows of a return."""
        return await self._cache.get(return_id)

    async def known(self, return_id: str) -> Known | None:
        """Return all that this station holds of a return, after asking Loop when that is nothing.

        Raises:
            ApiError: It is not here, and Loop could not be asked.
        """
        known = await self._openings.known(return_id)
        if known is None and await self.refresh(return_id) is not None:
            known = await self._openings.known(return_id)
        return known

    async def ask_loop(self, candidates: Sequence[Candidate]) -> Found:
        """Ask Loop for what the store does not know.

        Ids and order names are asked for directly; anything else is looked for again after
        reading what changed at Loop.

        Raises:
            ApiError: Loop could not be asked; the caller decides what the operator hears.
            StoreError: The store could not be read or written.
        """
        for candidate in _questions(candidates):
            fetched = await self._ask(candidate)
            if fetched:
                await self.keep(fetched)
                return Found(tuple(_hit(x, candidate) for x in fetched), from_loop=True)
        if all(x.kind in _DIRECT for x in candidates if not x.is_local):
            return Found((), from_loop=True)
        for read_newest in self._newest:
            await read_newest()
            found = await self.local(candidates)
            if found.hits:
                return replace(found, from_loop=True)
        return Found((), from_loop=True)

    async def refresh(self, return_id: str, *, force: bool = False) -> Stored | None:
        """Ask Loop for a return again, unless its details are fresh.

        Returns:
            What is known afterwards; None when Loop and the store know nothing.

        Raises:
            ApiError: Loop could not be asked; the stored copy is as it was.
        """
        here = await self._openings.known(return_id)
        known = here.stored if here is not None else None
        if here is not None and not force and self._is_fresh(here):
            return known
        try:
            fetched = await self._gateway.details(return_id)
        except NotFound:
            log.warning("gone return=%s", return_id)
            return known
        await self.keep((fetched,))
        return await self._cache.get(return_id)

    def _is_fresh(self, known: Known) -> bool:
        """Whether asking would tell nothing new: never after a value of ours that the copy cannot show."""
        stored = known.stored
        if self._clock.skew_seconds is None:
            return False  # how old it is nobody knows before Loop has told its time
        if not stored.has_details or any(_is_newer(entry, stored) for entry in known.entries):
            return False
        now, synced = self._clock.now(), self._synced_at()
        if _is_within(stored.fetched_at, now, FRESH_FOR):
            return True
        ret = stored.ret
        is_told = comes_in_one(ret) and (ret.state is ReturnState.OPEN or self._stations() <= 1)
        return is_told and synced is not None and _is_within(synced, now, SYNCED_FOR)

    async def keep(self, fetched: Sequence[Fetched]) -> None:
        """Store fresh answers and tell everyone who waits for them."""
        await self._cache.save(fetched, self._clock.now())
        for one in fetched:
            await self._observe(one)
            self._feed.tell(ReturnChanged(one.ret.return_id))

    async def _ask(self, candidate: Candidate) -> tuple[Fetched, ...]:
        match candidate.kind:
            case CandidateKind.RETURN_ID if is_loop_id(candidate.code):
                try:
                    return (await self._gateway.details(candidate.code),)
                except NotFound:
                    return ()
            case CandidateKind.ORDER_NAME:
                return await self._gateway.details_by_order_name(candidate.code)
            case CandidateKind.PROVIDER_ORDER_ID if is_loop_id(candidate.code):
                return await self._gateway.details_by_order_id(candidate.code)
        return ()


_DIRECT = frozenset({CandidateKind.RETURN_ID, CandidateKind.ORDER_NAME, CandidateKind.PROVIDER_ORDER_ID})


def _questions(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Choose what Loop is asked for directly; an order's name with and without ``#`` is one question."""
    chosen: dict[tuple[CandidateKind, str], Candidate] = {}
    for candidate in candidates:
        if candidate.kind in _DIRECT and not candidate.is_local:
            chosen.setdefault((candidate.kind, candidate.code.lstrip("#").casefold()), candidate)
    return tuple(chosen.values())[:MOST_QUESTIONS]


def _is_newer(entry: Entry, stored: Stored) -> bool:
    done = entry.kind.spec.sets_value and came_true(entry)
    return done and entry.moved_at is not None and entry.moved_at >= stored.fetched_at


def _is_within(then: datetime, now: datetime, reach: timedelta) -> bool:
    """Whether a moment is that close; one in the future is not: the clock was set back."""
    return timedelta(0) <= now - then < reach


def _hit(fetched: Fetched, candidate: Candidate) -> Hit:
    return Hit(fetched.ret.return_id, fetched.ret.order_name, fetched.ret.state, candidate)
