"""Faults on demand: what goes wrong between a request and its response, and for how many requests."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

BEFORE = frozenset(
    {"offline", "lose_request", "error_before", "portal", "redirect", "refuse_key", "throttle"}
)
"""Kinds that strike before the request had any effect."""

AFTER = frozenset({"lose_answer", "error_after", "truncate", "cut"})
"""Kinds that strike after the effect, on the way back."""

EITHER = frozenset({"answer", "html_error", "hang"})
"""Kinds that replace the response; `executed` says whether the effect happens first."""

MODIFIERS = frozenset({"slow", "stale", "string_true", "processing"})
"""Kinds that only modify an exchange; several can apply at once."""

KINDS = BEFORE | AFTER | EITHER | MODIFIERS


@dataclass(slots=True)
class Fault:
    """One fault and the requests it applies to.

    Attributes:
        kind: One of `KINDS`.
        method: `GET` or `POST`; empty for both.
        path: A regular expression searched in the path (`/process`, `^/api/v1/disp`); empty for all.
        count: Number of matching requests it applies to; None until cleared.
        skip: Number of matching requests to let through first.
        seconds: `slow`: delay of the response. `stale`: age of the data that reads return. `processing`:
            delay of the effect.
        status: HTTP status of the kinds that respond; 0 for the default.
        body: Literal body of those kinds; None for the default.
        headers: Extra response headers for `answer`.
        location: Target of `redirect`.
        retry_after: `Retry-After` of `throttle`, sent verbatim; None for none.
        reset: Broken connections end with a TCP reset instead of an orderly close.
        at_byte: `cut`: number of body bytes that still arrive. `truncate`: number of bytes kept; -1 for half.
        ending: `processing`: one of `settings.REMOVAL_ENDINGS`.
        executed: `answer`, `html_error`, `hang`, `slow`: the effect happens before the fault.
    """

    kind: str
    method: str = ""
    path: str = ""
    count: int | None = None
    skip: int = 0
    seconds: float = 0.0
    status: int = 0
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    location: str = "http://login.example.test/"
    retry_after: str | None = None
    reset: bool = False
    at_byte: int = -1
    ending: str = "close"
    executed: bool = True
    fault_id: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        """Reject an unknown kind and a pattern that does not compile."""
        if self.kind not in KINDS:
            raise ValueError(f"no fault is called {self.kind!r}")
        try:
            re.compile(self.path)
        except re.error as problem:
            raise ValueError(f"{self.path!r} is no pattern: {problem}") from problem

    def concerns(self, method: str, path: str) -> bool:
        """Whether the fault applies to such a request."""
        return self.method.upper() in ("", method) and re.search(self.path, path) is not None

    def as_dict(self) -> dict[str, Any]:
        """Return every field, ready for JSON."""
        return asdict(self)


_GIVEN = {each.name for each in fields(Fault)} - {"fault_id", "struck"}


def fault_from(spec: dict[str, Any]) -> Fault:
    """Make a fault from JSON.

    Raises:
        ValueError: The kind is missing or unknown, or a field is unknown.
    """
    unknown = set(spec) - _GIVEN
    if unknown or "kind" not in spec:
        raise ValueError(f"a fault needs a kind and knows {sorted(_GIVEN)}, not {sorted(unknown)}")
    return Fault(**spec)


class FaultBoard:
    """The active faults, in the order in which they were added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._last_id = 0
        self._lock = threading.RLock()

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._faults))

    def add(self, fault: Fault) -> int:
        """Add a fault and return its id."""
        with self._lock:
            self._last_id += 1
            fault.fault_id = self._last_id
            self._faults.append(fault)
            return fault.fault_id

    def clear(self, fault_id: int | None = None) -> None:
        """Remove one fault, or all."""
        with self._lock:
            self._faults = [each for each in self._faults if fault_id not in (None, each.fault_id)]

    def take(self, method: str, path: str) -> list[Fault]:
        """Return the faults that strike this request: every modifier, and the first of the others.

        Each one returned is counted; a fault whose count is used up is removed.
        """
        with self._lock:
            struck: list[Fault] = []
            taken = False
            for fault in self._faults:
                blow = fault.kind not in MODIFIERS
                if fault.count == 0 or (blow and taken) or not fault.concerns(method, path):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                taken = taken or blow
                fault.struck += 1
                if fault.count is not None:
                    fault.count -= 1
                struck.append(fault)
            self._faults = [each for each in self._faults if each.count != 0]
            return struck
