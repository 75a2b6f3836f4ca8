"""A clock that tests turn by hand."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count

from tests.builders import AT

ROUNDS = 30
"""Event loop iterations after which work that waits for nothing external has finished."""

REAL_SECONDS = 30.0
"""How long ``until`` leaves to threads and sockets once nothing is due any more."""


class HandClock:
    """Stands still until it is turned; sleepers wake in their order, each at its own moment.

    Args:
        start: The wall clock at monotonic 0.

    Attributes:
        skew_seconds: How far Loop's clock is ahead; None when that is not known.
        catch_up: Awaited in every round of settling, so that a thread the work waits for (the
            store's) has done what it was asked; None when there is none.
        rounds: Rounds of the event loop in which work comes to rest; more for what is slow on purpose.
    """

    def __init__(self, start: datetime = AT) -> None:
        self.skew_seconds: float | None = 0.0
        self.rounds = ROUNDS
        self.catch_up: Callable[[], Awaitable[object]] | None = None
        self._start = start
        self._elapsed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._serial = count()

    def now(self) -> datetime:
        """Return the wall clock, aware UTC."""
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Return the seconds that were turned so far."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was turned that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._serial), woken))
        await woken

    async def turn(self, seconds: float) -> None:
        """Let that many seconds pass; whatever falls due on the way happens at its own moment."""
        end = self._elapsed + seconds
        await self.settle()
        while (due := self.next_due()) is not None and due <= end:
            self._wake(due)
            await self.settle()
        self._elapsed = end
        await self.settle()

    async def until(self, condition: Callable[[], bool], most_seconds: float = 3600.0) -> None:
        """Turn from one sleeper to the next until something is true.

        Raises:
            AssertionError: It did not come true within that many seconds of this clock.
        """
        end = self._elapsed + most_seconds
        await self.settle()
        loop = asyncio.get_running_loop()
        patient_until = loop.time() + REAL_SECONDS
        while not condition():
            due = self.next_due()
            if due is not None and due <= end:
                self._wake(due)
            else:
                # A thread or a socket may still be at work, and on a busy machine that takes real time.
                assert loop.time() < patient_until, f"not so within {most_seconds} s, and nothing is due"
                await asyncio.sleep(0.01)
            await self.settle()

    async def settle(self) -> None:
        """Let everything run that does not wait for this clock."""
        for _ in range(self.rounds):
            await asyncio.sleep(0)
            if self.catch_up is not None:
                await self.catch_up()

    def jump(self, seconds: float) -> None:
        """Set the wall clock to another time; the monotonic clock is unaffected."""
        self._start += timedelta(seconds=seconds)

    def suspend(self, seconds: float) -> None:
        """Let time pass unseen, as when the machine sleeps: nobody is woken on the way."""
        self._elapsed += seconds

    def next_due(self) -> float | None:
        """Return the monotonic time at which the next sleeper wakes, None when nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def _wake(self, due: float) -> None:
        self._elapsed = max(self._elapsed, due)
        while self._sleepers and self._sleepers[0][0] <= self._elapsed:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
