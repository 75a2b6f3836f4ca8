"""The door for webhooks, from outside: what it answers, how much it lets in, and what it counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from loopdesk.hub.failures import DatabaseUnusable, HubFailure
from loopdesk.hub.http import webhooks
from loopdesk.hub.http.app import application
from loopdesk.hub.http.callers import Callers
from loopdesk.hub.webhooks.ending import Ending
from loopdesk.hub.webhooks.failures import FailedProcessings
from loopdesk.hub.webhooks.inbox import LARGEST
from loopdesk.hub.webhooks.signature import HEADER
from loopdesk.system.host.clock import SystemClock
from tests.hub.webhook_rig import NoTokens

PATH = "/webhooks/loop/north/return"
BODY = b'{"url":"https:\\/\\/x"}'


class NoFailures(FailedProcessings):
    """The door must not ask for any."""

    def __init__(self) -> None:
        """It needs no database."""


class Post:
    """Takes in whatever comes, and ends as told.

    Attributes:
        got: What was brought: shop, topic, body, signature.
        counted: What was counted: shop, topic, ending.
        open: While it is clear, whoever brings something waits.
    """

    def __init__(self, ending: Ending | Exception = Ending.TAKEN) -> None:
        self.ending = ending
        self.got: list[tuple[str, str, bytes, str]] = []
        self.counted: list[tuple[str, str, Ending]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.most = self.inside = 0

    async def take(self, shop_id: str, topic: str, raw: bytes, signature: str) -> Ending:
        """Take one in."""
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.open.wait()
        finally:
            self.inside -= 1
        self.got.append((shop_id, topic, raw, signature))
        if isinstance(self.ending, Exception):
            raise self.ending
        return self.ending

    def count(self, shop_id: str, topic: str, ending: Ending, seconds: float) -> None:
        """Count one."""
        assert seconds >= 0
        self.counted.append((shop_id, topic, ending))


@asynccontextmanager
async def door(post: Post) -> AsyncIterator[httpx.AsyncClient]:
    """A client before the door."""
    app = application(
        webhooks.routes(post, post.count, SystemClock(), NoFailures()),
        Callers(NoTokens()),
        now=SystemClock().now,
        generation=lambda: "g",
        on_fault=lambda where, failure: None,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as client:
        yield client


async def test_the_bytes_and_the_signature_arrive_as_they_were_sent() -> None:
    post = Post()
    async with door(post) as client:
        answer = await client.post(PATH, content=BODY, headers={HEADER: "abc=", "X-Authorization": "any"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert post.got == [("north", "return", BODY, "abc=")]
    assert post.counted == [("north", "return", Ending.TAKEN)]


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        (Ending.REPEATED, 200),
        (Ending.EMPTY, 200),
        (Ending.UNSIGNED, 401),
        (Ending.NO_SECRET, 401),
        (Ending.NO_SHOP, 404),
        (Ending.NO_TOPIC, 404),
    ],
)
async def test_each_ending_has_its_status_and_is_counted(ending: Ending, status: int) -> None:
    post = Post(ending)
    async with door(post) as client:
        assert (await client.post(PATH, content=BODY)).status_code == status
        assert (await client.get(PATH)).status_code == 405
    assert post.counted == [("north", "return", ending)]


@pytest.mark.expects_log("webhook_not_stored")
@pytest.mark.parametrize("failure", [DatabaseUnusable(why="unreachable"), HubFailure(why="webhook_sealed")])
async def test_without_a_database_or_a_key_loop_is_asked_to_come_again_soon(failure: Exception) -> None:
    post = Post(failure)
    async with door(post) as client:
        answer = await client.post(PATH, content=BODY)
    assert answer.status_code == 503
    assert 1 <= int(answer.headers["Retry-After"]) <= 10
    assert post.counted == [("north", "return", Ending.BUSY)]


@pytest.mark.fault(196)
@pytest.mark.parametrize("is_announced", [True, False])
async def test_a_body_of_more_than_a_megabyte_is_refused_before_anyone_looks_at_it(
    is_announced: bool,
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LARGEST // 65_536 + 1):
            yield b" " * 65_536

    post = Post()
    async with door(post) as client:
        content = b" " * (LARGEST + 1) if is_announced else pieces()
        assert (await client.post(PATH, content=content)).status_code == 413
        assert (await client.post(PATH, content=b" " * LARGEST)).status_code == 200
    assert [len(raw) for _, _, raw, _ in post.got] == [LARGEST]
    assert post.counted[0] == ("north", "return", Ending.TOO_LARGE)


@pytest.mark.fault(196)
async def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    monkeypatch.setattr(webhooks, "BODY_SECONDS", 0.05)
    post = Post()
    async with door(post) as client:
        assert (await client.post(PATH, content=never())).status_code == 408
    assert post.counted == [("north", "return", Ending.BROKEN_OFF)]


@pytest.mark.fault(197)
async def test_under_overload_loop_is_asked_to_come_again_and_few_store_at_once() -> None:
    post = Post()
    post.open.clear()
    async with door(post) as client:
        asked = range(webhooks.MOST_WAITING + 1)
        asking = {asyncio.ensure_future(client.post(PATH, content=BODY)) for _ in asked}
        (shed,), waiting = await asyncio.wait(asking, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        assert shed.result().status_code == 503
        assert 1 <= int(shed.result().headers["Retry-After"]) <= 10
        post.open.set()
        answers = await asyncio.gather(*waiting)
        assert {answer.status_code for answer in answers} == {200}
        assert (await client.post(PATH, content=BODY)).status_code == 200
    assert post.most == webhooks.MOST_STORING
