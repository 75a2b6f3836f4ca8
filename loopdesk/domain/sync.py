"""How far the reading of Loop's list has come, and when which of it is due again. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

NIGHT = time(2)
"""Local time of the nightly reading; a station that is off then reads at its next start."""

CALLS_A_SYNC = 3
"""What reading the changes costs: a call for each pass."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is still to be read of a window that is read from its newest end.

    Attributes:
        returns: About how many.
        seconds: About how long that takes.
    """

    returns: int
    seconds: float


def estimate(*, done_before: float, done: float, read: int, seconds: float) -> Estimate | None:
    """Conclude from what was read of a window how much of it is left; None while nothing can be said.

    Args:
        done_before: The share of the window that was read before this run.
        done: The share that is read now.
        read: Returns read in this run.
        seconds: How long this run took.
    """
    mine = done - done_before
    if mine <= 0.0 or read <= 0:
        return None
    left = max(0.0, 1.0 - done) / mine
    return Estimate(round(read * left), seconds * left)


def share_done(start: datetime, end: datetime, oldest: datetime | None) -> float:
    """Return which share of a window lies behind the oldest return that was read from its newest end."""
    whole = (end - start).total_seconds()
    if oldest is None or whole <= 0.0:
        return 0.0
    return min(1.0, max(0.0, (end - oldest).total_seconds() / whole))


def is_night_over(since: datetime | None, now: datetime, zone: tzinfo) -> bool:
    """Tell whether a night has begun since something was last done; never done counts as so."""
    if since is None:
        return True
    here = now.astimezone(zone)
    begun = datetime.combine(here.date(), NIGHT, zone)
    if begun > here:
        begun -= timedelta(days=1)
    return since < begun


def slices(start: datetime, end: datetime, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """Cut a window into pieces of at most ``step``, the newest first."""
    while end - step > start:
        yield end - step, end
        end -= step
    yield start, end


def pace(seconds: float, stations: int, per_minute: float) -> float:
    """Return how often a station may sync, in seconds.

    All stations of a key together spend at most a tenth of its requests on it; 0 stays never.
    """
    least = CALLS_A_SYNC * stations / (per_minute / 60.0 * 0.1)
    return max(seconds, least) if seconds > 0 else 0.0
