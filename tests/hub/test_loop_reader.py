"""The hub's reads of Loop: connections that may have leaked are replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from loopdesk.api.transport import ApiKey
from loopdesk.api.versions import VERSIONS
from loopdesk.hub.failures import LoopAway
from loopdesk.hub.reads.loop_reader import LoopReader
from loopdesk.hub.reads.readings import details_of
from loopdesk.system.host.clock import SystemClock


class OneKey:
    """The key of every shop."""

    async def key_of(self, shop_id: str) -> ApiKey:
        """Return it."""
        return ApiKey(f"key-of-{shop_id}")


async def _hang(request: httpx.Request) -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError(request)


def _failing(failure: type[httpx.TransportError]) -> Callable[[httpx.Request], httpx.Response]:
    def fail(request: httpx.Request) -> httpx.Response:
        raise failure("no", request=request)

    return fail


@pytest.mark.parametrize(
    ("wire", "is_replaced"),
    [
        (httpx.MockTransport(_failing(httpx.PoolTimeout)), True),
        (httpx.MockTransport(_hang), True),
        (httpx.MockTransport(_failing(httpx.ConnectError)), False),
    ],
    ids=["no slot", "no answer in time", "no connection"],
)
async def test_connections_whose_slots_may_have_leaked_are_replaced(
    wire: httpx.MockTransport, is_replaced: bool
) -> None:
    made = 0

    def make_wire(*, keep_alive: bool, proxy: str, certificate: bytes = b"") -> httpx.AsyncBaseTransport:
        nonlocal made
        made += keep_alive
        return wire

    reader = LoopReader(
        "http://127.0.0.1:1",
        SystemClock(),
        OneKey(),
        learn=lambda _at: None,
        make_wire=make_wire,
        deadline_seconds=0.05,
    )
    for _ in range(2):
        with pytest.raises(LoopAway):
            await reader.read("acme", details_of(VERSIONS["v1"], "7000"))
    await reader.aclose()
    assert made == (2 if is_replaced else 1)
