"""The bodies of Loop's webhooks, in the newer form and in the older one, written as PHP writes JSON.

The forms differ as Loop's documents of different years do: whether ids are texts or numbers, whether a label
names its return ``return_id`` or ``id``, whether a return lists its labels or carries one flat.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from loopdesk.simulator.scalars import money, number, stamp, stamp_millis
from loopdesk.simulator.truth import ZERO, Label, LineItem, Return, Shipment
from loopdesk.simulator.webhooks.events import TRIGGERS, Event

FORMS = ("new", "old")
"""The ages of the documents: each topic has a body in either."""

_SHOP_ID = 12345


def body_of(topic: str, event: Event, form: str) -> dict[str, Any]:
    """Return what a subscription of that topic is told of an event; empty if the two do not fit.

    Args:
        form: One of ``FORMS``.
    """
    if event.trigger not in TRIGGERS[topic]:
        return {}
    made = _BODIES[topic](event, form == "old")
    return {"topic": topic, "trigger": event.trigger, **made}


def php_json(body: dict[str, Any]) -> bytes:
    """Serialize as PHP's ``json_encode`` does: no blanks, ``\\/`` and ``\\uXXXX``; nothing if it is empty."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode("ascii") if body else b""


def signature(secret: str, raw: bytes) -> str:
    """Sign the bytes of a body: base64 of their HMAC-SHA256."""
    return base64.b64encode(hmac.digest(secret.encode(), raw, hashlib.sha256)).decode("ascii")


def _a_return(event: Event, old: bool) -> dict[str, Any]:
    ret = _return_of(event)
    worth = sum((line.worth for line in ret.lines), ZERO)
    body: dict[str, Any] = {
        "id": ret.return_id,
        "state": ret.state,
        "created_at": stamp(ret.created_at) if old else stamp_millis(ret.created_at),
        "total": money(worth),
        "order_id": _id(ret.order_id, old),
        "order_name": ret.order_name,
        "provider_order_id": ret.provider_order_id,
        "customer": ret.customer_email,
        "currency": ret.currency,
        "handling_fee": money(ret.handling_fee),
        "refund": money(_by(ret, "refund")),
        "gift_card": money(_by(ret, "credit")),
        "line_items": [_line(line, old) for line in ret.lines],
    }
    if old:
        return {**body, **_flat_label(ret)}
    return {
        **body,
        "shop_id": _SHOP_ID,
        "edited_at": stamp_millis(ret.edited_at) if ret.edited_at else None,
        "customer_detail": {
            "email": ret.customer_email,
            "first_name": ret.customer_first_name,
            "last_name": ret.customer_last_name,
        },
        "status_page_url": f"https://shop.loopreturns.example/#/return/{ret.return_id}",
        "labels": [_listed_label(label) for label in ret.labels],
    }


def _by(ret: Return, resolution: str) -> Decimal:
    return sum((line.worth for line in ret.lines if line.resolution == resolution), ZERO)


def _line(line: LineItem, old: bool) -> dict[str, Any]:
    body = {
        "line_item_id": _id(line.line_item_id, old),
        "provider_line_item_id": _id(line.provider_line_item_id, old),
        "title": line.title,
        "sku": line.sku,
        "price": money(line.price),
        "return_reason": line.reason,
    }
    return body if old else {**body, "outcome": line.outcome}


def _flat_label(ret: Return) -> dict[str, Any]:
    first = ret.labels[0] if ret.labels else None
    if first is None or first.status == "pending":
        word = "pending" if first is not None else "N/A"
        return {
            "carrier": "N/A",
            "tracking_number": "N/A",
            "label_status": word,
            "label_updated_at": "N/A",
        }
    return _label_fields(first, old=True)


def _listed_label(label: Label) -> dict[str, Any]:
    return {
        "status": label.status,
        "updated_at": stamp_millis(label.updated_at),
        "url": label.url,
        "rate": None if label.rate is None else int(label.rate * 100),
        "carrier": label.carrier,
        "tracking_number": label.tracking_number,
        "line_items": [number(each) for each in label.line_item_ids],
    }


def _label_fields(label: Label, *, old: bool) -> dict[str, Any]:
    return {
        "carrier": label.carrier,
        "tracking_number": label.tracking_number,
        "label_status": label.status,
        "label_updated_at": stamp(label.updated_at) if old else stamp_millis(label.updated_at),
    }


def _a_label(event: Event, old: bool) -> dict[str, Any]:
    ret, label = _return_of(event), event.label
    if label is None:
        raise ValueError(f"{event.trigger} is about no label")
    named = {"return_id": ret.return_id} if old else {"shop_id": _SHOP_ID, "id": number(ret.return_id)}
    order = {
        "order_id": _id(ret.order_id, old),
        "provider_order_id": _id(ret.provider_order_id, old),
    }
    rest = {} if old else {"shipment_id": f"67{ret.return_id}"}
    return {**named, **order, **_label_fields(label, old=old), **rest}


def _a_failure(event: Event, old: bool) -> dict[str, Any]:
    ret = _return_of(event)
    return {
        "return_id": _id(ret.return_id, old),
        "return_state": ret.state,
        "message": None if old else "Return failed to process",
        "source": None if old else "api",
    }


def _a_restock(event: Event, old: bool) -> dict[str, Any]:
    ret = _return_of(event)
    items = [
        {
            "location_id": _id(line.restock_location_id or "", old),
            **({} if old else {"variant_id": number(line.variant_id)}),
            "inventory_item_id": _id(f"10{line.variant_id}", old),
            "available_adjustment": _id("1", old),
            "inventory_management": "shopify",
        }
        for line in ret.lines
        if line.restock_location_id
    ]
    order = {
        "order_id": _id(ret.order_id, old),
        "provider_order_id": _id(ret.provider_order_id, old),
    }
    return {"id": _id(ret.return_id, old), **order, "restock_items": items}


def _a_gift_card(event: Event, old: bool) -> dict[str, Any]:
    ret = _return_of(event)
    credit = money(_by(ret, "credit"))
    bonus = "gift_card_bonus" if old else "gift_card_bonus_credit"
    return {
        "id": None if old else number(ret.gift_card_order_id),
        "total_credit_issued": credit,
        "gift_card_subtotal": credit,
        "gift_card_tax": money(ZERO),
        bonus: money(ZERO),
        "currency": ret.currency,
        "return_id": _id(ret.return_id, not old),
        "email": ret.customer_email,
        "first_name": ret.customer_first_name,
        "last_name": ret.customer_last_name,
        "external_order_id": number(ret.provider_order_id),
        "external_order_name": ret.order_name,
    }


def _a_shipment(event: Event, old: bool) -> dict[str, Any]:
    shipment: Shipment | None = event.shipment
    if shipment is None:
        raise ValueError(f"{event.trigger} is about no shipment")
    return {
        "loop_shipment_id": _id(str(shipment.loop_shipment_id), old),
        "happy_returns_shipment_id": shipment.happy_returns_shipment_id,
    }


def _a_label_request(event: Event, old: bool) -> dict[str, Any]:
    ret = _return_of(event)
    parcel = {"height": 5, "width": 10.9, "length": 20.2, "weight": 65.9}
    products = [
        {"name": line.title, "sku": line.sku, "price": {"amount": int(line.price * 100), "currency": "USD"}}
        for line in ret.lines
    ]
    return {
        "id": int(ret.return_id) + 7 if old else f"5fc3126e-68c5-45f8-81b5-{int(ret.return_id):012d}",
        "return_id": number(ret.return_id),
        "shop_id": _SHOP_ID,
        "created_at": stamp(ret.created_at),
        "addresses": {},
        "parcel": parcel,
        "products": products,
    }


def _return_of(event: Event) -> Return:
    if event.ret is None:
        raise ValueError(f"{event.trigger} is about no return")
    return event.ret


def _id(digits: str, as_text: bool) -> str | int | None:
    return digits if as_text else number(digits)


_BODIES: dict[str, Callable[[Event, bool], dict[str, Any]]] = {
    "return": _a_return,
    "return.processing": _a_failure,
    "label": _a_label,
    "restock": _a_restock,
    "label.request": _a_label_request,
    "giftcard": _a_gift_card,
    "happy.returns.shipment": _a_shipment,
}
