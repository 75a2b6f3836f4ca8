"""Wire to domain. The list and details write a return differently; both translate to the same values."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from loopdesk.api import wire
from loopdesk.api.judgement import says_no_notes
from loopdesk.api.lenient_json import Broken, elements
from loopdesk.api.scalars import to_id, to_said
from loopdesk.api.strict_json import Unreadable, dumps, loads
from loopdesk.domain.errors import AnswerLost
from loopdesk.domain.returns.returns import (
    Destination,
    Exchange,
    HeldCondition,
    HeldDisposition,
    LineItem,
    LineOutcome,
    Money,
    Note,
    Outcome,
    Parcel,
    Return,
    ReturnState,
    Totals,
    is_loop_id,
)
from loopdesk.services.ports.loop import AsnRow, Fetched, HappyItem, HappyShipment

Model = TypeVar("Model", bound=wire.Wire)
Word = TypeVar("Word", bound=StrEnum)


def read(model: type[Model], value: Any) -> Model:
    """Validate a decoded JSON value against a model.

    Raises:
        AnswerLost: It has another shape. The failure names fields, never their values.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        where = ", ".join(".".join(map(str, one["loc"])) or "body" for one in error.errors()[:3])
    except RecursionError:
        where = "depth"
    raise AnswerLost(why="shape", where=where)


def from_body(body: str, is_details: bool) -> Return:
    """Rebuild a return from the JSON text that was stored with it.

    Args:
        body: ``Fetched.body``.
        is_details: ``Fetched.is_details``: in details ``order_id`` is the provider's, in the list Loop's.

    Raises:
        AnswerLost: The text is not what was stored.
    """
    fault = None
    try:
        value = loads(body.encode("utf-8", "surrogatepass"))
    except Unreadable as error:
        fault = error.fault
    if fault is not None:  # outside of the handler: its context would hold the body
        raise AnswerLost(why=fault)
    return to_return(value, is_details)


def to_fetched(value: Any, is_details: bool) -> Fetched:
    """Translate a return and keep its JSON.

    Raises:
        AnswerLost: It cannot be read as a return.
    """
    ret = to_return(value, is_details)
    fault = None
    try:
        body = dumps(value)
    except Unreadable as error:
        fault = error.fault
    if fault is not None:
        raise AnswerLost(why=fault)
    return Fetched(ret, body, is_details)


def to_return(value: Any, is_details: bool) -> Return:
    """Translate a return from the list or from details.

    Raises:
        AnswerLost: It is not an object, or has no usable id, no array of lines, or a line without a usable
            id: a line that cannot be identified must not look like a removed one. A state that cannot be read
            becomes unknown, and then nothing irreversible is proposed.
    """
    # Checked first because it is cheap: a million rows may be like this
    if not isinstance(value, dict) or "line_items" not in value:
        raise AnswerLost(why="shape", where="line_items")
    found = read(wire.ReturnWire, value)
    if not is_loop_id(found.id):
        raise AnswerLost(why="shape", where="id")
    if not all(is_loop_id(line.line_item_id) for line in found.line_items):
        raise AnswerLost(why="shape", where="line_item_id")
    exchanges = tuple(_exchange(one, found.currency) for one in found.exchanges)
    method = found.return_method or wire.MethodWire()
    return Return(
        return_id=found.id,
        state=state_named(found.state),
        state_raw=found.state,
        order_name=found.order_name,
        outcome=_word(Outcome, found.outcome, Outcome.UNKNOWN),
        outcome_raw=found.outcome,
        lines=tuple(_line(line, found.currency) for line in found.line_items),
        parcels=_parcels(found),
        exchanges=exchanges,
        totals=_totals(found),
        currency=found.currency,
        customer_name=_customer_name(found),
        customer_email=found.customer_email or (found.customer if "@" in found.customer else ""),
        order_number=found.order_number,
        provider_order_id=found.provider_order_id or (found.order_id if is_details else ""),
        kind=found.type.lower() or "standard",
        destination_id=found.destination_id,
        package_reference=found.package_reference,
        rma_id=method.rma_id,
        scannable_id=method.scannable_id,
        method_state=method.state,
        was_processed=found.was_processed,
        refund_gateways=_distinct(*(refund.gateway for refund in found.refunds)),
        **_payment(found, value),
        exchange_order_ids=_distinct(
            *(one.exchange_order_id for one in found.exchanges), found.exchange_order_id
        ),
        gift_card_order_ids=_distinct(found.gift_card_order_id),
        created_at=found.created_at,
        updated_at=found.updated_at,
        edited_at=found.edited_at,
    )


def id_in(row: Any) -> str:
    """Return the id of a row that cannot be read as a return, "" if that cannot be read either."""
    if isinstance(row, Broken):
        return row.return_id
    found = to_id(row.get("id", row.get("return_id"))) if isinstance(row, dict) else ""
    return found if is_loop_id(found) else ""


_PAYMENT: Final = ("was_processed", "outcomes_processed_at", "refunds")
"""Fields that prove payment. Ids of exchange orders and gift cards are empty if none was promised."""


def _payment(found: wire.ReturnWire, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was paid, by the field names of ``Return``; a zero refund does not count."""
    return {
        "refunds_paid": sum(1 for one in found.refunds if one.amount is not None and one.amount > 0),
        "refund_records": sum(1 for one in found.shopify_refund_object if one.id),
        "outcomes_processed": found.outcomes_processed_at,
        "tells_payment": any(value.get(name) is not None for name in _PAYMENT),
    }


def state_named(raw: str) -> ReturnState:
    """Return the state for a word, ``UNKNOWN`` for a new one."""
    return _word(ReturnState, raw, ReturnState.UNKNOWN)


def to_asn_row(value: Any) -> AsnRow:
    """Translate one row of the advance notice. Raises ``AnswerLost``."""
    row = read(wire.AsnWire, value)
    return AsnRow(
        line_item_id=row.return_line_item_id,
        order_name=row.order_name,
        state=state_named(row.state),
        carrier=row.carrier,
        tracking_number=row.tracking_number,
        label_status=row.label_status,
        scannable_id=row.scannable_id,
        package_reference=row.package_reference,
        box_barcode=row.shipping_box_barcode,
        rma_code=row.return_method_rma_code,
        delivered_at=row.date_delivered,
        updated_at=row.updated_at,
        label_updated_at=row.label_updated_at,
        consolidation_tracking=row.consolidation_tracking,
    )


def to_notes(value: Any) -> tuple[Note, ...]:
    """Translate notes, a bare array or one under ``notes``, oldest first (the server's ids increase).

    Raises:
        AnswerLost: Another shape, or a note whose content is not text.
    """
    many = elements(value.get("notes") if isinstance(value, dict) and "notes" in value else value)
    if says_no_notes(many):
        return ()
    if not isinstance(many, list):
        raise AnswerLost(why="shape", where="notes")
    read_notes = [read(wire.NoteWire, one) for one in many]
    notes = [Note(one.id, one.content or "", one.created_at) for one in read_notes]
    if all(is_loop_id(note.note_id) for note in notes):
        return tuple(sorted(notes, key=lambda note: int(note.note_id)))
    return tuple(sorted(notes, key=lambda note: note.created_at.timestamp() if note.created_at else 0.0))


def to_destination(value: Any) -> Destination:
    """Translate a warehouse; enabled unless it says otherwise. Raises ``AnswerLost``."""
    found = read(wire.DestinationWire, value)
    if not found.id:
        raise AnswerLost(why="shape", where="id")
    return Destination(
        destination_id=found.id,
        name=found.name,
        kind=found.type,
        enabled=found.enabled is not False,
        city=found.address.city if found.address else "",
    )


def to_happy_shipment(value: Any) -> HappyShipment:
    """Translate a consolidated shipment. Raises ``AnswerLost``."""
    found = read(wire.HappyShipmentWire, value)
    if not is_loop_id(found.loop_shipment_id):
        raise AnswerLost(why="shape", where="loop_shipment_id")
    return HappyShipment(
        loop_shipment_id=found.loop_shipment_id,
        happy_returns_shipment_id=found.happy_returns_shipment_id,
        line_item_count=found.line_item_count,
        return_count=found.return_count,
        created_at=found.created_at,
    )


def to_happy_item(value: Any) -> HappyItem:
    """Translate one unit of a consolidated shipment. Raises ``AnswerLost``."""
    found = read(wire.HappyItemWire, value)
    return HappyItem(
        return_id=found.return_id,
        order_name=found.order_name,
        bag_barcodes=found.happy_returns_return_bag_barcodes,
        rma_id=found.happy_returns_rma_id,
        box_barcode=found.shipping_box_barcode,
        tracking_number=found.tracking_number,
        carrier=found.carrier,
        sku=found.sku,
        title=found.item_title or found.variant_title,
    )


def _word(words: type[Word], raw: str, unknown: Word) -> Word:
    try:
        return words(raw.lower())
    except ValueError:
        return unknown


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


def _distinct(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _customer_name(found: wire.ReturnWire) -> str:
    name = f"{found.customer_first_name} {found.customer_last_name}".strip()
    return name or ("" if "@" in found.customer else found.customer)


def _totals(found: wire.ReturnWire) -> Totals:
    exchange = found.exchange_total if found.exchange_total is not None else found.exchange
    return Totals(
        total=_money(found.total, found.currency),
        refund=_money(found.refund, found.currency),
        credit=_money(found.gift_card, found.currency),
        exchange=_money(exchange, found.currency),
        upsell=_money(found.upsell, found.currency),
        handling_fee=_money(found.handling_fee, found.currency),
    )


def _line(line: wire.LineWire, currency: str) -> LineItem:
    return LineItem(
        line_item_id=line.line_item_id,
        title=line.title or line.line_item_title,
        variant_title=line.variant_title,
        product_id=line.product_id,
        variant_id=line.variant_id,
        sku=line.sku,
        barcode=line.barcode,
        image_url=line.image,
        price=_money(line.price, currency),
        refund=_money(line.refund, currency),
        reason=line.reason,
        parent_reason=line.parent_reason,
        comment=line.return_comment,
        outcome=_word(LineOutcome, line.outcome or "default", LineOutcome.UNKNOWN),
        outcome_raw=line.outcome,
        exchange_variant=line.exchange_variant,
        provider_line_item_id=line.provider_line_item_id,
        consolidation_tracking=line.consolidation_tracking,
        condition=_condition(line.condition),
        disposition=_disposition(line.disposition),
        properties=(*line.properties, *((("serial", line.serial),) if line.serial else ())),
    )


def category_word(category: Any) -> str:
    """Return Loop's word for a grade: the text itself, or ``grade`` (else ``title``) of a 2026-10 object."""
    if not isinstance(category, dict):
        return to_said(category)
    return to_said(category.get("grade")) or to_said(category.get("title"))


def _condition(held: wire.ConditionWire | None) -> HeldCondition | None:
    if held is None:
        return None
    return HeldCondition(
        grade=category_word(held.condition_category),
        description=held.description,
        note=held.note,
        processor=held.return_processor,
        inspected_at=held.inspected_at,
        images=len(held.images) if isinstance(held.images, list) else None,
    )


def _disposition(held: wire.DispositionWire | None) -> HeldDisposition | None:
    if held is None:
        return None
    return HeldDisposition(
        disposition=held.disposition_outcome,
        note=held.note,
        processor=held.return_processor,
        inspected_at=held.inspected_at,
    )


def _exchange(one: wire.ExchangeWire, currency: str) -> Exchange:
    return Exchange(
        exchange_id=one.exchange_id,
        title=one.title,
        sku=one.sku,
        kind=one.type,
        order_name=one.exchange_order_name,
        total=_money(one.total, currency),
        out_of_stock=one.out_of_stock is True,
    )


def _parcels(found: wire.ReturnWire) -> tuple[Parcel, ...]:
    """Collect the parcels: one per tracking number, from the labels and the flat fields next to them.

    A label without a number is still pending and not a parcel yet. With several labels the flat fields repeat
    one of them.
    """
    flat = Parcel(found.carrier, found.tracking_number, found.label_status, found.label_updated_at)
    boxes: dict[str, Parcel] = {}
    for label in found.labels:
        number = label.tracking_number
        before = boxes.get(number)
        boxes[number] = Parcel(
            carrier=label.carrier or (flat.carrier if number == flat.tracking_number else ""),
            tracking_number=number,
            status=label.status,
            updated_at=label.updated_at,
            line_item_ids=_distinct(*(before.line_item_ids if before else ()), *label.line_items),
        )
    boxes.setdefault(flat.tracking_number, flat)
    return tuple(box for number, box in boxes.items() if number)
