"""Lets read-backs of states wait where one list call will say what many calls would."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from loopdesk.domain.outbox.stages import Stage
from loopdesk.services.outbox.doubt_schedule import Watches
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.events import Feed, NextSync

GATHER_SECONDS = 10.0
"""How long what was read counts as a moment ago, and so how long a read-back waits for others at most."""

BUSY_FROM = 2
"""When so many other returns were read a moment ago, the next ones are gathered."""

MOST_SECONDS = 75.0
"""No doubt that nobody looks at waits longer for the list that is read anyway, each minute."""

WORTH_A_CALL = 5
"""When so many wait, a call of their own costs each of them little."""

SYNC_TAKES_SECONDS = 10.0
"""How long that list may take before what waits for it is read by itself."""


class Gathering:
    """Remembers which returns were read a moment ago, and when the list is read next.

    Args:
        watches: What is in doubt.
        is_shown: Whether an operator has this return before them: who looks is served at once.
    """

    def __init__(self, clock: Clock, feed: Feed, watches: Watches, is_shown: Callable[[str], bool]) -> None:
        self._clock = clock
        self._watches = watches
        self._is_shown = is_shown
        self._read: dict[str, float] = {}
        self._next_sync: float | None = None
        feed.on(NextSync, self._on_next_sync)

    def took(self, return_ids: Iterable[str]) -> None:
        """Note that the states of these returns are read now."""
        now = self._clock.monotonic()
        self._read = {x: at for x, at in self._read.items() if now - at < GATHER_SECONDS}
        self._read |= dict.fromkeys(return_ids, now)

    def is_by_state(self, return_id: str) -> bool:
        """Whether a row of the list says all that is in doubt about a return.

        Of one that Loop closed, rows may never tell of payment where details do.
        """
        return all(watch.kind.spec.is_listed and not watch.is_closed for watch in self._watches.of(return_id))

    def ripe(self, due: Sequence[str]) -> list[str]:
        """Leave out what waits for others, or for the list that is read anyway."""
        by_state = [x for x in due if self.is_by_state(x)]
        few = len(by_state) < WORTH_A_CALL
        waiting = {x for x in by_state if self._gathers(x) or (few and self._is_listed_soon(x))}
        return [x for x in due if x not in waiting]

    def _gathers(self, return_id: str) -> bool:
        """A quiet bench never waits, a draining queue does."""
        now = self._clock.monotonic()
        others = (at for x, at in self._read.items() if x != return_id)
        return sum(now - at < GATHER_SECONDS for at in others) >= BUSY_FROM

    def _is_listed_soon(self, return_id: str) -> bool:
        """Whether the list will tell soon enough. What was accepted can wait for that, a lost answer not."""
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
