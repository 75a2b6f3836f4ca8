"""What of Loop can be read through the hub, what is kept of it, and for how long.

The paths and parameters are those that a bench uses; anything else is not passed on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from loopdesk.api.calls import Call, Nature, Scope, checked_id, checked_segment, path_of
from loopdesk.api.translate import id_in
from loopdesk.api.versions import VERSIONS, ApiVersion
from loopdesk.domain.errors import RuleBroken
from loopdesk.services.ports.loop import Priority


@dataclass(frozen=True, slots=True)
class Keeping:
    """How answers of a kind are kept.

    Attributes:
        max_age: Seconds for which one is given to a bench that does not say how fresh it must be.
        days: How long one is kept at all, for hours without Loop; 0 keeps none.
        is_of_return: A hint about the return makes it old; without, a hint about any return of the shop does,
            where ``changes`` says so.
        changes: Hints make it old.
    """

    max_age: float
    days: float
    is_of_return: bool = False
    changes: bool = True


NOTHING: Final = Keeping(0.0, 0.0)

KEPT: Final = {
    "details": Keeping(60.0, 120.0, is_of_return=True),
    "order": Keeping(60.0, 1.0),
    "notes": Keeping(60.0, 120.0, is_of_return=True),
    # The windows of a list end at the second at which a bench asks, so no two benches ask for the same page.
    "list": NOTHING,
    # It asks whether Loop can be reached and takes the key.
    "probe": NOTHING,
    # The windows of the advance notice are whole days: the first bench of a night reads it for all.
    "asn": Keeping(3600.0, 1.0, changes=False),
    "destinations": Keeping(3600.0, 30.0, changes=False),
    "destination": Keeping(3600.0, 30.0, changes=False),
    "happy_shipments": NOTHING,
    "happy_shipment": Keeping(300.0, 1.0, changes=False),
    "happy_items": Keeping(300.0, 1.0, changes=False),
}
"""By the name of the call; ``order`` is details of all returns of an order."""

LARGEST_KEPT: Final = 8 * 1024 * 1024
"""Bytes of an answer that is kept; a larger one is only passed on."""


LONGEST_VALUE: Final = 2048
"""Characters of a parameter; a cursor of Loop has some hundred."""


@dataclass(frozen=True, slots=True)
class LoopRead:
    """One thing to read.

    Attributes:
        kind: A key of ``KEPT``.
        version: Of Loop's API.
        call: The request to Loop.
        return_id: The return that it is about, None for several or none.
    """

    kind: str
    version: ApiVersion
    call: Call = field(repr=False)
    return_id: str | None = None

    @property
    def keeping(self) -> Keeping:
        """How its answer is kept."""
        return KEPT[self.kind]

    @property
    def target(self) -> str:
        """Path and query below Loop's address, from the version on; the same for all who want the same."""
        segment = "2026-07" if self.version.segment == "v1" else self.version.segment
        return f"/{segment}{self.call.target}"

    @property
    def is_lookup(self) -> bool:
        """Whether any shop of the site may have it: a return or an order that a bench looks up."""
        return self.kind in ("details", "order", "notes")

    @property
    def is_details(self) -> bool:
        """Whether its answer has the details of returns."""
        return self.kind in ("details", "order")

    @property
    def names_returns(self) -> bool:
        """Whether its answer shows which returns are of the shop."""
        return self.kind in ("details", "order", "list", "probe")


_LIST: Final = ("from", "to", "filter", "paginate", "pageSize", "state", "cursor")
_WINDOW: Final = ("from", "to", "page")
_DETAILS: Final = ("return_id", "order_id", "order_name")

Pairs = tuple[tuple[str, str], ...]


class NoSuchRead(Exception):
    """The path, a parameter or an id is none that a bench uses."""


def reading_of(version: str, path: str, query: Iterable[tuple[str, str]]) -> LoopRead:
    """Return what a request to the hub wants to read of Loop.

    Args:
        version: The version in the path: ``v1``, ``2026-07``, ``2026-10``.
        path: Below the version, begins with "/".
        query: Decoded, in order.

    Raises:
        NoSuchRead: It is nothing that can be read here; Loop is not asked.
    """
    known = VERSIONS.get(version)
    if known is None:
        raise NoSuchRead
    for pattern, make in _ROUTES:
        found = pattern.fullmatch(path)
        if found is not None:
            try:
                return make(known, found.groups(), tuple(query))
            except RuleBroken:
                raise NoSuchRead from None
    raise NoSuchRead


def details_of(version: ApiVersion, return_id: str) -> LoopRead:
    """Return the reading of one return."""
    return _details(version, (), (("return_id", return_id),))


def _allowed(query: Pairs, names: tuple[str, ...]) -> Pairs:
    """Return the parameters in the order of ``names``, each at most once."""
    given = dict(query)
    is_known = set(given) <= set(names) and len(given) == len(query)
    if not is_known or any(len(value) > LONGEST_VALUE for value in given.values()):
        raise NoSuchRead
    return tuple((name, given[name]) for name in names if name in given)


def _call(name: str, path: str, scope: Scope = Scope.RETURNS, query: Pairs = ()) -> Call:
    return Call(name, "GET", path, Nature.READ, Priority.BACKGROUND, scope, query)


def _list(version: ApiVersion, _: tuple[str, ...], query: Pairs) -> LoopRead:
    asked = _allowed(query, _LIST)
    kind = "probe" if dict(asked) == {"paginate": "true", "pageSize": "1"} else "list"
    return LoopRead(kind, version, _call(kind, path_of("warehouse", "return", "list"), query=asked))


def _details(version: ApiVersion, _: tuple[str, ...], query: Pairs) -> LoopRead:
    asked = _allowed(query, _DETAILS)
    if len(asked) != 1:
        raise NoSuchRead
    [(name, value)] = asked
    path = path_of("warehouse", "return", "details")
    if name == "order_name":
        return LoopRead("order", version, _call("details", path, query=asked))
    wanted = checked_id(value)
    call = _call("details", path, query=((name, wanted),))
    if name == "order_id":
        return LoopRead("order", version, call)
    return LoopRead("details", version, call, wanted)


def _notes(version: ApiVersion, ids: tuple[str, ...], query: Pairs) -> LoopRead:
    _allowed(query, ())
    wanted = checked_id(ids[0])
    path = path_of("warehouse", "return", wanted, "notes")
    return LoopRead("notes", version, _call("notes", path), wanted)


def _asn(version: ApiVersion, _: tuple[str, ...], query: Pairs) -> LoopRead:
    path = path_of("warehouse", "reporting", "asn")
    return LoopRead("asn", version, _call("asn", path, query=_allowed(query, ("from", "to"))))


def _destinations(version: ApiVersion, _: tuple[str, ...], query: Pairs) -> LoopRead:
    _allowed(query, ())
    return LoopRead(
        "destinations", version, _call("destinations", path_of("destinations"), Scope.DESTINATIONS)
    )


def _destination(version: ApiVersion, ids: tuple[str, ...], query: Pairs) -> LoopRead:
    _allowed(query, ())
    path = path_of("destinations", checked_id(ids[0]))
    return LoopRead("destination", version, _call("destination", path, Scope.DESTINATIONS))


def _happy_shipments(version: ApiVersion, _: tuple[str, ...], query: Pairs) -> LoopRead:
    path = path_of("happy-returns", "shipments")
    call = _call("happy_shipments", path, Scope.HAPPY_RETURNS, _allowed(query, _WINDOW))
    return LoopRead("happy_shipments", version, call)


def _happy_shipment(version: ApiVersion, ids: tuple[str, ...], query: Pairs) -> LoopRead:
    _allowed(query, ())
    path = path_of("happy-returns", "shipments", checked_segment(ids[0]))
    return LoopRead("happy_shipment", version, _call("happy_shipment", path, Scope.HAPPY_RETURNS))


def _happy_items(version: ApiVersion, ids: tuple[str, ...], query: Pairs) -> LoopRead:
    path = path_of("happy-returns", "shipments", checked_id(ids[0]), "items")
    call = _call("happy_items", path, Scope.HAPPY_RETURNS, _allowed(query, ("page",)))
    return LoopRead("happy_items", version, call)


def returns_in(value: Any) -> tuple[str, ...]:
    """Return the ids of the returns in an answer of Loop, decoded; those that can be read."""
    return tuple(states_in(value))


def states_in(value: Any) -> dict[str, str]:
    """Return Loop's words for the states of the returns in an answer, decoded, by id; "" for none."""
    many = value.get("returns", value) if isinstance(value, dict) else value
    named = (
        (id_in(row), row) for row in (many if isinstance(many, list) else [many]) if isinstance(row, dict)
    )
    return {str(int(name)): str(row.get("state") or "") for name, row in named if name}


_Make = Callable[[ApiVersion, tuple[str, ...], Pairs], LoopRead]

_ROUTES: Final[tuple[tuple[re.Pattern[str], _Make], ...]] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (r"/warehouse/return/list", _list),
        (r"/warehouse/return/details", _details),
        (r"/warehouse/return/([^/]+)/notes", _notes),
        (r"/warehouse/reporting/asn", _asn),
        (r"/destinations", _destinations),
        (r"/destinations/([^/]+)", _destination),
        (r"/happy-returns/shipments", _happy_shipments),
        (r"/happy-returns/shipments/([^/]+)", _happy_shipment),
        (r"/happy-returns/shipments/([^/]+)/items", _happy_items),
    )
)
