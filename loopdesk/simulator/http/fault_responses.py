"""The responses that faults send in place of the real one."""

from __future__ import annotations

from starlette.responses import HTMLResponse, JSONResponse, Response

from loopdesk.simulator.answers import unauthorized
from loopdesk.simulator.faults import Fault
from loopdesk.simulator.loop import Loop

LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Guest network</title></head>"
    '<body><form action="/login"><h1>Welcome! Please sign in</h1></form></body></html>'
)
GATEWAY_PAGE = (
    "<html><head><title>502 Bad Gateway</title></head>"
    "<body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


def blow_before(fault: Fault, loop: Loop) -> Response:
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


def blow_after(fault: Fault, response: Response) -> Response:
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
