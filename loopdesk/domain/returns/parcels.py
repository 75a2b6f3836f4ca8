"""The parcels of a return: which are expected, which were seen here, which are awaited. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.domain.returns.returns import Parcel, Return

_NEVER_SENT = frozenset({"canceled", "cancelled"})
"""Label states in Loop's words after which no parcel will ever carry the label."""

_SEPARATE = re.compile(r"[,;|/&\r\n\t]+|\band\b", re.IGNORECASE)
_LEAST_SEPARATE, _LEAST_WORD, _LEAST_DIGITS = 8, 10, 5
"""Fewest characters of a number after a comma, of one after a space (groups are shorter), and its fewest
digits.
"""


@dataclass(frozen=True, slots=True)
class SeenParcel:
    """A parcel whose label was scanned at this station; ``seen_at`` is the first time, aware UTC."""

    return_id: str
    tracking_number: str
    seen_at: datetime
    operator: Operator = PROGRAM
    station: str = ""


@dataclass(frozen=True, slots=True)
class ParcelPicture:
    """One parcel of a return; ``seen_at`` is None if its label was not scanned here."""

    parcel: Parcel
    seen_at: datetime | None = None


def is_same_number(one: str, other: str) -> bool:
    """Tell whether two texts are the same tracking number: only letters and digits count, ignoring case."""
    return _bare(one) == _bare(other) != ""


def _bare(number: str) -> str:
    return "".join(ch for ch in number if ch.isalnum()).upper()


def numbers_in(text: str) -> Iterator[str]:
    """Yield the numbers in a field that holds several, or words too; not the groups of a single one."""
    for part in _SEPARATE.split(text):
        if part != text and _is_number(part, _LEAST_SEPARATE):
            yield part.strip()
        words = part.split()
        if len(words) > 1:
            yield from (word for word in words if _is_number(word, _LEAST_WORD))


def _is_number(text: str, least: int) -> bool:
    return len(_bare(text)) >= least and sum("0" <= sign <= "9" for sign in text) >= _LEAST_DIGITS


def expected_parcels(ret: Return) -> tuple[Parcel, ...]:
    """List the expected parcels in Loop's order, without repeated numbers.

    A cancelled label brings nothing, and neither does one whose units the shopper all keeps or donates.
    """
    found: dict[str, Parcel] = {}
    for parcel in ret.parcels:
        number = _bare(parcel.tracking_number)
        if number and parcel.status.strip().lower() not in _NEVER_SENT and _brings_something(ret, parcel):
            found.setdefault(number, parcel)
    return tuple(found.values())


def _brings_something(ret: Return, parcel: Parcel) -> bool:
    named = [line for line in ret.lines if line.line_item_id in parcel.line_item_ids]
    return not named or any(line.is_expected for line in named)


def parcel_with(ret: Return, number: str) -> Parcel | None:
    """Return the parcel with this tracking number, alone or among others in its field, or None."""
    for parcel in ret.parcels:
        numbers = (parcel.tracking_number, *numbers_in(parcel.tracking_number))
        if any(is_same_number(one, number) for one in numbers):
            return parcel
    return None


def parcel_pictures(ret: Return, seen_here: Iterable[SeenParcel]) -> tuple[ParcelPicture, ...]:
    """Combine the expected parcels with what was seen here."""
    seen = {_bare(x.tracking_number): x.seen_at for x in seen_here}
    return tuple(ParcelPicture(x, seen.get(_bare(x.tracking_number))) for x in expected_parcels(ret))


def awaited(pictures: Iterable[ParcelPicture]) -> tuple[Parcel, ...]:
    """List the parcels that a return still waits for; none if it comes in at most one parcel."""
    every = tuple(pictures)
    return tuple(x.parcel for x in every if x.seen_at is None) if len(every) > 1 else ()


def lines_of(ret: Return, parcel: Parcel) -> tuple[str, ...]:
    """List the ids of the expected units that Loop assigns to a parcel, without repeats; may be empty."""
    ids = (line.line_item_id for line in ret.expected_lines if line.line_item_id in parcel.line_item_ids)
    return tuple(dict.fromkeys(ids))


def comes_in_one(ret: Return) -> bool:
    """Whether one parcel is known to bring every expected unit, so that none is left for another label."""
    every = expected_parcels(ret)
    return len(every) == 1 and set(lines_of(ret, every[0])) == {x.line_item_id for x in ret.expected_lines}
