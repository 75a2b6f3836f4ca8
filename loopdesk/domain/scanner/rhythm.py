"""How fast a gun types and what a station learns from it; and that one pull of its trigger is one scan."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

HUMAN_SECONDS = 0.060
"""Nobody presses two keys on purpose closer together than this."""

PATIENCE_SECONDS = 0.250
"""The longest pause inside a code: 150 ms per key, and a first key that comes 100 ms early."""

SLOWEST_GAP_MS = 200
"""No gun is assumed to be slower than this."""

_UNEVENNESS = 0.25
_TIMER_SECONDS = 0.012
_MOST_STRAYS = 2
_FEWEST_GAPS = 7


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The pauses between the keys of one burst, in seconds, in order."""

    gaps: tuple[float, ...]

    @property
    def typical_seconds(self) -> float:
        """The median pause; 0 for a single key."""
        return _median(self.gaps) if self.gaps else 0.0

    @property
    def is_quick(self) -> bool:
        """Whether it is faster than any person types."""
        return self.typical_seconds < HUMAN_SECONDS

    @property
    def is_even(self) -> bool:
        """Whether it is as regular as a machine: all pauses alike except for an early first key and one
        hiccup.
        """
        return len(self.gaps) >= _FEWEST_GAPS and self._keeps(self.typical_seconds)

    def fits(self, typical_seconds: float | None) -> bool:
        """Whether it matches the rhythm of this station's gun.

        Args:
            typical_seconds: What was learned; None if nothing was.
        """
        return typical_seconds is not None and len(self.gaps) > 1 and self._keeps(typical_seconds)

    def _keeps(self, seconds: float) -> bool:
        slack = max(_UNEVENNESS * seconds, _TIMER_SECONDS)
        return sum(abs(gap - seconds) > slack for gap in self.gaps) <= min(_MOST_STRAYS, len(self.gaps) // 3)


REMEMBERED = 5
"""The number of recent scans that determine the pace."""

_BELIEVED_FROM = 3
_ROOM = 1.5
_LEAST_CHANGE_MS = 10


@dataclass(frozen=True, slots=True)
class GunPace:
    """What a station knows about its gun's speed.

    Attributes:
        gap_ms: The longest pause to expect within a code; initially from the settings.
        recent: The typical pause of each recent complete scan, in ms.
    """

    gap_ms: int
    recent: tuple[float, ...] = ()

    @property
    def typical_ms(self) -> float | None:
        """The gun's typical pause between two keys; None until enough scans were seen."""
        return _median(self.recent) if len(self.recent) >= _BELIEVED_FROM else None

    def learn(self, rhythm: Rhythm, start_ms: int) -> GunPace:
        """Return what is known after one more complete scan.

        The gap follows only what several scans agree on, and never falls below its initial value: a gun that
        hesitates now and then must not be cut off.

        Args:
            rhythm: How the scan was typed.
            start_ms: The gap from the settings.
        """
        if len(rhythm.gaps) < _FEWEST_GAPS:
            return self
        recent = (*self.recent, round(rhythm.typical_seconds * 1000, 1))[-REMEMBERED:]
        known = replace(self, recent=recent)
        if known.typical_ms is None:
            return known
        wanted = min(SLOWEST_GAP_MS, max(start_ms, math.ceil(_ROOM * known.typical_ms)))
        is_change = abs(wanted - self.gap_ms) > max(_LEAST_CHANGE_MS, 0.2 * self.gap_ms)
        return replace(known, gap_ms=wanted if is_change else self.gap_ms)


def _median(values: Sequence[float]) -> float:
    # Imported late: decimals and fractions come with it, and the first paint needs neither.
    from statistics import median  # noqa: PLC0415 - as said

    return median(values)


def pauses(times: Sequence[float]) -> Rhythm:
    """Return the rhythm of keys pressed at these times, in seconds."""
    return Rhythm(tuple(after - before for before, after in pairwise(times)))


# --- one pull of the trigger ------------------------------------------------------------------------

FRAME_SECONDS = 0.150
"""What a gun sends within this time of its last character still belongs to the same pull."""

_LINE_ENDS = re.compile(r"[\r\n\t]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """How one piece of a gun's output relates to its pull.

    Attributes:
        scan: The first line of a pull; None if this pull has had its scan, or nothing was sent.
        rest: Lines that do not count, in order; to be announced, never to be acted upon.
    """

    scan: str | None = None
    rest: tuple[str, ...] = ()


class Trigger:
    """Tells the first line of each pull from what follows it. One object per gun.

    A 2D code can contain line ends, so a gun that types it, or sends it through a serial port, seems to read
    several codes in a row. Anyone can print such a code on a parcel: only its first line counts.

    It reads no clock: times are seconds on any scale that never goes back. A piece may be one of several
    lines, or several lines at once.

    Args:
        within_seconds: Pieces closer together than this come from the same pull.
    """

    def __init__(self, within_seconds: float = FRAME_SECONDS) -> None:
        self._within_seconds = within_seconds
        self._ended_at: float | None = None
        self._first = ""

    def take(self, text: str, began_at: float, ended_at: float) -> Piece:
        """Consume a piece of the gun's output. The first line read twice is not another line.

        Args:
            text: The characters, with or without the trailing line end.
            began_at: When its first character came.
            ended_at: When its last one came.
        """
        lines = tuple(line for line in _LINE_ENDS.split(text) if line)
        if not lines:
            return Piece()
        before, self._ended_at = self._ended_at, ended_at
        if before is not None and began_at - before <= self._within_seconds:
            return Piece(rest=self._others(lines))
        self._first = lines[0]
        return Piece(lines[0], self._others(lines))

    def _others(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(line for line in lines if line != self._first)
