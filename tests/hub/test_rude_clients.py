"""Clients that mean harm, on the real server: framed twice, too large, too slow, too many."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

from loopdesk.domain.operators import Role
from loopdesk.hub.compose import Hub
from loopdesk.hub.http import changes
from loopdesk.hub.http.server import PatientProtocol
from loopdesk.hub.sharing.people import HubPeople
from tests.hub.running import joined, settings_for, until
from tests.hub.serving import serving, set_up, settings_before
from tests.torture import figures

SECONDS: Final = 30


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


async def told(reader: asyncio.StreamReader) -> bytes:
    """Return all that the hub says until it closes the line."""
    try:
        async with asyncio.timeout(SECONDS):
            return await reader.read()
    except ConnectionResetError:
        return b""


_SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n"

_FRAMED: Final = {
    "both": b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "both, the other way round": b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: 38\r\n\r\n",
    "lengths in a list": b"Content-Length: 0, 38\r\n\r\n",
    "a signed length": b"Content-Length: +0\r\n\r\n",
    "a length in hex": b"Content-Length: 0x0\r\n\r\n",
    "a space before the colon": b"Content-Length : 0\r\n\r\n",
    "a coding that is none": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a second coding": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunked not last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a tab before the coding's end": b"Transfer-Encoding: chunked\x0b\r\n\r\n0\r\n\r\n",
    "a chunk's size that is none": b"Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n",
    "a bare return in a header": b"X-Any: 1\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a null in a header": b"X-Any: 1\0Content-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("framed", _FRAMED.values(), ids=_FRAMED)
async def test_a_request_whose_end_is_in_doubt_is_refused_and_nothing_behind_it_is_read(
    hub_url: str, tmp_path: Path, framed: bytes
) -> None:
    async with Hub(settings_for(hub_url, tmp_path)) as hub, line_to(hub.url) as (reader, writer):
        writer.write(b"POST /hub/v1/join HTTP/1.1\r\nHost: hub\r\n" + framed + _SMUGGLED)
        said = await told(reader)
    assert said.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")), said
    assert said.count(b"HTTP/1.1 ") == 1
    assert b"alive" not in said


async def test_requests_that_are_sent_at_once_are_answered_one_after_the_other(
    hub_url: str, tmp_path: Path
) -> None:
    body = b'{"secret": "", "bench": ""}'
    async with Hub(settings_for(hub_url, tmp_path)) as hub, line_to(hub.url) as (reader, writer):
        writer.write(b"POST /hub/v1/join HTTP/1.1\r\nHost: hub\r\nContent-Length: %d\r\n\r\n" % len(body))
        writer.write(body + b"GET /healthz HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n")
        said = await told(reader)
    assert [said[m + 9 : m + 12] for m in _starts(said)] == [b"403", b"200"]


def _starts(said: bytes) -> list[int]:
    found, at = [], said.find(b"HTTP/1.1 ")
    while at >= 0:
        found.append(at)
        at = said.find(b"HTTP/1.1 ", at + 1)
    return found


@pytest.mark.parametrize("what", ["one long header", "many headers", "a long address"])
async def test_a_head_that_is_too_large_is_refused_before_it_is_whole(
    hub_url: str, tmp_path: Path, what: str
) -> None:
    begun = {
        "one long header": b"GET /healthz HTTP/1.1\r\nHost: hub\r\nX-Any: " + b"x" * 200_000,
        "many headers": b"GET /healthz HTTP/1.1\r\nHost: hub\r\n" + b"X-Any: x\r\n" * 20_000,
        "a long address": b"GET /healthz?" + b"x" * 200_000,
    }[what]
    async with Hub(settings_for(hub_url, tmp_path)) as hub, line_to(hub.url) as (reader, writer):
        writer.write(begun)
        said = await told(reader)
    assert said.startswith(b"HTTP/1.1 400 ") or not said  # reset, with what was not read
    assert b"alive" not in said


_TAKING: Final = {
    ("POST", "/hub/v1/join"): 400,
    ("POST", "/webhooks/loop/{shop}/{topic}"): 413,
    ("PUT", "/hub/v1/drafts/{return_id}"): 422,
    ("PUT", "/hub/v1/presence"): 422,
    ("PUT", "/hub/v1/mysteries"): 422,
    ("PUT", "/hub/v1/mysteries/{uid}"): 422,
    ("PUT", "/hub/v1/uses"): 422,
    ("POST", "/hub/v1/audit"): 422,
    ("POST", "/hub/v1/fill"): 413,
    ("POST", "/api/{version}/{path:path}"): 413,
}
"""What each route that takes a body answers to one that has no end."""

_NAMED: Final = {
    "{shop}": "acme",
    "{topic}": "return",
    "{return_id}": "1001",
    "{uid}": "a" * 32,
    "{version}": "v1",
    "{path:path}": "warehouse/return/1001/process",
}


async def test_a_body_without_end_is_refused_as_soon_as_it_is_too_large(hub_url: str, tmp_path: Path) -> None:
    async with Hub(settings_for(hub_url, tmp_path)) as hub:
        await hub.shops.add("acme", "Acme", "#112233")
        routes = {each.path for each in hub.faces() if set(each.asked_by) - {"GET", "HEAD"}}
        assert routes == {path for _, path in _TAKING}
        head = (
            f"Host: hub\r\nX-Authorization: {await joined(hub)}\r\nIdempotency-Key: {'a' * 32}.1\r\n"
            f"X-Loopdesk-Generation: {hub.database.generation}\r\nContent-Length: {10**12}\r\n\r\n"
        )
        for (method, path), status in _TAKING.items():
            for name, value in _NAMED.items():
                path = path.replace(name, value)
            said = await _answer_to_endless(hub.url, f"{method} {path} HTTP/1.1\r\n{head}".encode())
            assert (path, said.split(b" ")[1]) == (path, b"%d" % status)


async def _answer_to_endless(url: str, head: bytes) -> bytes:
    """Send a head, and a body until it is answered; returns the first line of that."""
    async with line_to(url) as (reader, writer), asyncio.timeout(SECONDS):
        writer.write(head)
        answer = asyncio.ensure_future(reader.readline())
        while not answer.done():
            writer.write(b" " * 262_144)
            room = asyncio.ensure_future(writer.drain())
            await asyncio.wait({answer, room}, return_when=asyncio.FIRST_COMPLETED)
        room.cancel()
        writer.transport.abort()
        return answer.result()


# --- slow ones, and many --------------------------------------------------------------------------------

_SLOW: Final = {
    "nothing": b"",
    "a head": b"GET /healthz HTTP/1.1\r\nX-Any: ",
    "a body": b"POST /hub/v1/join HTTP/1.1\r\nHost: hub\r\nContent-Length: 4096\r\n\r\n",
    "a body in chunks": b"POST /hub/v1/join HTTP/1.1\r\nHost: hub\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n1000\r\n",
    "a second head": b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\nGET /healthz HTTP/1.1\r\nX-Any: ",
    "a body that is refused already": b"POST /webhooks/loop/acme/return HTTP/1.1\r\nHost: hub\r\n"
    b"Content-Length: 99999999\r\n\r\n",
}


@pytest.mark.parametrize("begun", _SLOW.values(), ids=_SLOW)
async def test_whoever_sends_a_byte_now_and_then_is_given_up(
    hub_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(PatientProtocol, "head_seconds", 0.4)
    monkeypatch.setattr(PatientProtocol, "body_seconds", 0.4)
    faults: list[str] = []
    hub = Hub(settings_for(hub_url, tmp_path), on_fault=lambda where, _failure: faults.append(where))
    async with hub, line_to(hub.url) as (reader, writer):
        writer.write(begun)
        reading = asyncio.ensure_future(told(reader))
        while begun and not reading.done():
            writer.write(b"x")
            await asyncio.wait({reading}, timeout=0.05)
        await reading
        assert hub.database.is_whole
    assert faults == []


async def test_a_line_that_idles_and_a_stream_that_is_followed_are_left_alone(
    hub_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientProtocol, "head_seconds", 0.2)
    monkeypatch.setattr(PatientProtocol, "body_seconds", 0.2)
    async with Hub(settings_for(hub_url, tmp_path)) as hub:
        token = await joined(hub)
        async with line_to(hub.url) as (idle, idles), line_to(hub.url) as (followed, follows):
            idles.write(_SMUGGLED)
            assert await idle.readuntil(b'"alive":true}')
            follows.write(_following(token))
            assert b" 200 " in await followed.readline()
            for _ in range(3):  # each takes as long as both of them might
                async with line_to(hub.url) as (silent, _):
                    await told(silent)
            assert hub.tail.streams == 1
            idles.write(_SMUGGLED)
            assert await idle.readuntil(b'"alive":true}')


async def test_when_there_are_too_many_lines_the_silent_ones_make_room(
    hub_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientProtocol, "connections_most", 20)
    async with Hub(settings_for(hub_url, tmp_path)) as hub, AsyncExitStack() as stack:
        used, uses = await stack.enter_async_context(line_to(hub.url))
        uses.write(_SMUGGLED)
        await used.readuntil(b'"alive":true}')
        silent = [await stack.enter_async_context(line_to(hub.url)) for _ in range(60)]
        gone = [asyncio.ensure_future(told(reader)) for reader, _ in silent]
        await until(lambda: sum(each.done() for each in gone) >= 41)
        for reader, writer in (await stack.enter_async_context(line_to(hub.url)), (used, uses)):
            writer.write(_SMUGGLED)
            assert await reader.readuntil(b'"alive":true}')
        for each in gone:
            each.cancel()


def _following(token: str) -> bytes:
    return f"GET /hub/v1/changes?after=*:0 HTTP/1.1\r\nHost: hub\r\nX-Authorization: {token}\r\n\r\n".encode()


def test_a_thousand_streams_are_open_and_everybody_is_told_and_answered(hub_url: str, tmp_path: Path) -> None:
    found = figures.begin("streams at once")
    number = figures.size("hub_streams", 300, changes.STREAMS_MOST)
    settings = settings_before(hub_url, "http://127.0.0.1:1", tmp_path)
    tokens = asyncio.run(
        set_up(settings, [f"Dock {n}" for n in range(-(-number // changes.STREAMS_A_BENCH))])
    )
    with _few_files(200), serving(settings, tmp_path, 1) as [url]:
        _as_many_files_as_may_be()
        asyncio.run(_tell_all(url, tokens, number))
    assert '"event": "fault"' not in (tmp_path / "hub0.log").read_text("utf-8")
    found.more["streams"] = number
    found.end()


@contextmanager
def _few_files(number: int) -> Iterator[None]:
    """Give a process that is started meanwhile as few open files as a default may be, and leave it the right
    to more.
    """
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def _as_many_files_as_may_be() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _tell_all(url: str, tokens: list[str], number: int) -> None:
    async with AsyncExitStack() as stack:
        readers = []
        for n in range(number):
            reader, writer = await stack.enter_async_context(line_to(url))
            writer.write(_following(tokens[n // changes.STREAMS_A_BENCH]))
            assert b" 200 " in await reader.readline(), n
            readers.append(reader)
        if number == changes.STREAMS_MOST:
            reader, writer = await stack.enter_async_context(line_to(url))
            writer.write(_following(tokens[0]))
            assert b" 503 " in await reader.readline()
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            draft = {"turn": 1, "draft": "{}", "content": "a", "at": "2026-11-30T10:00:00+00:00"}
            put = await client.put(
                "/hub/v1/drafts/1001", json=draft, headers={"X-Authorization": tokens[0]}, timeout=SECONDS
            )
            assert put.status_code == 200, put.text
            async with asyncio.timeout(SECONDS):
                await asyncio.gather(*(each.readuntil(b"event: draft") for each in readers))
            assert (await client.get("/readyz", timeout=SECONDS)).status_code == 200


# --- a stolen token -------------------------------------------------------------------------------------


async def test_a_stolen_token_opens_no_draft_of_another_shop_and_writes_in_nobody_elses_name(
    hub_url: str, tmp_path: Path
) -> None:
    draft = {
        "turn": 1,
        "draft": '{"note":"for acme alone"}',
        "content": "a",
        "at": "2026-11-30T10:00:00+00:00",
    }
    async with (
        Hub(settings_for(hub_url, tmp_path)) as hub,
        httpx.AsyncClient(base_url=hub.url, trust_env=False) as client,
    ):
        for shop in ("acme", "north"):
            await hub.shops.add(shop, shop.title(), "#112233")
        owner = {"X-Authorization": await joined(hub, "Dock 1", ("acme",))}
        thief = {"X-Authorization": await joined(hub, "Dock 9", ("north",))}
        async with hub.database.transaction() as connection:
            await connection.execute(b"INSERT INTO return_home (return_id, shop_id) VALUES ('1001', 'acme')")
        kept = await client.put("/hub/v1/drafts/1001", json=draft, headers=owner)
        assert (kept.status_code, kept.json()["value"]["shop"]) == (200, "acme")
        ended = {"turn": 9, "ended": "discarded", "base": kept.json()["value"]["revision"], "at": draft["at"]}
        for body in (draft, ended):
            mine = await client.put(
                "/hub/v1/drafts/1001", json=body | {"draft": body.get("draft") and "{}"}, headers=thief
            )
            assert "for acme alone" not in mine.text
            assert (
                mine.json()["value"]["shop"] == "north"
            )  # of its own shop, where the hub knows no such return
        assert (await client.get("/hub/v1/changes?after=acme:0", headers=thief)).status_code == 403
        assert (await client.get("/hub/v1/fill?shop=acme", headers=thief)).status_code == 403
        assert b"for acme alone" not in await _followed(hub.url, thief["X-Authorization"], hub)
        assert b"for acme alone" in await _followed(hub.url, owner["X-Authorization"], hub)
        again = await client.put("/hub/v1/drafts/1001", json=draft | {"turn": 2}, headers=owner)
        assert again.json()["value"]["bench"] == "Dock 1"


async def _followed(url: str, token: str, hub: Hub) -> bytes:
    """Return what a stream tells until somebody is added to the people, which everybody is told."""
    async with line_to(url) as (reader, writer), asyncio.timeout(SECONDS):
        writer.write(_following(token))
        await reader.readline()
        await HubPeople(hub.database, hub.sealing, hub.feed.ring).add(f"Anna of {token[:6]}", Role.LEAD)
        return await reader.readuntil(f"Anna of {token[:6]}".encode())
