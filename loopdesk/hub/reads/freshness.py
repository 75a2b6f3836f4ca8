"""How fresh an answer must be, and whether a kept one is. All times are the database's clock.

An answer's age counts from the *begin* of the read, not from its end: what Loop says was true at some moment
between the two, so anything that happened after the begin may be missing. Counted from the end, one in four
kept answers was older than a webhook that had already arrived.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Final

_LONGEST: Final = 10 * 365 * 86_400.0


@dataclass(frozen=True, slots=True)
class Freshness:
    """What an asking bench accepts.

    Attributes:
        max_age: Seconds; None leaves it to the kind of answer. 0 is ``no-cache``: only a read that began
            after it was asked for.
        max_stale: Seconds by which an answer may be older than that while Loop cannot be reached; None leaves
            it to whether the bench named an age at all.
    """

    max_age: float | None = None
    max_stale: float | None = None

    @property
    def accepts_older(self) -> float:
        """By how many seconds an answer may be too old while Loop cannot be reached."""
        if self.max_stale is not None:
            return self.max_stale
        return inf if self.max_age is None else 0.0


def wanted_in(cache_control: str | None) -> Freshness:
    """Read a request's ``Cache-Control``.

    ``max-age=N`` and ``no-cache`` ask for a fresher answer than the kind's own; ``max-stale[=N]`` (or
    ``stale-if-error=N``) accepts an older one while Loop cannot be reached. A number that is none asks for
    the freshest; the strictest of several counts; unknown directives are ignored.
    """
    ages: list[float] = []
    stale: list[float] = []
    for part in (cache_control or "").split(","):
        name, has_value, value = part.strip().partition("=")
        word = name.strip().lower()
        if word in ("no-cache", "no-store"):
            ages.append(0.0)
        elif word == "max-age":
            ages.append(_seconds(value))
        elif word == "max-stale" and not has_value:
            stale.append(inf)
        elif word in ("max-stale", "stale-if-error"):
            stale.append(_seconds(value))
    return Freshness(min(ages, default=None), min(stale, default=None))


def _seconds(text: str) -> float:
    digits = text.strip().strip('"').strip()
    return min(_LONGEST, float(digits[:20])) if digits.isascii() and digits.isdecimal() else 0.0


@dataclass(frozen=True, slots=True)
class ReadTime:
    """When a kept answer was read.

    Attributes:
        began: When its read began.
        hint_at: When something last said that what it is about had changed; None for never.
    """

    began: datetime
    hint_at: datetime | None


@dataclass(frozen=True, slots=True)
class Need:
    """What one request for an answer needs of it.

    Attributes:
        asked: When it was asked for.
        max_age: Seconds; 0 for a read that began no earlier than ``asked``.
    """

    asked: datetime
    max_age: float


def is_fresh(seen: ReadTime, need: Need, now: datetime) -> bool:
    """Tell whether an answer will do.

    A read that began after it was asked for always does, even if a hint came while it ran: otherwise a return
    that changes all the time would never be answered.
    """
    if seen.began >= need.asked:
        return True
    if need.max_age <= 0 or (seen.hint_at is not None and seen.began <= seen.hint_at):
        return False
    return age_of(seen.began, now) <= need.max_age


def age_of(began: datetime, now: datetime) -> float:
    """Return an answer's age in seconds; none is younger than zero, also if the clock was put back."""
    return max(0.0, (now - began) / timedelta(seconds=1))
