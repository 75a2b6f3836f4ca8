"""What monitoring asks: does it live, can it work, how is it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, exposition
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loopdesk.hub.http.callers import Anyone, GuardedRoute, ItStaff
from loopdesk.hub.http.description import AnswerForm, Operation


class Alive(BaseModel):
    """The process lives."""

    alive: bool


class Ready(BaseModel):
    """Whether the process can work.

    Attributes:
        restored_seconds: For so long nothing is sent that finishes a return, for the database is an older
            copy.
    """

    ready: bool
    restored_seconds: int = 0


_HEALTHZ = Operation("Say that the process lives", {200: AnswerForm("it does", Alive)})
_READYZ = Operation(
    "Say whether the process can work",
    {
        200: AnswerForm("it reaches the database, holds its lock and hears notifications", Ready),
        503: AnswerForm("it cannot", Ready),
    },
)
_METRICS = Operation(
    "Give the measures for Prometheus",
    {200: AnswerForm("in Prometheus' text form, or OpenMetrics as `Accept` asks", None, "text/plain")},
)


def routes(
    readiness: Callable[[], Awaitable[Ready]],
    measures: CollectorRegistry,
    look: Callable[[], Awaitable[None]],
) -> tuple[GuardedRoute, ...]:
    """Return the three routes.

    Args:
        readiness: Whether this process can work at this moment.
        measures: What ``/metrics`` shows.
        look: Brings those measures up to date that are looked up when somebody asks.
    """

    async def healthz(_request: Request) -> Response:
        return JSONResponse(Alive(alive=True).model_dump())

    async def readyz(_request: Request) -> Response:
        ready = await readiness()
        return JSONResponse(ready.model_dump(), 200 if ready.ready else 503)

    async def metrics(request: Request) -> Response:
        await look()
        write, kind = exposition.choose_encoder(request.headers.get("Accept", ""))
        return Response(write(measures), headers={"Content-Type": kind})

    return (
        GuardedRoute("/healthz", healthz, who=Anyone, does=_HEALTHZ),
        GuardedRoute("/readyz", readyz, who=Anyone, does=_READYZ),
        GuardedRoute("/metrics", metrics, who=ItStaff, does=_METRICS),
    )
