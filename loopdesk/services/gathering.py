"""Lets read-backs of states wait for one another while many settle, so that one list call reads them all."""

from __future__ import annotations

from collections.abc import Iterable

from loopdesk.services.ports import Clock

GATHER_SECONDS = 10.0
"""How long what was read counts as a moment ago, and so how long a read-back waits for others at most."""

BUSY_FROM = 2
"""When so many other returns were read a moment ago, the next ones are gathered."""


class Gathering:
    """Remembers which returns were read a moment ago."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._read: dict[str, float] = {}

    def took(self, return_ids: Iterable[str]) -> None:
        """Note that the states of these returns are read now."""
        now = self._clock.monotonic()
        self._read = {x: at for x, at in self._read.items() if now - at < GATHER_SECONDS}
        self._read |= dict.fromkeys(return_ids, now)

    def holds(self, return_id: str) -> bool:
        """Whether this return should wait for others: a quiet bench never waits, a draining queue does."""
        now = self._clock.monotonic()
        others = (at for x, at in self._read.items() if x != return_id)
        return sum(now - at < GATHER_SECONDS for at in others) >= BUSY_FROM
