"""One pull of a gun's trigger gives at most one scan.

A square code can hold line ends, so that a gun that types it, or sends it through a serial port, seems
to read several codes in a row. Anyone can print such a code on a parcel: only its first line counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FRAME_SECONDS = 0.150
"""What one gun sends within this time of its last character still belongs to the same pull."""

_LINE_ENDS = re.compile(r"[\r\n\t]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """What one piece of what a gun sent is to its pull.

    Attributes:
        scan: The first line of a pull; None when this pull has had its scan, or nothing was sent.
        rest: Lines that do not count, in their order; to be announced, never to be acted upon.
    """

    scan: str | None = None
    rest: tuple[str, ...] = ()


class Trigger:
    """Tells the first line of each pull from what follows it. One object a gun.

    It knows no clock: times are seconds on any scale that never goes back. What a piece is does not
    matter: one line of several, or several lines at once.

    Args:
        within_seconds: Pieces closer together than this come from the same pull.
    """

    def __init__(self, within_seconds: float = FRAME_SECONDS) -> None:
        self._within_seconds = within_seconds
        self._ended_at: float | None = None

    def take(self, text: str, began_at: float, ended_at: float) -> Piece:
        """Take a piece of what the gun sent.

        Args:
            text: The characters, with or without the line end behind them.
            began_at: When its first character came.
            ended_at: When its last one came.
        """
        lines = tuple(line for line in _LINE_ENDS.split(text) if line)
        if not lines:
            return Piece()
        before, self._ended_at = self._ended_at, ended_at
        if before is not None and began_at - before <= self._within_seconds:
            return Piece(rest=lines)
        return Piece(lines[0], lines[1:])
