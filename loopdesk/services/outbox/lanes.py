"""The sender's memory between iterations: lanes that are busy or wait, for what, and open undo windows.

Never the stage of an entry: only the outbox knows that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from loopdesk.domain.outbox.retry import backoff
from loopdesk.domain.outbox.stages import Stage
from loopdesk.services.ports.photos import PhotoQueue
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import Outbox
from loopdesk.services.station.events import Feed, OutboxChanged

LANES_AT_ONCE = 4
"""Returns sent concurrently; never two calls of one return."""

LEAST_NAP_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Nap:
    """A lane that backs off: until when (monotonic), after how many consecutive failures."""

    until: float
    failures: int


class Lanes:
    """Picks the lanes to work on, oldest entry first.

    Args:
        random: Returns numbers in [0, 1) for the jitter.
    """

    def __init__(self, *, outbox: Outbox, clock: Clock, random: Callable[[], float]) -> None:
        self._outbox = outbox
        self._clock = clock
        self._random = random
        self._busy: set[str] = set()
        self._idle: set[str] = set()
        self._nudged: dict[str, None] = {}
        self._naps: dict[str, Nap] = {}
        self._all_nudged = True

    @property
    def is_busy(self) -> bool:
        """Whether any lane is being worked on."""
        return bool(self._busy)

    @property
    def naps(self) -> bool:
        """Whether a lane is backing off."""
        return self.seconds_to_next is not None

    @property
    def seconds_to_next(self) -> float | None:
        """When the next back-off ends, in seconds from now; None if there is none."""
        now = self._clock.monotonic()
        ends = [nap.until - now for nap in self._naps.values() if nap.until > now]
        return min(ends) if ends else None

    async def free(self) -> list[str]:
        """Return the lanes to work on now, up to the concurrency limit.

        Those with something to send come first. The others have changed: a parked entry may have lost what it
        waited for.
        """
        room = LANES_AT_ONCE - len(self._busy)
        if room <= 0:
            return []
        if self._all_nudged:
            self._all_nudged = False
            parked = await self._outbox.lanes((Stage.PARKED,), None)
            self._nudged |= {head.return_id: None for head in parked}
        now = self._clock.monotonic()
        blocked = self._busy | self._idle | {name for name, nap in self._naps.items() if nap.until > now}
        heads = await self._outbox.lanes((Stage.READY,), room + len(blocked))
        ready = [head.return_id for head in heads if head.return_id not in blocked]
        changed = [name for name in self._nudged if name not in blocked and name not in ready]
        return [*ready, *changed][:room]

    def begin(self, return_id: str) -> None:
        """Mark a lane as busy."""
        self._busy.add(return_id)

    def end(self, return_id: str) -> None:
        """Mark a lane as idle."""
        self._busy.discard(return_id)

    def looked(self, return_id: str) -> None:
        """Note that a lane is being read: earlier changes are about to be known."""
        self._nudged.pop(return_id, None)

    def changed(self, return_id: str) -> None:
        """Note that a lane changed; "" means many."""
        if return_id:
            self._idle.discard(return_id)
            self._nudged[return_id] = None
        else:
            self._idle.clear()
            self._all_nudged = True

    def leave(self, return_id: str) -> None:
        """Leave a lane alone until it changes."""
        self._naps.pop(return_id, None)
        if return_id not in self._nudged:
            self._idle.add(return_id)

    def nap(self, return_id: str, seconds: float | None = None) -> None:
        """Leave a lane alone for that long, by default for a back-off that grows with consecutive
        failures.
        """
        known = self._naps.get(return_id)
        failures = known.failures + 1 if known else 0
        wait = backoff(failures, self._random) if seconds is None else seconds
        self._naps[return_id] = Nap(self._clock.monotonic() + max(wait, LEAST_NAP_SECONDS), failures)

    def went_well(self, return_id: str) -> None:
        """Forget the failures of a lane."""
        self._naps.pop(return_id, None)

    def wake_all(self) -> None:
        """End every wait: the line or the key is good again."""
        self._naps.clear()
        self.changed("")


# --- undo windows -----------------------------------------------------------------------------------

log = logging.getLogger("loopdesk.outbox")

UNSEEN_SECONDS = 30.0
"""A window that lapsed this long ago did so unseen (the machine slept): it starts over."""


@dataclass(frozen=True, slots=True)
class PhotoWait:
    """How long a settlement waits for its photos after its undo window.

    Attributes:
        seconds: Returns how long, now; 0 if there is no place for photos.
    """

    queue: PhotoQueue
    seconds: Callable[[], float]

    async def are_awaited(self, settlement_id: str, waited_seconds: float) -> bool:
        """Whether a settlement is still to wait for photos."""
        return waited_seconds < self.seconds() and await self.queue.missing(settlement_id) > 0


class UndoWindows:
    """Ends each undo window when it is over.

    A window starts when it is first seen here, so after a restart it starts over, in full: undo is never
    shorter than what the operator was promised. After its window a settlement waits for the photos that its
    grades name, at most as long as ``photos`` says; it can still be undone then.
    """

    def __init__(self, *, outbox: Outbox, clock: Clock, feed: Feed, photos: PhotoWait) -> None:
        self._outbox = outbox
        self._clock = clock
        self._feed = feed
        self._photos = photos
        self._ends: dict[str, float] = {}
        self._waits: dict[str, float] = {}

    @property
    def count(self) -> int:
        """How many settlements are held, as of the last look."""
        return len(self._ends)

    @property
    def seconds_to_next(self) -> float | None:
        """When the next window ends, in seconds from now; None if nothing is held."""
        if not self._ends:
            return None
        return max(0.0, min((self._ends | self._waits).values()) - self._clock.monotonic())

    def left(self, settlement_id: str) -> float | None:
        """Return the seconds left of a window, None if it is unknown."""
        end = self._ends.get(settlement_id)
        return None if end is None else max(0.0, end - self._clock.monotonic())

    async def release_due(self) -> None:
        """Start the windows of new settlements and end those that are over."""
        now = self._clock.monotonic()
        ends: dict[str, float] = {}
        waits: dict[str, float] = {}
        for held in await self._outbox.held():
            name = held.settlement_id
            end = self._ends.get(name, now + held.hold_seconds)
            if now - end > UNSEEN_SECONDS and name not in self._waits:
                log.info("hold_renewed settlement=%s return=%s", name, held.return_id)
                end = now + held.hold_seconds
            if now < end:
                ends[name] = end
            elif await self._photos.are_awaited(name, now - end):
                ends[name], waits[name] = end, end + self._photos.seconds()
            elif await self._outbox.release(name):
                log.info("released settlement=%s return=%s", name, held.return_id)
                self._feed.tell(OutboxChanged(held.return_id))
        self._ends, self._waits = ends, waits
