"""Wakes a waiting loop: on request, or when its time has come."""

from __future__ import annotations

import asyncio

from loopdesk.services.ports.station import Clock
from loopdesk.services.station.tasks import Tasks


class Bell:
    """One loop waits, anyone may wake it; a wake-up while nobody waits is kept for the next wait.

    Args:
        name: Of the loop, for the name of the timer's task.
    """

    def __init__(self, clock: Clock, tasks: Tasks, name: str) -> None:
        self._clock = clock
        self._tasks = tasks
        self._name = name
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the loop."""
        self._rung.set()

    async def wait(self, seconds: float | None) -> None:
        """Wait for a wake-up, at most that many seconds of the clock; None waits without a timeout."""
        timer = None
        if seconds is not None:
            timer = self._tasks.spawn(self._ring_after(seconds), name=f"{self._name} timer")
        try:
            await self._rung.wait()
        finally:
            self._rung.clear()
            if timer is not None:
                timer.cancel()

    async def _ring_after(self, seconds: float) -> None:
        await self._clock.sleep(max(seconds, 0.0))
        self.ring()
