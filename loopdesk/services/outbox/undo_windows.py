"""The undo windows: held settlements, timed by the monotonic clock and in memory only."""

from __future__ import annotations

import logging

from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import Outbox
from loopdesk.services.station.events import Feed, OutboxChanged

log = logging.getLogger("loopdesk.outbox")

UNSEEN_SECONDS = 30.0
"""A window that lapsed this long ago did so unseen (the machine slept): it starts over."""


class UndoWindows:
    """Ends each undo window when it is over.

    A window starts when it is first seen here, so after a restart it starts over, in full: undo is never
    shorter than what the operator was promised.
    """

    def __init__(self, *, outbox: Outbox, clock: Clock, feed: Feed) -> None:
        self._outbox = outbox
        self._clock = clock
        self._feed = feed
        self._ends: dict[str, float] = {}

    @property
    def count(self) -> int:
        """How many settlements are held, as of the last look."""
        return len(self._ends)

    @property
    def seconds_to_next(self) -> float | None:
        """When the next window ends, in seconds from now; None if nothing is held."""
        if not self._ends:
            return None
        return max(0.0, min(self._ends.values()) - self._clock.monotonic())

    def left(self, settlement_id: str) -> float | None:
        """Return the seconds left of a window, None if it is unknown."""
        end = self._ends.get(settlement_id)
        return None if end is None else max(0.0, end - self._clock.monotonic())

    async def release_due(self) -> None:
        """Start the windows of new settlements and end those that are over."""
        now = self._clock.monotonic()
        ends: dict[str, float] = {}
        for held in await self._outbox.held():
            end = self._ends.get(held.settlement_id, now + held.hold_seconds)
            if now - end > UNSEEN_SECONDS:
                log.info("hold_renewed settlement=%s return=%s", held.settlement_id, held.return_id)
                end = now + held.hold_seconds
            if now < end:
                ends[held.settlement_id] = end
            elif await self._outbox.release(held.settlement_id):
                log.info("released settlement=%s return=%s", held.settlement_id, held.return_id)
                self._feed.tell(OutboxChanged(held.return_id))
        self._ends = ends
