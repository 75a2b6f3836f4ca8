"""The reading half of Loop's interface, at the hub: Loop's paths, and Loop's JSON as it came.

A bench asks as it would ask Loop. ``Cache-Control`` says how fresh the answer must be,
``X-Loopdesk-Priority`` how urgent it is, ``X-Loopdesk-Shop`` of which shop it is wanted. An answer says its
``Age``, its ``X-Loopdesk-Source`` (``loop`` if it was read for this request; ``hub`` if it was kept, or is
the hub's own word), and its ``X-Loopdesk-Shop``.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from loopdesk.hub.budget.dealing import klass_named
from loopdesk.hub.failures import HubFailure, InTwoShops, LoopAway, ShopUnnamed
from loopdesk.hub.http.callers import Bench, GuardedRoute, caller, refusal
from loopdesk.hub.http.description import AnswerForm, Operation, Parameter
from loopdesk.hub.reads.flights import Asker
from loopdesk.hub.reads.freshness import wanted_in
from loopdesk.hub.reads.readings import NoSuchRead, reading_of
from loopdesk.hub.reads.reads import Given, Reads

PRIORITY_HEADER: Final = "X-Loopdesk-Priority"
SHOP_HEADER: Final = "X-Loopdesk-Shop"
SOURCE_HEADER: Final = "X-Loopdesk-Source"
MISSING_HEADER: Final = "X-Loopdesk-Missing-Shop"
"""Shops that might have had something and could not be asked."""

RETRY_SECONDS: Final = 5

_READ: Final = Operation(
    "Read what Loop would answer",
    {
        "default": AnswerForm(
            "Loop's own status and body as they came; the hub's own is a `HubRefusal`: 400 `shop_unknown`, "
            "`shop_unnamed` or `no_such_read`, 422 `in_two_shops`, 503 where Loop cannot be asked in time",
            Any,
            headers={
                "Age": "Seconds since Loop was asked.",
                SOURCE_HEADER: "`loop` if it was read for this request, else `hub`.",
                SHOP_HEADER: "Whose it is.",
                MISSING_HEADER: "Shops that might have had something and could not be asked.",
            },
        ),
        401: AnswerForm("`unauthorized`; or Loop's own, of the key that the hub holds", Any),
        403: AnswerForm("`revoked` or `forbidden`; or Loop's own, of the key that the hub holds", Any),
        503: AnswerForm("`database`, `no_shop_key`, or Loop cannot be asked in time; or Loop's own", Any),
    },
    parameters=(
        Parameter("version", "Of Loop's interface: `v1`, `2026-07`, …", "path"),
        Parameter("path", "A path of Loop that a bench reads, slashes included.", "path"),
        Parameter("Cache-Control", "How fresh it must be: `max-age=N`, `no-cache`, `max-stale=N`.", "header"),
        Parameter(PRIORITY_HEADER, "How urgent it is: 0 (a person waits) to 4.", "header"),
        Parameter(SHOP_HEADER, "Of which shop.", "header"),
    ),
)


def routes(reads: Reads) -> tuple[GuardedRoute, ...]:
    """Return the one route; which paths there are below it is ``readings``'."""

    async def read(request: Request) -> Response:
        return await _answer(reads, request)

    return (GuardedRoute("/api/{version}/{path:path}", read, who=Bench, does=_READ),)


async def _answer(reads: Reads, request: Request) -> Response:
    bench = caller(request)
    named = request.headers.get(SHOP_HEADER)
    if named is not None and named not in bench.shops:
        return _own(refusal("shop_unknown", 400))
    try:
        reading = reading_of(
            request.path_params["version"],
            f"/{request.path_params['path']}",
            request.query_params.multi_items(),
        )
    except NoSuchRead:
        return _own(refusal("no_such_read", 400))
    asker = Asker(bench.id, klass_named(request.headers.get(PRIORITY_HEADER)))
    wanted = wanted_in(request.headers.get("Cache-Control"))
    shops: Sequence[str] = bench.shops if named is None else (named,)
    try:
        return _given(await reads.answer(reading, wanted, asker, shops))
    except ShopUnnamed:
        return _own(refusal("shop_unnamed", 400))
    except InTwoShops:
        return _own(refusal("in_two_shops", 422))
    except HubFailure as failure:
        return _away(failure)


def _given(given: Given) -> Response:
    age = ceil(given.age) if given.is_kept else int(given.age)
    headers = {
        "Content-Type": given.page.media,
        "Age": str(age),
        SOURCE_HEADER: "hub" if given.is_kept else "loop",
        SHOP_HEADER: ",".join(given.shops),
    }
    if given.missing:
        headers[MISSING_HEADER] = ",".join(given.missing)
    return Response(given.page.body, given.page.status, headers)


def _away(failure: HubFailure) -> Response:
    """Loop cannot be asked in time: nothing was read, and a bench asks again."""
    told = failure.retry_after_seconds if isinstance(failure, LoopAway) else 0.0
    is_keyless = failure.why == "no_shop_key"
    answer = _own(refusal(failure.why if is_keyless else failure.code, 503))
    answer.headers["Retry-After"] = str(max(1, ceil(told)) if told else RETRY_SECONDS)
    return answer


def _own(answer: Response) -> Response:
    """The hub's own word, and not Loop's."""
    answer.headers[SOURCE_HEADER] = "hub"
    return answer
