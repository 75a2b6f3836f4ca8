"""A clock on which a long shift passes in minutes, the same in the program and in its simulator of Loop."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

from loopdesk.system.host.clock import SystemClock

HASTE = 20.0
"""How fast it runs."""


class HastyClock(SystemClock):
    """Runs ``HASTE`` times as fast as the machine's clocks; begun at the same moment, two show the same time.

    Args:
        began: Seconds since 1970 at which it showed the machine's own time.
    """

    def __init__(self, began: float) -> None:
        super().__init__()
        self._began = began

    @property
    def skew_seconds(self) -> float:
        """Loop's clock is this one."""
        return 0.0

    def learn(self, server_now: datetime) -> None:
        """Learn nothing: Loop's clock is this one."""

    def now(self) -> datetime:
        """Return the time of the shift, aware UTC."""
        return datetime.fromtimestamp(self._began + (time.time() - self._began) * HASTE, UTC)

    def monotonic(self) -> float:
        """Return seconds of the shift."""
        return time.monotonic() * HASTE

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of the shift."""
        await asyncio.sleep(seconds / HASTE)
