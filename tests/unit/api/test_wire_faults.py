"""What real sockets do to requests, and what each failure proves."""

from __future__ import annotations

import asyncio
import gc
import gzip
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from loopdesk.api.client import LoopClient
from loopdesk.api.connections import ACTION_LIMIT
from loopdesk.api.transport import KEY_HEADER, Transport
from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    KeyRefused,
    NotFound,
    Refused,
    Throttled,
    Unreachable,
)
from tests.unit.api.bench import KEY, OpenBudget, TickingClock
from tests.unit.api.raw_server import Act, RawServer, Visit, a_closed_port, http, sends, serving

RETURN = "91000123"
YES = http(b"true")
DETAILS = b'{"id":91000123,"state":"open","line_items":[{"line_item_id":4001}]}'


@asynccontextmanager
async def talking(base_url: str, **settings: Any) -> AsyncIterator[tuple[LoopClient, Transport]]:
    """Make a client with real sockets."""
    settings.setdefault("deadline_seconds", 20.0)
    transport = Transport(clock=TickingClock(), budget=OpenBudget(), base_url=base_url, **settings)
    transport.set_key(KEY)
    try:
        yield LoopClient(transport), transport
    finally:
        await transport.aclose()


def tight(*, keep_alive: bool, proxy: str, certificate: bytes = b"") -> httpx.AsyncBaseTransport:
    """Make sockets with room for a single request."""
    return httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=1), trust_env=False)  # noqa: TID251 - talks no TLS


@asynccontextmanager
async def against(act: Act, **settings: Any) -> AsyncIterator[tuple[LoopClient, RawServer]]:
    """Make a client and the server it talks to."""
    async with serving(act) as server, talking(server.url, **settings) as (client, _):
        yield client, server


async def test_a_yes_arrives_over_a_real_socket_and_the_key_with_the_request() -> None:
    async with against(sends(YES)) as (client, server):
        assert (await client.process(RETURN)).http_status == 200
    request = server.visits[0].request
    assert request.startswith(f"POST /api/v1/warehouse/return/{RETURN}/process HTTP/1.1\r\n".encode())
    assert f"x-authorization: {KEY}".encode() in request.lower()
    assert b"accept: application/json" in request.lower()
    assert b"connection: close" in request.lower()


@pytest.mark.fault(8)
async def test_posts_never_share_a_connection_and_reads_do() -> None:
    def either(visit: Visit) -> bytes:
        return YES if visit.request.startswith(b"POST") else http(DETAILS)

    async def act(visit: Visit) -> None:
        await visit.send(either(visit))

    async with against(act) as (client, server):
        for _ in range(3):
            await client.flag(RETURN)
        for _ in range(3):
            await client.details(RETURN)
    used = [visit.connection for visit in server.visits]
    assert len(set(used[:3])) == 3
    assert len(set(used[3:])) == 1
    assert not set(used[:3]) & set(used[3:])


async def test_where_nobody_listens_nothing_was_sent() -> None:
    async with talking(f"http://127.0.0.1:{a_closed_port()}") as (client, _):
        with pytest.raises(Unreachable, match="ConnectError"):
            await client.process(RETURN)


@pytest.mark.fault(2)
async def test_a_name_that_does_not_exist_is_unreachable() -> None:
    async with talking("https://nowhere.invalid") as (client, _):
        with pytest.raises(Unreachable):
            await client.process(RETURN)


async def test_a_server_that_speaks_no_tls_is_unreachable_and_sees_no_key() -> None:
    """The handshake fails before a header leaves; a wrong certificate fails at the same place."""
    received = bytearray()

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.extend(await reader.read(65536))
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(attend, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening, talking(f"https://127.0.0.1:{port}") as (client, _):
        with pytest.raises(Unreachable):
            await client.process(RETURN)
    assert received
    assert KEY.encode() not in received


@pytest.mark.fault(7)
@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "502 Bad Gateway"])
async def test_a_proxy_that_refuses_the_tunnel_sends_nothing_on(status: str) -> None:
    refusing = sends(http(b"<html>no</html>", status), then_close=True)
    async with (
        serving(refusing) as proxy,
        talking("https://api.loopreturns.com", proxy=proxy.url) as (client, _),
    ):
        with pytest.raises(Unreachable, match="ProxyError"):
            await client.process(RETURN)
    assert proxy.visits[0].request.startswith(b"CONNECT api.loopreturns.com:443 ")
    assert KEY.encode() not in proxy.visits[0].request


async def test_requests_to_this_machine_pass_by_the_proxy() -> None:
    async with against(sends(YES), proxy=f"http://127.0.0.1:{a_closed_port()}") as (client, server):
        await client.flag(RETURN)
    assert len(server.visits) == 1


@pytest.mark.fault(7)
async def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{a_closed_port()}")
    async with against(sends(YES)) as (client, server):
        await client.flag(RETURN)
    assert len(server.visits) == 1


CUT: list[tuple[str, bytes]] = [
    ("accepted", YES),
    ("quoted", http(b'"true"')),
    ("refused", http(b'{"errors":{"message":"Return is closed.","code":"UNPROCESSABLE_RETURN"}}')),
    ("invalid", http(b'{"message":"Not all line items qualify for removal"}', "422 Unprocessable Content")),
    ("forbidden", http(b'{"errors":[{"message":"No return found with this ID."}]}', "403 Forbidden")),
    ("unauthorized", http(b'{"errors":"Unauthorized."}', "401 Unauthorized")),
    ("throttled", http(b'{"message":"Too Many Attempts."}', "429 Too Many Requests", "Retry-After: 7")),
    ("chunked", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ntr\r\n2\r\nue\r\n0\r\n\r\n"),
    ("packed", http(gzip.compress(b"true", mtime=0), "200 OK", "Content-Encoding: gzip")),
]


@pytest.mark.fault(10)
@pytest.mark.parametrize(("name", "whole"), CUT, ids=[name for name, _ in CUT])
async def test_an_answer_cut_at_any_byte_may_have_happened(name: str, whole: bytes) -> None:
    cut_at = iter(range(len(whole)))

    async def act(visit: Visit) -> None:
        await visit.send(whole[: next(cut_at)])
        visit.writer.close()

    async with against(act) as (client, _):
        for _ in range(len(whole)):
            with pytest.raises(AnswerLost):
                await client.process(RETURN)


async def test_the_same_answers_whole_say_what_they_say() -> None:
    answers = iter([whole for _, whole in CUT])

    async def act(visit: Visit) -> None:
        await visit.send(next(answers))
        visit.writer.close()

    found: list[type[ApiError] | None] = []
    async with against(act) as (client, _):
        for _ in CUT:
            try:
                await client.process(RETURN)
                found.append(None)
            except ApiError as failure:
                found.append(type(failure))
    assert found == [None, None, Refused, Refused, KeyRefused, KeyRefused, Throttled, None, None]


async def test_a_read_cut_at_any_byte_is_never_taken_for_an_answer() -> None:
    whole = http(DETAILS)
    cut_at = iter(range(0, len(whole), 3))

    async def act(visit: Visit) -> None:
        await visit.send(whole[: next(cut_at)])
        visit.writer.close()

    async with against(act) as (client, _):
        for _ in range(0, len(whole), 3):
            with pytest.raises(AnswerLost):
                await client.details(RETURN)


@pytest.mark.fault(10)
async def test_an_answer_without_a_length_is_believed_only_when_it_is_whole_json() -> None:
    texts = iter([b"tru", b'{"errors":{"message":"Return is cl', b"true"])

    async def act(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 200 OK\r\n\r\n" + next(texts))
        visit.writer.close()

    async with against(act) as (client, _):
        for _ in range(2):
            with pytest.raises(AnswerLost):
                await client.process(RETURN)
        assert (await client.process(RETURN)).http_status == 200


@pytest.mark.fault(9)
async def test_a_reset_after_the_request_was_read_may_have_happened() -> None:
    async def act(visit: Visit) -> None:
        visit.reset()

    async with against(act) as (client, server):
        with pytest.raises(AnswerLost):
            await client.process(RETURN)
    assert len(server.visits) == 1


@pytest.mark.fault(8)
async def test_a_silent_close_after_the_request_is_not_repeated() -> None:
    async def act(visit: Visit) -> None:
        visit.writer.close()

    async with against(act) as (client, server):
        with pytest.raises(AnswerLost):
            await client.details(RETURN)
        with pytest.raises(AnswerLost):
            await client.process(RETURN)
    assert len(server.visits) == 2


@pytest.mark.fault(11)
async def test_a_dripping_answer_ends_with_the_deadline_and_the_client_works_on() -> None:
    drips = iter([True, False])

    async def act(visit: Visit) -> None:
        if not next(drips):
            await visit.send(YES)
            return
        await visit.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not visit.writer.is_closing():
            await visit.send(b".")
            await asyncio.sleep(0.01)

    async with against(act, deadline_seconds=0.3) as (client, _):
        with pytest.raises(AnswerLost, match="deadline"):
            await client.process(RETURN)
        assert (await client.process(RETURN)).http_status == 200


async def test_a_server_that_never_answers_ends_with_the_deadline() -> None:
    async def act(visit: Visit) -> None:
        await visit.reader.read()

    async with against(act, deadline_seconds=0.2) as (client, server):
        with pytest.raises(AnswerLost, match="deadline"):
            await client.details(RETURN)
    assert len(server.visits) == 1


@pytest.mark.fault(3)
async def test_a_handshake_that_never_ends_sends_nothing() -> None:
    """The port accepts and stays silent, so TLS never begins to carry a request."""
    async with (
        serving(sends(b"")) as server,
        talking(server.url.replace("http", "https"), timeouts=httpx.Timeout(5.0, connect=0.2)) as (client, _),
    ):
        with pytest.raises(Unreachable, match="ConnectTimeout"):
            await client.process(RETURN)


@pytest.mark.fault(13)
async def test_many_deadlines_do_not_use_up_the_pool() -> None:
    hang = True

    async def act(visit: Visit) -> None:
        if hang:
            await visit.reader.read()
        else:
            await visit.send(http(DETAILS))

    async with against(act, deadline_seconds=0.5, make_wire=tight) as (client, _):
        for _ in range(3):
            with pytest.raises(AnswerLost, match="deadline"):
                await client.details(RETURN)
        hang = False
        assert (await client.details(RETURN)).ret.return_id == RETURN


@pytest.mark.fault(13)
async def test_requests_that_were_canceled_do_not_use_up_the_pool() -> None:
    hang = True

    async def act(visit: Visit) -> None:
        if hang:
            await visit.reader.read()
        else:
            await visit.send(http(DETAILS))

    async with against(act, make_wire=tight) as (client, server):
        for _ in range(5):
            running = asyncio.ensure_future(client.details(RETURN))
            await server.arrivals.get()
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
        hang = False
        assert (await client.details(RETURN)).ret.return_id == RETURN


@pytest.mark.fault(6, 115)
@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
async def test_a_redirect_is_never_followed(status: str) -> None:
    async with serving(sends(YES)) as elsewhere:
        redirect = http(b"", status, f"Location: {elsewhere.url}/api/v1/login")
        async with against(sends(redirect)) as (client, _):
            for call in (client.details(RETURN), client.process(RETURN)):
                with pytest.raises(AnswerLost) as lost:
                    await call
                assert lost.value.why == "login_page"
            held = [x for x in gc.get_objects() if isinstance(x, httpx.Headers) and KEY_HEADER in x]
            assert not [x for x in held if f"127.0.0.1:{elsewhere.port}" in x.get("host", "")]
    assert elsewhere.connections == 0


@pytest.mark.fault(12)
async def test_a_body_without_end_is_stopped_at_its_limit() -> None:
    sent = 0

    async def act(visit: Visit) -> None:
        nonlocal sent
        await visit.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
        while not visit.writer.is_closing():
            await visit.send(b" " * 65536)
            sent += 65536

    async with against(act) as (client, _):
        with pytest.raises(AnswerLost, match="too_large"):
            await client.process(RETURN)
    assert sent < ACTION_LIMIT + 16 * 1024 * 1024


@pytest.mark.fault(12)
async def test_a_bomb_is_not_unpacked_beyond_the_limit() -> None:
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    bomb = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(200)) + packer.flush()
    assert len(bomb) < 300_000
    for encoding in ("gzip", "deflate", "x-gzip"):
        async with against(sends(http(bomb, "200 OK", f"Content-Encoding: {encoding}"))) as (client, _):
            with pytest.raises(AnswerLost, match="too_large"):
                await client.process(RETURN)
            with pytest.raises(AnswerLost, match="too_large"):
                await client.details(RETURN)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip"])
async def test_a_body_packed_otherwise_than_asked_is_lost(encoding: str) -> None:
    async with against(sends(http(b"true", "200 OK", f"Content-Encoding: {encoding}"))) as (client, _):
        with pytest.raises(AnswerLost, match="packed"):
            await client.process(RETURN)


async def test_a_packed_read_is_unpacked_and_a_post_asks_for_no_packing() -> None:
    async def act(visit: Visit) -> None:
        if visit.request.startswith(b"POST"):
            await visit.send(YES)
        else:
            await visit.send(http(gzip.compress(DETAILS), "200 OK", "Content-Encoding: gzip"))

    async with against(act) as (client, server):
        assert (await client.details(RETURN)).ret.return_id == RETURN
        await client.flag(RETURN)
    assert b"accept-encoding: gzip\r\n" in server.visits[0].request.lower()
    assert b"accept-encoding: identity\r\n" in server.visits[1].request.lower()


async def test_trailing_bytes_and_nonsense_headers_are_lost_answers() -> None:
    for data in (
        b"\x16\x03\x01 nonsense",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\ntrue",
        b"ICY 200 OK\r\n\r\n",
    ):
        async with against(sends(data, then_close=True)) as (client, _):
            with pytest.raises(AnswerLost):
                await client.process(RETURN)


@pytest.mark.fault(15)
async def test_a_network_may_change_while_a_request_runs() -> None:
    """The running request ends where it began and is no answer; the next one opens a fresh connection."""
    arrived, answer = asyncio.Event(), asyncio.Event()

    async def slow(visit: Visit) -> None:
        arrived.set()
        await answer.wait()
        await visit.send(http(DETAILS))

    async with (
        serving(slow) as first,
        serving(sends(http(DETAILS.replace(b"open", b"closed")))) as second,
        talking(first.url) as (client, transport),
    ):
        running = asyncio.ensure_future(client.details(RETURN))
        await arrived.wait()
        await transport.set_base(second.url, "2026-10")
        assert (await client.details(RETURN)).ret.state_raw == "closed"
        answer.set()
        with pytest.raises(Unreachable):
            await running
    assert b"GET /api/2026-10/" in second.visits[0].request


async def test_after_closing_nothing_leaves() -> None:
    async with serving(sends(YES)) as server, talking(server.url) as (client, transport):
        await transport.aclose()
        with pytest.raises(Unreachable):
            await client.process(RETURN)
    assert server.connections == 0


@pytest.mark.fault(13)
async def test_a_full_pool_is_unsent_and_replaced() -> None:
    """A hanging request holds the only connection; the next waits in vain, the third gets a new pool."""
    release = asyncio.Event()

    async def act(visit: Visit) -> None:
        if len(server.visits) == 1:
            await release.wait()
        await visit.send(http(DETAILS))

    impatient = httpx.Timeout(5.0, pool=0.05)
    async with (
        serving(act) as server,
        talking(server.url, make_wire=tight, timeouts=impatient) as (client, _),
    ):
        running = asyncio.ensure_future(client.details(RETURN))
        await server.arrivals.get()
        with pytest.raises(Unreachable, match="PoolTimeout"):
            await client.details(RETURN)
        assert (await client.details(RETURN)).ret.return_id == RETURN
        release.set()
        assert (await running).ret.return_id == RETURN


async def test_not_found_over_the_wire_is_not_found() -> None:
    body = b'{"error":{"message":"No return found with this ID."}}'
    async with against(sends(http(body))) as (client, _):
        with pytest.raises(NotFound):
            await client.details(RETURN)
