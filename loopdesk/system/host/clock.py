"""The only place that reads the machine's clocks."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta

ANSWER_TAKES = timedelta(seconds=2)
"""A ``Date`` may be this old when it is read without contradicting the known time."""

HALF_A_SECOND = timedelta(seconds=0.5)
"""What truncating a ``Date`` to whole seconds loses, on average."""


class SystemClock:
    """The machine's clocks behind ``services.ports.station.Clock``.

    From Loop's first answer on, the wall clock is Loop's: its ``Date`` plus the seconds that have passed
    since by a steady clock. From then on, setting the machine's own clock, rightly or wrongly, changes
    nothing.
    """

    def __init__(self) -> None:
        self._known: tuple[datetime, float] | None = None
        self._skew: float | None = None

    @property
    def skew_seconds(self) -> float | None:
        """How far Loop's clock is ahead of this machine's, negative if behind; None while unknown."""
        return self._skew

    def learn(self, server_now: datetime) -> None:
        """Learn Loop's time, aware UTC in whole seconds, from an answer that was just received.

        The known time is kept while it is consistent: a ``Date`` is truncated to its second, and an answer
        takes time.
        """
        shown = _machine_time()
        believed = self.now()
        if not timedelta(0) <= believed - server_now <= ANSWER_TAKES:
            believed = server_now + HALF_A_SECOND
        self._known = believed, _steady_seconds()
        self._skew = (believed - shown).total_seconds()

    def now(self) -> datetime:
        """Return Loop's time, aware UTC; before its first answer, this machine's."""
        if self._known is None:
            return _machine_time()
        then, at = self._known
        return then + timedelta(seconds=_steady_seconds() - at)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait without blocking."""
        import asyncio  # noqa: PLC0415 - the machine's time is asked for before there is a loop

        await asyncio.sleep(seconds)


def _machine_time() -> datetime:
    return datetime.now(UTC)


def _steady_seconds() -> float:
    """Return seconds that also pass while the machine sleeps, if the system has such a clock."""
    return time.clock_gettime(_STEADY) if _STEADY is not None else time.monotonic()


_STEADY: int | None = getattr(
    time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None) if sys.platform == "darwin" else None
)
"""Linux counts sleep in one, macOS in the other; on Windows ``time.monotonic`` includes it."""
