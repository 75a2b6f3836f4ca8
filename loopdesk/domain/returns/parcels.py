"""The parcels of a return: which are expected, seen here or awaited, and which are on their way. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.domain.returns.returns import Parcel, Return, ReturnState

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
    return len(_bare(text)) >= least and sum(map(text.count, "0123456789")) >= _LEAST_DIGITS


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


# --- parcels on their way ---------------------------------------------------------------------------


class LabelState(StrEnum):
    """Where a parcel is according to its carrier; Loop's own words, nearest to the dock last."""

    PRE_TRANSIT = "pre_transit"
    IN_TRANSIT = "in_transit"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"


UNDER_WAY = frozenset(LabelState) - {LabelState.PRE_TRANSIT}
"""The carrier or the dock has the parcel: it may be scanned here."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What an answer of Loop says about one parcel that is on its way or here.

    Attributes:
        label_at: When its label entered that state; if Loop does not say, when the return last changed.
        delivered_at: When the carrier delivered it, if known.
    """

    tracking_number: str
    carrier: str
    label: LabelState
    label_at: datetime
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One parcel that is on its way to one of the shop's docks, or was delivered.

    Attributes:
        carrier: As Loop writes it ("USPS", "ups"); "" if it does not say.
        label: Where the parcel is according to its carrier.
        label_at: When its label entered that state.
        delivered_at: When the carrier delivered it, if Loop says so; also set alongside a later state.
        seen_at: When its label was scanned at this station; None for never.
        is_seen: It was scanned here, or it is the only parcel of a return that has a draft or a settlement of
            this station.
    """

    return_id: str
    order_name: str
    state: ReturnState
    carrier: str
    tracking_number: str
    label: LabelState
    label_at: datetime
    delivered_at: datetime | None
    seen_at: datetime | None
    is_seen: bool


@dataclass(frozen=True, slots=True)
class ArrivalCount:
    """How many parcels of a carrier are in a state, counted separately by whether they were seen here."""

    carrier: str
    label: LabelState
    is_seen: bool
    number: int


def label_state(word: str) -> LabelState | None:
    """Return the state for Loop's word; None if it announces no parcel."""
    try:
        return LabelState(word.strip().lower())
    except ValueError:
        return None


def sightings(ret: Return) -> tuple[Sighting, ...]:
    """List the parcels of a return that are on their way or here, except those without a known time."""
    found = (_sighting(parcel, ret.updated_at or ret.created_at) for parcel in ret.parcels)
    return tuple(one for one in found if one is not None)


def _sighting(parcel: Parcel, changed_at: datetime | None) -> Sighting | None:
    label, at = label_state(parcel.status), parcel.updated_at or changed_at
    if label is None or at is None or not parcel.tracking_number:
        return None
    delivered_at = parcel.updated_at if label is LabelState.DELIVERED else None
    return Sighting(parcel.tracking_number, parcel.carrier, label, at, delivered_at)


EXPECTED_TODAY = frozenset({LabelState.OUT_FOR_DELIVERY, LabelState.AVAILABLE_FOR_PICKUP})
"""Loop gives no day of arrival: what is in the carrier's van or at its counter is expected today."""

EXPECTED_THIS_WEEK = EXPECTED_TODAY | {LabelState.IN_TRANSIT}
"""What the carrier has arrives within days."""

NOT_SEEN = frozenset({LabelState.DELIVERED})
"""Delivered according to the carrier; the count leaves out what was scanned here."""


@dataclass(frozen=True, slots=True)
class CarrierCount:
    """How many parcels of a carrier were not scanned here, by the state of their labels.

    Attributes:
        carrier: As Loop writes it most often; "" if it does not say.
        labels: Only the states with a nonzero count.
    """

    carrier: str
    labels: Mapping[LabelState, int]

    def among(self, labels: Collection[LabelState]) -> int:
        """Return how many are in any of these states."""
        return sum(number for label, number in self.labels.items() if label in labels)


def carrier_key(carrier: str) -> str:
    """Return the key by which two spellings of a carrier are equal: Loop writes "USPS" and "usps"."""
    return carrier.strip().lower()


def by_carrier(counts: Iterable[ArrivalCount]) -> tuple[CarrierCount, ...]:
    """Total what was not seen by carrier, the busiest first; carriers without any are left out."""
    names: dict[str, str] = {}
    sums: dict[str, Counter[LabelState]] = {}
    for one in counts:
        if not one.is_seen:
            key = carrier_key(one.carrier)
            names.setdefault(key, one.carrier.strip())
            sums.setdefault(key, Counter())[one.label] += one.number
    found = (CarrierCount(names[key], labels) for key, labels in sums.items())
    shown = (x for x in found if x.among(EXPECTED_THIS_WEEK | NOT_SEEN))
    return tuple(sorted(shown, key=lambda x: (-x.among(EXPECTED_THIS_WEEK), -x.among(NOT_SEEN), x.carrier)))
