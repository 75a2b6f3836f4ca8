"""Redeeming a join code: the certificate is compared before anything is sent; every refusal has its word."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import httpx
import pytest

from loopdesk.api.hub_door import HubDoorClient, shown_certificate
from loopdesk.domain.errors import HubNotJoined
from loopdesk.domain.hub_join import JoinCode, JoinRefusal
from loopdesk.services.ports.hub import HubShop
from tests.unit.api.test_hub import der
from tests.unit.api.test_tls import presenting

SECRET = bytes(range(16))
CODE = JoinCode("https://hub.example:8443", SECRET)
GOOD = {
    "token": "ldb_0123456789",
    "bench": "Dock 3",
    "generation": "g-1",
    "shops": [{"name": "Shoes", "key_fingerprint": "f" * 16}],
}


class Wire:
    """A hub's door behind a mock transport."""

    def __init__(self, answer: httpx.Response | Exception) -> None:
        self.answer = answer
        self.seen: list[httpx.Request] = []
        self.pins: list[bytes] = []

    def __call__(self, *, keep_alive: bool, proxy: str, certificate: bytes = b"") -> httpx.AsyncBaseTransport:
        """Make the transport."""
        self.pins.append(certificate)
        return httpx.MockTransport(self._handle)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def why_not(answer: httpx.Response | Exception) -> str:
    """Return why the code was not redeemed."""
    with pytest.raises(HubNotJoined) as failure:
        await HubDoorClient(make_wire=Wire(answer)).redeem(CODE, "dock 3")
    return failure.value.why


async def test_a_code_becomes_a_token_a_name_and_shops() -> None:
    wire = Wire(httpx.Response(200, json=GOOD))
    joined = await HubDoorClient(make_wire=wire).redeem(CODE, "dock 3")
    assert (joined.url, joined.token, joined.bench) == (CODE.url, "ldb_0123456789", "Dock 3")
    assert joined.shops == (HubShop("Shoes", "f" * 16),)
    assert "ldb_" not in repr(joined)
    (request,) = wire.seen
    assert (request.method, str(request.url)) == ("POST", "https://hub.example:8443/hub/v1/join")
    assert json.loads(request.content) == {"secret": SECRET.hex(), "bench": "dock 3"}


async def test_the_certificate_is_compared_before_anything_is_sent_and_then_it_alone_is_trusted() -> None:
    certificate = der("self_made")

    async def fetch(url: str) -> bytes:
        return certificate

    code = JoinCode(CODE.url, SECRET, hashlib.sha256(certificate).digest())
    wire = Wire(httpx.Response(200, json=GOOD))
    joined = await HubDoorClient(make_wire=wire, fetch=fetch).redeem(code, "")
    assert wire.pins == [certificate]
    assert joined.certificate == certificate
    other = Wire(httpx.Response(200, json=GOOD))
    with pytest.raises(HubNotJoined, match="join_certificate"):
        await HubDoorClient(make_wire=other, fetch=fetch).redeem(JoinCode(CODE.url, SECRET, bytes(32)), "")
    assert other.seen == []


@pytest.mark.parametrize("refusal", list(JoinRefusal))
@pytest.mark.parametrize("status", [403, 410])
async def test_the_hubs_reason_is_passed_on(refusal: str, status: int) -> None:
    assert await why_not(httpx.Response(status, json={"error": {"code": refusal}})) == refusal


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, text="<html>"),
        httpx.Response(302, headers={"Location": "https://elsewhere.example"}),
        httpx.Response(500, json={"error": {"code": "broken"}}),
        httpx.Response(200, text="true"),
        httpx.Response(200, json=GOOD | {"token": "two words"}),
        httpx.Response(200, json=GOOD | {"token": 7}),
        httpx.Response(200, json=GOOD | {"shops": None}),
        httpx.ReadError("cut"),
        httpx.ReadTimeout("silent"),
    ],
)
async def test_any_other_answer_is_none(answer: Any) -> None:
    assert await why_not(answer) == "join_answer"


@pytest.mark.parametrize("failure", [httpx.ConnectError("no"), httpx.ConnectTimeout("no")])
async def test_a_hub_that_is_not_there_leaves_the_code_good(failure: Exception) -> None:
    assert await why_not(failure) == "join_unreachable"


async def test_the_handshake_shows_any_certificate_and_sends_nothing() -> None:
    async with presenting("expired") as server:
        assert await shown_certificate(f"https://127.0.0.1:{server.port}") == der("expired")
    assert server.received == b""


@pytest.mark.fault(4)
async def test_the_door_of_another_than_the_code_says_gets_nothing() -> None:
    async with presenting("good") as server:
        code = JoinCode(f"https://127.0.0.1:{server.port}", SECRET, hashlib.sha256(der("self_made")).digest())
        with pytest.raises(HubNotJoined, match="join_certificate"):
            await HubDoorClient().redeem(code, "")
    assert server.received == b""


async def test_a_hub_of_no_known_authority_whose_code_has_no_fingerprint_gets_nothing() -> None:
    async with presenting("self_made") as server:
        with pytest.raises(HubNotJoined, match="join_certificate"):
            await HubDoorClient().redeem(JoinCode(f"https://127.0.0.1:{server.port}", SECRET), "")
    assert server.received == b""
