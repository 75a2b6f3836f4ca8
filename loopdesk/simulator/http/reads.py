"""Return details, and the advance shipping notice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from loopdesk.simulator.answers import NO_RETURN, Reply, RoutedCall, error_message, invalid
from loopdesk.simulator.http import wording
from loopdesk.simulator.http.render import as_told, in_details
from loopdesk.simulator.http.wording import day_first, money, number, stamp
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.shop.truth import Destination, Label, LineItem, Return

_IDENTIFIERS = ("return_id", "order_id", "order_name")


def details(loop: Loop, call: RoutedCall) -> Reply:
    """One return by its id, or the returns of an order; if nothing is found, a 200 with `error`.

    An object for a return id and for an order with one return; an array for an order with several (or only
    the newest, by setting).
    """
    given = [name for name in _IDENTIFIERS if call.query.get(name)]
    if len(given) != 1:
        return invalid({"return_id": "Exactly one of return_id, order_id and order_name is required."})
    value = call.query[given[0]]
    if given[0] != "order_name" and not (value.isascii() and value.isdecimal()):
        return invalid({given[0]: f"The {given[0].replace('_', ' ')} must be an integer."})
    presentment = call.query.get("currency_type") == "presentment"
    found = [loop.as_of(ret, call.stale_seconds) for ret in _find(loop, given[0], value)]
    now = loop.now()
    bodies = [in_details(as_told(ret, loop.settings, now), call, loop.settings, presentment) for ret in found]
    if not bodies:
        return error_message(NO_RETURN)
    if len(bodies) == 1 or loop.settings.order_lookup == "newest":
        return Reply(200, bodies[0])
    return Reply(200, bodies)


def _find(loop: Loop, by: str, value: str) -> list[Return]:
    if by == "return_id":
        found = loop.shelf.peek(value)
        return [] if found is None else [found]
    if by == "order_id":
        return loop.shelf.by_provider_order(value)
    form = loop.settings.order_name_form
    if form != "any" and value.startswith("#") != (form == "hash"):
        return []
    return loop.shelf.by_order_name(value)


def asn(loop: Loop, call: RoutedCall) -> Reply:
    """One row per line of the returns created in the window; every state, no paging.

    An unparsable date silently becomes the epoch. From 2026-10 on the length of the window is limited.
    """
    now = loop.now()
    week_ago = now - timedelta(days=7)
    start = wording.read_date(call.query["from"]) or wording.EPOCH if "from" in call.query else week_ago
    end = wording.read_date(call.query["to"]) or wording.EPOCH if "to" in call.query else now
    end = wording.end_of_day(end)
    if call.version == "2026-10" and end - wording.LONGEST_WINDOW - timedelta(days=1) >= start:
        return invalid({"from": "The date range may not be greater than 120 days."})
    rows: list[dict[str, Any]] = []
    places = {str(each.destination_id): each for each in loop.destinations}
    for ret in _made_between(loop, call, start, end):
        place = places.get(ret.destination_id or "")
        rows.extend(_row(ret, line, place, loop.settings.asn_style == "old") for line in ret.lines)
    return Reply(200, rows)


def _made_between(loop: Loop, call: RoutedCall, start: datetime, end: datetime) -> list[Return]:
    states = frozenset({"open", "closed", "cancelled", "expired", "review"})
    crowd = (loop.shelf.peek(stamp[1]) for stamp in loop.shelf.crowd_stamps("created_at", states, start, end))
    kept = (loop.as_of(each, call.stale_seconds) for each in loop.shelf.kept())
    found = [each for each in (*crowd, *kept) if each is not None and start <= each.created_at <= end]
    return sorted(found, key=lambda ret: (ret.created_at, ret.return_id), reverse=True)


def _row(ret: Return, line: LineItem, place: Destination | None, old: bool) -> dict[str, Any]:
    """One row. Its `id` is the row's own, not the return's, which the notice does not name."""
    label = _label_of(ret, line)
    delivered = label is not None and label.status == "delivered"
    when = day_first if old else stamp
    method = ret.return_method
    digits = "".join(sign for sign in ret.order_name if sign.isascii() and sign.isdigit()) or "0"
    row: dict[str, Any] = {
        "id": int(line.line_item_id) + 5_000_000,
        "return_line_item_id": line.line_item_id,
        "order_id": ret.order_id,
        "order_name": ret.order_name,
        "order_number": str(max(0, int(digits) - 1000)),
        "provider_order_number": digits,
        "state": ret.state,
        "customer_email": ret.customer_email,
        "title": line.title,
        "purchase_price": money(line.price),
        "sku": line.sku,
        "barcode": line.barcode,
        "restock_status": "none",
        "currency": ret.currency,
        "closed_at": when(ret.closed_at) if ret.closed_at else None,
        "updated_at": when(ret.updated_at),
        "created_at": when(ret.created_at),
        "return_reason": line.reason,
        "actioned_by": None,
        "return_method": None if method is None else method.method_type,
        "return_method_rma_code": None if method is None else method.rma_id,
        "return_method_state": None if method is None else method.state,
        "scannable_id": None if method is None else method.scannable_id,
        "date_delivered": when(label.updated_at) if label is not None and delivered else None,
        "outcome": ret.outcome,
        "package_reference": ret.package_reference,
        "shipping_box_barcode": ret.shipping_box_barcode,
        "provider_created_at": when(ret.created_at),
        "consolidation_tracking": line.consolidation_tracking,
        **_label_part(label, old),
        **_place_part(ret, place),
    }
    if old:
        for name in ("return_line_item_id", "order_id", "order_number", "provider_order_number"):
            row[name] = number(row[name])
    return row


def _label_of(ret: Return, line: LineItem) -> Label | None:
    """The label that covers the line, else the first."""
    covering = [label for label in ret.labels if line.line_item_id in label.line_item_ids]
    return next(iter(covering or ret.labels), None)


def _label_part(label: Label | None, old: bool) -> dict[str, Any]:
    if label is None or label.status == "pending":
        return {
            "carrier": "N/A",
            "service": "N/A",
            "label_status": "N/A",
            "tracking_number": "N/A",
            "integration_tracking_url": None,
            "label_updated_at": "N/A",
            "label_url": None,
            "label_rate": None,
        }
    return {
        "carrier": label.carrier,
        "service": "Ground",
        "label_status": label.status,
        "tracking_number": label.tracking_number,
        "integration_tracking_url": f"https://track.example.test/{label.tracking_number}",
        "label_updated_at": f"{label.updated_at:%d/%m/%Y}" if old else stamp(label.updated_at),
        "label_url": label.url,
        "label_rate": None if label.rate is None else money(label.rate),
    }


def _place_part(ret: Return, place: Destination | None) -> dict[str, Any]:
    return {
        "destination_id": ret.destination_id,
        "destination_name": None if place is None else place.name,
        "destination_address1": None if place is None else place.address1,
        "destination_address2": None if place is None else place.address2,
        "destination_city": None if place is None else place.city,
        "destination_state": None if place is None else place.state,
        "destination_zip": None if place is None else place.zip,
    }
