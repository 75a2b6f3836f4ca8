"""Progress and schedule of reading Loop's list. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

NIGHT = time(2)
"""Local time of the nightly sweep; a station that is off then reads at its next start."""

SKEW_WARNED_SECONDS = 60.0
"""From this much on a person is told that this machine's clock is wrong."""

MARK_AHEAD = timedelta(minutes=1)
"""A stored time may be this far ahead of Loop's: clocks drift a little between two answers."""

LONGEST = timedelta(days=120)
"""The longest window of Loop's list and of its notice; Loop refuses longer ones."""

CALLS_A_SYNC = 3
"""The cost of reading the changes: one call per pass."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The remaining work of a window that is read from its newest end.

    Attributes:
        returns: Estimated number of returns.
        seconds: Estimated time.
    """

    returns: int
    seconds: float


def estimate(*, done_before: float, done: float, read: int, seconds: float) -> Estimate | None:
    """Estimate the rest of a window from what was read of it; None while that is impossible.

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
    """Return which share of a window is covered by what was read from its newest end."""
    whole = (end - start).total_seconds()
    if oldest is None or whole <= 0.0:
        return 0.0
    return min(1.0, max(0.0, (end - oldest).total_seconds() / whole))


def believed(mark: datetime | None, now: datetime) -> datetime | None:
    """Return a stored time unless it is ahead of Loop's: then a wrong clock wrote it."""
    return mark if mark is not None and mark <= now + MARK_AHEAD else None


def since(mark: datetime | None, end: datetime, overlap: timedelta, reach: timedelta) -> datetime:
    """Return where the reading of changes starts.

    Args:
        mark: The time after which something may be unknown; if None, or ahead of the window's end, everything
            within reach is read.
        end: The end of the window.
        overlap: How much before the mark is read again.
        reach: The longest possible window.
    """
    known = mark if mark is not None and mark <= end else None
    return max(known - overlap, end - reach) if known is not None else end - reach


def is_night_over(since: datetime | None, now: datetime, zone: tzinfo) -> bool:
    """Tell whether a night has begun since something was last done; true if it was never done."""
    if since is None:
        return True
    here = now.astimezone(zone)
    begun = datetime.combine(here.date(), NIGHT, zone)
    if begun > here:
        begun -= timedelta(days=1)
    return since < begun


def slices(start: datetime, end: datetime, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """Split a window into pieces of at most ``step``, newest first."""
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


LEAST_AT_ONCE, MOST_AT_ONCE = 50, 200
"""Returns that are stored in one transaction, of many that came at once."""

TURN_SECONDS = 0.06
"""How long such a transaction should take: a scan waits for one of them at most."""


def next_number(number: int, seconds: float) -> int:
    """Return how many returns to store in the next transaction.

    Args:
        number: How many the one before stored.
        seconds: How long it took.
    """
    wanted = number * TURN_SECONDS / max(seconds, 0.001)
    return round(min(MOST_AT_ONCE, max(LEAST_AT_ONCE, min(wanted, 2 * number))))


@dataclass(frozen=True, slots=True)
class HubContact:
    """Whether the hub that this bench follows can be heard.

    Attributes:
        is_heard: It was heard a short while ago.
        heard_at: When it was heard last; None for not since the program started.
        is_silent: It was not heard for longer than it is ever silent.
    """

    is_heard: bool = False
    heard_at: datetime | None = None
    is_silent: bool = False


NOT_HEARD = HubContact()
"""There is no hub, or it was not heard yet."""
