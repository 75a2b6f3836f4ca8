"""What is counted and logged of each request: its route, its answer, how long it took. Nobody's data."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loopdesk.hub.http.callers import ROUTE, Bench

log = logging.getLogger("loopdesk.hub.http")

_UNKNOWN: Final = "none"
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked all the time: counted, not logged."""


class Measured:
    """Counts and logs each request.

    Args:
        inner: The application.
        registry: Where the measures are.
        monotonic: Seconds that never go back.
    """

    def __init__(self, inner: ASGIApp, registry: CollectorRegistry, monotonic: Callable[[], float]) -> None:
        self._inner = inner
        self._monotonic = monotonic
        names = ("method", "route", "status")
        self._count = Counter(
            "loopdesk_hub_requests", "Requests that were answered.", names, registry=registry
        )
        self._took = Histogram(
            "loopdesk_hub_request_seconds",
            "From the request to the answer's end.",
            ("route",),
            registry=registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        began = self._monotonic()
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._inner(scope, receive, watched)
        finally:
            self._tell(scope, status, self._monotonic() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get(ROUTE, _UNKNOWN)
        method = scope["method"] if route != _UNKNOWN else _UNKNOWN
        self._count.labels(method, route, str(status)).inc()
        self._took.labels(route).observe(seconds)
        if route in _QUIET:
            return
        caller = scope.get("state", {}).get("caller")
        bench = caller.id if isinstance(caller, Bench) else "-"
        log.info(
            "request method=%s route=%s status=%s ms=%.0f bench=%s",
            method,
            route,
            status,
            seconds * 1000,
            bench,
        )
