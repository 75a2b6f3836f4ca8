"""Several codes in one scan: a label's codes run together, a code read twice, two guns at once.

Only proven carrier numbers are split: every piece has a valid check digit, or a form that nothing else has.
Everything else stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from loopdesk.domain.labels.check_digits import has_mod10_31
from loopdesk.domain.labels.rules import is_distinct, matches

LEAST_REPEATED = 8
"""Shortest code that can count as read twice; shorter ones may repeat within one number."""

_LONGEST = 42
_SHORTEST = 10
_LEAST_BESIDE = 8
"""Shortest and longest code that is cut out of a longer text, and of a postcode."""

_MOST_LEAD = 12
"""Most characters that one of two guns types before the other one starts."""

_MOST_CUT = 90
_MOST_PIECES = 12
"""Longest text that is split, and most codes that are taken out of one."""

_BETWEEN = re.compile(r"[\r\n\t\x02\x03\x1c\x1e\x1f|;,]+|(?<=.)(?=\][A-Za-z][0-9])", re.ASCII)
_INSIDE = re.compile(r"1Z[0-9A-Z]{16}|(?<=[0-9A-Z])[A-Z]{2}[0-9]{9}GB", re.ASCII)
_LIKE_A_CODE = re.compile(r"(?=(?:[A-Z]*[0-9]){5})[0-9A-Z]{8,48}", re.ASCII)

_BESIDE = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"420[0-9]{5}",
        r"420[0-9]{9}",
        r"2L[A-Z]{2}[0-9]{5}\+[0-9]{8}",
        r"[0-9]{13}",
        r"[0-9]{12}",
    )
)
"""Codes next to the number on a label that name no parcel: postcode, routing, product."""


def lines(text: str) -> tuple[str, ...]:
    """Split a scan at the characters that end a code: line ends, tabs, and a scanner's next AIM identifier.

    Not in a web link, where commas separate the numbers of one code.
    """
    if text.lower().startswith(("http://", "https://")) and text.isprintable():
        return (text,)
    return tuple(piece.strip() for piece in _BETWEEN.split(text) if piece.strip())


def repeated(tight: str) -> str:
    """Return the code that a scan contains two, three or four times in a row; "" if it does not."""
    for times in (4, 3, 2):
        size, rest = divmod(len(tight), times)
        if not rest and size >= LEAST_REPEATED and tight == tight[:size] * times:
            return tight[:size]
    return ""


def run_together(tight: str) -> tuple[str, ...]:
    """Return the codes that a scan concatenates; empty unless it is split completely.

    Postcodes, routing codes and product barcodes between them are left out. Of several ways to split, the one
    with the fewest weak proofs wins; on a tie, the codes of all of them are returned.
    """
    if len(tight) > _MOST_CUT:
        return ()
    cut = _Cutter(tight).rest(0)
    return tuple(dict.fromkeys(cut.pieces)) if cut and cut.is_believed else ()


def interleaved(tight: str) -> tuple[str, ...]:
    """Return the codes of two guns that typed at once, their characters interleaved; mostly empty.

    One of them may have started earlier, and may end earlier or later. Both codes must be proven, and one
    must have a form that nothing else has, because digits match by chance.
    """
    if len(tight) % 2 == 0 and tight[::2] == tight[1::2]:
        return (tight[::2],) if is_certain(tight[::2]) else ()
    if len(tight) > _MOST_CUT:
        return ()
    for first, second in _by_turns(tight):
        if (is_distinct(first) and is_certain(second)) or (is_distinct(second) and is_certain(first)):
            return first, second
    return ()


def inside(tight: str) -> tuple[str, ...]:
    """Return the UPS and Royal Mail numbers inside other text; no other form can be recognized there."""
    found = (match[0] for match in _INSIDE.finditer(tight))
    return tuple(dict.fromkeys(code for code in found if code != tight and is_certain(code)))


def is_certain(piece: str) -> bool:
    """Whether a check digit, or a form that nothing else has, proves a carrier's number."""
    return any(match.is_certain for match in matches(piece))


def is_like_a_code(tight: str) -> bool:
    """Whether a line is some kind of code and not a name or a street."""
    return _LIKE_A_CODE.fullmatch(tight) is not None


def _by_turns(tight: str) -> Iterator[tuple[str, str]]:
    """Every way in which two codes of common lengths may have been interleaved."""
    for lead in range(_MOST_LEAD + 1):
        rest = tight[lead:]
        for size in range(_SHORTEST, len(tight) - _SHORTEST + 1):
            pairs = min(size, len(tight) - size - lead)
            if pairs < _SHORTEST // 2:
                continue
            late, early = rest[: 2 * pairs : 2], tight[:lead] + rest[1 : 2 * pairs : 2]
            tail = rest[2 * pairs :]
            yield (early, late + tail) if size > pairs else (early + tail, late)


@dataclass(frozen=True, slots=True)
class _Cut:
    """One way to split a text, or several equally good ones.

    Attributes:
        doubt: How weakly the pieces are proven: 0 for a form that nothing else has.
        count: How many pieces one way has.
        pieces: The pieces of all ways.
        proof: What the pieces prove together: 2 for a form that nothing else has.
    """

    doubt: int
    count: int
    pieces: tuple[str, ...]
    proof: int

    @property
    def is_believed(self) -> bool:
        """Whether more than one piece matches, because a single check digit may be valid by chance."""
        return self.proof > 1

    def behind(self, piece: str, doubt: int) -> _Cut:
        """The same, preceded by one more piece."""
        proof = self.proof + (1 if doubt else 2)
        return _Cut(self.doubt + doubt, self.count + 1, (piece, *self.pieces), proof)

    def or_else(self, other: _Cut | None) -> _Cut:
        """The better of two, or both combined."""
        if other is None or (self.doubt, self.count) < (other.doubt, other.count):
            return self
        if (self.doubt, self.count) > (other.doubt, other.count):
            return other
        pieces = tuple(dict.fromkeys((*other.pieces, *self.pieces)))[:_MOST_PIECES]
        return _Cut(self.doubt, self.count, pieces, max(self.proof, other.proof))


_UNPROVEN = 3


class _Cutter:
    """Finds the best way to split a text into codes without leftovers."""

    def __init__(self, tight: str) -> None:
        self._tight = tight
        self._known: dict[int, _Cut | None] = {len(tight): _Cut(0, 0, (), proof=0)}

    def rest(self, start: int) -> _Cut | None:
        """The best split from a position to the end."""
        if start not in self._known:
            self._known[start] = self._best(start)
        return self._known[start]

    def _best(self, start: int) -> _Cut | None:
        best: _Cut | None = None
        left = len(self._tight) - start
        for size in range(_SHORTEST, min(_LONGEST, left if start else left - 1) + 1):
            if 0 < left - size < _LEAST_BESIDE:
                continue
            piece = self._tight[start : start + size]
            doubt = _doubt(piece)
            rest = self.rest(start + size) if doubt is not None else None
            if rest is not None and doubt is not None:
                best = rest.behind(piece, doubt).or_else(best)
        for pattern in _BESIDE:
            beside = pattern.match(self._tight, start)
            if beside and (beside[0].startswith(("420", "2L")) or has_mod10_31(beside[0])):
                rest = self.rest(beside.end())
                best = rest.or_else(best) if rest is not None else best
        return best


def _doubt(piece: str) -> int | None:
    """How weakly a piece is proven; None if it is not a carrier's number."""
    doubts = [
        0 if match.is_certain and match.rule.is_distinct else 1 if match.is_certain else _UNPROVEN
        for match in matches(piece)
        if match.is_certain or (match.is_sound and not piece.isdigit())
    ]
    return min(doubts, default=None)
