"""Compares this machine's clock with Loop's at every answer."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from loopdesk.domain.sync import SKEW_WARNED_SECONDS
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
