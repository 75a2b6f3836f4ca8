"""Bursts of webhooks, shuffled, doubled, a fifth of them wrongly signed; and processes that die meanwhile."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

import pytest

from loopdesk.hub.database.connecting import connect
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection
from loopdesk.hub.http.webhooks import MOST_STORING
from loopdesk.hub.webhooks.meaning import TRIGGERS
from loopdesk.hub.webhooks.signature import HEADER
from loopdesk.simulator.actors import act
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.webhooks.deliveries import Deliveries, Delivery
from tests.hub.running import until
from tests.hub.webhook_process import WebhookProcess
from tests.hub.webhook_rig import SHOP, Receiver, run
from tests.torture import figures

LINES = 16
"""Connections to each process."""

CONNECTIONS = 2 * MOST_STORING
"""For the bare inserts: as many as both processes store with."""

BURST = 200
"""Requests a second."""

WARMING = 60
"""Requests before those whose time counts: the first ones of a process load its code."""

MOST_TIMES = 10
"""How many times as long as a bare insert an answer may take, at the 99th percentile."""


Work = Callable[[], Coroutine[Any, Any, None]]


def deliveries(number: int, **settings: Any) -> tuple[list[Delivery], set[str]]:
    """Return at least so many webhooks of a shop, shuffled, and the secrets of its subscriptions by topic."""
    made = Settings(webhook_form="mixed")
    made.change(**settings)
    loop = Loop(clock=lambda: datetime(2026, 11, 30, 12, tzinfo=UTC), settings=made)
    secret = "whsec-of-the-shop"
    for topic, triggers in TRIGGERS.items():
        for trigger in triggers:
            loop.subscribe(topic, trigger, f"/webhooks/loop/{SHOP}/{topic}").secret = secret
    found = Deliveries(loop)
    while len(found) < number:
        ret = act(loop, {"act": "add_return", "spec": {"tracking_number": f"1Z{len(found)}"}})
        act(loop, {"act": "label", "return_id": ret, "status": "in_transit"})
        loop.remember(loop.get(ret), loop.now())
        loop.get(ret).failures.append(loop.now())
        found.collect()
    sent = found.due()[:number]
    loop.chance.shuffle(sent)
    return sent, {secret}


async def opened(database: Database, secrets: set[str]) -> None:
    """Make the shop, and a table that counts hints."""
    (secret,) = secrets
    await Receiver(database).open_shop(SHOP, secret)
    await run(database, "CREATE TABLE hinted (shop_id text, return_id text)")


async def paced(work: list[Work], a_second: float = BURST) -> list[float]:
    """Begin each piece of work at its time, whatever the others do; returns the seconds that each took."""
    begin = time.perf_counter()

    async def timed(number: int, piece: Work) -> float:
        await asyncio.sleep(begin + number / a_second - time.perf_counter())
        since = time.perf_counter()
        await piece()
        return time.perf_counter() - since

    return await asyncio.gather(*(timed(number, piece) for number, piece in enumerate(work)))


def worst(seconds: list[float]) -> float:
    """Return the 99th percentile, in milliseconds."""
    return quantiles(seconds, n=100)[98] * 1000


class Line:
    """HTTP over a few connections that stay open, with as little as possible between test and socket."""

    def __init__(self, url: str) -> None:
        self._port = int(url.rpartition(":")[2])
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def __aenter__(self) -> Line:
        for _ in range(LINES):
            self._free.put_nowait(await asyncio.open_connection("127.0.0.1", self._port))
        return self

    async def __aexit__(self, *_: object) -> None:
        while not self._free.empty():
            _reader, writer = self._free.get_nowait()
            writer.close()
            await writer.wait_closed()

    async def post(self, each: Delivery) -> int:
        """Send one webhook; returns the status."""
        head = f"POST {each.url} HTTP/1.1\r\nHost: hub\r\nContent-Length: {len(each.raw)}\r\n"
        head += f"Content-Type: application/json\r\n{HEADER}: {each.signature}\r\n\r\n"
        line = reader, writer = await self._free.get()
        writer.write(head.encode() + each.raw)
        told = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        await reader.readexactly(int(told.partition("content-length: ")[2].split()[0]))
        self._free.put_nowait(line)
        return int(told.split()[1])


async def until_none(database: Database, statement: str) -> None:
    """Wait until a query finds nothing any more."""

    async def is_none() -> bool:
        return not await run(database, statement)

    await until(is_none)


DUE = "SELECT id FROM webhook WHERE applied_at IS NULL UNION ALL SELECT id FROM webhook_repeat"


@contextmanager
def processes(url: str, *places: str) -> Iterator[list[WebhookProcess]]:
    """Some processes, which are killed at the end unless they died before."""
    made = [WebhookProcess(url, place) for place in places]
    try:
        yield made
    finally:
        for each, place in zip(made, places, strict=True):
            (each.wait if place else each.kill)()


async def bare(url: str, sizes: list[int]) -> list[float]:
    """Return how long bare inserts of rows of such sizes take, at the same pace, on as many connections."""
    free: asyncio.Queue[Connection] = asyncio.Queue()
    connections = [await connect(url) for _ in range(CONNECTIONS)]
    for each in connections:
        free.put_nowait(each)
    await connections[0].execute("CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY, sealed bytea)")

    def insert(size: int) -> Work:
        async def inserted() -> None:
            connection = await free.get()
            await connection.execute("INSERT INTO bare (sealed) VALUES (%s)", (b"x" * size,))
            free.put_nowait(connection)

        return inserted

    seconds = await paced([insert(size) for size in sizes])
    for each in connections:
        await each.close()
    return seconds


async def brought(
    sent: list[Delivery], lines: tuple[Line, ...]
) -> tuple[list[float], list[tuple[Delivery, int]]]:
    """Send all at their pace to the processes by chance; returns the seconds and the statuses."""
    statuses: list[tuple[Delivery, int]] = []
    turn = random.Random(figures.seed())

    def post(each: Delivery, to: Line) -> Work:
        async def posted() -> None:
            statuses.append((each, await to.post(each)))

        return posted

    return await paced([post(each, turn.choice(lines)) for each in sent]), statuses


@pytest.mark.fault(197)
async def test_bursts_are_answered_soon_and_each_is_applied_once(
    hub_database: Database, hub_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    number = figures.size("webhooks", 400, 10_000)
    sent, secrets = deliveries(number, webhook_doubled=0.1, webhook_unsigned=0.2)
    await opened(hub_database, secrets)
    inserts = await bare(hub_url, [len(each.raw) for each in sent])
    with processes(hub_url, "", "") as (first, second):
        async with Line(first.url) as one, Line(second.url) as other:
            _, statuses = await brought(sent[:WARMING], (one, other))
            answers, more = await brought(sent[WARMING:], (one, other))
            statuses += more
        began = time.perf_counter()
        await until_none(hub_database, DUE)
        drained = time.perf_counter() - began
    ratio = worst(answers) / worst(inserts)
    with capsys.disabled():
        sys.stdout.write(
            f"\nH6: {number} webhooks answered p50 {median(answers) * 1000:.1f}, p99 {worst(answers):.1f} ms;"
            f"\n    a bare insert p50 {median(inserts) * 1000:.1f} ms, p99 {worst(inserts):.1f} ms:"
            f" {ratio:.1f} times; all applied {drained * 1000:.0f} ms after the last answer\n"
        )
    assert {status for each, status in statuses if each.is_signed_right} == {200}
    assert {status for each, status in statuses if not each.is_signed_right} == {401}
    good = {each.raw for each, _ in statuses if each.is_signed_right}
    stored = await run(hub_database, "SELECT count(*) AS number, count(applied_at) AS applied FROM webhook")
    assert stored == [{"number": len(good), "applied": len(good)}]
    failed = sum(b"return.processing.failed" in raw for raw in good)
    assert len(await run(hub_database, "SELECT FROM webhook_failure")) == failed > 0
    assert ratio < MOST_TIMES or not figures.is_full()


@pytest.mark.fault(198)
@pytest.mark.parametrize("place", ["hinted:1", "hinted:5", "committed:1"])
async def test_a_process_that_is_killed_while_it_applies_leaves_nothing_out_and_doubles_nothing(
    hub_database: Database, hub_url: str, place: str
) -> None:
    sent, secrets = deliveries(40)
    await opened(hub_database, secrets)
    receiver = Receiver(hub_database)
    (secret,) = secrets
    for each in sent:
        await receiver.take(each.url.rpartition("/")[2], each.raw, secret)
    with processes(hub_url, place):
        pass  # it dies by itself
    with processes(hub_url, ""):
        await until_none(hub_database, DUE)
    stored = await run(hub_database, "SELECT DISTINCT shop_id, return_id FROM webhook")
    hinted = await run(hub_database, "SELECT shop_id, return_id FROM hinted")
    assert sorted(map(str, hinted)) == sorted(map(str, stored))
    failures = await run(hub_database, "SELECT webhook_id FROM webhook_failure")
    assert len(failures) == sum(b"return.processing.failed" in each.raw for each in sent)
