"""The sample returns of practice mode by name, with the labels to scan; and the whole practice shop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from loopdesk.simulator import cases
from loopdesk.simulator.barcodes import ups
from loopdesk.simulator.cases import DOCK, OTHER_DOCK, Maker
from loopdesk.simulator.crowd import many_returns
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import Destination, Return, Shipment, ShipmentItem

_CASES: tuple[tuple[Callable[[Maker], Return], str], ...] = (
    (cases.single, "One item, refund"),
    (cases.multi_line, "Three items, refund"),
    (cases.carrier_scan, "Closed on a carrier scan"),
    (cases.exchange, "Three items, exchange"),
    (cases.mixed, "Exchange and refund"),
    (cases.store_credit, "Store credit"),
    (cases.credit_and_refund, "Store credit and refund"),
    (cases.upsell, "Upsell"),
    (cases.warranty, "Warranty"),
    (cases.missing_label, "No label"),
    (cases.label_pending, "Label in the making"),
    (cases.several_parcels, "Four items in three parcels"),
    (cases.shared_first, "One box, two returns (1)"),
    (cases.shared_second, "One box, two returns (2)"),
    (cases.happy_returns, "Happy Returns bag"),
    (cases.consolidated, "Consolidated shipment"),
    (cases.huge, "Two hundred items"),
    (cases.closed, "Closed by hand"),
    (cases.cancelled, "Cancelled"),
    (cases.expired, "Expired"),
    (cases.review, "In review"),
    (cases.flagged_open, "Open, but flagged"),
    (cases.keep_and_donate, "Items kept and donated"),
    (cases.quantity_three, "Three of the same"),
    (cases.duplicate_lines, "Two lines with one id"),
    (cases.unicode, "Titles of every script"),
    (cases.hostile, "Hostile text"),
    (cases.order_first, "Order with two returns (1)"),
    (cases.order_later, "Order with two returns (2)"),
    (cases.prefixed, "Order name with a prefix"),
    (cases.elsewhere, "For another dock"),
    (cases.with_notes, "With notes"),
    (cases.graded, "Inspected already"),
    (cases.anywhere, "Very long ids"),
    (cases.canada, "From Canada"),
    (cases.postal, "By post, without barcodes"),
    (cases.moving, "Still travelling"),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What identifies a sample return, independent of the seed and the time.

    Attributes:
        name: Its name among the samples.
        caption: A few words for people.
        return_id: Loop's id.
        order_name: The order's name as Loop writes it.
        tracking_number: Of the first parcel, None without a label.
        tracking_numbers: Of all parcels.
        line_item_ids: Of all lines, in order; repeated for a duplicated line.
        barcodes: Of all lines, in order, empty for none.
    """

    name: str
    caption: str
    return_id: str
    order_name: str
    tracking_number: str | None
    tracking_numbers: tuple[str, ...]
    line_item_ids: tuple[str, ...]
    barcodes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return every field, ready for JSON."""
        return asdict(self)


def _sample(caption: str, name: str, ret: Return) -> Sample:
    numbers = tuple(label.tracking_number for label in ret.labels)
    return Sample(
        name=name,
        caption=caption,
        return_id=ret.return_id,
        order_name=ret.order_name,
        tracking_number=numbers[0] if numbers else None,
        tracking_numbers=numbers,
        line_item_ids=tuple(line.line_item_id for line in ret.lines),
        barcodes=tuple(line.barcode for line in ret.lines),
    )


def _named_returns(now: datetime) -> list[Return]:
    return [make_case(Maker(number, now)) for number, (make_case, _) in enumerate(_CASES, 1)]


def _samples() -> dict[str, Sample]:
    rets = _named_returns(datetime(2026, 1, 1, tzinfo=UTC))
    named = zip(_CASES, rets, strict=True)
    return {case.__name__: _sample(caption, case.__name__, ret) for (case, caption), ret in named}


SAMPLES: dict[str, Sample] = _samples()
"""The named sample returns, in the order of the printed sheet."""


def practice_returns(seed: int, now: datetime, ordinary: int = 12) -> list[Return]:
    """The returns of practice mode: every named sample, and some ordinary ones of the last days.

    Args:
        seed: Varies the ordinary ones; the named ones are always the same.
        now: The time that theirs are relative to, timezone-aware.
        ordinary: Number of ordinary ones.
    """
    return [*_named_returns(now), *many_returns(ordinary, seed, now, 5.0, first=-1000)]


def practice_labels() -> list[tuple[str, str]]:
    """What to print for practice: captions and codes, as a scanner would read them from real labels."""
    labels: list[tuple[str, str]] = []
    printed: set[str] = set()
    for sample in SAMPLES.values():
        for place, number in enumerate(sample.tracking_numbers, 1):
            parcel = f" (parcel {place})" if len(sample.tracking_numbers) > 1 else ""
            if number not in printed:
                labels.append((sample.caption + parcel, _as_printed(number)))
            printed.add(number)
    single = SAMPLES["single"]
    labels += [
        ("No label: the order's name", SAMPLES["missing_label"].order_name.removeprefix("#")),
        ("The return's number of: one item, refund", single.return_id),
        ("Happy Returns bag", cases.BAG),
        ("Consolidated shipment: two returns", cases.CONSOLIDATION_TRACKING),
        ("The item of: one item, refund", single.barcodes[0]),
        ("The wrong barcode: only the postcode", "42090210"),
        ("A parcel that nobody knows", ups(9_999_991)),
    ]
    return labels


def _as_printed(tracking_number: str) -> str:
    """The number as the label's barcode encodes it: with the postcode, or at the end of 34 digits."""
    if len(tracking_number) == 22 and tracking_number.startswith("9"):
        return f"42090210{tracking_number}"
    if len(tracking_number) == 12 and tracking_number.isdecimal():
        return f"9632001960000000000400{tracking_number}"
    return tracking_number


def practice_destinations() -> list[Destination]:
    """The docks of the practice shop; most samples go to the first."""
    return [
        Destination(int(DOCK), "Main dock", "Portland", "97201", "OR", provider_location_id=6_100_001),
        Destination(int(OTHER_DOCK), "East dock", "Newark", "07102", "NJ", provider_location_id=6_100_002),
        Destination(4023, "Charity", "Salem", "97301", "OR", type="donate"),
    ]


def practice_shipments(now: datetime) -> list[Shipment]:
    """The consolidated Happy Returns shipment that is in transit."""
    make = Maker(0, now)
    by_id = {ret.return_id: ret for ret in _named_returns(now)}
    items = []
    for name in ("happy_returns", "consolidated"):
        ret = by_id[SAMPLES[name].return_id]
        line, method = ret.lines[0], ret.return_method
        items.append(
            ShipmentItem(
                return_id=ret.return_id,
                order_name=ret.order_name,
                bag_barcodes=[ret.package_reference or ""],
                rma_id=(method.rma_id if method else None) or "",
                box_barcode=cases.BOX,
                sku=line.sku or "",
                tracking_number=cases.CONSOLIDATION_TRACKING,
                item_title=line.title,
                variant_title=line.variant_title,
            )
        )
    return [Shipment(70_917, "HRS-2026-000917", make.ago(10), make.ago(4), items)]


def practice_loop(
    *,
    clock: Callable[[], datetime],
    seed: int = 1,
    returns: int = 0,
    settings: Settings | None = None,
) -> Loop:
    """Make the whole practice shop: samples, docks, a shipment, and the practice key.

    Args:
        clock: Returns the current time, timezone-aware.
        seed: Varies the ordinary returns.
        returns: Number of additional ordinary returns of the last 100 days, made lazily.
        settings: The switches; well-behaved by default.
    """
    now = clock()
    loop = Loop(clock=clock, seed=seed, returns=practice_returns(seed, now), settings=settings)
    loop.destinations = practice_destinations()
    loop.shipments = practice_shipments(now)
    if returns:
        loop.stock(many_returns(returns, seed, now))
    return loop
