"""``PUT /hub/v1/presence``: which return is open at the bench that says so, or that none is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydantic import AwareDatetime, BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loopdesk.domain.returns.returns import is_loop_id
from loopdesk.hub.http.bodies import body_of
from loopdesk.hub.http.callers import Bench, GuardedRoute, caller, refusal
from loopdesk.hub.http.description import AnswerForm, Operation, refused
from loopdesk.hub.http.drafts import ShopOf, ShortText, shop_among
from loopdesk.hub.sharing.presence import HubPresence, Opened

_MOST_BYTES: Final = 4096


class PresencePut(BaseModel):
    """What is open, and since when; an empty id for nothing."""

    return_id: ShortText
    order: ShortText = ""
    person: ShortText = ""
    since: AwareDatetime | None = None


class PresenceTaken(BaseModel):
    """Which bench asked: by that it knows itself among those that it is told of."""

    bench_id: str


_PUT: Final = Operation(
    "Say which return is open at this bench; it ends by itself where it is not said again for 90 s",
    {
        200: AnswerForm("the others are told", PresenceTaken),
        404: refused("`unknown_return`, or `in_two_shops`: the hub does not know whose it is"),
        422: refused("`malformed`: not of that form"),
    },
    takes=PresencePut,
)


def routes(presence: HubPresence, shop_of: ShopOf) -> tuple[GuardedRoute, ...]:
    """Return the route."""
    face = _Face(presence, shop_of)
    return (GuardedRoute("/hub/v1/presence", face.put, methods=("PUT",), who=Bench, does=_PUT),)


@dataclass(frozen=True, slots=True)
class _Face:
    presence: HubPresence
    shop_of: ShopOf

    async def put(self, request: Request) -> Response:
        """Take it."""
        bench = caller(request)
        body = await body_of(request, PresencePut, _MOST_BYTES)
        if body is None:
            return refusal("malformed", 422)
        if not body.return_id:
            await self.presence.hide(bench.id)
        elif body.since is None or not is_loop_id(body.return_id):
            return refusal("malformed", 422)
        else:
            shop = await shop_among(body.return_id, bench.shops, self.shop_of)
            if isinstance(shop, Response):
                return shop
            opened = Opened(shop, body.return_id, body.order, body.person, body.since)
            await self.presence.show(bench.id, opened)
        return JSONResponse({"bench_id": str(bench.id)})
