"""Several codes in one scan: a label's codes run together, a code read twice, two guns at once.

Only what carriers prove is cut apart: every piece has a check digit that is right, or a form that
nothing else has. Anything else stays whole.
"""

from __future__ import annotations

import re

from loopdesk.domain.check_digits import has_mod10_31
from loopdesk.domain.label_rules import matches

LEAST_REPEATED = 8
"""Fewest characters of a code that is taken for read twice; shorter ones may repeat within one number."""

_ALIKE = 12
"""Characters in which two codes of one parcel end alike: FedEx prints one number in several lengths."""

_BETWEEN = re.compile(r"[\r\n\t\x02\x03\x1c\x1e\x1f|;]+|(?<=.)(?=\][A-Za-z][0-9])", re.ASCII)
_UPS_INSIDE = re.compile(r"1Z[0-9A-Z]{16}", re.ASCII)


_PIECES = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"420[0-9]{9}9[1-5][0-9]{20}",
        r"420[0-9]{5}9[1-5][0-9]{24}",
        r"420[0-9]{5}9[1-5][0-9]{20}",
        r"(?:10|96)[0-9]{32}",
        r"[0-9]{32}",
        r"[0-9]{21}[0-9A-Z]{7}",
        r"9[1-5][0-9]{24}",
        r"9[1-5][0-9]{20}",
        r"96[0-9]{20}",
        r"[CDKLSUXZ][0-9]{21}",
        r"(?:02|61)[0-9]{18}",
        r"SP[0-9]{18}",
        r"1Z[0-9A-Z]{16}",
        r"JJD[0-9]{16,18}",
        r"JD[0-9]{16,18}",
        r"(?:YT|GFUS|TB[ABCM]|1LS7)[0-9]{12,16}",
        r"[0-9]{16}",
        r"[0-9]{15}",
        r"[CD][0-9]{14}",
        r"[0-9]{14}[0-9A-Z]",
        r"[A-Z]{2}[0-9]{9}[A-Z]{2}",
        r"LTN[0-9]{8}N1",
        r"[0-9]{12}",
        r"[0-9]{10}",
    )
)
"""The forms that are looked for within codes run together, the longest first."""

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
"""Codes that stand beside the number on a label and name no parcel: postcode, routing, goods."""


def lines(text: str) -> tuple[str, ...]:
    """Cut a scan at the signs that end a code: line ends, tabs, and a scanner's next code letters."""
    return tuple(piece.strip() for piece in _BETWEEN.split(text) if piece.strip())


def repeated(tight: str) -> str:
    """Return the code that a scan holds two, three or four times over; "" when it does not."""
    for times in (4, 3, 2):
        size, rest = divmod(len(tight), times)
        if not rest and size >= LEAST_REPEATED and tight == tight[:size] * times:
            return tight[:size]
    return ""


def run_together(tight: str) -> tuple[str, ...]:
    """Return the proven codes that a scan holds one behind another; empty when it does not wholly.

    Postcodes, routing codes and barcodes of goods between them are left out. Digits alone fall into
    pieces with right check digits by chance, so one piece must have a form that nothing else has, or
    all must be of one length, or end in the same number.
    """
    found = _cut(tight, 0, set())
    if found is None or tight in found:
        return ()
    is_alike = len({len(piece) for piece in found}) == 1 or len({piece[-_ALIKE:] for piece in found}) == 1
    has_distinct = any(match.is_certain and match.rule.is_distinct for x in found for match in matches(x))
    return found if has_distinct or (is_alike and len(found) > 1) else ()


def ups_inside(tight: str) -> tuple[str, ...]:
    """Return the UPS numbers within other text; no other carrier's form can be told inside a text."""
    found = (match[0] for match in _UPS_INSIDE.finditer(tight))
    return tuple(dict.fromkeys(code for code in found if code != tight and is_certain(code)))


def is_certain(piece: str) -> bool:
    """Whether a check digit, or a form that nothing else has, says that this is a carrier's number."""
    return any(match.is_certain for match in matches(piece))


def _cut(tight: str, start: int, dead: set[int]) -> tuple[str, ...] | None:
    """The codes from a place to the end; None when the rest cannot be cut without leftovers."""
    if start == len(tight):
        return ()
    if start in dead:
        return None
    for pattern in _PIECES:
        piece = pattern.match(tight, start)
        if piece and is_certain(piece[0]):
            rest = _cut(tight, piece.end(), dead)
            if rest is not None:
                return (piece[0], *rest)
    for pattern in _BESIDE:
        beside = pattern.match(tight, start)
        if beside and (beside[0].startswith(("420", "2L")) or has_mod10_31(beside[0])):
            rest = _cut(tight, beside.end(), dead)
            if rest is not None:
                return rest
    dead.add(start)
    return None
