"""``PUT /hub/v1/drafts/{return_id}``: what a bench has entered for a return, or how that ended."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loopdesk.domain.returns.returns import is_loop_id
from loopdesk.hub.failures import InTwoShops
from loopdesk.hub.http.bodies import body_of
from loopdesk.hub.http.callers import Bench, GuardedRoute, caller, refusal
from loopdesk.hub.http.description import AnswerForm, HubRefusalCode, Operation, refused
from loopdesk.hub.sharing.draft_rules import Ended, Put, PutOutcome, revision_in
from loopdesk.hub.sharing.drafts import HubDrafts, Written

MOST_BYTES: Final = 512 * 1024
"""A draft of 200 lines with notes and photos is about a tenth of it."""

ShortText = Annotated[str, StringConstraints(max_length=120, pattern=r"^[^\x00]*$")]

ShopOf = Callable[[str, Sequence[str]], Awaitable[str | None]]
"""Returns the shop of a return, among some; None if it was seen in none of them."""


class DraftPut(BaseModel):
    """What is entered, or how it ended.

    Attributes:
        turn: The bench's own count of its puts.
        base: The revision that it stands on, as the hub named it.
        draft: What is entered, as a text of JSON that the hub does not look into; null where it ended.
        content: A hash of what is entered, by which benches know equal ones.
        at: When it was entered, or ended.
    """

    turn: int = Field(ge=0, lt=2**62)
    base: Annotated[str, StringConstraints(pattern=r"^([0-9]{1,18}@[0-9a-f]*)?$")] = ""
    order: ShortText = ""
    draft: str | None = None
    content: ShortText = ""
    ended: Literal["", "settled", "discarded"] = ""
    person: ShortText = ""
    at: AwareDatetime


class ToldDraft(BaseModel):
    """A draft as benches are told it."""

    shop: str
    return_id: str
    revision: str
    order: str
    draft: str | None
    content: str
    lineage: list[str]
    ended: Literal["", "settled", "discarded"]
    bench_id: str
    bench: str
    turn: int
    person: str
    at: AwareDatetime


class DraftKept(BaseModel):
    """It is what the hub has now; ``value`` is null where there was nothing to end."""

    outcome: Literal["kept", "same"]
    value: ToldDraft | None


class DraftNotKept(BaseModel):
    """Why not, and what the hub has instead."""

    error: HubRefusalCode
    value: ToldDraft | None


_PUT: Final = Operation(
    "Put what is entered for a return, or how that ended",
    {
        200: AnswerForm("it is what the hub has now", DraftKept),
        404: refused("`unknown_return`, or `in_two_shops`: the hub does not know whose it is"),
        409: AnswerForm(
            "`conflict`: neither came from the other; `behind`: the hub's came from it, or ended it; `late`: "
            "the bench has put another one, on which this one does not stand",
            DraftNotKept,
        ),
        422: refused("`malformed`: not of that form, or too large"),
    },
    takes=DraftPut,
)


def routes(drafts: HubDrafts, shop_of: ShopOf) -> tuple[GuardedRoute, ...]:
    """Return the route."""
    face = _Face(drafts, shop_of)
    return (GuardedRoute("/hub/v1/drafts/{return_id}", face.put, methods=("PUT",), who=Bench, does=_PUT),)


async def shop_among(return_id: str, shops: Sequence[str], shop_of: ShopOf) -> str | Response:
    """Return the shop of a return, the only one that there is if nobody knows, or why there is none."""
    try:
        shop = await shop_of(return_id, shops)
    except InTwoShops:
        return refusal("in_two_shops", 404)
    if shop is None and len(shops) == 1:
        return shops[0]
    return shop if shop is not None else refusal("unknown_return", 404)


@dataclass(frozen=True, slots=True)
class _Face:
    drafts: HubDrafts
    shop_of: ShopOf

    async def put(self, request: Request) -> Response:
        """Answer 200 where it is what the hub has now, else 409 with what the hub has instead."""
        bench, return_id = caller(request), request.path_params["return_id"]
        body = await body_of(request, DraftPut, MOST_BYTES)
        if body is None or not is_loop_id(return_id) or not _is_whole(body):
            return refusal("malformed", 422)
        shop = await shop_among(return_id, bench.shops, self.shop_of)
        if isinstance(shop, Response):
            return shop
        written = Written(body.order, body.person, body.draft)
        outcome, value = await self.drafts.put(shop, return_id, _meant(bench, body), written)
        if outcome in (PutOutcome.KEPT, PutOutcome.SAME):
            return JSONResponse({"outcome": outcome, "value": value})
        return JSONResponse({"error": {"code": outcome}, "value": value}, 409)


def _is_whole(body: DraftPut) -> bool:
    """Whether it holds either what is entered, as JSON, or how it ended."""
    if body.draft is None or body.ended:
        return body.draft is None and bool(body.ended)
    try:
        return body.draft.isascii() and isinstance(json.loads(body.draft), dict)
    except (ValueError, RecursionError):
        return False


def _meant(bench: Bench, body: DraftPut) -> Put:
    ended = Ended(body.ended) if body.ended else None
    return Put(bench.id, revision_in(body.base), "" if ended else body.content, body.turn, ended, body.at)
