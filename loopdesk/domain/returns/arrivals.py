"""Which parcels are on their way to the dock, by the state of their labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from loopdesk.domain.returns.returns import Parcel, Return, ReturnState


class LabelState(StrEnum):
    """Where a parcel is by its carrier; Loop's own words, nearest to the dock last."""

    PRE_TRANSIT = "pre_transit"
    IN_TRANSIT = "in_transit"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"


UNDER_WAY = frozenset(LabelState) - {LabelState.PRE_TRANSIT}
"""The carrier has the parcel, or the dock does: it may be scanned here."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What an answer of Loop says of one parcel that is on its way or here.

    Attributes:
        label_at: When its label came into that state; when Loop last changed the return if it does not say.
        delivered_at: When the carrier handed it over, where that is known.
    """

    tracking_number: str
    carrier: str
    label: LabelState
    label_at: datetime
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """One parcel that is on its way to a dock of the shop, or was delivered.

    Attributes:
        carrier: As Loop writes it ("USPS", "ups"); "" when it does not say.
        label: Where the parcel is by its carrier.
        label_at: When its label came into that state.
        delivered_at: When the carrier handed it over, where Loop says so; also set beside a later state.
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
    """How many parcels of a carrier are in a state, apart for those seen here and those not."""

    carrier: str
    label: LabelState
    is_seen: bool
    number: int


def label_state(word: str) -> LabelState | None:
    """Return the state that Loop's word stands for; None when no parcel is to be expected by it."""
    try:
        return LabelState(word.strip().lower())
    except ValueError:
        return None


def sightings(ret: Return) -> tuple[Sighting, ...]:
    """List the parcels of a return that are on their way or here; none whose time nobody knows."""
    found = (_sighting(parcel, ret.updated_at or ret.created_at) for parcel in ret.parcels)
    return tuple(one for one in found if one is not None)


def _sighting(parcel: Parcel, changed_at: datetime | None) -> Sighting | None:
    label, at = label_state(parcel.status), parcel.updated_at or changed_at
    if label is None or at is None or not parcel.tracking_number:
        return None
    delivered_at = parcel.updated_at if label is LabelState.DELIVERED else None
    return Sighting(parcel.tracking_number, parcel.carrier, label, at, delivered_at)


EXPECTED_TODAY = frozenset({LabelState.OUT_FOR_DELIVERY, LabelState.AVAILABLE_FOR_PICKUP})
"""Loop tells no day of arrival: what the carrier's van or counter has is looked for today."""

EXPECTED_THIS_WEEK = EXPECTED_TODAY | {LabelState.IN_TRANSIT}
"""What the carrier has comes within days."""

NOT_SEEN = frozenset({LabelState.DELIVERED})
"""Delivered by the carrier's word; what was scanned here is left out where it is counted."""


@dataclass(frozen=True, slots=True)
class CarrierCount:
    """How many parcels of a carrier were not scanned here, by the state of their labels.

    Attributes:
        carrier: As Loop writes it most often; "" when it does not say.
        labels: Only the states that any is in.
    """

    carrier: str
    labels: Mapping[LabelState, int]

    def among(self, labels: Collection[LabelState]) -> int:
        """Return how many are in any of these states."""
        return sum(number for label, number in self.labels.items() if label in labels)


def carrier_key(carrier: str) -> str:
    """Return what makes two names of a carrier the same one: Loop writes "USPS" and "usps"."""
    return carrier.strip().lower()


def by_carrier(counts: Iterable[ArrivalCount]) -> tuple[CarrierCount, ...]:
    """Sum up what was not seen, by carrier, the busiest first; carriers without any are left out."""
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
