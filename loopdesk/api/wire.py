"""Loop's JSON as pydantic models: everything optional, unknown fields ignored, scalars normalized.

A model never fails because of an unusual scalar; it fails only if a list or an object has another type
altogether, because a line that silently vanished could be taken for a removed one.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from loopdesk.api.lenient_json import elements
from loopdesk.api.scalars import (
    to_amount,
    to_bool,
    to_count,
    to_id,
    to_joined,
    to_other_id,
    to_said,
    to_text,
    to_time,
    to_variant,
)


def _object_or_none(value: Any) -> Any:
    return value if isinstance(value, dict) else None


def _objects(value: Any) -> list[Any]:
    """The objects of an array; a single object counts as one (seen for refunds)."""
    value = elements(value)
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _lines(value: Any) -> Any:
    """The lines of a return: null means none, and anything that is not a line fails."""
    value = elements(value)
    if value is None:
        return []
    return [value] if isinstance(value, dict) else value


def _ids(value: Any) -> tuple[str, ...]:
    value = elements(value)
    return tuple(text for text in map(to_id, value) if text) if isinstance(value, list) else ()


def _texts(value: Any) -> tuple[str, ...]:
    value = elements(value)
    many = value if isinstance(value, list) else [value]
    return tuple(text for text in map(to_said, many) if text)


def _stamps(value: Any) -> frozenset[str]:
    """The parts of ``{"refund_processed": time, …}`` that have a time, however the keys are spelled."""
    if not isinstance(value, dict):
        return frozenset()
    parts = ((_PART.fullmatch(name), at) for name, at in value.items() if to_time(at) is not None)
    return frozenset(_snake(found["part"]) for found, _ in parts if found)


_PART = re.compile(r"(?P<part>\w+?)_?[pP]rocessed(?:_?[aA]t)?")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _picture(value: Any) -> str:
    return to_said(value.get("src") or value.get("url")) if isinstance(value, dict) else to_said(value)


_MOST_PROPERTIES = 50
_OF_SERIALS = ("serial_number", "serial", "imei")


def _properties(value: Any) -> tuple[tuple[str, str], ...]:
    """The properties of an order's line, in each form that shops' systems write them."""
    value = elements(value)
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list):
        objects = (each for each in value if isinstance(each, dict))
        pairs = [(each.get("name", each.get("key")), each.get("value")) for each in objects]
    else:
        return ()
    told = ((to_said(name), to_joined(said)) for name, said in pairs[:_MOST_PROPERTIES])
    return tuple((name, said) for name, said in told if name and said)


Id = Annotated[str, BeforeValidator(to_id)]
OtherId = Annotated[str, BeforeValidator(to_other_id)]
Text = Annotated[str, BeforeValidator(to_text)]
Said = Annotated[str, BeforeValidator(to_said)]
Joined = Annotated[str, BeforeValidator(to_joined)]
Amount = Annotated[Decimal | None, BeforeValidator(to_amount)]
Truth = Annotated[bool | None, BeforeValidator(to_bool)]
Time = Annotated[datetime | None, BeforeValidator(to_time)]
Count = Annotated[int, BeforeValidator(to_count)]
Ids = Annotated[tuple[str, ...], BeforeValidator(_ids)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Variant = Annotated[str, BeforeValidator(to_variant)]
Stamps = Annotated[frozenset[str], BeforeValidator(_stamps)]
Picture = Annotated[str, BeforeValidator(_picture)]
Properties = Annotated[tuple[tuple[str, str], ...], BeforeValidator(_properties)]
Raw = Annotated[Any, Field()]


class Wire(BaseModel):
    """Base of every model of Loop's JSON: new fields may appear at any time.

    A model is built at its first use: all of them take two megabytes and a twentieth of a second, and a
    window at rest has no answer to read.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, defer_build=True)


class ConditionWire(Wire):
    """The grade that Loop holds for a line; the category is a word, from 2026-10 on an object."""

    condition_category: Raw = None
    description: Said = ""
    note: Said = ""
    return_processor: Said = ""
    images: Raw = None
    inspected_at: Time = None


class DispositionWire(Wire):
    """The disposition that Loop holds for a line."""

    disposition_outcome: Said = ""
    note: Said = ""
    return_processor: Said = ""
    inspected_at: Time = None


class LineWire(Wire):
    """One unit; the list writes ``return_reason`` where details write ``reason``.

    No answer of Loop was seen with properties or a serial number; they are read if one has them.
    """

    line_item_id: Id = ""
    provider_line_item_id: OtherId = ""
    product_id: OtherId = ""
    variant_id: OtherId = ""
    title: Text = ""
    line_item_title: Text = ""
    variant_title: Said = ""
    sku: Said = ""
    barcode: Said = ""
    image: Picture = ""
    price: Amount = None
    refund: Amount = None
    reason: Said = Field(default="", validation_alias=AliasChoices("reason", "return_reason"))
    parent_reason: Said = Field(
        default="", validation_alias=AliasChoices("parent_reason", "parent_return_reason")
    )
    return_comment: Said = ""
    outcome: Said = ""
    exchange_variant: Variant = ""
    consolidation_tracking: Said = ""
    condition: Annotated[ConditionWire | None, BeforeValidator(_object_or_none)] = None
    disposition: Annotated[DispositionWire | None, BeforeValidator(_object_or_none)] = None
    properties: Properties = Field(
        default=(),
        validation_alias=AliasChoices(
            "properties", "line_item_properties", "custom_attributes", "attributes"
        ),
    )
    serial: Joined = Field(default="", validation_alias=AliasChoices(*_OF_SERIALS))


class ExchangeWire(Wire):
    """One item given in exchange."""

    exchange_id: Id = ""
    exchange_order_id: OtherId = ""
    exchange_order_name: Said = ""
    title: Text = ""
    sku: Said = ""
    type: Said = ""
    total: Amount = None
    out_of_stock: Truth = None


class LabelWire(Wire):
    """One label; "N/A", "" and null all mean that there is none."""

    carrier: Said = ""
    tracking_number: Said = ""
    status: Said = ""
    updated_at: Time = None
    line_items: Ids = ()


class MethodWire(Wire):
    """How the shopper sends it back; its states spell ``canceled`` with one l."""

    state: Said = ""
    rma_id: Said = ""
    scannable_id: Said = ""


class RefundWire(Wire):
    """One refund; of ``shopify_refund_object`` only whether there is one, not its amount."""

    id: Id = Field(default="", validation_alias=AliasChoices("provider_refund_id", "id"))
    gateway: Said = ""
    amount: Amount = None


class ReturnWire(Wire):
    """A return from the list, from details or from a webhook."""

    id: Id = Field(default="", validation_alias=AliasChoices("id", "return_id"))
    state: Text = ""
    outcome: Text = ""
    type: Said = ""
    order_id: OtherId = ""
    order_name: Said = ""
    order_number: Said = ""
    provider_order_id: OtherId = ""
    customer: Said = ""
    customer_email: Said = ""
    customer_first_name: Said = ""
    customer_last_name: Said = ""
    currency: Said = ""
    total: Amount = None
    refund: Amount = None
    gift_card: Amount = None
    exchange_total: Amount = None
    exchange: Amount = None
    upsell: Amount = None
    handling_fee: Amount = None
    line_items: Annotated[list[LineWire], BeforeValidator(_lines)]
    exchanges: Annotated[list[ExchangeWire], BeforeValidator(_objects)] = Field(default_factory=list)
    labels: Annotated[list[LabelWire], BeforeValidator(_objects)] = Field(default_factory=list)
    carrier: Said = ""
    tracking_number: Said = ""
    label_status: Said = ""
    label_updated_at: Time = None
    destination_id: OtherId = ""
    package_reference: Joined = ""
    return_method: Annotated[MethodWire | None, BeforeValidator(_object_or_none)] = None
    was_processed: Truth = None
    outcomes_processed_at: Stamps = frozenset()
    refunds: Annotated[list[RefundWire], BeforeValidator(_objects)] = Field(default_factory=list)
    shopify_refund_object: Annotated[list[RefundWire], BeforeValidator(_objects)] = Field(
        default_factory=list
    )
    exchange_order_id: OtherId = ""
    exchange_order_name: Said = ""
    gift_card_order_id: OtherId = ""
    created_at: Time = None
    updated_at: Time = None
    edited_at: Time = None


class AsnWire(Wire):
    """One row of the advance notice; its ``id`` is not documented to be the return's and is ignored."""

    return_line_item_id: Id = ""
    order_name: Said = ""
    state: Text = ""
    carrier: Said = ""
    tracking_number: Said = ""
    label_status: Said = ""
    scannable_id: Said = ""
    package_reference: Joined = ""
    shipping_box_barcode: Said = ""
    return_method_rma_code: Said = ""
    consolidation_tracking: Said = ""
    label_updated_at: Time = None
    date_delivered: Time = None
    updated_at: Time = None


class NoteWire(Wire):
    """One note. Content that is not text fails: it might hide a marker."""

    id: Id = ""
    content: str | None = None
    created_at: Time = None


class AddressWire(Wire):
    """The part of an address that a picker of warehouses shows."""

    city: Said = ""


class DestinationWire(Wire):
    """A warehouse."""

    id: Id = ""
    name: Text = ""
    type: Said = ""
    enabled: Truth = None
    address: Annotated[AddressWire | None, BeforeValidator(_object_or_none)] = None


class HappyShipmentWire(Wire):
    """A consolidated shipment."""

    loop_shipment_id: Id = ""
    happy_returns_shipment_id: Id = ""
    line_item_count: Count = 0
    return_count: Count = 0
    created_at: Time = None


class HappyItemWire(Wire):
    """One unit in a consolidated shipment."""

    return_id: Id = ""
    order_name: Said = ""
    happy_returns_return_bag_barcodes: Texts = ()
    happy_returns_rma_id: Said = ""
    shipping_box_barcode: Said = ""
    tracking_number: Said = ""
    carrier: Said = ""
    sku: Said = ""
    item_title: Text = ""
    variant_title: Said = ""
