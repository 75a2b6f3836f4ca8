"""The request budget: how many requests may be sent, and in which order."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from loopdesk.services.ports.loop import Priority
from loopdesk.services.ports.station import Clock

PER_MINUTE = 240.0
"""Loop allows 300 per minute and key; the rest is headroom for bursts and for other programs with the key."""

BURST_SHARE = 0.22
"""The bucket's size in minutes: 240 + 53 in any minute stay within Loop's 300, late answers included."""

LEAST_CAPACITY = 2.0
"""A read of a return and the finalizer after it leave together, however many stations share the key."""

KEPT_SHARE = 0.2
"""The share of the bucket reserved for the operator's lookups ..."""

KEPT_LEAST = 2.0
"""... but at least this many requests, if many stations share the key and the bucket is large enough: two
consecutive scans wait for nobody.
"""

LOOKUP_WAITS_SECONDS = 2.0
"""How long a lookup may wait for the finalizer of a return just before it."""

LOOKUPS_MOST = 0.8
"""Up to this share of a minute's requests lookups go first; beyond that they queue like others."""

BACKGROUND_MOST = 0.25
"""While others wait, background work gets at most this share of a minute's requests."""

HEAD_START = 24.0
"""What a short-lived command may send immediately: the lists, and a settlement's calls and read-backs."""

SLOW_SECONDS = 60.0
"""How long a 429 halves the rate."""

AGING_SECONDS = 10.0
"""For each such interval waited, a request counts one priority higher, so that none starves."""

MINUTE_SECONDS = 60.0

LOOK_SECONDS = 1.0
"""A waiter re-checks at least this often: others give up, age, and the rate changes."""

_HAIR = 1e-9


@dataclass(eq=False, slots=True)
class _Waiter:
    priority: int
    since: float
    turn: int


@dataclass(frozen=True, slots=True)
class Spent:
    """Requests sent in the last minute by purpose, and the rest.

    Attributes:
        index: Keeping the store up to date, and other background work.
        allowed: How many per minute this station may send.
        left: How many could be sent right now.
        waiting: How many are queued.
        is_slowed: Loop answered 429 within the last minute: the rate is halved.
    """

    lookups: int
    read_backs: int
    actions: int
    index: int
    allowed: int
    left: int
    waiting: int
    is_slowed: bool

    @property
    def used(self) -> int:
        """Total number of requests sent."""
        return self.lookups + self.read_backs + self.actions + self.index


class RequestBudget:
    """A token bucket with a priority queue.

    Lookups of the operator go first and have a reserved part of the bucket. The others go by priority and
    age; background work fills what they leave, and is limited to its share while they wait. A canceled waiter
    takes no token. There is no background task: every waiter checks its own turn.

    Args:
        per_minute: Requests per minute and key, for all stations together.
        stations: How many stations share the key.
        head_start: Additional requests that may be sent, once. A command without a window reserves nothing
            for an operator's lookups, and a fortieth of the budget would make it wait minutes.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        per_minute: float = PER_MINUTE,
        stations: Callable[[], int] | int = 1,
        head_start: float = 0.0,
    ) -> None:
        self._clock = clock
        self._per_minute = per_minute
        self._stations = stations
        self._turns = count()
        self._waiting: list[_Waiter] = []
        self._slow_until = float("-inf")
        self._counted_at = clock.monotonic()
        self._left: deque[tuple[float, int]] = deque()
        self._by_priority: Counter[int] = Counter()
        # Half a bucket, so that a minute with a crash and restart stays within the budget.
        self._tokens = self._capacity() / 2 + head_start

    @property
    def waiting(self) -> int:
        """How many requests are queued."""
        return len(self._waiting)

    @property
    def allowed(self) -> int:
        """How many requests per minute this station may send."""
        return round(self._per_minute / self._share())

    def spent(self) -> Spent:
        """Return the figures of the last minute."""
        self._forget_old()
        self._refill()
        found = self._by_priority
        return Spent(
            lookups=found[Priority.LOOKUP],
            read_backs=found[Priority.READ_BACK],
            actions=found[Priority.FINISH] + found[Priority.ACTION],
            index=found[Priority.BACKGROUND],
            allowed=self.allowed,
            left=max(0, int(self._tokens + _HAIR)),
            waiting=self.waiting,
            is_slowed=self._clock.monotonic() < self._slow_until,
        )

    async def take(self, priority: int) -> None:
        """Wait until one request of that priority (see ``Priority``) may be sent."""
        waiter = _Waiter(priority, self._clock.monotonic(), next(self._turns))
        self._waiting.append(waiter)
        try:
            while (seconds := self._seconds_for(waiter)) > 0:
                await self._clock.sleep(seconds)
            self._tokens -= 1.0
            self._left.append((self._clock.monotonic(), priority))
            self._by_priority[priority] += 1
            self._forget_old()
        finally:
            self._waiting.remove(waiter)

    def throttled(self) -> None:
        """Handle a 429: empty the bucket and halve its rate for a minute."""
        self._refill()
        self._tokens = min(self._tokens, 0.0)
        self._slow_until = self._clock.monotonic() + SLOW_SECONDS

    # --- the bucket -------------------------------------------------------------------------------

    def _forget_old(self) -> None:
        oldest = self._clock.monotonic() - MINUTE_SECONDS
        while self._left and self._left[0][0] <= oldest:
            _, priority = self._left.popleft()
            self._by_priority[priority] -= 1

    def _share(self) -> int:
        stations = self._stations() if callable(self._stations) else self._stations
        return max(1, stations)

    def _capacity(self) -> float:
        return max(LEAST_CAPACITY, self._per_minute * BURST_SHARE / self._share())

    def _kept(self) -> float:
        """What the others leave in the bucket for lookups; with a full bucket one of them may always go."""
        capacity = self._capacity()
        return min(capacity - 1.0, max(capacity * KEPT_SHARE, KEPT_LEAST))

    def _rate(self) -> float:
        """Current rate in tokens per second."""
        full = self._per_minute / MINUTE_SECONDS / self._share()
        return full / 2 if self._clock.monotonic() < self._slow_until else full

    def _refill(self) -> None:
        now = self._clock.monotonic()
        since, self._counted_at = self._counted_at, now
        full = self._per_minute / MINUTE_SECONDS / self._share()
        slow = max(0.0, min(now, self._slow_until) - since)
        gained = full * (now - since - slow / 2)
        self._tokens = max(self._tokens, min(self._capacity(), self._tokens + max(0.0, gained)))

    # --- the order --------------------------------------------------------------------------------

    def _seconds_for(self, waiter: _Waiter) -> float:
        """The minimum time this waiter must wait; 0 if it may go now."""
        self._refill()
        self._forget_old()
        now = self._clock.monotonic()
        if self._has_had_its_part(waiter):
            return LOOK_SECONDS
        mine = self._rank(waiter, now)
        ahead = sum(1 for x in self._waiting if self._rank(x, now) < mine and not self._has_had_its_part(x))
        short = self._kept_from(waiter) + 1.0 + ahead - self._tokens
        return min(LOOK_SECONDS, max(short / self._rate(), 0.001)) if short > _HAIR else 0.0

    def _kept_from(self, waiter: _Waiter) -> float:
        """What this waiter must leave in the bucket.

        A finalizer draws on the lookups' part, so that it follows its read however many stations share the
        key; it leaves enough that the next lookup waits less than two seconds.
        """
        if waiter.priority == Priority.FINISH:
            enough = 1.0 - LOOKUP_WAITS_SECONDS * self._rate()
            return max(0.0, min(enough, self._kept() - 1.0))
        return 0.0 if self._is_first(waiter) else self._kept()

    def _is_first(self, waiter: _Waiter) -> bool:
        """Whether it is a finalizer, or a lookup while there were not too many in this minute."""
        if waiter.priority == Priority.FINISH:
            return True
        most = LOOKUPS_MOST * self._per_minute / self._share()
        return waiter.priority <= Priority.LOOKUP and self._by_priority[Priority.LOOKUP] < most

    def _has_had_its_part(self, waiter: _Waiter) -> bool:
        """Whether it is background work that has used its share while others wait."""
        if waiter.priority < Priority.BACKGROUND:
            return False
        most = max(1.0, BACKGROUND_MOST * self._per_minute / self._share())
        is_over = self._by_priority[Priority.BACKGROUND] >= most
        return is_over and any(x.priority < Priority.BACKGROUND for x in self._waiting)

    def _rank(self, waiter: _Waiter, now: float) -> tuple[bool, float, int]:
        """Smaller goes first: lookups, then priority minus one per 10 s waited, then age."""
        aged = waiter.priority - (now - waiter.since) // AGING_SECONDS
        return not self._is_first(waiter), aged, waiter.turn
