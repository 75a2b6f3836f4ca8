"""When to retry: full jitter for a lane, a circuit breaker for the connection, a schedule for reading back.

Pure decisions; the caller waits. Times are monotonic seconds, never the wall clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

LONGEST_SECONDS = 60.0
"""Maximum back-off."""

BREAKER_FAILURES = 5
"""This many unsent requests or server errors within ``BREAKER_SECONDS`` open the breaker."""

BREAKER_SECONDS = 30.0

PROBE_STEPS = 3
"""Probes back off to at most 2^3 s, so that work resumes within seconds once the connection is up."""


def backoff(n: int, random: Callable[[], float]) -> float:
    """Return how many seconds to wait after the n-th consecutive failure (0 is the first).

    Full jitter: uniform between 0 and ``min(60, 2^n)``, so that stations that failed together do not retry
    together.

    Args:
        n: Number of consecutive failures before this one.
        random: Returns a number in [0, 1).
    """
    return random() * min(LONGEST_SECONDS, 2.0 ** min(max(n, 0), 6))


def probe_backoff(n: int, random: Callable[[], float]) -> float:
    """Return how many seconds to wait before the n-th probe of a dead connection; at most 8 s."""
    return backoff(min(n, PROBE_STEPS), random)


@dataclass(frozen=True, slots=True)
class Breaker:
    """A circuit breaker: after 5 failures in 30 s only probes are sent.

    Attributes:
        failures: Monotonic times of the latest failures, oldest first.
        opened_at: When it opened, None while it is closed.
        probes: Failed probes since then.
    """

    failures: tuple[float, ...] = ()
    opened_at: float | None = None
    probes: int = 0

    @property
    def is_open(self) -> bool:
        """Whether only probes may be sent."""
        return self.opened_at is not None

    def after_failure(self, at: float) -> Breaker:
        """Return the breaker after one unsent request or server error."""
        if self.is_open:
            return self
        recent = (*(x for x in self.failures if at - x < BREAKER_SECONDS), at)
        return Breaker(recent, at if len(recent) >= BREAKER_FAILURES else None)

    def opened(self, at: float) -> Breaker:
        """Return it opened immediately, for what needs no counting (a login page instead of Loop)."""
        return self if self.is_open else Breaker(self.failures, at)

    def after_probe(self) -> Breaker:
        """Return the breaker after a probe that failed."""
        return Breaker(self.failures, self.opened_at, self.probes + 1)

    def after_success(self) -> Breaker:
        """Return the breaker after any answer from Loop."""
        return Breaker()


def next_poll(polls: tuple[float, ...], elapsed_seconds: float) -> float:
    """Return when to read back next, in seconds since the doubt began.

    Args:
        polls: Increasing times since the doubt began; the last one is also the interval afterwards (2, 5, 10,
            20, 40, 60: then 120, 180 and so on).
        elapsed_seconds: How long the doubt has lasted at the latest poll.
    """
    for poll in polls:
        if poll > elapsed_seconds:
            return poll
    pace = polls[-1] if polls else LONGEST_SECONDS
    return (elapsed_seconds // pace + 1) * pace


CLOSED_SHARE = 0.25
"""A payment not shown yet is polled again after this share of the time it has taken so far."""


def after_closing(due: float, now: float, began: float, limit_seconds: float) -> float:
    """Return when to read a closed return again that shows no payment, in monotonic seconds.

    What takes hours is polled at growing intervals, about thirty times in six hours, and once at the limit.

    Args:
        due: When it would be read if it were still open.
        began: When the doubt began.
        limit_seconds: How long it may show nothing.
    """
    later = max(due, now + (now - began) * CLOSED_SHARE)
    end = began + limit_seconds
    return min(later, end) if now < end else later
