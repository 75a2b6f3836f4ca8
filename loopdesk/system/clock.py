"""The only place that looks at the machine's clocks."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's clocks behind ``services.ports.Clock``.

    The wall clock is corrected by what Loop's ``Date`` header showed, so that times sent to Loop and
    windows asked of Loop are right even on a bench whose clock is wrong. The monotonic clock is not.
    """

    def __init__(self) -> None:
        self._offset = timedelta()

    @property
    def offset_seconds(self) -> float:
        """How far Loop's clock is ahead of this machine's; negative when it is behind."""
        return self._offset.total_seconds()

    def set_offset(self, seconds: float) -> None:
        """Learn how far Loop's clock is ahead of this machine's, in seconds."""
        self._offset = timedelta(seconds=seconds)

    def learn(self, server_now: datetime) -> None:
        """Learn the offset from Loop's own time, aware UTC, just received.

        A ``Date`` header has whole seconds: differences of less than two are taken as none.
        """
        seconds = (server_now - datetime.now(UTC)).total_seconds()
        self.set_offset(seconds if abs(seconds) >= 2 else 0.0)

    def now(self) -> datetime:
        """Return the corrected wall clock, aware UTC."""
        return datetime.now(UTC) + self._offset

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait without holding anything up."""
        import asyncio  # noqa: PLC0415 - the machine's time is asked for before there is a loop

        await asyncio.sleep(seconds)
