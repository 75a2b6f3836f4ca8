"""The request budget: how many requests may leave, and who goes first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from loopdesk.services.ports import Clock, Priority

PER_MINUTE = 240.0
"""Loop allows 300 a minute and key; the rest is room for bursts and for other programs with the key."""

BURST_SHARE = 0.25
"""The bucket holds a quarter of a minute's requests: 240 + 60 in any minute stay within Loop's 300."""

KEPT_FOR_LOOKUPS = 0.2
"""The share of the bucket that only the operator's lookups may take."""

SLOW_SECONDS = 60.0
"""How long a 429 halves the rate."""

AGING_SECONDS = 10.0
"""Each time so long waited, a request counts one priority higher, so that none starves."""


LOOK_SECONDS = 1.0
"""A waiter looks again at least so often: others give up, age, and the rate changes meanwhile."""


@dataclass(eq=False, slots=True)
class _Waiter:
    priority: int
    since: float
    turn: int


class RequestBudget:
    """A token bucket with an order among those who wait.

    Who is canceled while waiting takes nothing. Nothing runs by itself: every waiter looks after its
    own turn, so there is no task to lose.

    Args:
        per_minute: Requests a minute and key, for all stations together.
        stations: How many stations share the key.
    """

    def __init__(
        self, clock: Clock, *, per_minute: float = PER_MINUTE, stations: Callable[[], int] | int = 1
    ) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._stations = stations
        self._turns = count()
        self._waiting: list[_Waiter] = []
        self._slow_until = float("-inf")
        self._counted_at = clock.monotonic()
        self._left: deque[float] = deque()
        self._tokens = self._capacity() / 2  # after a crash and restart a minute stays within the budget

    @property
    def waiting(self) -> int:
        """How many requests wait for their turn."""
        return len(self._waiting)

    @property
    def used(self) -> int:
        """How many requests left in the last minute."""
        self._forget_old()
        return len(self._left)

    @property
    def allowed(self) -> int:
        """How many requests a minute this station may send."""
        return round(self._per_minute / self._share())

    async def take(self, priority: int) -> None:
        """Wait until one request of that priority (see ``Priority``) may leave."""
        waiter = _Waiter(priority, self._clock.monotonic(), next(self._turns))
        self._waiting.append(waiter)
        try:
            while (seconds := self._seconds_for(waiter)) > 0:
                await self._clock.sleep(seconds)
            self._tokens -= 1.0
            self._left.append(self._clock.monotonic())
            self._forget_old()
        finally:
            self._waiting.remove(waiter)

    def throttled(self) -> None:
        """Learn of a 429: the bucket is empty, and for a minute it fills at half the rate."""
        self._refill()
        self._tokens = min(self._tokens, 0.0)
        self._slow_until = self._clock.monotonic() + SLOW_SECONDS

    def _forget_old(self) -> None:
        oldest = self._clock.monotonic() - 60.0
        while self._left and self._left[0] <= oldest:
            self._left.popleft()

    def _share(self) -> int:
        stations = self._stations() if callable(self._stations) else self._stations
        return max(1, stations)

    def _capacity(self) -> float:
        return max(2.0, self._per_minute * BURST_SHARE / self._share())

    def _rate(self) -> float:
        """Tokens a second at this moment."""
        full = self._per_minute / 60.0 / self._share()
        return full / 2 if self._clock.monotonic() < self._slow_until else full

    def _refill(self) -> None:
        now = self._clock.monotonic()
        since, self._counted_at = self._counted_at, now
        full = self._per_minute / 60.0 / self._share()
        slow = max(0.0, min(now, self._slow_until) - since)
        gained = full * (now - since - slow / 2)
        self._tokens = min(self._capacity(), self._tokens + max(0.0, gained))

    def _seconds_for(self, waiter: _Waiter) -> float:
        """How long this waiter must wait at least; 0 when it may go now."""
        self._refill()
        now = self._clock.monotonic()
        mine = _rank(waiter, now)
        ahead = sum(1 for other in self._waiting if _rank(other, now) < mine)
        kept = 0.0 if waiter.priority <= Priority.LOOKUP else self._capacity() * KEPT_FOR_LOOKUPS
        short = kept + 1.0 + ahead - self._tokens
        return min(LOOK_SECONDS, max(short / self._rate(), 0.001)) if short > 1e-9 else 0.0


def _rank(waiter: _Waiter, now: float) -> tuple[float, int]:
    """Smaller goes first: priority less a step for each 10 s waited, then who came first."""
    return waiter.priority - (now - waiter.since) // AGING_SECONDS, waiter.turn
