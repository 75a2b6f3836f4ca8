"""How a shop's requests are dealt out: a token bucket, classes, and benches within a class.

The same rules stand in SQL (``budget_deal``), where all processes share them; a test compares the two.

Lookups go first. The other classes share what is left by stride scheduling: each has a *pass* that grows with
every request by one over its weight, and the smallest goes next. A class that was idle joins at the pass that
the others have *reached*, so that it neither waits nor makes up for lost turns. Benches within a class take
turns by the same rule, each with the weight one; a bench with a hundred wishes is one bench.

Each class leaves some tokens to those before it, its *floor*. A class whose turn it is and that would go
below its floor is passed over, so that a burst is spent on what comes first. Floors alone would let a busy
class stop the one with the next higher floor, since the tokens that it needs never gather; so a class that
has waited for three seconds is not passed over any more, its floor is at most an action's, and the others
wait behind it, a second at most. Beyond that, waiting raises nobody's priority: with four hundred wishes
queued that made lookups wait forty seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from math import inf
from typing import Final, NamedTuple
from uuid import UUID

PER_SECOND: Final = 4.0
"""Of Loop's 300 requests a minute and key; with the burst at most 270 in any minute."""

BURST: Final = 30.0

SLOW_SECONDS: Final = 60.0
"""How long a 429 halves the rate, for all processes and benches."""

PATIENCE_SECONDS: Final = 3.0
"""For so long the oldest wish of a class is passed over for the sake of its floor."""

LATE_FLOOR: Final = 4.0
"""The highest floor after that."""


class Klass(IntEnum):
    """What a request is for; the numbers are those of ``services.ports.loop.Priority``."""

    LOOKUP = 0
    FINISH = 1
    READ_BACK = 2
    ACTION = 3
    BACKGROUND = 4


class Share(NamedTuple):
    """How a class is treated.

    Attributes:
        floor: Tokens that it leaves in a full-sized bucket, for those before it.
        weight: Its share beside the others; lookups have none, they go first.
    """

    floor: float
    weight: float


SHARES: Final[Mapping[Klass, Share]] = {
    Klass.LOOKUP: Share(0.0, 1.0),
    Klass.FINISH: Share(1.0, 8.0),
    Klass.READ_BACK: Share(2.0, 4.0),
    Klass.ACTION: Share(4.0, 4.0),
    Klass.BACKGROUND: Share(12.0, 1.0),
}


def klass_named(text: str | None) -> Klass:
    """Return the class of a priority as a bench writes it; what is unknown is background work."""
    known = {str(int(one)): one for one in Klass}
    return known.get((text or "").strip(), Klass.BACKGROUND)


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that waits for its turn.

    Attributes:
        number: Tells it from the others, and breaks ties.
        asked_at: Seconds of the database's clock.
    """

    number: int
    bench_id: UUID
    klass: Klass
    asked_at: float


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """The state of a shop's budget.

    Attributes:
        tokens: Requests that could be sent at ``counted_at``; below zero after a throttle that said how long.
        counted_at: Seconds of the database's clock.
        slow_seconds: How long a 429 halves the rate.
        slow_until: Until then it is halved.
        reached: The pass of the class that was dealt last.
        passes: Of each class; 0 for one that is missing.
        benches_reached: For each class, the pass of the bench that was dealt last.
        bench_passes: Of each bench in a class; 0 for one that is missing.
    """

    tokens: float
    counted_at: float
    per_second: float = PER_SECOND
    burst: float = BURST
    slow_seconds: float = SLOW_SECONDS
    slow_until: float = -inf
    reached: float = 0.0
    passes: Mapping[Klass, float] = field(default_factory=dict)
    benches_reached: Mapping[Klass, float] = field(default_factory=dict)
    bench_passes: Mapping[tuple[Klass, UUID], float] = field(default_factory=dict)


def refilled(bucket: TokenBucket, at: float) -> TokenBucket:
    """Return the bucket as it is at a time.

    A clock that was put back adds nothing and takes nothing away: it counts on from there.
    """
    passed = max(0.0, at - bucket.counted_at)
    slow = min(passed, max(0.0, bucket.slow_until - bucket.counted_at))
    gained = bucket.per_second * (passed - slow / 2)
    slow_until = min(bucket.slow_until, at + bucket.slow_seconds)
    tokens = min(bucket.burst, bucket.tokens + gained)
    return replace(bucket, tokens=tokens, counted_at=at, slow_until=slow_until)


def throttled(bucket: TokenBucket, at: float, retry_after: float = 0.0) -> TokenBucket:
    """Return the bucket after a 429: empty, at half its rate for a minute, closed while Loop said."""
    now = refilled(bucket, at)
    owed = now.per_second / 2 * max(0.0, min(retry_after, now.slow_seconds))
    return replace(now, tokens=min(now.tokens, -owed), slow_until=at + now.slow_seconds)


@dataclass(frozen=True, slots=True)
class Dealt:
    """What one round of dealing brought.

    Attributes:
        granted: Wishes that may leave now, in this order.
        look_in: Seconds until another round could grant more; None if nobody waits.
    """

    bucket: TokenBucket
    granted: tuple[Wish, ...]
    look_in: float | None


def deal(bucket: TokenBucket, wishes: Iterable[Wish], at: float) -> Dealt:
    """Grant as many wishes as the tokens allow.

    Args:
        wishes: All that wait, in any order.
        at: Seconds of the database's clock.
    """
    now = refilled(bucket, at)
    waiting = sorted(wishes, key=lambda wish: (wish.asked_at, wish.number))
    granted: list[Wish] = []
    while (klass := _next_class(now, waiting)) is not None:
        wish = _next_wish(now, klass, waiting)
        waiting.remove(wish)
        granted.append(wish)
        now = _spent(now, wish)
    return Dealt(now, tuple(granted), _look_in(now, waiting))


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a class that waits needs.

    Attributes:
        short: Tokens that the bucket lacks for it; at most 0 if it may go.
        is_late: It is not passed over any more.
    """

    klass: Klass
    short: float
    is_late: bool


def _claims(bucket: TokenBucket, waiting: Iterable[Wish]) -> list[_Claim]:
    """Return the classes that wait, the next one first, up to one that is not passed over."""
    since: dict[Klass, float] = {}
    for wish in waiting:
        since[wish.klass] = min(wish.asked_at, since.get(wish.klass, inf))
    claims = []
    for klass in sorted(since, key=lambda one: (one is not Klass.LOOKUP, _start(bucket, one), one)):
        is_late = bucket.counted_at - since[klass] >= PATIENCE_SECONDS
        floor = min(SHARES[klass].floor, LATE_FLOOR) if is_late else SHARES[klass].floor
        claims.append(_Claim(klass, 1.0 + floor * bucket.burst / BURST - bucket.tokens, is_late))
        if is_late and claims[-1].short > 0:
            break
    return claims


def _next_class(bucket: TokenBucket, waiting: Iterable[Wish]) -> Klass | None:
    return next((claim.klass for claim in _claims(bucket, waiting) if claim.short <= 0), None)


def _next_wish(bucket: TokenBucket, klass: Klass, waiting: list[Wish]) -> Wish:
    mine = [wish for wish in waiting if wish.klass is klass]
    return min(mine, key=lambda wish: (_bench_start(bucket, wish), wish.asked_at, wish.number))


def _start(bucket: TokenBucket, klass: Klass) -> float:
    return max(bucket.passes.get(klass, 0.0), bucket.reached)


def _bench_start(bucket: TokenBucket, wish: Wish) -> float:
    own = bucket.bench_passes.get((wish.klass, wish.bench_id), 0.0)
    return max(own, bucket.benches_reached.get(wish.klass, 0.0))


def _spent(bucket: TokenBucket, wish: Wish) -> TokenBucket:
    klass, bench_start = wish.klass, _bench_start(bucket, wish)
    after = replace(
        bucket,
        tokens=bucket.tokens - 1.0,
        benches_reached={**bucket.benches_reached, klass: bench_start},
        bench_passes={**bucket.bench_passes, (klass, wish.bench_id): bench_start + 1.0},
    )
    if klass is Klass.LOOKUP:
        return after
    start = _start(bucket, klass)
    return replace(after, reached=start, passes={**bucket.passes, klass: start + 1.0 / SHARES[klass].weight})


def _look_in(bucket: TokenBucket, waiting: list[Wish]) -> float | None:
    if not waiting:
        return None
    is_slow = bucket.counted_at < bucket.slow_until
    rate = bucket.per_second / 2 if is_slow else bucket.per_second
    short = min(claim.short for claim in _claims(bucket, waiting))
    return max(0.0, short / rate)
