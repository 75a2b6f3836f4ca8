"""What a bench keeps itself up to date by: the feed of changes, and the first fill."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import aclosing
from typing import Final, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.hub.http.app import GENERATION_HEADER
from loopdesk.hub.http.bodies import whole
from loopdesk.hub.http.callers import Bench, Callers, GuardedRoute, caller, refusal
from loopdesk.hub.http.description import AnswerForm, Operation, Parameter, refused
from loopdesk.hub.index.fill import Fills, FillsBusy, Held
from loopdesk.hub.index.positions import SITE, position_in
from loopdesk.hub.index.tail import ChangeTail, Outdated

STREAMS_A_BENCH: Final = 4
"""A bench needs one; a broken one may not be noticed at once."""

STREAMS_MOST: Final = 1000
"""Of one process."""

RETRY_SECONDS: Final = 5

SEND_SECONDS: Final = 60.0
"""A reader that takes nothing for so long is given up."""

LOOK_SECONDS: Final = 15.0
"""So often a stream looks whether its bench may still read it."""

FILL_SECONDS: Final = 300.0
"""A fill holds a snapshot of the database: longer ones are broken off."""

MARKS_BYTES: Final = 64 * 1024 * 1024
"""What a bench may say of what it holds: a million returns."""

log = logging.getLogger("loopdesk.hub.http")

StillMay: TypeAlias = Callable[[], Awaitable[bool]]


class Marks(BaseModel):
    """What a bench holds already: the mark of each return, by shop."""

    have: dict[str, dict[str, str]]


_RETRY: Final = {"Retry_After": "Seconds after which to ask again."}
_CHANGES: Final = Operation(
    "Stream what changes: server-sent events, without an end",
    {
        200: AnswerForm(
            "events `return` with the id `shop:seq`, and with the id `*:seq` those of what benches share; "
            "a bench skips those of a name that it does not know",
            None,
            "text/event-stream",
        ),
        403: refused("`revoked`, or `forbidden`: a shop that is not the bench's"),
        410: refused("`outdated`: there is a gap since this position; fill anew"),
        422: refused("`position`: not of that form, or a shop twice"),
        503: refused("`streams`: too many are open; or `database`", **_RETRY),
    },
    parameters=(
        Parameter(
            "after",
            "The last change that the bench has of a shop: `shop:seq`; of what benches share: `*:seq`.",
            type=list[str],
        ),
        Parameter(GENERATION_HEADER, "In which the bench was told its position.", "header"),
    ),
)
_FILL: Final = Operation(
    "Give everything that the hub knows of the bench's shops, in one snapshot",
    {
        200: AnswerForm(
            "gzip of NDJSON: `generation`, `after` and `rows`; one line a return; `end` last, without which "
            "all of it is thrown away",
            None,
            "application/x-ndjson",
        ),
        403: refused("`revoked`, or `forbidden`: a shop that is not the bench's"),
        413: refused("`too_large`"),
        422: refused("`marks`: not of that form"),
        503: refused("`fills`: too many are under way; or `database`", **_RETRY),
    },
    takes=Marks,
    parameters=(Parameter("shop", "Only this shop.", type=list[str]),),
    is_optional=True,
)


def routes(tail: ChangeTail, fills: Fills) -> tuple[GuardedRoute, ...]:
    """Return the routes of a bench's copy.

    Args:
        tail: Where changes come from.
        fills: Where everything comes from.
    """
    face = _Face(tail, fills)
    return (
        GuardedRoute("/hub/v1/changes", face.changes, who=Bench, does=_CHANGES),
        GuardedRoute("/hub/v1/fill", face.fill, methods=("GET", "POST"), who=Bench, does=_FILL),
    )


class _Face:
    def __init__(self, tail: ChangeTail, fills: Fills) -> None:
        self._tail = tail
        self._fills = fills
        self._streams: Counter[UUID] = Counter()

    async def changes(self, request: Request) -> Response:
        """Stream what changes after ``?after=shop:seq``, given once for each shop, and after ``?after=*:seq``
        of what the benches share.
        """
        bench = caller(request)
        position = position_in(request.query_params.getlist("after"))
        if position is None:
            return refusal("position", 422)
        shops = position.keys() - {SITE}
        if not shops <= set(bench.shops):
            return refusal("forbidden", 403)
        if self._streams[bench.id] >= STREAMS_A_BENCH or self._streams.total() >= STREAMS_MOST:
            return _later("streams")
        try:
            generation = request.headers.get(GENERATION_HEADER, "")
            events = await self._tail.follow(position, generation, bench.shops)
        except Outdated:
            return refusal("outdated", 410)
        return Streamed(
            self._counted(bench.id, events),
            {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"},
            still_may=_still_may(request, bench, bench.shops if SITE in position else shops),
        )

    async def fill(self, request: Request) -> Response:
        """Send all of the bench's shops, or of those named by ``?shop=``, but what it says it holds."""
        bench = caller(request)
        shops = request.query_params.getlist("shop") or list(bench.shops)
        if not set(shops) <= set(bench.shops):
            return refusal("forbidden", 403)
        body = await whole(request, MARKS_BYTES)
        if body is None:
            return refusal("too_large", 413)
        held = held_in(body)
        if held is None:
            return refusal("marks", 422)
        try:
            chunks = await self._fills.begin(sorted(set(shops)), held)
        except FillsBusy:
            return _later("fills")
        headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
        return Streamed(chunks, headers, most_seconds=FILL_SECONDS)

    async def _counted(
        self, bench_id: UUID, events: AsyncGenerator[bytes, None]
    ) -> AsyncGenerator[bytes, None]:
        self._streams[bench_id] += 1
        try:
            async with aclosing(events):
                async for text in events:
                    yield text
        finally:
            self._streams[bench_id] -= 1
            self._streams = +self._streams


class Streamed(StreamingResponse):
    """A body in parts, given up when its reader is gone or takes nothing, or may read it no more.

    Args:
        parts: The parts; closed in any case.
        still_may: Asked now and then; the stream ends when it says no.
        most_seconds: After so long it is broken off; None for never.
    """

    def __init__(
        self,
        parts: AsyncGenerator[bytes, None],
        headers: dict[str, str],
        *,
        still_may: StillMay | None = None,
        most_seconds: float | None = None,
    ) -> None:
        super().__init__(parts, headers=headers)
        self._parts = parts
        self._still_may = still_may
        self._most_seconds = most_seconds
        self._has_body = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, until its reader leaves."""
        self._has_body = scope["method"] != "HEAD"
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._parts.aclose()

    async def stream_response(self, send: Send) -> None:
        """Send it, whoever reads."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if self._has_body:
            try:
                async with asyncio.timeout(self._most_seconds):
                    await self._send_parts(send)
            except (TimeoutError, DatabaseUnusable) as failure:
                log.info("stream_given_up why=%s", type(failure).__name__)
                return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_parts(self, send: Send) -> None:
        now = asyncio.get_running_loop().time
        looked = now()
        async for part in self._parts:
            async with asyncio.timeout(SEND_SECONDS):
                await send({"type": "http.response.body", "body": part, "more_body": True})
            if self._still_may is not None and now() - looked >= LOOK_SECONDS:
                looked = now()
                if not await self._still_may():
                    return


def _still_may(request: Request, bench: Bench, shops: Collection[str]) -> StillMay:
    callers: Callers = request.app.state.callers

    async def still_may() -> bool:
        found = await callers.caller_of(request)
        return isinstance(found, Bench) and found.id == bench.id and set(shops) <= set(found.shops)

    return still_may


def held_in(body: bytes) -> Held | None:
    """Read what a bench holds; nothing if it says nothing.

    Returns:
        The marks; None if it is not of that form.
    """
    if not body:
        return {}
    try:
        return Marks.model_validate_json(body).have
    except ValidationError:
        return None


def _later(code: str) -> Response:
    answer = refusal(code, 503)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer
