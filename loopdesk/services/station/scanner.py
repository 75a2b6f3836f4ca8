"""What this station knows about its scanner's speed: learned from complete scans, kept over restarts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from loopdesk.domain.scanner.rhythm import SLOWEST_GAP_MS, GunPace, Rhythm
from loopdesk.services.station.tasks import Tasks

log = logging.getLogger("loopdesk.scan")


class PaceFile(Protocol):
    """Persists the pace. Losing it costs three scans."""

    def load(self) -> GunPace | None:
        """Return the stored pace; None if there is no readable one."""
        ...

    def save(self, pace: GunPace) -> None:
        """Store it. Raises ``OSError``."""
        ...


class GunDesk:
    """Learns the gun's pace.

    Args:
        file: Persists it.
        start_ms: Returns the longest gap from the settings, the initial value.

    Attributes:
        pace: What is known now.
    """

    def __init__(self, file: PaceFile, tasks: Tasks, start_ms: Callable[[], int]) -> None:
        self._file = file
        self._tasks = tasks
        self._start_ms = start_ms
        kept = file.load() or GunPace(start_ms())
        self.pace = replace(kept, gap_ms=min(SLOWEST_GAP_MS, max(start_ms(), kept.gap_ms)))

    def learn(self, rhythm: Rhythm) -> bool:
        """Learn from one complete scan. Returns whether the gap has changed."""
        before, self.pace = self.pace, self.pace.learn(rhythm, self._start_ms())
        is_change = self.pace.gap_ms != before.gap_ms
        if is_change or (before.typical_ms is None and self.pace.typical_ms is not None):
            log.info("gun_pace typical_ms=%s gap_ms=%s", self.pace.typical_ms, self.pace.gap_ms)
            self._tasks.spawn(self._keep(self.pace), name="keep gun pace")
        return is_change

    def begin_again(self, start_ms: int) -> None:
        """Forget what was learned: the settings name another gap."""
        self.pace = GunPace(start_ms)

    async def _keep(self, pace: GunPace) -> None:
        try:
            await asyncio.to_thread(self._file.save, pace)
        except OSError as failure:
            log.warning("gun_pace_not_kept reason=%s", failure.strerror)
