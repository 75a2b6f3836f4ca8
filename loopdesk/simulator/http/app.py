"""The HTTP face of the simulator: authorization, faults on the way, and the response.

`Face` is the ASGI application. Everything under `/_control` is for tests and practice mode; everything else
is the simulated API and is logged.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from loopdesk.simulator.answers import Reply, RoutedCall, not_found, plain_message, unauthorized
from loopdesk.simulator.faults import AFTER, BEFORE, MODIFIERS, Fault
from loopdesk.simulator.http import actions, destinations, reads, webhooks
from loopdesk.simulator.http.control import control_surface
from loopdesk.simulator.loop import LoggedRequest, Loop
from loopdesk.simulator.webhooks.sender import WebhookSender

# --- the face ---------------------------------------------------------------------------------------

LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Guest network</title></head>"
    '<body><form action="/login"><h1>Welcome! Please sign in</h1></form></body></html>'
)
GATEWAY_PAGE = (
    "<html><head><title>502 Bad Gateway</title></head>"
    "<body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


def fault_before(fault: Fault, loop: Loop) -> Response:
    """The response of a fault that strikes before the request had any effect."""
    if fault.kind == "refuse_key":
        no = unauthorized(loop.settings.unauthorized_shape)
        return JSONResponse(no.body, no.status)
    if fault.kind == "throttle":
        headers = {} if fault.retry_after is None else {"retry-after": fault.retry_after}
        return JSONResponse({"message": "Too Many Attempts."}, 429, headers)
    if fault.kind == "redirect":
        return HTMLResponse("", fault.status or 302, {"location": fault.location})
    if fault.kind == "portal":
        return HTMLResponse(fault.body or LOGIN_PAGE, fault.status or 200)
    return _instead(fault)


def fault_after(fault: Fault, response: Response) -> Response:
    """The response of a fault that strikes on the way back; `response` is what would have been sent."""
    if fault.kind != "truncate":
        return _instead(fault)
    body = bytes(response.body)
    keep = len(body) // 2 if fault.at_byte < 0 else fault.at_byte
    return Response(body[:keep], response.status_code, media_type="application/json")


def _instead(fault: Fault) -> Response:
    if fault.kind == "html_error":
        return HTMLResponse(fault.body or GATEWAY_PAGE, fault.status or 502)
    if fault.kind == "answer":
        body = "{}" if fault.body is None else fault.body
        return Response(body, fault.status or 200, fault.headers, media_type="application/json")
    if fault.body is not None:
        return Response(fault.body, fault.status or 500, media_type="application/json")
    return JSONResponse({"message": "Server Error"}, fault.status or 500)


log = logging.getLogger("loopdesk.simulator")

CONNECTION = "loopdesk.connection"
"""Scope key under which the server passes the connection, so that a fault can break it."""

_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)

_PREFIX = re.compile(r"/api/(?P<version>[^/]+)(?P<rest>/.*)")


class ClientConnection(Protocol):
    """A connection that can be broken."""

    def break_off(self, reset: bool) -> None:
        """Close it now, orderly or with a TCP reset; bytes already written still go out unless reset."""


class ConnectionBroken(Exception):
    """A fault broke the connection, but the application runs without a server and has none to break."""


class Face:
    """The ASGI application around one `Loop`.

    Args:
        loop: The simulated Loop.
        is_served: It runs in a server, which stops the webhooks' sender at its end.

    Attributes:
        loop: The simulated Loop.
        webhooks: Sends what the shop's webhooks are told, from the first request after one was set up.
    """

    def __init__(self, loop: Loop, is_served: bool = False) -> None:
        self.loop = loop
        self._is_served = is_served
        self.webhooks = WebhookSender(loop)
        self._control = control_surface(loop, self.webhooks.deliveries)
        self._stopping = asyncio.Event()

    def stop_waiting(self) -> None:
        """Release every request that is being delayed on purpose."""
        self._stopping.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            raise ValueError(f"nothing but HTTP is spoken here, not {scope['type']}")
        if is_from_elsewhere(Request(scope)):
            refused = JSONResponse({"problem": "asked by a web page or by another name"}, 403)
            await refused(scope, receive, send)
        elif scope["path"].startswith("/_control"):
            await self._control(scope, receive, send)
        else:
            await self._exchange(Request(scope, receive), send)
        if self._is_served and self.loop.subscriptions:
            self.webhooks.begin()

    async def _exchange(self, request: Request, send: Send) -> None:
        raw = await request.body()
        seen = self._record(request, raw)
        faults = self.loop.faults.take(request.method, request.url.path)
        seen.fault = "+".join(fault.kind for fault in faults) or None
        slow = sum(fault.seconds for fault in faults if fault.kind == "slow")
        late = any(fault.kind == "slow" and not fault.executed for fault in faults)
        blow = next((fault for fault in faults if fault.kind not in MODIFIERS), None)
        if late:
            await self._pause(slow)
        answer = None
        if blow is None or blow.kind in AFTER or (blow.kind not in BEFORE and blow.executed):
            answer = self._judge(request, seen, raw, faults)
            seen.effect = answer.effect
        if not late:
            await self._pause(slow)
        await self._reply(request, send, seen, blow, answer)

    async def _pause(self, seconds: float) -> None:
        """Wait that long, or until the server stops."""
        if seconds > 0:
            try:
                async with asyncio.timeout(seconds):
                    await self._stopping.wait()
            except TimeoutError:
                return

    def _record(self, request: Request, raw: bytes) -> LoggedRequest:
        value = request.headers.get("x-authorization")
        key = self.loop.key_for(value)
        name = key.name if key is not None else (None if value is None else "unknown")
        body = _decoded(raw)
        if body is None and raw:
            body = raw.decode("utf-8", "replace")
        return self.loop.record(request.method, request.url.path, request.url.query, body, name)

    # Judgement

    def _judge(self, request: Request, seen: LoggedRequest, raw: bytes, faults: Iterable[Fault]) -> Reply:
        """Return the API's response and apply its effect."""
        try:
            with self.loop.lock:
                self.loop.catch_up()
                answer = self._answer(request, raw, list(faults))
        except Exception as problem:
            log.exception("simulator_failed n=%d method=%s path=%s", seen.n, seen.method, seen.path)
            self.loop.crashes.append(problem)
            return Reply(500, {"message": "Server Error"})
        quoted = self.loop.settings.string_true or any(fault.kind == "string_true" for fault in faults)
        if answer.body is True and quoted:
            answer.body = "true"
        return answer

    def _answer(self, request: Request, raw: bytes, faults: list[Fault]) -> Reply:
        loop = self.loop
        key = loop.key_for(request.headers.get("x-authorization"))
        if key is None:
            return unauthorized(loop.settings.unauthorized_shape)
        left, wait = loop.spend(key)
        headers = _limit_headers(loop, left)
        if left < 0:
            answer = plain_message("Too Many Attempts.", 429)
            if loop.settings.retry_after:
                headers["retry-after"] = str(max(1, int(wait + 0.999)))
        else:
            call = _call(request, raw, faults)
            call.key = key
            answer = self._dispatch(call)
        answer.headers.update(headers)
        return answer

    def _dispatch(self, call: RoutedCall) -> Reply:
        match = _PREFIX.fullmatch(call.path)
        if match is None or match["version"] not in VERSIONS:
            return not_found()
        found = find(call.method, match["rest"])
        if isinstance(found, int):
            return not_found() if found == 404 else plain_message("The method is not allowed.", 405)
        route, call.params = found
        if call.key is None or route.scope not in call.key.scopes:
            return unauthorized(self.loop.settings.unauthorized_shape)
        call.version = match["version"]
        return route.handler(self.loop, call)

    # Reply

    async def _reply(
        self, request: Request, send: Send, seen: LoggedRequest, blow: Fault | None, answer: Reply | None
    ) -> None:
        if blow is not None:
            if blow.kind == "hang":
                await _gone(request)
                return
            if blow.kind in ("offline", "lose_request", "lose_answer"):
                await _break(request, blow.reset)
                return
            if blow.kind == "cut" and answer is not None:
                await self._send_cut(request, send, seen, blow, answer)
                return
            response = (
                fault_before(blow, self.loop) if answer is None else fault_after(blow, self._plain(answer))
            )
        elif answer is not None:
            response = self._plain(answer)
        else:
            raise AssertionError("without a fault there is an answer")
        response.headers["date"] = self._date()
        # Recorded before the bytes go out: a client that has the response finds it in the log.
        seen.status, seen.answered = response.status_code, True
        await response(request.scope, request.receive, send)

    def _plain(self, answer: Reply) -> Response:
        if answer.status == 204:
            return Response(status_code=204, headers=answer.headers)
        text = json.dumps(answer.body, separators=(",", ":"))
        if self.loop.settings.escaped_slashes:
            text = text.replace("/", "\\/")
        return Response(text, answer.status, headers=answer.headers, media_type="application/json")

    def _date(self) -> str:
        return format_datetime(self.loop.server_time(), usegmt=True)

    async def _send_cut(
        self, request: Request, send: Send, seen: LoggedRequest, blow: Fault, answer: Reply
    ) -> None:
        """Send headers that promise the whole body, then part of it, and disconnect."""
        response = self._plain(answer)
        body = bytes(response.body)
        keep = len(body) // 2 if blow.at_byte < 0 else min(blow.at_byte, len(body) - 1)
        seen.status = response.status_code
        await send(
            {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
        )
        await send({"type": "http.response.body", "body": body[:keep], "more_body": True})
        await _break(request, blow.reset)


def is_from_elsewhere(request: Request) -> bool:
    """Tell whether the request comes from a web page: any page in a browser can reach this machine's ports.

    A page sends its origin, and a page that rebinds its own name to this address sends that name as the host.
    A local client sends no origin and a loopback address.
    """
    host = request.headers.get("host", "")
    return "origin" in request.headers or _LOOPBACK.fullmatch(host) is None


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except (ValueError, RecursionError):
        return None


def _call(request: Request, raw: bytes, faults: list[Fault]) -> RoutedCall:
    processing = next((fault for fault in faults if fault.kind == "processing"), None)
    return RoutedCall(
        method=request.method,
        path=request.url.path,
        version="",
        query=dict(parse_qsl(request.url.query, keep_blank_values=True)),
        body=_decoded(raw),
        base_url=f"{request.url.scheme}://{request.url.netloc}",
        stale_seconds=max((fault.seconds for fault in faults if fault.kind == "stale"), default=0.0),
        ending=None if processing is None else processing.ending,
        processing_seconds=None if processing is None else processing.seconds,
    )


def _limit_headers(loop: Loop, left: int) -> dict[str, str]:
    limit = loop.settings.rate_limit
    if limit is None:
        return {}
    return {"x-ratelimit-limit": str(limit), "x-ratelimit-remaining": str(max(0, left))}


async def _gone(request: Request) -> None:
    """Wait until the client disconnects, or the server closes the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        continue


async def _break(request: Request, reset: bool) -> None:
    connection: ClientConnection | None = request.scope.get(CONNECTION)
    if connection is None:
        raise ConnectionBroken
    connection.break_off(reset)
    await _gone(request)


# --- endpoints --------------------------------------------------------------------------------------

VERSIONS = ("v1", "2026-07", "2026-10")
"""The version prefixes mounted under `/api/`; v1 is an alias of 2026-07."""

Handler = Callable[[Loop, RoutedCall], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint; `pattern` matches the path after the version."""

    method: str
    pattern: re.Pattern[str]
    scope: str
    handler: Handler


def _route(method: str, path: str, handler: Handler, scope: str = "returns") -> Route:
    return Route(method, re.compile(path), scope, handler)


_ONE = r"/warehouse/return/(?P<return_id>[0-9]{1,19})"
_HAPPY = r"/happy-returns/shipments"
_HAPPY_SCOPE = "happy_returns_shipments:read"
_ONE_WEBHOOK = r"/webhooks/(?P<id>[0-9]{1,19})"
_TOOLS = "developer_tools"

ROUTES = (
    _route("GET", r"/warehouse/return/list", reads.returns_list),
    _route("GET", r"/warehouse/return/details", reads.details),
    _route("GET", r"/warehouse/reporting/asn", reads.asn),
    _route("POST", _ONE + "/process", actions.process),
    _route("POST", _ONE + "/flag", actions.flag),
    _route("POST", _ONE + "/cancel", actions.cancel),
    _route("POST", _ONE + "/close", actions.close),
    _route("POST", _ONE + "/remove", actions.remove),
    _route("GET", _ONE + "/notes", actions.notes),
    _route("POST", _ONE + "/note", actions.add_note),
    _route("POST", r"/dispositioning/grade", actions.grade),
    _route("POST", r"/dispositioning/assess", actions.assess),
    _route("GET", r"/destinations", destinations.destinations, "destinations:read"),
    _route("GET", r"/destinations/(?P<id>[^/]+)", destinations.destination, "destinations:read"),
    _route("GET", _HAPPY, destinations.shipments, _HAPPY_SCOPE),
    _route("GET", _HAPPY + r"/(?P<id>[^/]+)", destinations.shipment, _HAPPY_SCOPE),
    _route("GET", _HAPPY + r"/(?P<id>[^/]+)/items", destinations.shipment_items, _HAPPY_SCOPE),
    _route("GET", r"/webhooks", webhooks.subscriptions, _TOOLS),
    _route("POST", r"/webhooks", webhooks.subscribe, _TOOLS),
    _route("PUT", _ONE_WEBHOOK, webhooks.change, _TOOLS),
    _route("DELETE", _ONE_WEBHOOK, webhooks.delete, _TOOLS),
)


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | int:
    """The endpoint for a path after the version with its path parameters, or the status 404 or 405."""
    status = 404
    for route in ROUTES:
        match = route.pattern.fullmatch(path)
        if match is None:
            continue
        if route.method == method:
            return route, match.groupdict()
        status = 405
    return status
