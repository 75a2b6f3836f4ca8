"""A hub's door: shows which certificate answers there, and redeems a join code for a token."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from loopdesk import __version__
from loopdesk.api import strict_json
from loopdesk.api.connections import (
    ACTION_LIMIT,
    TIMEOUTS,
    WireFactory,
    is_certificate_date,
    is_certificate_refused,
    quiet_libraries,
    read_body,
    real_wire,
)
from loopdesk.api.strict_json import Unreadable
from loopdesk.domain.api_key import key_fault
from loopdesk.domain.errors import AnswerLost, HubNotJoined
from loopdesk.domain.hub_join import JOIN_PATH, JoinCode, JoinRefusal
from loopdesk.services.ports.hub import HubShop, JoinedHub

HANDSHAKE_SECONDS: Final = 10.0
DEADLINE_SECONDS: Final = 30.0
_HTTPS_PORT: Final = 443
_LONGEST: Final = 120


async def shown_certificate(url: str) -> bytes:
    """Return the certificate (DER) that answers at an address: a handshake that verifies and sends nothing.

    Raises:
        OSError: There is no such host, nobody listens, or no certificate is shown.
        TimeoutError: It takes too long.
    """
    parts = urlsplit(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = (
        ssl.CERT_NONE
    )  # whatever it is, it is compared with the code's before anything is sent
    async with asyncio.timeout(HANDSHAKE_SECONDS):
        _, writer = await asyncio.open_connection(
            parts.hostname, parts.port or _HTTPS_PORT, ssl=context, server_hostname=parts.hostname
        )
        try:
            shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
    if not shown:
        raise ssl.SSLError("no certificate")
    return bytes(shown)


class HubDoorClient:
    """Implements ``services.ports.hub.HubDoor``.

    Args:
        fetch: Returns the certificate that answers at an address.
    """

    def __init__(
        self,
        *,
        make_wire: WireFactory = real_wire,
        fetch: Callable[[str], Awaitable[bytes]] = shown_certificate,
    ) -> None:
        self._make_wire = make_wire
        self._fetch = fetch

    async def redeem(self, code: JoinCode, bench: str) -> JoinedHub:
        """Redeem a code. See the port."""
        certificate = await self._certificate(code)
        body = {"secret": code.secret.hex(), "bench": bench[:_LONGEST]}
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                status, answer = await self._ask(code.url, body, certificate)
        except httpx.ConnectError as failure:
            raise _not_connected(failure) from None
        except (httpx.ConnectTimeout, httpx.PoolTimeout):
            raise HubNotJoined(why="join_unreachable") from None
        except (httpx.HTTPError, AnswerLost, TimeoutError):
            raise HubNotJoined(why="join_answer") from None
        if status != httpx.codes.OK:
            raise HubNotJoined(why=_refusal(answer))
        return _joined(code, answer, certificate)

    async def _certificate(self, code: JoinCode) -> bytes:
        """Return the certificate to trust, compared with the code's fingerprint before anything is sent."""
        if not code.fingerprint:
            return b""
        try:
            shown = await self._fetch(code.url)
        except (OSError, TimeoutError):
            raise HubNotJoined(why="join_unreachable") from None
        if hashlib.sha256(shown).digest() != code.fingerprint:
            raise HubNotJoined(why="join_certificate")
        return shown

    async def _ask(self, url: str, body: Mapping[str, str], certificate: bytes) -> tuple[int, Any]:
        quiet_libraries()
        pin = {"certificate": certificate} if certificate else {}
        wire = self._make_wire(keep_alive=False, proxy="", **pin)
        headers = {"User-Agent": f"loopdesk/{__version__}", "Accept": "application/json"}
        async with (
            httpx.AsyncClient(
                transport=wire, timeout=TIMEOUTS, follow_redirects=False, trust_env=False, headers=headers
            ) as client,
            client.stream("POST", f"{url}{JOIN_PATH}", json=body) as response,
        ):
            answer = await read_body(response, ACTION_LIMIT)
        try:
            return response.status_code, strict_json.loads(answer)
        except Unreadable:
            return response.status_code, None


def _not_connected(failure: httpx.ConnectError) -> HubNotJoined:
    if is_certificate_date(failure):
        return HubNotJoined(why="join_certificate_date")
    if is_certificate_refused(failure):
        return HubNotJoined(why="join_certificate")
    return HubNotJoined(why="join_unreachable")


def _refusal(answer: Any) -> str:
    """Return the hub's code for why not, or ours for an answer that no hub gives."""
    error = answer.get("error") if isinstance(answer, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if code in set(JoinRefusal) else "join_answer"


def _joined(code: JoinCode, answer: Any, certificate: bytes) -> JoinedHub:
    plain = answer if isinstance(answer, dict) else {}
    token, bench, shops = plain.get("token"), plain.get("bench"), plain.get("shops")
    if not isinstance(token, str) or key_fault(token) is not None or not isinstance(shops, list):
        raise HubNotJoined(why="join_answer")
    known = tuple(
        HubShop(_text(shop.get("name")), _text(shop.get("key_fingerprint")))
        for shop in shops
        if isinstance(shop, dict)
    )
    return JoinedHub(code.url, token, _text(bench), known, certificate)


def _text(value: Any) -> str:
    return " ".join(value.split())[:_LONGEST] if isinstance(value, str) else ""
