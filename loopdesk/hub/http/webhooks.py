"""The door for Loop's webhooks: the raw body, its signature, one insert, and only then 200.

Beside it what benches ask of them: ``GET /hub/v1/failures?after=N`` gives the processings that the bench
asked for and Loop could not do, oldest first, only those with a greater id than N.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol

from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from loopdesk.domain.errors import LoopdeskError
from loopdesk.hub.http.bodies import whole
from loopdesk.hub.http.callers import Anyone, Bench, GuardedRoute, caller, refusal
from loopdesk.hub.http.description import AnswerForm, Operation, Parameter, refused
from loopdesk.hub.webhooks.ending import Ending
from loopdesk.hub.webhooks.failures import FailedProcessings, ToldFailure
from loopdesk.hub.webhooks.inbox import LARGEST
from loopdesk.hub.webhooks.signature import HEADER
from loopdesk.services.ports.station import Clock

log = logging.getLogger("loopdesk.hub.webhooks")

BODY_SECONDS: Final = 10.0
"""How long a body may take to arrive."""

MOST_WAITING: Final = 64
"""Requests that may be inside at once; each holds at most a body of the largest size."""

MOST_STORING: Final = 4
"""Of them, how many may store at once: the benches use the same pool."""

RETRY_SECONDS: Final = 3
"""What is asked for under overload. Loop gives a webhook up if this is more than half an hour."""

_STATUS: Final = {
    Ending.TAKEN: 200,
    Ending.REPEATED: 200,
    Ending.EMPTY: 200,
    Ending.UNSIGNED: 401,
    Ending.NO_SECRET: 401,
    Ending.NO_SHOP: 404,
    Ending.NO_TOPIC: 404,
    Ending.TOO_LARGE: 413,
    Ending.BROKEN_OFF: 408,
    Ending.BUSY: 503,
}


class ProcessingFailure(BaseModel):
    """One processing that Loop accepted and could not do; see ``webhooks.failures.ToldFailure``."""

    id: int
    shop: str
    return_id: str
    entry: str
    state: str
    message: str
    source: str
    at: str


class Failures(BaseModel):
    """Some of them, oldest first, at most a hundred."""

    failures: list[ProcessingFailure]


_DOOR: Final = Operation(
    "Take one webhook of Loop",
    {
        200: AnswerForm("it is stored; or it was before; or it is empty", None, ""),
        401: refused("not signed by a secret that the hub knows"),
        404: refused("no shop or topic of this hub"),
        408: refused("the body did not come"),
        413: refused("more than a megabyte"),
        503: refused("busy, or no database", Retry_After="Seconds after which Loop shall come again."),
    },
    parameters=(
        Parameter(HEADER, "base64 of HMAC-SHA256 over the raw body.", "header"),
        Parameter("topic", "As in Loop's names of webhooks: `return`, `label`, …", "path"),
    ),
    media="application/octet-stream",
)
_FAILURES: Final = Operation(
    "Give the bench's own processings that Loop could not do",
    {200: AnswerForm("those after the one that was named", Failures), 400: refused("`after`: no number")},
    parameters=(Parameter("after", "The id of the last one that the bench has.", type=int),),
)


class TakesIn(Protocol):
    """Where webhooks go."""

    async def take(self, shop_id: str, topic: str, raw: bytes, signature: str) -> Ending:
        """Store one."""
        ...


Count = Callable[[str, str, Ending, float], None]
"""Counts a request: shop, topic, how it ended, seconds."""


def routes(
    inbox: TakesIn, count: Count, clock: Clock, failures: FailedProcessings
) -> tuple[GuardedRoute, ...]:
    """Return the routes. Who uses the door is proven to be Loop by the signature, and can read nothing."""
    door = _Door(inbox, count, clock)

    async def failed(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not (after.isascii() and after.isdecimal() and len(after) < 19):
            return refusal("after", 400)
        found = await failures.of_bench(caller(request).id, int(after))
        return JSONResponse(Failures(failures=[_shown(each) for each in found]).model_dump())

    return (
        GuardedRoute("/webhooks/loop/{shop}/{topic}", door.answer, methods=("POST",), who=Anyone, does=_DOOR),
        GuardedRoute("/hub/v1/failures", failed, who=Bench, does=_FAILURES),
    )


def _shown(each: ToldFailure) -> ProcessingFailure:
    return ProcessingFailure(
        id=each.id,
        shop=each.shop_id,
        return_id=each.return_id,
        entry=each.entry_id,
        state=each.state,
        message=each.message,
        source=each.source,
        at=each.told_at.isoformat(),
    )


class _Door:
    """Lets at most so many in at once; the others are told to come again."""

    def __init__(self, inbox: TakesIn, count: Count, clock: Clock) -> None:
        self._inbox = inbox
        self._count = count
        self._clock = clock
        self._inside = 0
        self._storing = asyncio.Semaphore(MOST_STORING)

    async def answer(self, request: Request) -> Response:
        """Answer one webhook."""
        shop_id, topic = request.path_params["shop"], request.path_params["topic"]
        since = self._clock.monotonic()
        ending = await self._ending(request, shop_id, topic)
        self._count(shop_id, topic, ending, self._clock.monotonic() - since)
        status = _STATUS[ending]
        if status == 200:
            return Response(status_code=200)
        answer = refusal(ending.value, status)
        if ending is Ending.BUSY:
            answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer

    async def _ending(self, request: Request, shop_id: str, topic: str) -> Ending:
        if self._inside >= MOST_WAITING:
            return Ending.BUSY
        self._inside += 1
        try:
            raw = await _body(request)
            if isinstance(raw, Ending):
                return raw
            async with self._storing:
                return await self._inbox.take(shop_id, topic, raw, request.headers.get(HEADER, ""))
        except LoopdeskError as failure:  # no database, or no key to open the secrets with
            log.warning("webhook_not_stored kind=%s", type(failure).__name__)
            return Ending.BUSY
        finally:
            self._inside -= 1


async def _body(request: Request) -> bytes | Ending:
    """Read the body as it arrives, or say why it cannot be had."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdecimal() and int(announced[:19]) > LARGEST:
        return Ending.TOO_LARGE
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await whole(request, LARGEST)
    except (TimeoutError, ClientDisconnect):
        return Ending.BROKEN_OFF
    return Ending.TOO_LARGE if body is None else body
