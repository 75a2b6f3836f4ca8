"""A bench's lookup of a known return at the hub, forty benches busy, beside a bare SELECT by the same server.

Each bench looks something up, and right after it the floor is asked for the same row. Meanwhile other returns
are read again from a simulated Loop, four times a second.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from pathlib import Path
from statistics import quantiles

import httpx

from benchmarks.children import Child, environment
from benchmarks.figures import Series, say
from loopdesk.hub.database.connecting import connect
from loopdesk.hub.database.migrate import migrate
from loopdesk.hub.database.sql import rows
from loopdesk.simulator.crowd import many_returns
from loopdesk.simulator.http.server import Server, wall_clock
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.settings import Settings
from tests.hub.serving import SHOP, set_up, settings_before
from tests.hub.spare_postgres import SparePostgres

BENCHES = 40
KNOWN = 400
LOOKUPS = 25
"""Of each bench."""

PAUSE_SECONDS = 4.0
"""Between two lookups of a bench, on average: fifteen times what sixty returns an hour need."""

GOAL = 3.0
_FIRST = 200_000_000
DETAILS = "/warehouse/return/details?return_id="


async def _fill(client: httpx.AsyncClient) -> None:
    """Let the hub know the returns."""
    for number in range(KNOWN):
        (await client.get(f"/api/v1{DETAILS}{_FIRST + number}")).raise_for_status()


async def _bench(client: httpx.AsyncClient, number: int, pairs: list[tuple[float, float]]) -> None:
    chance = random.Random(number)
    headers = {"Cache-Control": "max-age=86400", "X-Loopdesk-Priority": "0"}
    for _ in range(LOOKUPS):
        await asyncio.sleep(chance.expovariate(1 / PAUSE_SECONDS))
        target = f"{DETAILS}{_FIRST + chance.randrange(KNOWN // 2)}"
        begun = time.perf_counter()
        answer = await client.get(f"/api/v1{target}", headers=headers)
        between = time.perf_counter()
        floor = await client.get(f"/bare/2026-07{target}")
        pairs.append((between - begun, time.perf_counter() - between))
        assert answer.headers["X-Loopdesk-Source"] == "hub"
        assert answer.content == floor.content


async def _others(client: httpx.AsyncClient) -> None:
    """Read what must be fresh, as read-backs do, until canceled."""
    chance = random.Random(0)
    while True:
        target = f"{DETAILS}{_FIRST + KNOWN // 2 + chance.randrange(KNOWN // 2)}"
        await client.get(
            f"/api/v1{target}", headers={"Cache-Control": "no-cache", "X-Loopdesk-Priority": "2"}
        )
        await asyncio.sleep(0.25)


async def make_site(database: str) -> None:
    """Make the tables and the site."""
    connection = await connect(database)
    try:
        await migrate(connection)
        await rows(connection, "site.make", name="Site")
    finally:
        await connection.close()


async def measure(folder: Path, database: str) -> tuple[Series, Series]:
    """Return the seconds of lookups and of the floor."""
    loop = Loop(clock=wall_clock, settings=Settings(rate_limit=None))
    loop.stock(many_returns(KNOWN, 1, wall_clock()))
    await make_site(database)
    async with Server(loop) as server:
        settings = settings_before(database, server.url, folder)
        tokens = await set_up(settings, [f"Dock {number}" for number in range(BENCHES)], per_second=1000.0)
        arguments = (database, str(settings.keys.file), server.url, SHOP)
        child = await asyncio.to_thread(Child, environment(folder), "benchmarks.hub_child", *arguments)
        with child:
            clients = [
                httpx.AsyncClient(
                    base_url=child.said["url"], headers={"X-Authorization": token}, trust_env=False
                )
                for token in tokens
            ]
            await _fill(clients[0])
            pairs: list[tuple[float, float]] = []
            others = asyncio.ensure_future(_others(clients[0]))
            await asyncio.gather(*(_bench(client, number, pairs) for number, client in enumerate(clients)))
            others.cancel()
            await asyncio.gather(others, return_exceptions=True)
            for client in clients:
                await client.aclose()
    return Series(tuple(one for one, _ in pairs)), Series(tuple(floor for _, floor in pairs))


def _late(series: Series) -> float:
    """Return the 99th percentile in milliseconds."""
    return quantiles(series.values, n=100)[98] * 1000


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as name:
        server = SparePostgres()
        try:
            server.start()
            lookup, floor = asyncio.run(measure(Path(name), server.make("hub")))
        finally:
            server.close()
    ratio = _late(lookup) / _late(floor)
    say(f"hub-lookup: a known return at the hub, {BENCHES} benches, {len(lookup.values)} lookups")
    say(f"  figure  p50 {lookup.median * 1000:.1f} ms, p99 {_late(lookup):.1f} ms")
    say(f"  floor   p50 {floor.median * 1000:.1f} ms, p99 {_late(floor):.1f} ms   a bare SELECT there")
    verdict = "met" if ratio <= GOAL else "not met"
    say(f"  ratio   {ratio:.2f} of the 99th percentiles; goal at most {GOAL:.1f}: {verdict}")


if __name__ == "__main__":
    main()
