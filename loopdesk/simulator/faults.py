"""Faults on demand: what may go wrong between a request and its answer, and for how many requests."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

BEFORE = frozenset(
    {"offline", "lose_request", "error_before", "portal", "redirect", "refuse_key", "throttle"}
)
"""Kinds that strike before anything was done."""

AFTER = frozenset({"lose_answer", "error_after", "truncate", "cut"})
"""Kinds that strike after the effect, on the way back."""

EITHER = frozenset({"answer", "html_error", "hang"})
"""Kinds that strike instead of the answer; `executed` says whether the effect comes first."""

MODIFIERS = frozenset({"slow", "stale", "string_true", "processing"})
"""Kinds that leave the exchange whole and only change it; several may work at once."""

KINDS = BEFORE | AFTER | EITHER | MODIFIERS


@dataclass(slots=True)
class Fault:
    """One fault and the requests that it is for.

    Attributes:
        kind: One of `KINDS`.
        method: `GET` or `POST`; empty for both.
        path: A regular expression searched in the path (`/process`, `^/api/v1/disp`); empty for all.
        count: For how many matching requests; None until it is cleared.
        skip: How many matching requests pass unharmed first.
        seconds: `slow`: how long the answer takes. `stale`: how old the truth is that reads give.
            `processing`: after how many seconds the effect comes.
        status: The HTTP status of the kinds that answer something; 0 for the usual one.
        body: The literal body of those kinds; None for the usual one.
        headers: More response headers for `answer`.
        location: Where `redirect` points.
        retry_after: The `Retry-After` of `throttle`, sent as it is; None for none.
        reset: Broken connections end with a TCP reset instead of an orderly end.
        at_byte: `cut`: how many bytes of the body still arrive. `truncate`: how many are kept; -1 for half.
        ending: `processing`: one of `settings.REMOVAL_ENDINGS`.
        executed: `answer`, `html_error`, `hang`, `slow`: the effect comes before the fault.
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
        """Refuse a kind that does not exist and a pattern that does not compile."""
        if self.kind not in KINDS:
            raise ValueError(f"no fault is called {self.kind!r}")
        try:
            re.compile(self.path)
        except re.error as problem:
            raise ValueError(f"{self.path!r} is no pattern: {problem}") from problem

    def concerns(self, method: str, path: str) -> bool:
        """Whether it is for such a request."""
        return self.method.upper() in ("", method) and re.search(self.path, path) is not None

    def as_dict(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return asdict(self)


_GIVEN = {each.name for each in fields(Fault)} - {"fault_id", "struck"}


def fault_from(spec: dict[str, Any]) -> Fault:
    """Make a fault from JSON.

    Raises:
        ValueError: The kind is missing or unknown, or a name is.
    """
    unknown = set(spec) - _GIVEN
    if unknown or "kind" not in spec:
        raise ValueError(f"a fault needs a kind and knows {sorted(_GIVEN)}, not {sorted(unknown)}")
    return Fault(**spec)


class FaultBoard:
    """The faults that are switched on, in the order in which they were."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._last_id = 0
        self._lock = threading.RLock()

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._faults))

    def add(self, fault: Fault) -> int:
        """Switch one on and return its id."""
        with self._lock:
            self._last_id += 1
            fault.fault_id = self._last_id
            self._faults.append(fault)
            return fault.fault_id

    def clear(self, fault_id: int | None = None) -> None:
        """Switch one off, or all."""
        with self._lock:
            self._faults = [each for each in self._faults if fault_id not in (None, each.fault_id)]

    def take(self, method: str, path: str) -> list[Fault]:
        """The faults that strike this request: every modifier, and the first of the others.

        Each that strikes is counted; a fault whose count is used up leaves the board.
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
