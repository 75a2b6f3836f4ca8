"""What the simulated Loop knows: plain mutable records of returns and everything attached to them.

Money is in decimal major units, times are timezone-aware UTC, ids are text; `render` decides how each looks
on the wire. Nothing here knows HTTP.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

ZERO = Decimal("0.00")

STATES = ("open", "closed", "cancelled", "expired", "review")
"""The five states of a return in the REST API."""


@dataclass(slots=True)
class Category:
    """A condition category of the merchant's account, identified by subject and title."""

    subject: str
    title: str
    grade: str | None = None
    category_name: str | None = None
    category_parent: str | None = None


@dataclass(slots=True)
class Condition:
    """The grade that Loop holds for one unit."""

    description: str
    category: Category | None = None
    return_processor: str | None = None
    note: str | None = None
    images: list[str] = field(default_factory=list)
    inspected_at: str | None = None


@dataclass(slots=True)
class Disposition:
    """Where one unit goes, as Loop holds it."""

    disposition_outcome: str
    return_processor: str | None = None
    note: str | None = None
    inspected_at: str | None = None


@dataclass(slots=True)
class LineItem:
    """One physical unit of a return.

    `resolution` is what the shopper gets for it (`refund`, `credit`, `exchange`, `upsell`); `outcome` is the
    related word on the wire (`default`, `keep`, `donate`, `reject`).
    """

    line_item_id: str
    provider_line_item_id: str
    title: str
    price: Decimal
    product_id: str = "70000001"
    variant_id: str = "71000001"
    variant_title: str | None = None
    sku: str | None = ""
    barcode: str = ""
    image: str | None = None
    discount: Decimal = ZERO
    tax: Decimal = ZERO
    reason: str = "Too small"
    parent_reason: str | None = None
    comment: str | None = None
    outcome: str = "default"
    resolution: str = "refund"
    exchange_variant: str = ""
    restock_location_id: str | None = None
    consolidation_tracking: str | None = None
    consolidation_destination_id: str | None = None
    condition: Condition | None = None
    disposition: Disposition | None = None

    @property
    def worth(self) -> Decimal:
        """What the shopper paid for the unit, including tax and minus discount."""
        return self.price - self.discount + self.tax


@dataclass(slots=True)
class Exchange:
    """One new item that the shopper gets instead."""

    exchange_id: str
    title: str
    sku: str
    price: Decimal
    tax: Decimal = ZERO
    discount: Decimal = ZERO
    type: str = "storefront"
    product_id: str = "70000900"
    variant_id: str = "71000900"
    out_of_stock: bool = False
    order_id: str | None = None
    order_name: str | None = None


@dataclass(slots=True)
class Label:
    """One carrier label: a parcel. `plan` holds the pending status changes, in order."""

    tracking_number: str
    carrier: str
    status: str
    updated_at: datetime
    url: str = ""
    rate: Decimal | None = None
    line_item_ids: list[str] = field(default_factory=list)
    plan: list[tuple[datetime, str]] = field(default_factory=list)


@dataclass(slots=True)
class ReturnMethod:
    """How the parcel travels if it is more than a plain label (Happy Returns and the like)."""

    provider: str
    method_type: str
    state: str = "new"
    rma_id: str | None = None
    scannable_id: str | None = None
    qr_code_url: str | None = None
    scheduled_at: str | None = None
    address: dict[str, Any] | None = None


@dataclass(slots=True)
class Note:
    """One note on the return's timeline."""

    note_id: int
    content: str
    created_at: datetime
    by: str = "api"


@dataclass(slots=True)
class Effect:
    """Something that really happened to a return: `processed`, `removed`, `cancelled`, `closed` or `flagged`.

    `by` is `api` for an effect of a client's request, or `carrier`, `admin` or `shopper` for the other actors
    at Loop.
    """

    kind: str
    at: datetime
    by: str
    line_item_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Job:
    """Processing that was accepted but has not finished.

    `ending` says how it will end: `close`, `stay_open`, `review`, `drop`, or for a removal also `partial`.
    """

    due: datetime
    kind: str
    ending: str
    line_item_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class Return:
    """A shopper's case: everything Loop knows about it, and what was done to it."""

    return_id: str
    order_id: str
    order_name: str
    provider_order_id: str
    created_at: datetime
    updated_at: datetime
    lines: list[LineItem]
    state: str = "open"
    flagged: bool = False
    outcome: str = "refund"
    type: str = "standard"
    currency: str = "USD"
    country: str = "United States"
    country_code: str = "US"
    customer_email: str | None = "pat@example.test"
    customer_first_name: str = "Pat"
    customer_last_name: str = "Example"
    handling_fee: Decimal = ZERO
    edited_at: datetime | None = None
    closed_at: datetime | None = None
    was_processed: bool = False
    refund_before_inspection: bool = False
    destination_id: str | None = "4021"
    exchanges: list[Exchange] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    no_label: str | None = "N/A"
    return_method: ReturnMethod | None = None
    package_reference: str | None = None
    shipping_box_barcode: str | None = None
    gift_card_order_name: str | None = None
    gift_card_order_id: str | None = None
    notes: list[Note] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    removed_line_ids: list[str] = field(default_factory=list)
    additional_details: list[dict[str, Any]] = field(default_factory=list)
    process_on_scan: bool = False
    failures: list[datetime] = field(default_factory=list)
    past: list[tuple[datetime, Return]] = field(default_factory=list)

    def copy(self) -> Return:
        """Return an independent copy without the history."""
        past, self.past = self.past, []
        try:
            return copy.deepcopy(self)
        finally:
            self.past = past

    def line(self, line_item_id: str) -> LineItem | None:
        """The first line with that id, or None."""
        return next((line for line in self.lines if line.line_item_id == line_item_id), None)

    def count(self, kind: str, by: str | None = "api") -> int:
        """How often an effect happened, by one actor or (None) by anyone."""
        return sum(1 for effect in self.effects if effect.kind == kind and by in (None, effect.by))


@dataclass(slots=True)
class Destination:
    """A warehouse."""

    destination_id: int
    name: str
    city: str
    zip: str
    state: str | None = None
    country: str = "United States"
    country_code: str = "US"
    address1: str = "1 Dock Road"
    address2: str | None = None
    type: str = "warehouse"
    enabled: bool = True
    provider_location_id: int | None = None


@dataclass(slots=True)
class ShipmentItem:
    """One unit inside a consolidated Happy Returns shipment."""

    return_id: str
    order_name: str
    bag_barcodes: list[str]
    rma_id: str
    box_barcode: str
    sku: str
    tracking_number: str
    item_title: str
    variant_title: str | None = None
    carrier: str = "FedEx"
    po_number: str | None = None


@dataclass(slots=True)
class Shipment:
    """A consolidated Happy Returns shipment."""

    loop_shipment_id: int
    happy_returns_shipment_id: str
    created_at: datetime
    updated_at: datetime
    items: list[ShipmentItem] = field(default_factory=list)


@dataclass(slots=True)
class Subscription:
    """A webhook as the shop set it up, by the API or in Loop's admin, which shows its secret."""

    subscription_id: int
    topic: str
    trigger: str
    url: str
    status: str
    secret: str


ALL_SCOPES = frozenset({"returns", "destinations:read", "happy_returns_shipments:read", "developer_tools"})
"""Every scope that a dock and its hub may need."""


@dataclass(slots=True)
class ShopKey:
    """One API key of the shop. The request log shows only its name, never its value."""

    name: str
    value: str
    scopes: frozenset[str] = ALL_SCOPES
