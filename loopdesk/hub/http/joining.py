"""``POST /hub/v1/join``: a bench gives its code and gets its token. See ``domain.hub_join``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Final, Protocol

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loopdesk.domain.hub_join import JOIN_PATH, JoinRefusal
from loopdesk.hub.benches.registry import Joined
from loopdesk.hub.http.bodies import body_of
from loopdesk.hub.http.callers import Anyone, GuardedRoute, refusal
from loopdesk.hub.http.description import NOT_READY, AnswerForm, Operation, refused
from loopdesk.hub.shops.registry import SiteShop

_LONGEST_BODY: Final = 4096
_GONE: Final = 410
_FORBIDDEN: Final = 403


class JoinRequest(BaseModel):
    """The code's secret, and what the bench calls itself."""

    secret: Annotated[str, Field(pattern="^([0-9a-fA-F]{2})*$")]
    bench: str = ""


class JoinedShop(BaseModel):
    """A shop that the bench may use; the fingerprint proves which key of Loop the hub holds for it."""

    id: str
    name: str
    colour: str
    key_fingerprint: str


class JoinAnswer(BaseModel):
    """What the bench has from now on."""

    token: str
    bench: str
    generation: str
    shops: list[JoinedShop]


_JOIN: Final = Operation(
    "Redeem a join code for a bench's lasting token",
    {
        200: AnswerForm("the token, shown this once", JoinAnswer),
        400: refused("`malformed`: no request to join"),
        403: refused("`join_unknown`: no code of this hub"),
        410: refused("`join_expired` or `join_used`: it is good once, for a quarter of an hour"),
        503: NOT_READY,
    },
    takes=JoinRequest,
)


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
        asked = await body_of(request, JoinRequest, _LONGEST_BODY)
        if asked is None:
            return refusal("malformed", 400)
        joined = await benches.join(bytes.fromhex(asked.secret))
        if isinstance(joined, JoinRefusal):
            return refusal(joined, _FORBIDDEN if joined is JoinRefusal.UNKNOWN else _GONE)
        told = [
            JoinedShop(id=shop.id, name=shop.name, colour=shop.colour, key_fingerprint=shop.fingerprint)
            for shop in await shops.shops()
            if shop.id in joined.bench.shops
        ]
        answer = JoinAnswer(token=joined.token, bench=joined.bench.name, generation=generation(), shops=told)
        return JSONResponse(answer.model_dump())

    return (GuardedRoute(JOIN_PATH, join, methods=("POST",), who=Anyone, does=_JOIN),)
