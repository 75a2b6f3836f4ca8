"""One time for a shop and its stations, and each station's own wrong picture of it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.clock import HandClock

MOST_ROUNDS = 20_000
"""Rounds of the loop after which a program that still is busy will never come to rest."""


class WorldClock(HandClock):
    """True time, turned by hand. Work has finished exactly when nothing can run; no number of rounds is
    guessed."""

    async def settle(self) -> None:
        """Let everything run that does not wait for this clock."""
        ready: Any = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # what can still run
        for _ in range(MOST_ROUNDS):
            await asyncio.sleep(0)
            if not ready:
                return
        raise AssertionError("the program never comes to rest")


class StationClock:
    """A station's clocks: the wall clock may be wrong, the monotonic one starts at zero with each boot."""

    skew_seconds: float | None = 0.0

    def __init__(self, world: WorldClock) -> None:
        self._world = world
        self._booted_at = world.monotonic() - 1000.0
        self.wrong_by = timedelta()

    def now(self) -> datetime:
        """Return what the wall clock shows."""
        return self._world.now() + self.wrong_by

    def monotonic(self) -> float:
        """Return the seconds since the machine was started."""
        return self._world.monotonic() - self._booted_at

    async def sleep(self, seconds: float) -> None:
        """Wait in true time; no wait is shorter than a microsecond, so that time always goes on."""
        await self._world.sleep(max(seconds, 1e-6))

    def jump(self, seconds: float) -> None:
        """Set the wall clock to another time."""
        self.wrong_by += timedelta(seconds=seconds)

    def boot(self) -> None:
        """Start the machine: the monotonic clock begins at zero."""
        self._booted_at = self._world.monotonic()
