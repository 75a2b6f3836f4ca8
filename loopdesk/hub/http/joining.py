"""``POST /hub/v1/join``: a bench gives its code and gets its token. See ``domain.hub_join``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loopdesk.domain.hub_join import JOIN_PATH, JoinRefusal
from loopdesk.hub.benches.registry import Joined
from loopdesk.hub.http.callers import Anyone, GuardedRoute, refusal
from loopdesk.hub.shops.registry import SiteShop

_LONGEST_BODY: Final = 4096
_GONE: Final = 410
_FORBIDDEN: Final = 403


class Redeems(Protocol):
    """Where codes are redeemed."""

    async def join(self, secret: bytes) -> Joined | JoinRefusal:
        """Redeem a join code."""
        ...


class TellsShops(Protocol):
    """Where the shops are told."""

    async def shops(self) -> Sequence[SiteShop]:
        """Return all shops."""
        ...


def routes(benches: Redeems, shops: TellsShops, generation: Callable[[], str]) -> tuple[GuardedRoute, ...]:
    """Return the route. The code itself is what authenticates.

    Args:
        generation: The ledger's.
    """

    async def join(request: Request) -> Response:
        secret = _secret(await _body(request))
        if secret is None:
            return refusal("malformed", 400)
        joined = await benches.join(secret)
        if isinstance(joined, JoinRefusal):
            return refusal(joined, _FORBIDDEN if joined is JoinRefusal.UNKNOWN else _GONE)
        told = [
            {"id": shop.id, "name": shop.name, "colour": shop.colour, "key_fingerprint": shop.fingerprint}
            for shop in await shops.shops()
            if shop.id in joined.bench.shops
        ]
        found = {"token": joined.token, "bench": joined.bench.name}
        return JSONResponse(found | {"generation": generation(), "shops": told})

    return (GuardedRoute(JOIN_PATH, join, methods=("POST",), who=Anyone),)


async def _body(request: Request) -> bytes:
    """Return the body, b"" if it is longer than any that is meant."""
    found = b""
    async for part in request.stream():
        found += part
        if len(found) > _LONGEST_BODY:
            return b""
    return found


def _secret(body: bytes) -> bytes | None:
    try:
        found: Any = json.loads(body)
        return bytes.fromhex(found["secret"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
