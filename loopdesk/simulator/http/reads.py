"""What a client can read: return details, the advance shipping notice, and the Detailed Returns List."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from loopdesk.simulator import scalars
from loopdesk.simulator.answers import NO_RETURN, Reply, RoutedCall, error_message, invalid
from loopdesk.simulator.crowd import Stamp
from loopdesk.simulator.http.render import as_told, in_details, in_list
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.scalars import day_first, money, naive, number, stamp
from loopdesk.simulator.truth import STATES, Destination, Label, LineItem, Return

# --- details and notice -----------------------------------------------------------------------------

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
        found = loop.index.peek(value)
        return [] if found is None else [found]
    if by == "order_id":
        return loop.index.by_provider_order(value)
    form = loop.settings.order_name_form
    if form != "any" and value.startswith("#") != (form == "hash"):
        return []
    return loop.index.by_order_name(value)


def asn(loop: Loop, call: RoutedCall) -> Reply:
    """One row per line of the returns created in the window; every state, no paging.

    An unparsable date silently becomes the epoch. From 2026-10 on the length of the window is limited.
    """
    now = loop.now()
    week_ago = now - timedelta(days=7)
    start = scalars.read_date(call.query["from"]) or scalars.EPOCH if "from" in call.query else week_ago
    end = scalars.read_date(call.query["to"]) or scalars.EPOCH if "to" in call.query else now
    end = scalars.end_of_day(end)
    if call.version == "2026-10" and end - scalars.LONGEST_WINDOW - timedelta(days=1) >= start:
        return invalid({"from": "The date range may not be greater than 120 days."})
    rows: list[dict[str, Any]] = []
    places = {str(each.destination_id): each for each in loop.destinations}
    for ret in _made_between(loop, call, start, end):
        place = places.get(ret.destination_id or "")
        rows.extend(_row(ret, line, place, loop.settings.asn_style == "old") for line in ret.lines)
    return Reply(200, rows)


def _made_between(loop: Loop, call: RoutedCall, start: datetime, end: datetime) -> list[Return]:
    states = frozenset({"open", "closed", "cancelled", "expired", "review"})
    crowd = (loop.index.peek(stamp[1]) for stamp in loop.index.crowd_stamps("created_at", states, start, end))
    kept = (loop.as_of(each, call.stale_seconds) for each in loop.index.kept())
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


# --- the list ---------------------------------------------------------------------------------------

SHOWN_BY_DEFAULT = frozenset({"open", "closed", "expired"})
"""Without a state the list leaves out cancelled returns and returns in review."""

USUAL_PAGE = 100
LARGEST_PAGE = 750


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position between two returns: the second, the id for ties, and the direction."""

    at: datetime
    return_id: str | None
    forward: bool


@dataclass(frozen=True, slots=True)
class Query:
    """The list's parameters, validated."""

    column: str
    states: frozenset[str]
    start: datetime | None
    end: datetime
    page_size: int | None
    cursor: Cursor | None


def returns_list(loop: Loop, call: RoutedCall) -> Reply:
    """Returns of a window, newest first: a bare array, or an envelope with `paginate=true`."""
    query = _read_query(call.query, loop.now())
    if isinstance(query, Reply):
        return query
    stamps = _stamps(loop, call, query)
    if query.page_size is None:
        return Reply(200, [_rendered(loop, call, stamp) for stamp in stamps])
    page, before, after = _page(stamps, query, loop.settings.cursor_ties)
    return Reply(
        200,
        {
            "returns": [_rendered(loop, call, stamp) for stamp in page],
            "nextPageUrl": _link(loop, call, query, page[-1], True) if page and after else None,
            "previousPageUrl": _link(loop, call, query, page[0], False) if page and before else None,
        },
    )


# What was asked


def _read_query(given: dict[str, str], now: datetime) -> Query | Reply:
    column = given.get("filter", "created_at")
    errors: dict[str, str] = {}
    if column not in ("created_at", "updated_at"):
        errors["filter"] = "The selected filter is invalid."
    state = given.get("state")
    if state is not None and state not in STATES:
        errors["state"] = "The selected state is invalid."
    cursor = _read_cursor(given["cursor"], column) if "cursor" in given else None
    if "cursor" in given and cursor is None:
        errors["cursor"] = "The cursor is invalid."
    size = _read_size(given)
    if size is not None and not 1 <= size <= LARGEST_PAGE:
        errors["pageSize"] = f"The page size must be between 1 and {LARGEST_PAGE}."
    window = _read_window(given, now, errors)
    if errors or window is None:
        return invalid(errors)
    states = SHOWN_BY_DEFAULT if state is None else frozenset({state})
    return Query(column, states, *window, page_size=size, cursor=cursor)


def _read_size(given: dict[str, str]) -> int | None:
    """The page size, None for an unpaged list, 0 for nonsense. A cursor implies paging."""
    if given.get("paginate", "").lower() not in ("true", "1") and "cursor" not in given:
        return None
    size = given.get("pageSize", str(USUAL_PAGE))
    return int(size) if size.isdecimal() and len(size) < 6 else 0


def _read_window(
    given: dict[str, str], now: datetime, errors: dict[str, str]
) -> tuple[datetime | None, datetime] | None:
    """The window; errors are added to `errors`.

    Without `from` it is the last 24 hours, and `to` alone is ignored; with `from` alone it is the 24 hours
    after it. A page link carries only `to` and a cursor; then the window has no start.
    """
    start, end = (scalars.read_date(given[name]) if name in given else None for name in ("from", "to"))
    for name, moment in (("from", start), ("to", end)):
        if name in given and moment is None:
            errors[name] = f"The {name} is not a valid date."
    if start is None:
        if "cursor" in given:
            return None, end or now
        return now - timedelta(days=1), now
    if end is None:
        return start, start + timedelta(days=1)
    if end - start > scalars.LONGEST_WINDOW:
        errors["from"] = "The date range may not be greater than 120 days."
        return None
    if end < start:
        errors["to"] = "The to must be a date after from."
        return None
    return start, end


# What is there


def _stamps(loop: Loop, call: RoutedCall, query: Query) -> list[Stamp]:
    """Time (to the second, as the cursor counts) and id of every matching return, newest first."""
    stamps = loop.index.crowd_stamps(query.column, query.states, query.start, query.end)
    for kept in loop.index.kept():
        ret = loop.as_of(kept, call.stale_seconds)
        at: datetime = getattr(ret, query.column)
        if ret.state in query.states and at <= query.end and (query.start is None or at >= query.start):
            stamps.append((at.replace(microsecond=0), ret.return_id))
    stamps.sort(reverse=True)
    return stamps


def _rendered(loop: Loop, call: RoutedCall, stamp: Stamp) -> dict[str, Any]:
    found = loop.index.peek(stamp[1])
    ret: Return = loop.as_of(found, call.stale_seconds) if found is not None else loop.get(stamp[1])
    return in_list(as_told(ret, loop.settings, loop.now()), call, loop.settings)


# Pages


def _page(stamps: list[Stamp], query: Query, ties: str) -> tuple[list[Stamp], bool, bool]:
    """One page, and whether there are rows before and after it."""
    size = query.page_size or USUAL_PAGE
    if query.cursor is None:
        return stamps[:size], False, len(stamps) > size
    cursor = query.cursor
    if cursor.forward:
        start = _place_of(stamps, cursor.at + timedelta(seconds=1))
        beyond = (stamp for stamp in islice(stamps, start, None) if _is_beyond(stamp, cursor, ties))
        older = list(islice(beyond, size + 1))
        return older[:size], True, len(older) > size
    newer = [stamp for stamp in stamps[: _place_of(stamps, cursor.at)] if _is_beyond(stamp, cursor, ties)]
    return newer[-size:], len(newer) > size, True


def _place_of(stamps: list[Stamp], at: datetime) -> int:
    """How many of the stamps, newest first, are at or after a moment."""
    return bisect_right(stamps, -at.timestamp(), key=lambda stamp: -stamp[0].timestamp())


def _is_beyond(stamp: Stamp, cursor: Cursor, ties: str) -> bool:
    """Whether a return lies beyond the cursor in its direction.

    The real cursor has only second resolution. `ties` says what becomes of the other returns of that second:
    `kept` continues by id, `lost` skips them, `repeated` returns them (and the last one) again.
    """
    at, return_id = stamp
    if at != cursor.at:
        return at < cursor.at if cursor.forward else at > cursor.at
    if ties == "lost":
        return False
    if ties == "repeated" or cursor.return_id is None:
        return True
    return return_id < cursor.return_id if cursor.forward else return_id > cursor.return_id


def _link(loop: Loop, call: RoutedCall, query: Query, edge: Stamp, forward: bool) -> str:
    """A page link as Loop writes it: version v1, without `from`, `state` and `paginate`."""
    place: dict[str, Any] = {query.column: naive(edge[0])}
    if loop.settings.cursor_ties == "kept":
        place["id"] = edge[1]
    place["_pointsToNextItems"] = forward
    cursor = base64.b64encode(json.dumps(place, separators=(",", ":")).encode()).decode()
    asked = {
        "to": naive(query.end),
        "filter": query.column,
        "pageSize": str(query.page_size),
        "cursor": cursor,
    }
    origin = loop.settings.foreign_links or call.base_url
    return f"{origin}/api/v1/warehouse/return/list?{urlencode(asked, quote_via=quote)}"


def _read_cursor(text: str, column: str) -> Cursor | None:
    try:
        place = json.loads(base64.b64decode(text, validate=True))
        at = scalars.read_date(place[column])
        return None if at is None else Cursor(at, place.get("id"), bool(place["_pointsToNextItems"]))
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError):
        return None
