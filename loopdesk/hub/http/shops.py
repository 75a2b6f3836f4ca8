"""``GET /hub/v1/shops``: whose returns a bench may work on, and how far the hub has read each shop."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loopdesk.hub.database.pool import Database
from loopdesk.hub.http.callers import Bench, GuardedRoute, caller, refusal
from loopdesk.hub.http.description import NOT_READY, AnswerForm, Operation, refused
from loopdesk.hub.http.joining import TellsShops


class ToldShop(BaseModel):
    """A shop of the bench. With the change ``last`` of the feed it has all that the hub has, and that is all
    that changed at Loop until ``synced_at``; null while the hub itself has not read everything.
    """

    id: str
    name: str
    colour: str
    last: int
    synced_at: str | None


class ShopsAnswer(BaseModel):
    """The shops of the bench."""

    shops: list[ToldShop]


_SHOPS: Final = Operation(
    "Tell a bench its shops, and how far each is read",
    {
        200: AnswerForm("the shops of the bench, by id", ShopsAnswer),
        403: refused("`revoked`"),
        404: refused("`unread`: this hub reads no lists of Loop, so benches read them through it"),
        503: NOT_READY,
    },
)


def routes(shops: TellsShops, database: Database, *, is_read: bool) -> tuple[GuardedRoute, ...]:
    """Return the route.

    Args:
        is_read: Whether this hub reads its shops' lists. One that does not says so, and benches read the
            lists by themselves, as before an older hub.
    """

    async def tell(request: Request) -> Response:
        if not is_read:
            return refusal("unread", 404)
        bench = caller(request)
        mine = {shop.id: shop for shop in await shops.shops() if shop.id in bench.shops}
        found = await database.read("index.synced", shops=sorted(mine))
        told = [
            ToldShop(
                id=each["shop"],
                name=mine[each["shop"]].name,
                colour=mine[each["shop"]].colour,
                last=each["last"],
                synced_at=each["synced_at"],
            )
            for each in found
        ]
        return JSONResponse(ShopsAnswer(shops=told).model_dump())

    return (GuardedRoute("/hub/v1/shops", tell, who=Bench, does=_SHOPS),)
