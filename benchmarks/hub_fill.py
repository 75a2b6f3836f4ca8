"""A new bench takes everything that its hub knows, over loopback, beside the least that it could cost.

The floor reads the same fill by the same server, parses its lines and inserts each into a bare table.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psycopg

from benchmarks.figures import say
from benchmarks.hub_lookup import make_site
from loopdesk.hub.index.telling import mark_of
from loopdesk.simulator.crowd import many_returns
from loopdesk.simulator.http.app import Face
from loopdesk.simulator.http.server import wall_clock
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import ShopKey
from tests.hub.following_rig import following_bench, running
from tests.hub.running import until
from tests.hub.serving import SHOP, serving, set_up, settings_before
from tests.hub.spare_postgres import SparePostgres

RETURNS = 30_000
MADE = 600
"""Returns that are made; the others are the same under other ids and order names."""

GOAL_SECONDS = 10.0

_INSERT = """
    INSERT INTO return_copy (shop_id, return_id, body, is_details, has_details, mark, updated_at, fetched_at)
    VALUES (%s, %s, %s, true, true, %s, now(), now())
"""


async def details_bodies() -> list[dict[str, object]]:
    """Return Loop's answers with the details of some returns."""
    loop = Loop(clock=wall_clock, keys=[ShopKey(SHOP, "key")], settings=Settings(rate_limit=None))
    for ret in many_returns(MADE, 1, wall_clock()):
        loop.add(ret)
    wire = httpx.ASGITransport(Face(loop))
    async with httpx.AsyncClient(transport=wire, base_url="http://127.0.0.1:1") as client:
        headers = {"X-Authorization": "key"}
        path = "/api/v1/warehouse/return/details?return_id="
        return [
            (await client.get(f"{path}{ret.return_id}", headers=headers)).json() for ret in loop.index.kept()
        ]


def _put(url: str, bodies: list[dict[str, object]], returns: int) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for n in range(returns):
            return_id = str(600_000_000 + n)
            value = {**bodies[n % len(bodies)], "id": return_id, "order_name": f"#{n}"}
            body = json.dumps(value).encode()
            cursor.execute(_INSERT, (SHOP, return_id, body, mark_of(body, None)))


async def _floor(url: str, token: str, file: Path) -> float:
    began = time.perf_counter()
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE bare (return_id TEXT PRIMARY KEY, body TEXT)")
    async with (
        httpx.AsyncClient(timeout=300, trust_env=False, headers={"X-Authorization": token}) as client,
        client.stream("GET", f"{url}/hub/v1/fill") as answer,
    ):
        async for line in answer.aiter_lines():
            value = json.loads(line)
            if "body" in value:
                database.execute("INSERT INTO bare VALUES (?, ?)", (value["return_id"], value["body"]))
    database.commit()
    database.close()
    return time.perf_counter() - began


async def measure(folder: Path, database: str, returns: int) -> tuple[float, float, float]:
    """Return the seconds of a fill, of one of which all is held, and of the floor."""
    await make_site(database)
    settings = settings_before(database, "http://127.0.0.1:9", folder)
    [token] = await set_up(settings, ["Dock 1"])
    await asyncio.to_thread(_put, database, await details_bodies(), returns)
    with serving(settings, folder, 1) as [url]:
        floor = await _floor(url, token, folder / "bare.db")
        async with following_bench(url, token, folder / "bench") as bench:

            async def is_filled() -> bool:
                return bool((await bench.store.hub_told.position()).after)

            took = []
            for _ in range(2):
                await bench.store.returns.mark("hub_position", "")
                began = time.perf_counter()
                async with running(bench):
                    await until(is_filled, 600)
                took.append(time.perf_counter() - began)
            assert len(bench.seen) == returns == await bench.store.returns.count()
    return took[0], took[1], floor


def main(returns: int = RETURNS) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as name:
        server = SparePostgres()
        try:
            server.start()
            fill, held, floor = asyncio.run(measure(Path(name), server.make("fill"), returns))
        finally:
            server.close()
    verdict = "met" if fill <= GOAL_SECONDS * returns / RETURNS else "not met"
    say(f"hub-fill: {returns} returns into a new bench; goal {GOAL_SECONDS:.0f} s for {RETURNS}: {verdict}")
    say(f"  figure  {fill:.1f} s; the same when all is held {held:.1f} s")
    say(f"  floor   {floor:.1f} s   the same fill read, parsed and put into a bare table")
    say(f"  ratio   {fill / floor:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
