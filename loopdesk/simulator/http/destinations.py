"""Destinations, and consolidated Happy Returns shipments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from loopdesk.simulator import scalars
from loopdesk.simulator.answers import Reply, RoutedCall, invalid, not_found
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.scalars import number, stamp
from loopdesk.simulator.truth import Destination, Shipment, ShipmentItem

PER_PAGE = 200


def destinations(loop: Loop, _call: RoutedCall) -> Reply:
    """All warehouses of the shop."""
    return Reply(200, {"destinations": [_destination(each) for each in loop.destinations]})


def destination(loop: Loop, call: RoutedCall) -> Reply:
    """One warehouse."""
    wanted = call.params["id"]
    found = (each for each in loop.destinations if str(each.destination_id) == wanted)
    return next((Reply(200, _destination(each)) for each in found), not_found("Destination not found."))


def shipments(loop: Loop, call: RoutedCall) -> Reply:
    """Shipments of a window (the last 24 hours by default), newest first, as a page."""
    window = []
    for name, usual in (("from", loop.now() - timedelta(days=1)), ("to", loop.now())):
        moment = scalars.read_date(call.query[name]) if name in call.query else usual
        if moment is None:
            return invalid({name: f"The {name} is not a valid date."})
        window.append(moment)
    found = [each for each in loop.shipments if window[0] <= each.created_at <= window[1]]
    found.sort(key=lambda each: (each.created_at, each.loop_shipment_id), reverse=True)
    return _paged(call, [_shipment(each) for each in found])


def shipment(loop: Loop, call: RoutedCall) -> Reply:
    """One shipment by Happy Returns' id."""
    wanted = call.params["id"]
    found = (each for each in loop.shipments if each.happy_returns_shipment_id == wanted)
    return next((Reply(200, _shipment(each)) for each in found), not_found("Shipment not found."))


def shipment_items(loop: Loop, call: RoutedCall) -> Reply:
    """The units of one shipment by Loop's id, as a page; unlike the shipment, these rows name the return."""
    wanted = call.params["id"]
    found = next((each for each in loop.shipments if str(each.loop_shipment_id) == wanted), None)
    if found is None:
        return not_found("Shipment not found.")
    return _paged(call, [_item(found, each) for each in found.items])


def _paged(call: RoutedCall, rows: list[dict[str, Any]]) -> Reply:
    """A page as Laravel writes it."""
    asked = call.query.get("page", "1")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 9 else 1
    last = max(1, -(-len(rows) // PER_PAGE))
    first = (page - 1) * PER_PAGE
    some = rows[first : first + PER_PAGE]
    path = f"{call.base_url}{call.path}"
    return Reply(
        200,
        {
            "current_page": page,
            "data": some,
            "first_page_url": f"{path}?page=1",
            "from": first + 1 if some else None,
            "last_page": last,
            "last_page_url": f"{path}?page={last}",
            "next_page_url": f"{path}?page={page + 1}" if page < last else None,
            "path": path,
            "per_page": PER_PAGE,
            "prev_page_url": f"{path}?page={page - 1}" if page > 1 else None,
            "to": first + len(some) if some else None,
            "total": len(rows),
        },
    )


def _destination(place: Destination) -> dict[str, Any]:
    return {
        "id": place.destination_id,
        "type": place.type,
        "name": place.name,
        "enabled": place.enabled,
        "provider_location_id": place.provider_location_id,
        "address": {
            "name": place.name,
            "address1": place.address1,
            "address2": place.address2,
            "city": place.city,
            "state": place.state,
            "zip": place.zip,
            "country": place.country,
            "country_code": place.country_code,
        },
    }


def _shipment(each: Shipment) -> dict[str, Any]:
    return {
        "loop_shipment_id": each.loop_shipment_id,
        "happy_returns_shipment_id": each.happy_returns_shipment_id,
        "line_item_count": len(each.items),
        "return_count": len({item.return_id for item in each.items}),
        "created_at": stamp(each.created_at),
        "updated_at": stamp(each.updated_at),
    }


def _item(owner: Shipment, item: ShipmentItem) -> dict[str, Any]:
    return {
        "carrier": item.carrier,
        "happy_returns_return_bag_barcodes": list(item.bag_barcodes),
        "happy_returns_rma_id": item.rma_id,
        "happy_returns_shipment_id": owner.happy_returns_shipment_id,
        "item_title": item.item_title,
        "order_name": item.order_name,
        "po_number": item.po_number,
        "return_id": number(item.return_id),
        "shipment_id": owner.loop_shipment_id,
        "shipping_box_barcode": item.box_barcode,
        "sku": item.sku,
        "tracking_number": item.tracking_number,
        "variant_title": item.variant_title,
    }
