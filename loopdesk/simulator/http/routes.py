"""The endpoints of the simulator: method, path, required scope, and handler."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from loopdesk.simulator.answers import Reply, RoutedCall
from loopdesk.simulator.http import actions, destinations, inspections, listing, reads
from loopdesk.simulator.loop import Loop

VERSIONS = ("v1", "2026-07", "2026-10")
"""The version prefixes mounted under `/api/`; v1 is an alias of 2026-07."""

Handler = Callable[[Loop, RoutedCall], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint; `pattern` matches the path after the version."""

    method: str
    pattern: re.Pattern[str]
    scope: str
    handler: Handler


def _route(method: str, path: str, handler: Handler, scope: str = "returns") -> Route:
    return Route(method, re.compile(path), scope, handler)


_ONE = r"/warehouse/return/(?P<return_id>[0-9]{1,19})"
_HAPPY = r"/happy-returns/shipments"
_HAPPY_SCOPE = "happy_returns_shipments:read"

ROUTES = (
    _route("GET", r"/warehouse/return/list", listing.returns_list),
    _route("GET", r"/warehouse/return/details", reads.details),
    _route("GET", r"/warehouse/reporting/asn", reads.asn),
    _route("POST", _ONE + "/process", actions.process),
    _route("POST", _ONE + "/flag", actions.flag),
    _route("POST", _ONE + "/cancel", actions.cancel),
    _route("POST", _ONE + "/close", actions.close),
    _route("POST", _ONE + "/remove", actions.remove),
    _route("GET", _ONE + "/notes", actions.notes),
    _route("POST", _ONE + "/note", actions.add_note),
    _route("POST", r"/dispositioning/grade", inspections.grade),
    _route("POST", r"/dispositioning/assess", inspections.assess),
    _route("GET", r"/destinations", destinations.destinations, "destinations:read"),
    _route("GET", r"/destinations/(?P<id>[^/]+)", destinations.destination, "destinations:read"),
    _route("GET", _HAPPY, destinations.shipments, _HAPPY_SCOPE),
    _route("GET", _HAPPY + r"/(?P<id>[^/]+)", destinations.shipment, _HAPPY_SCOPE),
    _route("GET", _HAPPY + r"/(?P<id>[^/]+)/items", destinations.shipment_items, _HAPPY_SCOPE),
)


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | int:
    """The endpoint for a path after the version with its path parameters, or the status 404 or 405."""
    status = 404
    for route in ROUTES:
        match = route.pattern.fullmatch(path)
        if match is None:
            continue
        if route.method == method:
            return route, match.groupdict()
        status = 405
    return status
