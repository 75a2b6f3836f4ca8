"""Batches read-backs of states: one list call replaces many single ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from loopdesk.domain.outbox.stages import Stage
from loopdesk.services.outbox.doubt_schedule import DoubtSchedule
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.events import Feed, NextSync

GATHER_SECONDS = 10.0
"""How long a read counts as recent, and so the maximum time that a read-back waits for others."""

BUSY_FROM = 2
"""With this many other recent reads, the next ones are batched."""

MOST_SECONDS = 75.0
"""Unless somebody is looking, a doubt may wait this long for the list that is polled every minute anyway."""

WORTH_A_CALL = 5
"""With this many waiting, a list call is cheap for each of them."""

SYNC_TAKES_SECONDS = 10.0
"""How late that list may be before what waits for it is read individually."""


class ReadbackBatching:
    """Remembers which returns were read recently, and when the list is read next.

    Args:
        watches: What is in doubt.
        is_shown: Whether an operator has this return open: then it is read immediately.
    """

    def __init__(
        self, clock: Clock, feed: Feed, watches: DoubtSchedule, is_shown: Callable[[str], bool]
    ) -> None:
        self._clock = clock
        self._watches = watches
        self._is_shown = is_shown
        self._read: dict[str, float] = {}
        self._next_sync: float | None = None
        feed.on(NextSync, self._on_next_sync)

    def took(self, return_ids: Iterable[str]) -> None:
        """Record that the states of these returns are read now."""
        now = self._clock.monotonic()
        self._read = {x: at for x, at in self._read.items() if now - at < GATHER_SECONDS}
        self._read |= dict.fromkeys(return_ids, now)

    def is_by_state(self, return_id: str) -> bool:
        """Whether a row of the list settles all doubts about a return.

        Not for one that Loop closed: rows may never show payment where details do.
        """
        return all(watch.kind.spec.is_listed and not watch.is_closed for watch in self._watches.of(return_id))

    def ripe(self, due: Sequence[str]) -> list[str]:
        """Leave out what waits for others, or for the list that is polled anyway."""
        by_state = [x for x in due if self.is_by_state(x)]
        few = len(by_state) < WORTH_A_CALL
        waiting = {x for x in by_state if self._gathers(x) or (few and self._is_listed_soon(x))}
        return [x for x in due if x not in waiting]

    def _gathers(self, return_id: str) -> bool:
        """Whether to batch: a quiet bench never waits, a draining queue does."""
        now = self._clock.monotonic()
        others = (at for x, at in self._read.items() if x != return_id)
        return sum(now - at < GATHER_SECONDS for at in others) >= BUSY_FROM

    def _is_listed_soon(self, return_id: str) -> bool:
        """Whether the list will come soon enough. What was accepted can wait for it, a lost answer cannot."""
        if self._next_sync is None or self._is_shown(return_id):
            return False
        watches = self._watches.of(return_id)
        if any(watch.stage is not Stage.SETTLING or not watch.kind.spec.is_final for watch in watches):
            return False  # what Loop can take back may be gone again before the list is read
        left = self._next_sync - self._clock.monotonic()
        most = min(MOST_SECONDS, self._watches.shortest_limit(return_id))
        return left > -SYNC_TAKES_SECONDS and self._watches.oldest_seconds(return_id) + left <= most

    def _on_next_sync(self, event: NextSync) -> None:
        now = self._clock.monotonic()
        self._next_sync = None if event.seconds is None else now + event.seconds
