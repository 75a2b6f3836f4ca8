"""The acting half of Loop's interface, at the hub, and the question what became of an action.

A bench sends an action as it would send it to Loop, and names the attempt in ``Idempotency-Key``. What Loop
answers comes back as it came; ``X-Loopdesk-Outcome`` says whose word an answer is:

===========  ======  =====================================================================
loop         Loop's  Loop's answer, just now
stored       Loop's  Loop's answer to this key, earlier
unsent       503     this request did not go to Loop, and never will; 422: the key is another request's
in_progress  409     the request with this key is under way
claimed      409     another entry finishes the return, or has: ``{"claimed": {…}}``; to a question:
                     besides, nobody knows what became of the request
unknown      502     it may have happened: read back
(none)       any     the ledger was not asked, such as without PostgreSQL: ask what became of the key
===========  ======  =====================================================================

``GET /hub/v1/actions/{key}`` tells the same of a key, to its own bench only. Asking gives the request up:
what had not left by then never leaves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final
from urllib.parse import unquote
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loopdesk.api.connections import ACTION_LIMIT
from loopdesk.hub.failures import DatabaseUnusable, HubFailure, InTwoShops
from loopdesk.hub.http.bodies import whole
from loopdesk.hub.http.callers import Bench, GuardedRoute, caller
from loopdesk.hub.http.description import AnswerForm, HubRefusal, Operation, Parameter
from loopdesk.hub.ledger import decisions
from loopdesk.hub.ledger.acts import Ledger
from loopdesk.hub.ledger.calls import action_call
from loopdesk.hub.ledger.exchange import Exchanges
from loopdesk.hub.ledger.stages import ActionKey, ActionRequest, HubOutcome, ReturnClaim, Ruling

KEY_HEADER: Final = "Idempotency-Key"
OUTCOME_HEADER: Final = "X-Loopdesk-Outcome"
GENERATION_HEADER: Final = "X-Loopdesk-Generation"
PERSON_HEADER: Final = "X-Loopdesk-Person"
TAKE_OVER_HEADER: Final = "X-Loopdesk-Take-Over"
PRIORITY_HEADER: Final = "X-Loopdesk-Priority"
SHOP_HEADER: Final = "X-Loopdesk-Shop"
RETURN_HEADER: Final = "X-Loopdesk-Return"

_LONGEST_NAME: Final = 120

Home = Callable[[str, Sequence[str]], Awaitable[str | None]]
"""Tells the shop of a return, among some; None if it is not known. Raises ``HubFailure`` if it is in two."""

Take = Callable[[str, UUID, str | None], Awaitable[None]]
"""Waits for a turn in the budget of a shop, for a bench, as urgently as ``X-Loopdesk-Priority`` says."""


class ClaimedBy(BaseModel):
    """Whose claim stands in the way.

    Attributes:
        at: When it was taken, or ended if it has, in ISO-8601.
        stale: Nothing of its effect shows at Loop though it should: it waits for a person.
    """

    station: str
    person: str
    at: str
    ended: bool
    stale: bool


class Claimed(BaseModel):
    """Another entry finishes the return, or has."""

    claimed: ClaimedBy


_TOLD: Final = AnswerForm(
    "by `X-Loopdesk-Outcome`: `loop` and `stored` are Loop's own status and body as they came; `claimed` is "
    "409 with a `Claimed`; `unsent`, `in_progress` and `unknown` are a `HubRefusal`",
    Claimed | HubRefusal | Any,
    headers={OUTCOME_HEADER: "Whose word it is; without it the ledger was not asked."},
)
_GENERATION: Final = Parameter(GENERATION_HEADER, "The ledger's, as the bench was last told.", "header")
_ACT: Final = Operation(
    "Do at Loop what a bench asks for, once",
    {"default": _TOLD, 401: _TOLD, 403: _TOLD, 503: _TOLD},
    parameters=(
        Parameter("version", "Of Loop's interface: `v1`, `2026-07`, …", "path"),
        Parameter("path", "A path of Loop by which a bench acts, slashes included.", "path"),
        Parameter(KEY_HEADER, "The entry and its attempt: `<32 hex digits>.<number>`.", "header"),
        Parameter(PERSON_HEADER, "Who decided it, percent-encoded UTF-8.", "header"),
        Parameter(TAKE_OVER_HEADER, "`1`: though another's claim is stale.", "header"),
        Parameter(PRIORITY_HEADER, "How urgent it is: 0 (a person waits) to 4.", "header"),
        Parameter(SHOP_HEADER, "Of which shop.", "header"),
        _GENERATION,
    ),
)
_ASK: Final = Operation(
    "Say what became of a bench's own action; what had not left by now never leaves",
    {"default": _TOLD, 401: _TOLD, 403: _TOLD, 503: _TOLD},
    parameters=(
        Parameter("key", "The `Idempotency-Key` of the action.", "path"),
        Parameter(RETURN_HEADER, "The return that the action was to finish.", "header"),
        _GENERATION,
    ),
)


def routes(ledger: Ledger, exchanges: Exchanges, home: Home, take: Take) -> tuple[GuardedRoute, ...]:
    """Return the two routes."""

    async def act(request: Request) -> Response:
        return await _act(request, exchanges, home, take)

    async def ask(request: Request) -> Response:
        return await _ask(request, ledger, home)

    return (
        GuardedRoute("/api/{version}/{path:path}", act, methods=("POST",), who=Bench, does=_ACT),
        GuardedRoute("/hub/v1/actions/{key}", ask, who=Bench, does=_ASK),
    )


async def _act(request: Request, exchanges: Exchanges, home: Home, take: Take) -> Response:
    bench = caller(request)
    key = ActionKey.of(request.headers.get(KEY_HEADER, ""))
    if key is None:
        return _unsent("no_key", 400)
    body = await whole(request, ACTION_LIMIT)
    if body is None:
        return _unsent("too_large", 413)
    path = f"/{request.path_params['path']}"
    call = action_call(request.path_params["version"], path, request.scope["query_string"], body)
    if call is None:
        return _unsent("no_such_action", 404)
    try:
        shop_id = await _shop(request, bench, call.return_id, home)
    except DatabaseUnusable:
        raise
    except HubFailure as failure:
        return _unsent(failure.why, 422)
    if shop_id is None:
        return _unsent("shop_unnamed", 400)
    ask = ActionRequest(
        key=key,
        bench_id=str(bench.id),
        shop_id=shop_id,
        return_id=call.return_id,
        kind=call.kind,
        payload_sha=call.sha256(shop_id),
        station=bench.name,
        person=unquote(request.headers.get(PERSON_HEADER, ""))[:_LONGEST_NAME],
        generation=request.headers.get(GENERATION_HEADER, ""),
        takes_over=request.headers.get(TAKE_OVER_HEADER) == "1",
    )

    async def is_wanted() -> bool:
        return not await request.is_disconnected()

    turn = partial(take, shop_id, bench.id, request.headers.get(PRIORITY_HEADER))
    return _response(await exchanges.perform(ask, call, turn, is_wanted))


async def _ask(request: Request, ledger: Ledger, home: Home) -> Response:
    key = ActionKey.of(request.path_params["key"])
    if key is None:
        return _unsent("no_key", 400)
    bench, generation = caller(request), request.headers.get(GENERATION_HEADER, "")
    decide = partial(decisions.on_question, key, str(bench.id), generation)
    return_id = request.headers.get(RETURN_HEADER, "")
    shop_id = None
    with suppress(InTwoShops):  # then only what the key's own row tells is known
        shop_id = await _shop(request, bench, return_id, home) if return_id else None
    place = {"shop_id": shop_id, "return_id": return_id} if shop_id is not None else {}
    return _response(await ledger.act(key, decide, **place))


async def _shop(request: Request, bench: Bench, return_id: str, home: Home) -> str | None:
    named = request.headers.get(SHOP_HEADER)
    if named is not None:
        return named if named in bench.shops else None
    if len(bench.shops) == 1:
        return bench.shops[0]
    return await home(return_id, bench.shops) if return_id else None


def _response(ruling: Ruling) -> Response:
    assert ruling.outcome is not None, "a bench is told something"
    headers = {OUTCOME_HEADER: ruling.outcome.value}
    if ruling.answer is not None:
        return Response(ruling.answer.body, ruling.answer.status, headers | dict(ruling.answer.headers))
    if ruling.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(ruling.retry_after)))
    if ruling.claim is not None:
        return JSONResponse(_claimed(ruling.claim).model_dump(), ruling.status, headers)
    body = {"error": {"code": ruling.why or ruling.outcome.value}}
    return JSONResponse(body, ruling.status, headers)


def _claimed(claim: ReturnClaim) -> Claimed:
    at = claim.taken_at if claim.is_open else claim.ended_at
    assert at is not None, "an ended claim says when"
    return Claimed(
        claimed=ClaimedBy(
            station=claim.station,
            person=claim.person,
            at=at.isoformat(),
            ended=not claim.is_open,
            stale=claim.stale_at is not None,
        )
    )


def _unsent(code: str, status: int) -> Response:
    headers = {OUTCOME_HEADER: HubOutcome.UNSENT.value}
    return JSONResponse({"error": {"code": code}}, status, headers)
