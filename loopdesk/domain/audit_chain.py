"""The chain of an audit log: each row carries a hash over the row before it and itself.

A row is the JSON list ``[seq, at, event, operator, station, return id, entry id, detail]``, written as one
line of ASCII; its hash is SHA-256 over the previous row's hash and that line. So a hash stands for everything
before it too: two rows with the same hash have the same past. The station that writes the log verifies it by
this, the hub that is told of it, and whoever has an exported copy.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

SHA_MOST: Final = 64
"""A hash has 32 bytes; one that was tampered with may have others."""

FIELDS: Final = 8
"""How many values a row has: its number, and seven texts."""

HIGHEST: Final = 2**63 - 1
"""No row has a higher number."""


@dataclass(frozen=True, slots=True, order=True)
class ChainLink:
    """A place in a chain: the last row before it, by its number and its hash.

    Attributes:
        seq: The number of the row; 0 before the first.
        sha: The hash of the row, 32 bytes; b"" before the first.
    """

    seq: int
    sha: bytes


BEGINNING: Final = ChainLink(0, b"")
"""The place before the first row."""


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A row as it is hashed, with the hash that it claims.

    Attributes:
        seq: Its number, as the line says.
        line: One line of ASCII.
        sha: As it is stored beside the line.
    """

    seq: int
    line: str
    sha: bytes

    @property
    def link(self) -> ChainLink:
        """The place after it."""
        return ChainLink(self.seq, self.sha)


class ChainFault(StrEnum):
    """Why a row does not follow the one before it."""

    CHANGED = "changed"
    """It, or the row before it, is not what was written."""
    MISSING = "missing"
    """Rows before it are gone."""
    REORDERED = "reordered"
    """Its number is not higher than that of the row before it."""


def line_of(row: Iterable[Any]) -> str:
    """Write the values of a row as they are hashed: one compact line of ASCII."""
    return json.dumps(list(row), ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)


def chained(previous: bytes, line: str) -> bytes:
    """Return the hash of a row.

    Args:
        previous: The hash of the row before it; b"" for the first.
        line: The row, ASCII.
    """
    return hashlib.sha256(previous + line.encode("ascii")).digest()


def row_in(line: str, sha: bytes) -> ChainRow | None:
    """Read a row that came from elsewhere; None if it is none."""
    if not line.isascii() or len(sha) > SHA_MOST:
        return None
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, list) or len(values) != FIELDS:
        return None
    seq, *texts = values
    if type(seq) is not int or not 0 < seq <= HIGHEST or not all(isinstance(text, str) for text in texts):
        return None
    return ChainRow(seq, line, sha)


def fault_after(place: ChainLink, row: ChainRow) -> ChainFault | None:
    """Return what is wrong with a row at a place in a chain, None if it follows."""
    if row.seq <= place.seq:
        return ChainFault.REORDERED
    if row.seq > place.seq + 1:
        return ChainFault.MISSING
    return None if chained(place.sha, row.line) == row.sha else ChainFault.CHANGED


def whole_part(place: ChainLink, rows: Sequence[ChainRow]) -> tuple[int, ChainFault | None]:
    """Verify rows that should follow a place.

    Returns:
        How many of them follow, from the first on; and what is wrong with the next one, None if all do.
    """
    for number, row in enumerate(rows):
        fault = fault_after(place, row)
        if fault is not None:
            return number, fault
        place = row.link
    return len(rows), None


class ChainCheck:
    """Verifies a chain row by row.

    Args:
        start: The place that the first row follows.

    Attributes:
        place: The place after the last row that followed.
        broken: The number of the first row that is changed or missing; None while all follow.
    """

    def __init__(self, start: ChainLink) -> None:
        self.place = start
        self.broken: int | None = None

    def take(self, row: ChainRow) -> None:
        """Verify the next row."""
        if self.broken is not None:
            return
        if fault_after(self.place, row) is None:
            self.place = row.link
        else:
            self.broken = self.place.seq + 1

    def end(self, end: ChainLink) -> int | None:
        """Say that there are no more rows.

        Returns:
            The number of the first row that is changed or missing, None if the chain is whole.
        """
        return self.broken if self.broken is not None or self.place == end else self.place.seq + 1
