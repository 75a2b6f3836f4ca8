"""Loop's time, by which every time window is requested, compared with this machine's clock."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from loopdesk.domain.errors import ClockWrong
from loopdesk.domain.sync import SKEW_WARNED_SECONDS
from loopdesk.services.ports.loop import ReadingGateway
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.events import ConnectionChanged, Feed

log = logging.getLogger("loopdesk.api")


class ClockWatch:
    """Passes Loop's time to the clock, and tells when the difference becomes large enough to warn of, or no
    longer is.

    Args:
        learn: Passes Loop's time to the clock.
    """

    def __init__(self, clock: Clock, learn: Callable[[datetime], None], feed: Feed) -> None:
        self._clock = clock
        self._learn = learn
        self._feed = feed

    def on_server_date(self, server_now: datetime) -> None:
        """Handle the time of one answer."""
        before = is_wrong(self._clock)
        self._learn(server_now)
        if is_wrong(self._clock) != before:
            log.info("clock_skew seconds=%.0f", self._clock.skew_seconds or 0.0)
            self._feed.tell(ConnectionChanged())


def is_wrong(clock: Clock) -> bool:
    """Whether this machine's clock is known to be wrong by enough to warn a person."""
    return abs(clock.skew_seconds or 0.0) >= SKEW_WARNED_SECONDS


EARLIEST_YEAR: Final = 2024
"""A machine that shows an earlier year lost its time: this program is newer."""


class LoopTime:
    """Knows Loop's time from the ``Date`` of its answers, and asks once if there was no answer yet."""

    def __init__(self, gateway: ReadingGateway, clock: Clock) -> None:
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
