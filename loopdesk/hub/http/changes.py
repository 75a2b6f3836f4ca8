"""What a bench keeps itself up to date by: the feed of changes, and the first fill."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import aclosing
from typing import Final, TypeAlias
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.hub.http.app import GENERATION_HEADER
from loopdesk.hub.http.callers import Bench, Callers, GuardedRoute, caller, refusal
from loopdesk.hub.index.fill import Fills, FillsBusy, Held
from loopdesk.hub.index.positions import position_in
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


def routes(tail: ChangeTail, fills: Fills) -> tuple[GuardedRoute, ...]:
    """Return the routes of a bench's copy.

    Args:
        tail: Where changes come from.
        fills: Where everything comes from.
    """
    face = _Face(tail, fills)
    return (
        GuardedRoute("/hub/v1/changes", face.changes, who=Bench),
        GuardedRoute("/hub/v1/fill", face.fill, methods=("GET", "POST"), who=Bench),
    )


class _Face:
    def __init__(self, tail: ChangeTail, fills: Fills) -> None:
        self._tail = tail
        self._fills = fills
        self._streams: Counter[UUID] = Counter()

    async def changes(self, request: Request) -> Response:
        """Stream what changes after ``?after=shop:seq``, given once for each shop."""
        bench = caller(request)
        position = position_in(request.query_params.getlist("after"))
        if position is None:
            return refusal("position", 422)
        if not position.keys() <= set(bench.shops):
            return refusal("forbidden", 403)
        if self._streams[bench.id] >= STREAMS_A_BENCH or self._streams.total() >= STREAMS_MOST:
            return _later("streams")
        try:
            events = await self._tail.follow(position, request.headers.get(GENERATION_HEADER, ""))
        except Outdated:
            return refusal("outdated", 410)
        return Streamed(
            self._counted(bench.id, events),
            {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"},
            still_may=_still_may(request, bench, position.keys()),
        )

    async def fill(self, request: Request) -> Response:
        """Send all of the bench's shops, or of those named by ``?shop=``, but what it says it holds."""
        bench = caller(request)
        shops = request.query_params.getlist("shop") or list(bench.shops)
        if not set(shops) <= set(bench.shops):
            return refusal("forbidden", 403)
        body = await _whole(request)
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


async def _whole(request: Request) -> bytes | None:
    """Return the body, None if it is too large."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MARKS_BYTES:
            return None
    return bytes(body)


def held_in(body: bytes) -> Held | None:
    """Read what a bench holds: ``{"have": {shop: {return id: mark}}}``; nothing if it says nothing.

    Returns:
        The marks; None if it is not of that form.
    """
    if not body:
        return {}
    try:
        found = json.loads(body)["have"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(isinstance(each, dict) for each in found.values()):
        return None
    return found


def _later(code: str) -> Response:
    answer = refusal(code, 503)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer
