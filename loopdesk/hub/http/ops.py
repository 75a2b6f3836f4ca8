"""What monitoring asks: does it live, can it work, how is it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, exposition
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loopdesk.hub.http.callers import Anyone, GuardedRoute, ItStaff


def routes(is_ready: Callable[[], Awaitable[bool]], measures: CollectorRegistry) -> tuple[GuardedRoute, ...]:
    """Return the three routes.

    Args:
        is_ready: Whether this process can do everything at this moment.
        measures: What ``/metrics`` shows.
    """

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"alive": True})

    async def readyz(_request: Request) -> Response:
        ready = await is_ready()
        return JSONResponse({"ready": ready}, 200 if ready else 503)

    async def metrics(request: Request) -> Response:
        write, kind = exposition.choose_encoder(request.headers.get("Accept", ""))
        return Response(write(measures), headers={"Content-Type": kind})

    return (
        GuardedRoute("/healthz", healthz, who=Anyone),
        GuardedRoute("/readyz", readyz, who=Anyone),
        GuardedRoute("/metrics", metrics, who=ItStaff),
    )
