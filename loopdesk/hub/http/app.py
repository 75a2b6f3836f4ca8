"""The ASGI application: the faces' routes, and what every answer carries."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from email.utils import format_datetime

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loopdesk.hub.failures import DatabaseUnusable, HubFailure
from loopdesk.hub.http.callers import Callers, GuardedRoute, refusal

log = logging.getLogger("loopdesk.hub.http")

GENERATION_HEADER = "X-Loopdesk-Generation"
RETRY_SECONDS = 2
_NOT_READY = 503
_NO_ROUTE = {404: "no_such_route", 405: "no_such_method"}


def application(
    faces: Iterable[GuardedRoute],
    callers: Callers,
    *,
    now: Callable[[], datetime],
    generation: Callable[[], str],
    on_fault: Callable[[str, BaseException], None],
) -> ASGIApp:
    """Return the application.

    Args:
        faces: The routes of all faces.
        callers: Tells who asks.
        now: The time as Loop tells it; every answer's ``Date``.
        generation: The ledger's, in every answer.
        on_fault: Told of what nobody expected: where, and the exception.
    """
    inner = Starlette(
        routes=list(faces),
        exception_handlers={
            DatabaseUnusable: _without_database,
            HubFailure: _without_what_it_needs,
            HTTPException: _without_route,
            ClientDisconnect: _without_reader,
        },
    )
    inner.state.callers = callers
    inner.router.redirect_slashes = False  # each address is one: another is refused, not led elsewhere
    inner.add_exception_handler(Exception, _Broken(on_fault).answer)
    return _Stamped(inner, now, generation)


async def _without_database(_request: Request, _failure: Exception) -> Response:
    """PostgreSQL is away: nothing was done, and a bench takes it for an unreachable Loop."""
    answer = refusal("database", _NOT_READY)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


async def _without_what_it_needs(_request: Request, failure: Exception) -> Response:
    """IT has to do something first, such as giving a shop its key: nothing was done."""
    return refusal(failure.why if isinstance(failure, HubFailure) else "", _NOT_READY)


async def _without_route(_request: Request, failure: Exception) -> Response:
    """Nothing answers here, or not by this method: a newer bench sees that this hub does not know it yet."""
    assert isinstance(failure, HTTPException)
    answer = refusal(_NO_ROUTE.get(failure.status_code, "refused"), failure.status_code)
    answer.headers.update(failure.headers or {})
    return answer


async def _without_reader(_request: Request, _failure: Exception) -> Response:
    """The line broke before the body was whole: nothing was done, and nobody reads this answer."""
    return refusal("refused", 400)


class _Broken:
    """Answers when a face failed in a way that nobody expected: without a word about it."""

    def __init__(self, on_fault: Callable[[str, BaseException], None]) -> None:
        self._on_fault = on_fault

    async def answer(self, _request: Request, failure: Exception) -> Response:
        """Report it, and say no more than that."""
        self._on_fault("hub face", failure)
        return refusal("broken", 500)


class _Stamped:
    """Puts the time of Loop and the ledger's generation into every answer."""

    def __init__(self, inner: ASGIApp, now: Callable[[], datetime], generation: Callable[[], str]) -> None:
        self._inner = inner
        self._now = now
        self._generation = generation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Date"] = format_datetime(self._now(), usegmt=True)
                headers[GENERATION_HEADER] = self._generation()
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if _is_framed_twice(scope):
            await _framed_twice(scope, receive, stamped)
            return
        await self._inner(scope, receive, stamped)


def _is_framed_twice(scope: Scope) -> bool:
    """Whether a request says in two ways where its body ends. A proxy in front of the hub may believe the
    other one, and take for the body what is the next request here, which somebody else wrote.
    """
    return {b"content-length", b"transfer-encoding"} <= {name for name, _ in scope["headers"]}


async def _framed_twice(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse it, and read nothing more from this line."""
    answer = refusal("refused", 400)
    answer.headers["Connection"] = "close"
    await answer(scope, receive, send)
