"""What comes over the line to a hub: whole, odd, huge, cut, silent; on a real socket."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.api.hub_changes import HubChanges, Splitter
from loopdesk.api.transport import Transport
from loopdesk.domain.errors import AnswerLost, ApiError, HubUnreachable, KeyRefused, Unreachable
from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.domain.returns.parcels import LabelState, Sighting
from loopdesk.services.ports.following import (
    FillBegun,
    HubOutdated,
    HubPosition,
    HubShopName,
    HubTold,
    HubWithout,
    SharedEvent,
    ToldReturn,
)
from tests.builders import AT
from tests.unit.api.bench import KEY, PAYLOADS, OpenBudget, TickingClock
from tests.unit.api.raw_server import RawServer, Visit, a_closed_port, http, serving

HERE = HubPosition("g", {"acme": 4})
_PAYLOAD = json.loads((PAYLOADS / "details_return.json").read_text("utf-8"))["answers"][0]["body"]


def a_body(return_id: str = "7000", **fields: Any) -> str:
    return json.dumps({**_PAYLOAD, "id": return_id, **fields})


BODY = a_body()


def a_line(**fields: Any) -> dict[str, Any]:
    own = {"shop": "acme", "return_id": "7000", "body": BODY, "is_details": True, "details": None}
    beside = {"fetched_at": AT.isoformat(), "codes": [], "parcels": [], "mark": "m"}
    return {**own, **beside, **fields}


def an_event(seq: int, kind: str = "return", **fields: Any) -> bytes:
    data = json.dumps({"seq": seq, **a_line(**fields)})
    return f"id: acme:{seq}\nevent: {kind}\ndata: {data}\n\n".encode()


def a_stream(*parts: bytes, generation: str = "g") -> bytes:
    headers = (
        f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Loopdesk-Generation: {generation}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts if part)
    return headers.encode() + chunks


class Line:
    """The adapter over a transport whose failures are recorded."""

    def __init__(self, url: str, **limits: Any) -> None:
        self.told: list[ApiError | None] = []
        self.transport = Transport(
            clock=TickingClock(), budget=OpenBudget(), base_url=f"{url}/api", is_hub=True
        )
        self.transport.set_key(KEY)
        self.transport.on_exchange(self.told.append)
        self.hub = HubChanges(self.transport.line, **limits)

    async def read(self, most: int = 100) -> list[HubTold]:
        """Return what a stream tells until it ends, or so many pieces of it."""
        found: list[HubTold] = []
        async with aclosing(self.hub.changes(HERE, 3)) as pieces:
            async for piece in pieces:
                found += piece
                most -= 1
                if most == 0:
                    break
        return found

    async def filled(self) -> list[Any]:
        """Return the parts of a fill."""
        async with aclosing(self.hub.fill(("acme",), {"acme": {"1": "a"}})) as parts:
            return [part async for part in parts]


@asynccontextmanager
async def answering(
    data: bytes, *, then_close: bool = True, **limits: Any
) -> AsyncIterator[tuple[Line, RawServer]]:
    async def act(visit: Visit) -> None:
        await visit.send(data)
        if then_close:
            visit.writer.close()

    async with serving(act) as server:
        line = Line(server.url, **limits)
        yield line, server
        await line.transport.aclose()


END = b"0\r\n\r\n"


async def test_an_event_is_read_with_all_that_stands_beside_the_answer() -> None:
    delivered = "2026-03-02T09:30:00+00:00"
    event = an_event(
        5,
        codes=[["BAG-1", "package"], ["X", "a kind of tomorrow"]],
        parcels=[
            ["1Z9", "UPS", "delivered", delivered, None],
            ["1Z8", "UPS", "lost in space", delivered, None],
        ],
        details=a_body(),
        is_details=False,
    )
    async with answering(a_stream(event) + END) as (line, server):
        [told] = await line.read()
        assert line.told == [None]
    assert isinstance(told, ToldReturn)
    assert (told.shop, told.return_id, told.seq, told.mark, told.fetched_at) == ("acme", "7000", 5, "m", AT)
    assert [answer.is_details for answer in told.answers] == [True, False]
    assert {answer.shop for answer in told.answers} == {"acme"}
    assert told.codes == (("BAG-1", CandidateKind.PACKAGE),)
    assert told.parcels == (
        Sighting("1Z9", "UPS", LabelState.DELIVERED, datetime(2026, 3, 2, 9, 30, tzinfo=UTC), None),
    )
    [visit] = server.visits
    assert visit.request.startswith(b"GET /hub/v1/changes?after=acme%3A4&after=%2A%3A3 HTTP/1.1")
    assert b"x-loopdesk-generation: g" in visit.request.lower()
    assert KEY.encode() in visit.request


async def test_a_beat_is_a_sign_of_life_and_nothing_else() -> None:
    async with (
        answering(a_stream(b": beat\n\n", b": beat\n\n") + END) as (line, _),
        aclosing(line.hub.changes(HERE, None)) as pieces,
    ):
        assert [piece async for piece in pieces] == [(), (), ()]


async def test_events_in_any_pieces_are_the_same_events() -> None:
    whole = an_event(5) + b": beat\n\n" + an_event(6)
    parts = [whole[n : n + 7] for n in range(0, len(whole), 7)]
    async with answering(a_stream(*parts) + END) as (line, _):
        assert [told.seq for told in await line.read(10_000)] == [5, 6]


async def test_shared_events_keep_their_kind_and_their_number() -> None:
    text = b'id: *:9\nevent: draft\ndata: {"seq": 9, "key": "7000", "value": {"a": 1}}\n\n'
    gone = b'id: *:10\nevent: presence\ndata: {"seq": 10, "key": "k", "value": null}\n\n'
    async with answering(a_stream(text + gone) + END) as (line, _):
        assert await line.read() == [
            SharedEvent("draft", 9, "7000", {"a": 1}),
            SharedEvent("presence", 10, "k", None),
        ]


@pytest.mark.parametrize(
    "event",
    [
        b"id: acme:5\nevent: return\ndata: {not json\n\n",
        b"id: acme:5\nevent: return\ndata: []\n\n",
        b"id: acme:5\nevent: return\n\n",
        b"id: acme:5\nevent: a kind of tomorrow\ndata: {}\n\n",
        b"id: acme:5\r\nevent: return\r\ndata: \xff\xfe\r\n\n",
        an_event(5, body="{}"),
        an_event(5, body="[1, 2"),
        an_event(5, body={"id": 7000}),
        an_event(5, body=a_body("7001")),
        an_event(5, return_id="../etc"),
        an_event(5, details="nothing"),
    ],
)
async def test_an_odd_event_is_passed_over_with_its_number(event: bytes) -> None:
    async with answering(a_stream(event + an_event(6)) + END) as (line, _):
        odd, good = await line.read()
    assert isinstance(odd, ToldReturn)
    assert isinstance(good, ToldReturn)
    assert (odd.shop, odd.seq, odd.answers) == ("acme", 5, ())
    assert (good.seq, good.return_id) == (6, "7000")


async def test_a_return_that_cannot_be_read_is_named() -> None:
    async with answering(a_stream(an_event(5, body="{}")) + END) as (line, _):
        assert await line.read() == [ToldReturn("acme", "7000", 5, is_unread=True)]


async def test_a_return_that_the_hub_knows_no_more_is_only_counted() -> None:
    text = b'id: acme:5\nevent: return\ndata: {"seq": 5, "shop": "acme", "return_id": "7", "body": null}\n\n'
    async with answering(a_stream(text) + END) as (line, _):
        assert await line.read() == [ToldReturn("acme", "7", 5)]


@pytest.mark.fault(215)
async def test_a_huge_event_is_passed_over_with_its_number() -> None:
    huge = an_event(5, body="x" * 300_000)
    async with answering(a_stream(huge, an_event(6)) + END, largest=100_000) as (line, _):
        odd, good = await line.read()
    assert odd == ToldReturn("acme", "", 5)
    assert isinstance(good, ToldReturn)
    assert good.return_id == "7000"


@pytest.mark.fault(213)
async def test_a_line_that_falls_silent_is_given_up() -> None:
    async with answering(a_stream(an_event(5)), then_close=False, silent_seconds=0.2) as (line, _):
        with pytest.raises(AnswerLost):
            await line.read()
        assert isinstance(line.told[-1], AnswerLost)


@pytest.mark.fault(213)
async def test_a_line_that_breaks_says_so() -> None:
    async with answering(a_stream(an_event(5))) as (line, _):
        with pytest.raises(AnswerLost):
            await line.read()


async def test_a_hub_that_is_not_there_is_unreachable() -> None:
    line = Line(f"http://127.0.0.1:{a_closed_port()}")
    with pytest.raises(HubUnreachable):
        await line.hub.shops()
    assert isinstance(line.told[-1], HubUnreachable)


async def test_another_key_ends_the_stream() -> None:
    async with (
        answering(a_stream(an_event(5), an_event(6)) + END) as (line, _),
        aclosing(line.hub.changes(HERE, None)) as pieces,
    ):
        await anext(pieces)
        line.transport.set_key("another-key-of-the-bench")
        with pytest.raises(Unreachable):
            await anext(pieces)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (http(b'{"error": {"code": "not_found"}}', "404 Not Found"), HubWithout),
        (http(b'{"error": {"code": "outdated"}}', "410 Gone"), HubOutdated),
        (
            http(b'{"error": {"code": "revoked"}}', "403 Forbidden", "X-Loopdesk-Generation: g"),
            KeyRefused,
        ),
        (http(b"<html>", "502 Bad Gateway"), AnswerLost),
        (http(b"", "301 Moved", "Location: http://127.0.0.1:9/elsewhere"), AnswerLost),
    ],
)
async def test_a_refusal_is_what_it_says(answer: bytes, expected: type[Exception]) -> None:
    async with answering(answer) as (line, server):
        with pytest.raises(expected):
            await line.read()
        assert len(server.visits) == 1


def packed(*lines: Any) -> bytes:
    return gzip.compress(b"".join(json.dumps(each).encode() + b"\n" for each in lines))


BEGUN = {"generation": "g", "after": {"acme": 12}, "rows": 250}


async def test_a_fill_comes_in_pieces_after_where_it_ends() -> None:
    body = packed(BEGUN, *(a_line() for _ in range(250)), {"end": True})
    async with answering(http(body, "200 OK", "Content-Encoding: gzip")) as (line, server):
        begun, *parts = await line.filled()
    assert begun == FillBegun(HubPosition("g", {"acme": 12}), 250)
    assert sum(len(part) for part in parts) == 250
    assert server.visits[0].request.endswith(b'{"have": {"acme": {"1": "a"}}}')


@pytest.mark.parametrize(
    "body",
    [
        packed(BEGUN, a_line()),
        packed(BEGUN, a_line(), {"end": True})[:-30],
        packed(a_line(), {"end": False}),
        packed(),
        gzip.compress(b'{"rows": "many"}\n{"end": true}\n'),
        b"no gzip at all",
    ],
    ids=["no end", "cut", "no begin", "empty", "odd begin", "not packed"],
)
async def test_a_fill_without_its_end_is_none(body: bytes) -> None:
    async with answering(http(body, "200 OK", "Content-Encoding: gzip")) as (line, _):
        with pytest.raises(AnswerLost):
            await line.filled()


async def test_the_shops_are_told_with_how_far_each_is() -> None:
    told = {"id": "acme", "name": "Acme", "colour": "#33669A", "last": 7, "synced_at": AT.isoformat()}
    odd = [{"id": "b", "colour": "red", "last": "7", "synced_at": AT.isoformat()}, {"name": "no id"}, 7]
    async with answering(http(json.dumps({"shops": [told, *odd]}).encode())) as (line, _):
        first, second = await line.hub.shops()
    assert (first, first.last, first.synced_at) == (HubShopName("acme", "Acme", "#33669a"), 7, AT)
    assert (second, second.last, second.synced_at) == (HubShopName("b", "", ""), 0, None)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"shops": 7}', b"\xff"])
async def test_an_answer_without_shops_is_none(body: bytes) -> None:
    async with answering(http(body)) as (line, _):
        with pytest.raises(AnswerLost):
            await line.hub.shops()


@given(st.lists(st.binary(max_size=12)), st.data())
def test_a_splitter_cuts_whatever_the_pieces_are(parts: list[bytes], data: st.DataObject) -> None:
    clean = [part.replace(b"\n", b"-") for part in parts]
    whole = b"".join(part + b"\n\n" for part in clean)
    splitter, found, at = Splitter(b"\n\n", 100), list[bytes](), 0
    while at < len(whole):
        size = data.draw(st.integers(1, 9))
        found += splitter.feed(whole[at : at + size])
        at += size
    assert found == clean
