"""Each fault as a real client sees it over a real connection, and what became of the effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from loopdesk.simulator.faults import KINDS, Fault, FaultBoard, fault_from
from loopdesk.simulator.http.server import Server
from loopdesk.simulator.insight import truth
from tests.unit.simulator.shop import KEY, Shop, until


class Line:
    """A shop behind TCP, and one client of it."""

    def __init__(self, shop: Shop, client: httpx.AsyncClient) -> None:
        self.shop = shop
        self.client = client
        self.return_id = shop.add(lines=[{}, {}])

    async def note(self, patience: float = 5.0) -> httpx.Response:
        path = f"/api/v1/warehouse/return/{self.return_id}/note"
        return await self.client.post(path, json={"content": "x"}, timeout=patience)

    def fault(self, kind: str, **more: Any) -> int:
        return self.shop.loop.faults.add(Fault(kind, **more))

    @property
    def notes(self) -> int:
        return len(truth(self.shop.loop, self.return_id)["notes"])


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    shop = Shop()
    async with (
        Server(shop.loop) as server,
        httpx.AsyncClient(base_url=server.url, headers={"X-Authorization": KEY}, trust_env=False) as client,
    ):
        yield Line(shop, client)
    assert shop.loop.crashes == []


@pytest.mark.parametrize(
    ("kind", "reset", "error", "notes"),
    [
        ("lose_answer", False, httpx.RemoteProtocolError, 1),
        ("lose_answer", True, httpx.ReadError, 1),
        ("lose_request", False, httpx.RemoteProtocolError, 0),
        ("lose_request", True, httpx.ReadError, 0),
        ("offline", False, httpx.RemoteProtocolError, 0),
        ("offline", True, httpx.ReadError, 0),
        ("cut", False, httpx.RemoteProtocolError, 1),
    ],
)
async def test_a_broken_connection_is_seen_as_one_and_the_effect_is_as_said(
    line: Line, kind: str, reset: bool, error: type[Exception], notes: int
) -> None:
    line.fault(kind, reset=reset, count=1)
    with pytest.raises(error):
        await line.note()
    assert line.notes == notes
    seen = line.shop.loop.log[-1]
    assert (seen.fault, seen.effect, seen.answered) == (kind, notes == 1, False)
    assert (await line.note()).json() is True, "the next one passes"
    assert line.notes == notes + 1


async def test_the_connection_may_be_reset_on_a_reused_connection_too(line: Line) -> None:
    await line.note()
    line.fault("lose_answer", reset=True, count=1)
    with pytest.raises(httpx.ReadError):
        await line.note()
    assert line.notes == 2


@pytest.mark.parametrize(
    ("kind", "more", "status", "body", "notes"),
    [
        ("error_before", {}, 500, '{"message":"Server Error"}', 0),
        ("error_before", {"status": 503, "body": "no"}, 503, "no", 0),
        ("error_after", {}, 500, '{"message":"Server Error"}', 1),
        ("error_after", {"status": 504}, 504, '{"message":"Server Error"}', 1),
        ("truncate", {}, 200, "tr", 1),
        ("truncate", {"at_byte": 0}, 200, "", 1),
        ("throttle", {}, 429, '{"message":"Too Many Attempts."}', 0),
        ("answer", {"body": "null"}, 200, "null", 1),
        ("answer", {"body": "NaN", "status": 201, "executed": False}, 201, "NaN", 0),
    ],
)
async def test_a_wrong_answer_is_given_with_or_without_the_effect(
    line: Line, kind: str, more: dict[str, Any], status: int, body: str, notes: int
) -> None:
    line.fault(kind, count=1, **more)
    answer = await line.note()
    assert (answer.status_code, answer.text, line.notes) == (status, body, notes)


async def test_a_guest_network_answers_200_with_html(line: Line) -> None:
    line.fault("portal", count=1)
    answer = await line.note()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "sign in" in answer.text
    assert line.notes == 0


@pytest.mark.parametrize(("executed", "notes"), [(True, 1), (False, 0)])
async def test_a_gateway_answers_502_with_html(line: Line, executed: bool, notes: int) -> None:
    line.fault("html_error", count=1, executed=executed)
    answer = await line.note()
    assert (answer.status_code, answer.text[:6], line.notes) == (502, "<html>", notes)


@pytest.mark.parametrize("status", [302, 307])
async def test_a_redirect_points_to_another_host(line: Line, status: int) -> None:
    line.fault("redirect", status=status, location="http://elsewhere.example.test/x")
    answer = await line.note()
    assert (answer.status_code, answer.headers["location"]) == (status, "http://elsewhere.example.test/x")
    assert line.notes == 0


@pytest.mark.parametrize("wait", [None, "7", "Fri, 20 Nov 2026 12:00:30 GMT", "1000000000", "-5"])
async def test_a_throttle_says_when_to_come_back_as_it_was_told(line: Line, wait: str | None) -> None:
    line.fault("throttle", retry_after=wait)
    assert (await line.note()).headers.get("retry-after") == wait


async def test_a_key_may_be_refused_for_a_while(line: Line) -> None:
    fault = line.fault("refuse_key")
    assert (await line.note()).status_code == 401
    line.shop.loop.faults.clear(fault)
    assert (await line.note()).status_code == 200


async def test_one_action_may_say_true_in_quotes(line: Line) -> None:
    line.fault("string_true", count=1)
    assert [(await line.note()).text for _ in range(2)] == ['"true"', "true"]


async def test_a_slow_answer_comes_after_the_effect(line: Line) -> None:
    line.fault("slow", seconds=30)
    asking = asyncio.ensure_future(line.note(patience=0.3))
    with pytest.raises(httpx.ReadTimeout):
        await asking
    assert line.notes == 1


async def test_a_late_effect_comes_after_the_client_has_gone(line: Line) -> None:
    line.fault("slow", seconds=0.4, executed=False)
    with pytest.raises(httpx.ReadTimeout):
        await line.note(patience=0.1)
    assert line.notes == 0
    await until(lambda: line.notes == 1)


@pytest.mark.parametrize(("executed", "notes"), [(True, 1), (False, 0)])
async def test_a_hanging_request_is_never_answered(line: Line, executed: bool, notes: int) -> None:
    line.fault("hang", executed=executed)
    with pytest.raises(httpx.ReadTimeout):
        await line.note(patience=0.2)
    assert line.notes == notes


async def test_a_cut_answer_gives_as_many_bytes_as_was_said(line: Line) -> None:
    line.fault("cut", method="GET", at_byte=10)
    path = f"/api/v1/warehouse/return/details?return_id={line.return_id}"
    with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes"):
        await line.client.get(path)


async def test_faults_and_slowness_go_together(line: Line) -> None:
    line.fault("slow", seconds=0.05)
    line.fault("error_after", status=502)
    assert (await line.note()).status_code == 502
    assert line.shop.loop.log[-1].fault == "slow+error_after"


# The board


def test_a_fault_strikes_what_it_is_for_and_as_often_as_it_is_for() -> None:
    board = FaultBoard()
    board.add(Fault("error_before", method="post", path="/process$", skip=1, count=2))
    asked = [("POST", "/x/process"), ("GET", "/x/process"), ("POST", "/x/note")] + [
        ("POST", "/x/process")
    ] * 3
    assert [len(board.take(*each)) for each in asked] == [0, 0, 0, 1, 1, 0]
    assert list(board) == []


def test_only_the_first_blow_is_taken_and_the_next_waits_its_turn() -> None:
    board = FaultBoard()
    board.add(Fault("lose_answer", count=1))
    board.add(Fault("error_before", count=1))
    assert [[fault.kind for fault in board.take("GET", "/")] for _ in range(3)] == [
        ["lose_answer"],
        ["error_before"],
        [],
    ]


@pytest.mark.parametrize(
    "spec", [{}, {"kind": "fire"}, {"kind": "slow", "when": 5}, {"kind": "cut", "path": "("}]
)
def test_a_fault_that_makes_no_sense_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"fault|pattern"):
        fault_from(spec)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_can_be_told_in_json(kind: str) -> None:
    fault = fault_from({"kind": kind, "count": 1})
    assert fault.as_dict()["kind"] == kind
