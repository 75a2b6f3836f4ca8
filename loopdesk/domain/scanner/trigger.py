"""One pull of a gun's trigger gives at most one scan.

A 2D code can contain line ends, so a gun that types it, or sends it through a serial port, seems to read
several codes in a row. Anyone can print such a code on a parcel: only its first line counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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
