"""The control surface over HTTP, separate from the API: faults, settings, truth, log, other actors, clock.

It serves tests that run the simulator in another process. It listens on loopback only and needs no key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from loopdesk.simulator.actors import act
from loopdesk.simulator.faults import fault_from
from loopdesk.simulator.insight import summary, truth
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.samples import SAMPLES
from loopdesk.simulator.webhooks.deliveries import Deliveries

Endpoint = Callable[[Request], Awaitable[Response]]


def control_surface(loop: Loop, deliveries: Deliveries) -> Starlette:
    """The application mounted under `/_control`."""
    control = _Control(loop, deliveries)
    table: dict[str, dict[str, Endpoint]] = {
        "/_control": {"GET": control.welcome},
        "/_control/faults": {
            "GET": control.faults,
            "POST": control.add_fault,
            "DELETE": control.clear_faults,
        },
        "/_control/faults/{fault_id:int}": {"DELETE": control.clear_fault},
        "/_control/settings": {"GET": control.settings, "POST": control.change_settings},
        "/_control/truth": {"GET": control.truths},
        "/_control/truth/{return_id}": {"GET": control.truth},
        "/_control/requests": {"GET": control.requests, "DELETE": control.forget_requests},
        "/_control/act": {"POST": control.act},
        "/_control/clock": {"GET": control.clock, "POST": control.advance},
        "/_control/samples": {"GET": control.samples},
        "/_control/webhooks": {"GET": control.webhooks},
    }
    routes = [
        Route(path, endpoint, methods=[method])
        for path, endpoints in table.items()
        for method, endpoint in endpoints.items()
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _refused})


async def _refused(_request: Request, problem: Exception) -> Response:
    if not isinstance(problem, HTTPException):
        raise problem
    return JSONResponse({"problem": problem.detail}, problem.status_code)


async def _given(request: Request) -> dict[str, Any]:
    """The JSON object in the body."""
    try:
        given = await request.json()
    except ValueError as problem:
        raise HTTPException(400, "the body is not JSON") from problem
    if not isinstance(given, dict):
        raise HTTPException(400, "the body is not a JSON object")
    return given


class _Control:
    """The endpoints of the control surface for one `Loop`."""

    def __init__(self, loop: Loop, deliveries: Deliveries) -> None:
        self._loop = loop
        self._deliveries = deliveries

    async def welcome(self, _request: Request) -> Response:
        """A short description of this server."""
        keys = [key.name for key in self._loop.keys]
        return JSONResponse({"what": "a simulator of Loop", "returns": len(self._loop.index), "keys": keys})

    async def faults(self, _request: Request) -> Response:
        """The active faults."""
        return JSONResponse([fault.as_dict() for fault in self._loop.faults])

    async def add_fault(self, request: Request) -> Response:
        """Add a fault."""
        try:
            fault = fault_from(await _given(request))
        except (ValueError, TypeError) as problem:
            raise HTTPException(400, str(problem)) from problem
        return JSONResponse({"id": self._loop.faults.add(fault)}, 201)

    async def clear_faults(self, _request: Request) -> Response:
        """Clear all faults."""
        self._loop.faults.clear()
        return Response(status_code=204)

    async def clear_fault(self, request: Request) -> Response:
        """Clear one fault."""
        self._loop.faults.clear(request.path_params["fault_id"])
        return Response(status_code=204)

    async def settings(self, _request: Request) -> Response:
        """All settings."""
        return JSONResponse(self._loop.settings.as_dict())

    async def change_settings(self, request: Request) -> Response:
        """Change some settings."""
        try:
            self._loop.settings.change(**await _given(request))
        except ValueError as problem:
            raise HTTPException(400, str(problem)) from problem
        return JSONResponse(self._loop.settings.as_dict())

    async def truths(self, _request: Request) -> Response:
        """One line about every return held in memory."""
        with self._loop.lock:
            self._loop.catch_up()
            return JSONResponse([summary(ret) for ret in self._loop.index.kept()])

    async def truth(self, request: Request) -> Response:
        """Everything about one return."""
        try:
            return JSONResponse(truth(self._loop, request.path_params["return_id"]))
        except KeyError as problem:
            raise HTTPException(404, f"no return {problem}") from problem

    async def requests(self, request: Request) -> Response:
        """The log, filtered by `since`, `method` and part of the `path`."""
        given = request.query_params
        since = given.get("since", "0")
        if not since.isdecimal():
            raise HTTPException(400, "since is a number")
        seen = self._loop.requests(given.get("method", ""), given.get("path", ""), int(since))
        return JSONResponse([each.as_dict() for each in seen])

    async def forget_requests(self, _request: Request) -> Response:
        """Clear the log."""
        self._loop.forget_requests()
        return Response(status_code=204)

    async def act(self, request: Request) -> Response:
        """Let another actor act, and return the truth afterwards."""
        try:
            return JSONResponse(truth(self._loop, act(self._loop, await _given(request))))
        except KeyError as problem:
            raise HTTPException(404, f"not there: {problem}") from problem
        except (ValueError, TypeError) as problem:
            raise HTTPException(400, str(problem)) from problem

    async def clock(self, _request: Request) -> Response:
        """The simulator's current time."""
        return JSONResponse({"now": self._loop.now().isoformat()})

    async def advance(self, request: Request) -> Response:
        """Advance the simulator's clock only."""
        seconds = (await _given(request)).get("advance_seconds")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
            raise HTTPException(400, "advance_seconds is a number of seconds, not negative")
        self._loop.advance(seconds)
        return JSONResponse({"now": self._loop.now().isoformat()})

    async def webhooks(self, _request: Request) -> Response:
        """The webhooks with their secrets, as Loop's admin shows them, and what became of the deliveries."""
        with self._loop.lock:
            made = [asdict(each) for each in self._loop.subscriptions]
        counts = dict(self._deliveries.counts)
        return JSONResponse({"webhooks": made, "waiting": len(self._deliveries), "counts": counts})

    async def samples(self, _request: Request) -> Response:
        """The named sample returns."""
        return JSONResponse({name: sample.as_dict() for name, sample in SAMPLES.items()})
