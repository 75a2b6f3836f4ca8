"""Measures how long the window was unresponsive: a callback of its loop that is due every few
milliseconds."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType

EVERY_SECONDS = 0.01


class Heartbeat:
    """Beats in the running loop for as long as the block lasts.

    Attributes:
        gaps: Seconds between one beat and the next, in order.
    """

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self._last = 0.0
        self._next: asyncio.TimerHandle | None = None

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - self._last)
        self._last = now
        self._next = asyncio.get_running_loop().call_later(EVERY_SECONDS, self._beat)

    def __enter__(self) -> Heartbeat:
        self._last = time.perf_counter()
        self._next = asyncio.get_running_loop().call_later(EVERY_SECONDS, self._beat)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._next is not None
        self._next.cancel()

    @property
    def longest(self) -> float:
        """The longest gap, in seconds."""
        return max(self.gaps)

    def said(self) -> str:
        """Return the figures in words."""
        ordered = sorted(self.gaps)
        late = ordered[int(len(ordered) * 0.99)]
        return (
            f"{len(ordered)} beats; longest gap {self.longest * 1000:.0f} ms, 99 % below {late * 1000:.0f} ms"
        )
