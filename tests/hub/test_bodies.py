"""The body of a request that never comes whole: nothing is done for it, and it is no fault."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from loopdesk.hub.compose import Hub
from loopdesk.hub.http.callers import TOKEN_HEADER
from tests.hub.ledger_rig import new_entry
from tests.hub.running import joined, settings_for, until

_ACT = "/api/{version}/{path:path}"
_FILL = "/hub/v1/fill"
_JOIN = "/hub/v1/join"
_OPEN = "/hub/v1/presence"


async def _leave(hub: Hub, path: str, method: str, *heads: str, rest: bytes) -> None:
    """Begin a request, and hang up before it is whole."""
    url = httpx.URL(hub.url)
    _, writer = await asyncio.open_connection(url.host, url.port)
    lines = (f"{method} {path} HTTP/1.1", f"Host: {url.host}", *heads)
    writer.write("".join(f"{line}\r\n" for line in lines).encode() + rest)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


def _statuses(hub: Hub, route: str) -> list[str]:
    """Return by which statuses its requests ended."""
    counted = (sample for measure in hub.measures.collect() for sample in measure.samples)
    ended = (each.labels for each in counted if each.name == "loopdesk_hub_requests_total")
    return [labels["status"] for labels in ended if labels["route"] == route]


@pytest.mark.parametrize(
    ("within", "rest"),
    [
        ("Content-Length: 1000", b'\r\n{"a": '),
        ("Transfer-Encoding: chunked", b'\r\n3e8\r\n{"a": '),
        ("Transfer-Encoding: chunked", b"\r\nno size\r\n"),
    ],
    ids=["within the body", "within a chunk", "by what is no chunk"],
)
@pytest.mark.parametrize(
    ("method", "route", "path"),
    [
        ("POST", _ACT, "/api/v1/warehouse/return/7/process"),
        ("POST", _FILL, _FILL),
        ("POST", _JOIN, _JOIN),
        ("PUT", _OPEN, _OPEN),
    ],
    ids=["action", "fill", "join", "presence"],
)
async def test_a_bench_that_goes_away_within_a_request_is_no_fault(
    hub_url: str, tmp_path: Path, method: str, route: str, path: str, within: str, rest: bytes
) -> None:
    faults: list[str] = []
    settings = settings_for(hub_url, tmp_path)
    async with Hub(settings, on_fault=lambda where, _failure: faults.append(where)) as hub:
        heads = (f"{TOKEN_HEADER}: {await joined(hub)}", f"Idempotency-Key: {new_entry()}.1", within)
        await _leave(hub, path, method, *heads, rest=rest)
        await until(lambda: bool(_statuses(hub, route)))
        assert _statuses(hub, route) == ["400"]
        assert await hub.database.read("ledger.under_way", owner=hub.database.owner) == []
    assert faults == []
