"""Whether a hub answers as its routes say: asked of every answer that a test gets by ``asked``."""

from __future__ import annotations

from collections.abc import Iterable

import httpx
from pydantic import BaseModel, TypeAdapter
from starlette.routing import Match

from loopdesk.hub.http.callers import GuardedRoute
from loopdesk.hub.http.description import JSON, AnswerForm, HubRefusal


async def compare(faces: Iterable[GuardedRoute], response: httpx.Response) -> None:
    """Compare one answer with what its route says.

    Raises:
        AssertionError: The route does not tell of it.
    """
    request = response.request
    told = _told(tuple(faces), request.method, request.url.path, response.status_code)
    where = f"{request.method} {request.url.path}: {response.status_code}"
    assert told is not None, f"{where} is not described"
    media = response.headers.get("Content-Type", "").partition(";")[0]
    if told.body is None or request.method == "HEAD":
        return
    assert media == told.media or told.body is not HubRefusal, f"{where} is {media}"
    if media != JSON:
        return
    content = await response.aread()
    read = TypeAdapter(told.body).validate_json(content)
    if isinstance(read, BaseModel):
        assert read.model_dump(mode="json") == response.json(), f"{where} has members that are not described"


def _told(faces: tuple[GuardedRoute, ...], method: str, path: str, status: int) -> AnswerForm | None:
    scope = {"type": "http", "method": method, "path": path}
    for route in faces:
        if route.matches(scope)[0] is Match.FULL:
            answers = route.answers()
            return answers.get(status) or answers.get("default")
    return AnswerForm("nothing answers here") if status in (404, 405) else None
