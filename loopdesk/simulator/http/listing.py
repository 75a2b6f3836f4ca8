"""The Detailed Returns List: its window, its states, and its pages."""

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

from loopdesk.simulator.answers import Reply, RoutedCall, invalid
from loopdesk.simulator.http import wording
from loopdesk.simulator.http.render import as_told, in_list
from loopdesk.simulator.http.wording import naive
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.shop.return_index import Stamp
from loopdesk.simulator.shop.truth import STATES, Return

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
    start, end = (wording.read_date(given[name]) if name in given else None for name in ("from", "to"))
    for name, moment in (("from", start), ("to", end)):
        if name in given and moment is None:
            errors[name] = f"The {name} is not a valid date."
    if start is None:
        if "cursor" in given:
            return None, end or now
        return now - timedelta(days=1), now
    if end is None:
        return start, start + timedelta(days=1)
    if end - start > wording.LONGEST_WINDOW:
        errors["from"] = "The date range may not be greater than 120 days."
        return None
    if end < start:
        errors["to"] = "The to must be a date after from."
        return None
    return start, end


# What is there


def _stamps(loop: Loop, call: RoutedCall, query: Query) -> list[Stamp]:
    """Time (to the second, as the cursor counts) and id of every matching return, newest first."""
    stamps = loop.shelf.crowd_stamps(query.column, query.states, query.start, query.end)
    for kept in loop.shelf.kept():
        ret = loop.as_of(kept, call.stale_seconds)
        at: datetime = getattr(ret, query.column)
        if ret.state in query.states and at <= query.end and (query.start is None or at >= query.start):
            stamps.append((at.replace(microsecond=0), ret.return_id))
    stamps.sort(reverse=True)
    return stamps


def _rendered(loop: Loop, call: RoutedCall, stamp: Stamp) -> dict[str, Any]:
    found = loop.shelf.peek(stamp[1])
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
        at = wording.read_date(place[column])
        return None if at is None else Cursor(at, place.get("id"), bool(place["_pointsToNextItems"]))
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError):
        return None
