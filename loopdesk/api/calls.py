"""A request as a value, and the only functions that put an id into a path or a query."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import inf
from typing import Any, Final
from urllib.parse import quote

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.domain.returns.returns import is_loop_id

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}\.[0-9]{1,9}\Z", re.ASCII)
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_-]{1,64}\Z", re.ASCII)


class Nature(Enum):
    """What an answer must look like to count as a yes."""

    READ = "read"
    """An object or an array without ``error`` or ``errors``."""
    ACTION = "action"
    """Exactly ``true``."""
    VALUES = "values"
    """An array that repeats every line id that was sent."""
    SHARED = "shared"
    """An object in a hub's own words, which says no as well as yes; Loop is not asked."""


class Scope(Enum):
    """The permission that a call needs of the key."""

    RETURNS = "returns"
    DESTINATIONS = "destinations:read"
    HAPPY_RETURNS = "happy_returns_shipments:read"


@dataclass(frozen=True, slots=True)
class Call:
    """One request before it is sent.

    Attributes:
        name: Names the endpoint for judging its answer: ``details``, ``remove``, ``notes`` …
        path: Below the version prefix, starts with "/". Built by ``path_of``.
        query: Parameters in order, not yet encoded.
        body: JSON to send, None for none.
        most_wait_seconds: If the request waits longer than this for its turn, it is not sent: what was seen
            of the return before it would be too old.
        max_age_seconds: How old an answer may be that a hub keeps a copy of; 0 for one that it reads now.
        action: How a hub knows the action; None without a hub.
        shop: Whose return a hub is to take it for; "" if the call says so itself.
        is_at_hub: It asks the hub itself, and ``path`` is one of its own.
        expected_ids: Line ids that the answer of a ``VALUES`` call must echo.
    """

    name: str
    method: str
    path: str
    nature: Nature
    priority: int
    scope: Scope = Scope.RETURNS
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)
    expected_ids: tuple[str, ...] = ()
    most_wait_seconds: float = inf
    max_age_seconds: int = 0
    action: HubKey | None = None
    shop: str = ""
    is_at_hub: bool = False

    @property
    def target(self) -> str:
        """Path and query as they continue the wire; a space is ``%20``, never ``+``."""
        if not self.query:
            return self.path
        pairs = (f"{quote(name, safe='')}={quote(value, safe=',')}" for name, value in self.query)
        return f"{self.path}?{'&'.join(pairs)}"


def checked_id(text: str) -> str:
    """Return an id in its wire form: decimal, without leading zeros.

    Raises:
        RuleBroken: ``bad_id``; it is not 1 to 19 ASCII digits, and no request may carry it.
    """
    if not is_loop_id(text):
        raise RuleBroken("bad_id")
    return str(int(text))


def checked_segment(text: str) -> str:
    """Return an opaque id (Happy Returns') that is safe in a path.

    Raises:
        RuleBroken: ``bad_id``; it has a character other than ASCII letters, digits, ``-`` and ``_``.
    """
    if not _SEGMENT.match(text):
        raise RuleBroken("bad_id")
    return text


def action_path(key: HubKey) -> str:
    """Return where a hub answers what became of an action.

    Raises:
        RuleBroken: ``bad_id``; the key could escape its position in the path.
    """
    if not _KEY.match(key.header):
        raise RuleBroken("bad_id")
    return f"/hub/v1/actions/{key.header}"


def path_of(*parts: str) -> str:
    """Join path segments; each must be a literal of ours or have passed ``checked_id`` or
    ``checked_segment``.

    Raises:
        RuleBroken: ``bad_id``; a segment could escape its position in the path.
    """
    return "".join(f"/{checked_segment(part)}" for part in parts)


def json_body(value: Mapping[str, Any]) -> bytes:
    """Serialize a request body. Non-ASCII is escaped, so that every text can be encoded."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode("ascii")
