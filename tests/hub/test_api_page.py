"""The description of the hub's interface: it is that of the code, and the code keeps to it."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from loopdesk.hub.http.callers import Anyone, GuardedRoute
from loopdesk.hub.http.description import AnswerForm, Operation
from loopdesk.hub.http.ops import Alive
from tests.hub import api_page
from tests.hub.described import compare
from tests.hub.running import asked, settings_for


def test_the_page_is_that_of_the_routes() -> None:
    assert api_page.PAGE.read_text("utf-8") == api_page.page(), "run: make docs"


def test_every_route_says_what_it_does_and_answers() -> None:
    vague = [
        f"{route.path} {status}"
        for route in api_page.routes()
        for status, each in {**route.does.answers, 0: AnswerForm(route.does.summary)}.items()
        if not each.about
    ]
    assert vague == []
    assert [route.path for route in api_page.routes() if not route.does.answers] == []


def test_the_page_says_of_every_route_who_may() -> None:
    told = json.loads(api_page.PAGE.read_text("utf-8"))["paths"]
    open_ones = {path for path, item in told.items() for each in item.values() if not each["security"]}
    assert open_ones == {route.path for route in api_page.routes() if route.who is Anyone}


async def test_where_nothing_answers_the_hub_says_so_itself(hub_url: str, tmp_path: Path) -> None:
    async with asked(settings_for(hub_url, tmp_path)) as (_, client):
        nowhere = await client.get("/hub/v1/of-a-newer-hub")
        assert (nowhere.status_code, nowhere.json()) == (404, {"error": {"code": "no_such_route"}})
        other = await client.delete("/hub/v1/join")
        assert (other.status_code, other.json()) == (405, {"error": {"code": "no_such_method"}})
        assert other.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, {"alive": True, "more": 1}), (200, {"alive": "perhaps"}), (418, {"alive": True})],
)
async def test_an_answer_that_is_not_described_is_noticed(status: int, body: dict[str, object]) -> None:
    async def answer(_request: Request) -> Response:
        return JSONResponse(body, status)

    route = GuardedRoute("/a", answer, who=Anyone, does=Operation("Be", {200: AnswerForm("it is", Alive)}))
    response = httpx.Response(status, json=body, request=httpx.Request("GET", "http://hub/a"))
    with pytest.raises((AssertionError, ValueError)):
        await compare([route], response)
