"""What of Loop can be read through the hub."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from loopdesk.api import lenient_json
from loopdesk.api.client import LoopClient
from loopdesk.api.transport import Transport
from loopdesk.domain.errors import ApiError
from loopdesk.hub.reads.copies import LoopPage
from loopdesk.hub.reads.joining import joined
from loopdesk.hub.reads.readings import KEPT, NoSuchRead, reading_of, returns_in
from loopdesk.system.host.clock import SystemClock

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)

READS: tuple[Callable[[LoopClient], Awaitable[object]], ...] = (
    lambda client: client.list_page(start=NOON - DAY, end=NOON, filter_by="updated_at"),
    lambda client: client.list_page(start=NOON - DAY, end=NOON, cursor="eyJ+/=="),
    lambda client: client.details("91000123"),
    lambda client: client.details_by_order_name("№ 20417/Ä & Co"),
    lambda client: client.details_by_order_id("5444170000001"),
    lambda client: client.asn(NOON - DAY, NOON),
    lambda client: client.notes("91000123"),
    lambda client: client.probe(),
    lambda client: client.destinations(),
    lambda client: client.destination("4021"),
    lambda client: client.happy_shipments(NOON - DAY, NOON),
    lambda client: client.happy_shipment("HRS_1-a"),
    lambda client: client.happy_items("77"),
)


class _Free:
    async def take(self, priority: int) -> None:
        """Let it go."""

    def throttled(self) -> None:
        """Loop is never asked."""


async def _asked() -> list[httpx.URL]:
    """Every URL that a bench may read."""
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, json=[])

    transport = Transport(
        clock=SystemClock(),
        budget=_Free(),
        base_url="http://127.0.0.1:1/api",
        make_wire=lambda *, keep_alive, proxy, certificate=b"": httpx.MockTransport(answer),
    )
    transport.set_key("demo")
    for read in READS:
        try:
            await read(LoopClient(transport))
        except ApiError:
            continue
    await transport.aclose()
    return asked


def test_everything_that_a_bench_reads_can_be_read_and_reaches_loop_as_it_was_asked_for() -> None:
    urls = asyncio.run(_asked())
    kinds = set()
    for url in urls:
        raw = url.raw_path.decode()
        path = urlsplit(raw).path.removeprefix("/api/v1")
        reading = reading_of("v1", path, url.params.multi_items())
        kinds.add(reading.kind)
        sent = urlsplit(reading.call.target)
        assert sent.path == path
        assert sorted(parse_qsl(sent.query)) == sorted(parse_qsl(urlsplit(raw).query))

    assert kinds == set(KEPT)


@pytest.mark.parametrize(
    ("version", "path", "query"),
    [
        ("latest", "/warehouse/return/list", []),
        ("v2", "/destinations", []),
        ("v1", "/webhooks", []),
        ("v1", "/warehouse/return/1/process", []),
        ("v1", "/warehouse/return/list", [("pageSize", "1"), ("pageSize", "2")]),
        ("v1", "/warehouse/return/list", [("callback", "x")]),
        ("v1", "/warehouse/return/list", [("cursor", "x" * 3000)]),
        ("v1", "/warehouse/return/details", []),
        ("v1", "/warehouse/return/details", [("return_id", "1"), ("order_id", "2")]),
        ("v1", "/warehouse/return/details", [("return_id", "1 OR 1")]),
        ("v1", "/warehouse/return/details", [("return_id", "-1")]),
        ("v1", "/warehouse/return/../notes", []),
        ("v1", "/destinations/%2e%2e", []),
        ("v1", "/happy-returns/shipments/a.b", []),
        ("v1", "//evil.test/x", []),
    ],
)
def test_nothing_else_is_passed_on(version: str, path: str, query: list[tuple[str, str]]) -> None:
    with pytest.raises(NoSuchRead):
        reading_of(version, path, query)


def test_the_same_return_is_the_same_target_however_it_is_written() -> None:
    plain = reading_of("v1", "/warehouse/return/details", [("return_id", "91000123")])
    padded = reading_of("2026-07", "/warehouse/return/details", [("return_id", "0091000123")])
    newer = reading_of("2026-10", "/warehouse/return/details", [("return_id", "91000123")])

    assert plain.target == padded.target != newer.target
    assert padded.return_id == "91000123"


def test_the_returns_of_an_answer_are_found_whatever_its_shape() -> None:
    assert returns_in({"id": 91000123, "state": "open"}) == ("91000123",)
    assert returns_in([{"id": "7"}, {"id": 8}, {"state": "open"}, 9]) == ("7", "8")
    assert returns_in({"returns": [{"id": "7"}], "nextPageUrl": None}) == ("7",)
    assert returns_in({"id": 1.5}) == ()


def test_the_answers_of_several_shops_are_joined_byte_for_byte() -> None:
    one = LoopPage(200, "application/json", b'\xef\xbb\xbf {"id":1,"url":"https:\\/\\/a.test", "n":1.50} ')
    two = LoopPage(200, "application/json", b'[ {"id": 2},\n{"id": 3} ]')
    page, counts = joined([one, two, LoopPage(200, "application/json", b"[ ]")])

    assert page.body == b'[{"id":1,"url":"https:\\/\\/a.test", "n":1.50},{"id": 2},\n{"id": 3}]'
    assert counts == (1, 2, 0)
    assert [row["id"] for row in lenient_json.loads(page.body)] == [1, 2, 3]
