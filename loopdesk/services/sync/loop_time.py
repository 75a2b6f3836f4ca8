"""Loop's own time, by which every time window is requested."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from loopdesk.domain.errors import ClockWrong
from loopdesk.services.ports.loop import ReturnsGateway
from loopdesk.services.ports.station import Clock

EARLIEST_YEAR: Final = 2024
"""A machine that shows an earlier year lost its time: this program is newer."""


class LoopTime:
    """Knows Loop's time from the ``Date`` of its answers, and asks once if there was no answer yet."""

    def __init__(self, gateway: ReturnsGateway, clock: Clock) -> None:
        self._gateway = gateway
        self._clock = clock

    async def now(self) -> datetime:
        """Return Loop's time, aware UTC; this machine's if Loop's answers do not tell it.

        Raises:
            ApiError: Loop could not be asked.
            ClockWrong: Loop's answers do not tell the time, and this machine's is impossible.
        """
        if self._clock.skew_seconds is None:
            await self._gateway.probe()
        now = self._clock.now()
        if self._clock.skew_seconds is None and now.year < EARLIEST_YEAR:
            raise ClockWrong(f"it shows {now:%Y-%m-%d}")
        return now
