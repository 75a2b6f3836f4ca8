"""What reached Loop about one return, from the simulator's own log."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any, Protocol

from loopdesk.selfcheck.ui_driver import LOOK_SECONDS
from loopdesk.simulator.loop import LoggedRequest
from tests.simulator_thread import SimulatorThread


class Known(Protocol):
    """What tells that a request is about a return; ``simulator.samples.Sample`` is one."""

    @property
    def return_id(self) -> str:
        """Loop's id."""
        ...

    @property
    def line_item_ids(self) -> Collection[str]:
        """Of all lines."""
        ...


def posts(shop: SimulatorThread, ret: Known, since: int = 0) -> list[LoggedRequest]:
    """Return every request about a return that was to change something, in the order of arrival."""
    return [seen for seen in shop.requests("POST", since=since) if _is_about(seen, ret)]


def reads(shop: SimulatorThread, ret: Known, since: int = 0) -> list[LoggedRequest]:
    """Return every request that read this one return's details, in the order of arrival."""
    return [
        seen
        for seen in shop.requests("GET", "/return/details", since)
        if f"return_id={ret.return_id}" in seen.query.split("&")
    ]


def await_requests(shop: SimulatorThread, path: str, count: int, seconds: float = 20.0) -> None:
    """Wait, outside any loop, until so many POSTs with that in their path had their effect.

    Raises:
        AssertionError: They had not in that time.
    """
    end = time.monotonic() + seconds
    while sum(seen.effect for seen in shop.requests("POST", path)) < count:
        assert time.monotonic() < end, f"{count} requests to {path}"
        time.sleep(LOOK_SECONDS)


def last_number(shop: SimulatorThread) -> int:
    """Return the number of the last request so far."""
    seen = shop.requests()
    return seen[-1].n if seen else 0


def acts(requests: Collection[LoggedRequest]) -> list[str]:
    """Return what requests do: "grade", "assess", "note", "process", "remove", "flag" …"""
    return [seen.path.rpartition("/")[2] for seen in requests]


def items(seen: LoggedRequest) -> list[dict[str, Any]]:
    """Return the line items that a request to grade or assess carries."""
    found = seen.body.get("items", []) if isinstance(seen.body, dict) else []
    return [{**each, "line_item_id": str(each["line_item_id"])} for each in found]


def grades(shop: SimulatorThread, ret: Known) -> list[str | None]:
    """Return the grade that Loop holds for each line now, None where there is none."""
    conditions = [line["condition"] for line in shop.truth(ret.return_id)["lines"]]
    return [condition and condition["category"]["grade"] for condition in conditions]


def dispositions(shop: SimulatorThread, ret: Known) -> list[str | None]:
    """Return where Loop knows each line to go, None where it does not."""
    found = [line["disposition"] for line in shop.truth(ret.return_id)["lines"]]
    return [each and each["disposition_outcome"] for each in found]


def _is_about(seen: LoggedRequest, ret: Known) -> bool:
    if f"/{ret.return_id}/" in f"{seen.path}/":
        return True
    return any(each["line_item_id"] in ret.line_item_ids for each in items(seen))
