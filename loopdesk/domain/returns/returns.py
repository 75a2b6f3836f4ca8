"""A return as the dock knows it: its lines, parcels and state, and what the shopper was promised.

Values only. Ids are decimal strings; money is exact; times are aware UTC. A word of Loop's that we do not
know keeps its raw text next to ``UNKNOWN``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

_ID = re.compile(r"[0-9]{1,19}\Z", re.ASCII)


def is_loop_id(text: str) -> bool:
    """Tell whether a text is a valid id for a request: 1 to 19 ASCII digits, nothing else."""
    return _ID.match(text) is not None


class ReturnState(StrEnum):
    """The state of a return, in Loop's words."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REVIEW = "review"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What the shopper was promised for the whole return."""

    EXCHANGE = "exchange"
    UPSELL = "upsell"
    REFUND = "refund"
    CREDIT = "credit"
    EXCHANGE_REFUND = "exchange+refund"
    EXCHANGE_CREDIT = "exchange+credit"
    CREDIT_REFUND = "credit+refund"
    UNKNOWN = "unknown"


class LineOutcome(StrEnum):
    """What Loop decided for one unit; keep and donate are not expected in the parcel."""

    DEFAULT = "default"
    KEEP = "keep"
    DONATE = "donate"
    REJECT = "reject"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in major units with its ISO-4217 currency ("" when Loop gave none)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class HeldCondition:
    """The grade that Loop already holds for a line; ``grade`` is Loop's word, "" when unknown.

    Attributes:
        images: How many links to photos it has; None if Loop does not say.
    """

    grade: str
    description: str
    note: str
    processor: str
    inspected_at: datetime | None
    images: int | None = None


@dataclass(frozen=True, slots=True)
class HeldDisposition:
    """The disposition that Loop already holds for a line; ``disposition`` is Loop's word."""

    disposition: str
    note: str
    processor: str
    inspected_at: datetime | None


@dataclass(frozen=True, slots=True)
class LineItem:
    """One physical unit of a return. Ids may repeat in one return (Loop does that).

    Attributes:
        properties: What else the shop kept with the order's line, by its own names.
    """

    line_item_id: str
    title: str
    variant_title: str = ""
    product_id: str = ""
    variant_id: str = ""
    sku: str = ""
    barcode: str = ""
    image_url: str = ""
    price: Money | None = None
    refund: Money | None = None
    reason: str = ""
    parent_reason: str = ""
    comment: str = ""
    outcome: LineOutcome = LineOutcome.DEFAULT
    outcome_raw: str = ""
    exchange_variant: str = ""
    provider_line_item_id: str = ""
    consolidation_tracking: str = ""
    condition: HeldCondition | None = None
    disposition: HeldDisposition | None = None
    properties: tuple[tuple[str, str], ...] = ()

    @property
    def is_expected(self) -> bool:
        """Whether the unit should be in the parcel."""
        return self.outcome not in (LineOutcome.KEEP, LineOutcome.DONATE)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One item that the shopper gets in exchange."""

    exchange_id: str
    title: str
    sku: str = ""
    kind: str = ""
    order_name: str = ""
    total: Money | None = None
    out_of_stock: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """One box with one tracking number; ``line_item_ids`` are the units its label covers (may be empty)."""

    carrier: str
    tracking_number: str
    status: str = ""
    updated_at: datetime | None = None
    line_item_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """The amounts that the shopper was promised; None for what Loop did not say."""

    total: Money | None = None
    refund: Money | None = None
    credit: Money | None = None
    exchange: Money | None = None
    upsell: Money | None = None
    handling_fee: Money | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """A shopper's case at Loop, as of Loop's last answer.

    Attributes:
        refunds_paid: Nonzero refunds.
        refund_records: Refunds that Loop has a record of without an amount.
        outcomes_processed: The parts (``return, refund, gift_card, exchange`` …) that Loop says it processed.
        tells_payment: The answer has any field about payment, whatever its value.
    """

    return_id: str
    state: ReturnState
    state_raw: str
    order_name: str
    outcome: Outcome
    outcome_raw: str
    lines: tuple[LineItem, ...]
    parcels: tuple[Parcel, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    totals: Totals = Totals()
    currency: str = ""
    customer_name: str = ""
    customer_email: str = ""
    order_number: str = ""
    provider_order_id: str = ""
    kind: str = "standard"
    destination_id: str = ""
    package_reference: str = ""
    rma_id: str = ""
    scannable_id: str = ""
    method_state: str = ""
    was_processed: bool | None = None
    refund_gateways: tuple[str, ...] = ()
    refunds_paid: int = 0
    refund_records: int = 0
    outcomes_processed: frozenset[str] = frozenset()
    tells_payment: bool = False
    exchange_order_ids: tuple[str, ...] = ()
    gift_card_order_ids: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    edited_at: datetime | None = None

    @property
    def expected_lines(self) -> tuple[LineItem, ...]:
        """The lines that should be in the parcel, in Loop's order."""
        return tuple(line for line in self.lines if line.is_expected)

    def line(self, line_item_id: str) -> LineItem | None:
        """Return the first line with that id, or None."""
        return next((line for line in self.lines if line.line_item_id == line_item_id), None)


@dataclass(frozen=True, slots=True)
class Note:
    """A note on a return's timeline at Loop; ``note_id`` increases with the server's time."""

    note_id: str
    text: str
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """A warehouse that Loop sends returns to."""

    destination_id: str
    name: str
    kind: str = ""
    enabled: bool = True
    city: str = ""


_REMOVABLE = frozenset({Outcome.REFUND, Outcome.CREDIT, Outcome.CREDIT_REFUND})
_MIXED = frozenset({Outcome.EXCHANGE_REFUND, Outcome.EXCHANGE_CREDIT})


def is_removable(ret: Return, line: LineItem) -> bool:
    """Tell whether Loop allows removing a missing unit: its own outcome is refund or store credit.

    In a mixed return only a unit without an exchange variant and with money of its own counts; anything
    uncertain counts as not removable, because removing is irreversible.
    """
    if line.exchange_variant:
        return False
    if ret.outcome in _REMOVABLE:
        return True
    return ret.outcome in _MIXED and line.refund is not None and line.refund.amount > 0


@dataclass(frozen=True, slots=True, order=True)
class LineSeen:
    """One unit as the operator saw it when deciding; texts, "" for what Loop did not say."""

    line_item_id: str
    outcome: str
    exchange_variant: str
    product_id: str = ""
    variant_id: str = ""
    sku: str = ""
    price: str = ""
    refund: str = ""


FINGERPRINT_VERSION = 2
"""Version 1 had only a line's id, outcome and variant, and neither currency, fee, destination nor type."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What an operator saw when deciding; compared with Loop before anything irreversible is sent.

    Attributes:
        state: Loop's own word.
        lines: Every unit, sorted.
        totals: The amounts as texts (total, refund, credit, exchange, upsell). Nothing promised is "0.00"; a
            total that Loop left out is "", because it is the value of the goods.
        exchanges: (exchange id, SKU, value), sorted.
        edited_at: ISO time of the shopper's last edit, "" if never edited.
        paid: Nonzero refunds at that time: not a change, and no witness of what comes after.
        version: Which of these were recorded; older fingerprints have nothing in the later fields.
    """

    state: str
    outcome: str
    lines: tuple[LineSeen, ...]
    totals: tuple[str, ...]
    exchanges: tuple[tuple[str, str, str], ...]
    edited_at: str
    currency: str = ""
    handling_fee: str = ""
    destination_id: str = ""
    kind: str = ""
    paid: int = 0
    version: int = FINGERPRINT_VERSION


def fingerprint(ret: Return) -> Fingerprint:
    """Take the fingerprint of a return."""
    promised = (ret.totals.refund, ret.totals.credit, ret.totals.exchange, ret.totals.upsell)
    return Fingerprint(
        state=ret.state_raw,
        outcome=ret.outcome_raw,
        lines=tuple(sorted(map(_line_seen, ret.lines))),
        totals=(_sum_text(ret.totals.total), *(_sum_text(x) or _NOTHING for x in promised)),
        exchanges=tuple(sorted((x.exchange_id, x.sku, _sum_text(x.total)) for x in ret.exchanges)),
        edited_at=ret.edited_at.isoformat() if ret.edited_at else "",
        currency=ret.currency,
        handling_fee=_sum_text(ret.totals.handling_fee) or _NOTHING,
        destination_id=ret.destination_id,
        kind=ret.kind,
        paid=ret.refunds_paid,
    )


_NOTHING = "0.00"


def _line_seen(line: LineItem) -> LineSeen:
    return LineSeen(
        line_item_id=line.line_item_id,
        outcome=line.outcome_raw or "default",
        exchange_variant=line.exchange_variant,
        product_id=line.product_id,
        variant_id=line.variant_id,
        sku=line.sku,
        price=_sum_text(line.price),
        refund=_sum_text(line.refund),
    )


def _sum_text(sum_: Money | None) -> str:
    return "" if sum_ is None else f"{sum_.amount:.2f}"


# --- whether it is still what a person decided on ---------------------------------------------------

_GROUPED_FROM = 1_000
"""The smallest amount that is written with a thousands separator."""


def has_changed(seen: Fingerprint, found: Fingerprint) -> bool:
    """Tell whether Loop shows anything different from what was seen, of all that a person decides on.

    A value missing on one side is not a change: the list and the details leave out different things, and an
    entry kept by an older version has a smaller fingerprint. Nor is what the older version misread: it took
    Loop's 0 for a variant, and dropped an amount with a thousands separator.
    """
    if (seen.state, seen.edited_at) != (found.state, found.edited_at):
        return True
    if seen.outcome != found.outcome or len(seen.lines) != len(found.lines):
        return True
    is_older = seen.version < 2
    if any(_has_line_changed(a, b, is_older) for a, b in zip(seen.lines, found.lines, strict=True)):
        return True
    if _have_totals_changed(seen, found, is_older):
        return True
    words = ("handling_fee", "currency", "destination_id", "kind")
    if any(not same_word(getattr(seen, name), getattr(found, name)) for name in words):
        return True
    return _have_exchanges_changed(seen, found)


def _has_line_changed(a: LineSeen, b: LineSeen, is_older: bool) -> bool:
    variant = "" if is_older and a.exchange_variant == "0" else a.exchange_variant
    if (a.line_item_id, a.outcome, variant) != (b.line_item_id, b.outcome, b.exchange_variant):
        return True
    goods = ((a.product_id, b.product_id), (a.variant_id, b.variant_id), (a.sku, b.sku))
    money = ((a.price, b.price), (a.refund, b.refund))
    return any(not same_word(x, y) for x, y in (*goods, *money))


def _have_totals_changed(seen: Fingerprint, found: Fingerprint, is_older: bool) -> bool:
    if len(seen.totals) != len(found.totals):
        return True
    return any(
        not same_word(a, b) and not (is_older and a == "0.00" and float(b) >= _GROUPED_FROM)
        for a, b in zip(seen.totals, found.totals, strict=True)
    )


def _have_exchanges_changed(seen: Fingerprint, found: Fingerprint) -> bool:
    if len(seen.exchanges) != len(found.exchanges):
        return True
    pairs = zip(seen.exchanges, found.exchanges, strict=True)
    return any(a[0] != b[0] or not all(map(same_word, a[1:], b[1:])) for a, b in pairs)


def same_word(a: str, b: str) -> bool:
    """Whether two texts are equal, or one side is unknown."""
    return a == b or not a or not b
