"""A million returns of thirty shops at the hub, beside ten thousand: a bench's lookup, and the feed's lag.

Both hubs run at once on one PostgreSQL, each in a process of its own, and are asked in turn. A lookup names
no shop, so that the hub finds out whose the return is. The lag is from the commit of a change until the bench
whose stream follows all shops has it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import quantiles

import httpx
import psycopg

from benchmarks.figures import Series, say
from benchmarks.hub_fill import details_bodies
from benchmarks.hub_lookup import DETAILS, make_site
from loopdesk.api.hub_changes import HubChanges
from loopdesk.api.transport import Transport
from loopdesk.domain.errors import ApiError
from loopdesk.hub.compose import Hub
from loopdesk.hub.database.pool import Database
from loopdesk.hub.index.feed import ChangeFeed
from loopdesk.hub.settings import HubSettings
from loopdesk.services.ports.following import HubPosition, ToldReturn
from loopdesk.services.station.tasks import Tasks
from loopdesk.system.host.clock import SystemClock
from tests.hub.feed_rig import change
from tests.hub.running import joined
from tests.hub.serving import serving, settings_before
from tests.hub.spare_postgres import SparePostgres
from tests.unit.api.bench import OpenBudget

RETURNS, FEW = 1_000_000, 10_000
SHOPS = 30
LOOKUPS = 1_000
CHANGES = 300
FOLLOWERS = 10
GOAL = 1.5
_FIRST = 600_000_000
_AT_ONCE = 20_000

_FILL = """
WITH made AS (
    SELECT n, (%(first)s + n)::text AS return_id, 'shop' || lpad((n %% %(shops)s)::text, 2, '0') AS shop_id,
           convert_to(jsonb_set(jsonb_set(b.body, '{id}', to_jsonb((%(first)s + n)::text)),
                                '{order_name}', to_jsonb('#' || n))::text, 'UTF8') AS body
      FROM generate_series(%(begin)s::int, %(end)s::int - 1) AS n
      JOIN bodies b ON b.number = n %% (SELECT count(*) FROM bodies)
), copies AS (
    INSERT INTO return_copy (shop_id, return_id, body, is_details, has_details, mark, updated_at, fetched_at)
    SELECT shop_id, return_id, body, true, true, md5(body), now(), now() FROM made
), homes AS (
    INSERT INTO return_home (return_id, shop_id) SELECT return_id, shop_id FROM made
), codes AS (
    INSERT INTO return_code (shop_id, return_id, code, kind)
    SELECT shop_id, return_id, '1Z' || md5(return_id), 'package' FROM made
)
INSERT INTO read_copy (target, shop_id, kind, return_id, status, media, body, read_began, ends_at)
SELECT '/2026-07' || %(path)s || return_id, shop_id, 'details', return_id, 200, 'application/json', body,
       now(), now() + interval '120 days'
  FROM made
"""


def _shop(number: int) -> str:
    return f"shop{number % SHOPS:02}"


async def _set_up(settings: HubSettings) -> str:
    """Make the shops, and a bench for all of them; returns its token."""
    async with Hub(settings) as hub:
        for number in range(SHOPS):
            await hub.shops.add(_shop(number), _shop(number), "#336699")
        return await joined(hub)


def _fill(url: str, bodies: list[dict[str, object]], returns: int) -> None:
    """Put as many returns there as if all had been read, each of its own text."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE bodies (number int PRIMARY KEY, body jsonb)")
        for number, body in enumerate(bodies):
            connection.execute("INSERT INTO bodies VALUES (%s, %s)", (number, json.dumps(body)))
        for begin in range(0, returns, _AT_ONCE):
            given = {"first": _FIRST, "shops": SHOPS, "path": DETAILS}
            connection.execute(_FILL, {**given, "begin": begin, "end": min(returns, begin + _AT_ONCE)})
        connection.execute("ANALYZE")


class Site:
    """One hub with so many returns.

    Attributes:
        lookups, lags: Seconds.
    """

    def __init__(self, url: str, token: str, database: Database, returns: int, body: str) -> None:
        self.client = httpx.AsyncClient(base_url=url, headers={"X-Authorization": token}, trust_env=False)
        self.feed = ChangeFeed(database, SystemClock(), Tasks(_fail))
        self.returns = returns
        self.lookups: list[float] = []
        self.lags: list[float] = []
        self._body = body
        self._chance = random.Random(returns)
        self._told: dict[str, float] = {}
        self._has_all = asyncio.Event()

    async def look_up(self) -> None:
        """Look a return up that no one looked up before."""
        target = f"{DETAILS}{_FIRST + self._chance.randrange(self.returns)}"
        began = time.perf_counter()
        answer = await self.client.get(f"/api/v1{target}", headers={"Cache-Control": "max-age=864000"})
        self.lookups.append(time.perf_counter() - began)
        assert (answer.status_code, answer.headers["X-Loopdesk-Source"]) == (200, "hub"), answer.text

    async def change(self, n: int) -> None:
        """Change a return, and wait until all who follow have it."""
        number = self._chance.randrange(self.returns)
        return_id = str(_FIRST + number)
        body = json.dumps({**json.loads(self._body), "id": int(return_id), "order_name": f"#changed {n}"})
        self._told, self._has_all = {}, asyncio.Event()
        await change(self.feed, _shop(number), {return_id: body})
        committed = time.perf_counter()
        async with asyncio.timeout(60):
            await self._has_all.wait()
        self.lags += [max(0.0, at - committed) for at in self._told.values()]

    async def follow(self, name: str, stream: HubChanges, position: HubPosition) -> None:
        """Follow all shops, and note when a change came, until canceled."""
        after = dict(position.after)
        while True:
            with contextlib.suppress(ApiError):  # a busy machine may take longer than a bench waits
                async for piece in stream.changes(HubPosition(position.generation, after), None):
                    told = [one for one in piece if isinstance(one, ToldReturn)]
                    after |= {one.shop: one.seq for one in told}
                    if told:
                        self._told[name] = time.perf_counter()
                    if len(self._told) == FOLLOWERS:
                        self._has_all.set()


def _fail(where: str, failure: BaseException) -> None:
    raise RuntimeError(where) from failure


@asynccontextmanager
async def _site(server: SparePostgres, folder: Path, returns: int) -> AsyncIterator[Site]:
    """Fill a database unless it is filled already, and serve it."""
    name, folder = f"returns{returns}", folder / str(returns)
    await asyncio.to_thread(folder.mkdir, exist_ok=True)
    done, bodies = folder / "filled.json", await details_bodies()
    if await asyncio.to_thread(done.exists):
        url, token = server.url(name), json.loads(done.read_text("utf-8"))["token"]
        settings = settings_before(url, "http://127.0.0.1:9", folder)
    else:
        server.drop(name)
        url = server.make(name)
        await make_site(url)
        settings = settings_before(url, "http://127.0.0.1:9", folder)
        token = await _set_up(settings)
        began = time.perf_counter()
        await asyncio.to_thread(_fill, url, bodies, returns)
        say(f"  {returns} returns put there in {time.perf_counter() - began:.0f} s")
        done.write_text(json.dumps({"token": token}), "utf-8")
    clock, tasks = SystemClock(), Tasks(_fail)
    database = Database(url, clock, tasks, most=4)
    await database.open()
    try:
        with serving(settings, folder, 1) as [origin]:
            made = Site(origin, token, database, returns, json.dumps(bodies[0]))
            found = await database.read("changes.feeds", shops=[_shop(n) for n in range(SHOPS)])
            position = HubPosition(database.generation, {each["shop"]: each["last"] for each in found})
            lines = []
            for number in range(FOLLOWERS):
                transport = Transport(clock=clock, budget=OpenBudget(), base_url=f"{origin}/api", is_hub=True)
                transport.set_key(await _token(settings, number) if number else token)
                lines.append(transport)
                tasks.spawn(made.follow(str(number), HubChanges(transport.line), position), name="follows")
            yield made
            await tasks.aclose()
            for each in lines:
                await each.aclose()
            await made.client.aclose()
    finally:
        await database.close()


async def _token(settings: HubSettings, number: int) -> str:
    """Let one more bench join; returns its token."""
    async with Hub(settings) as hub:
        return await joined(hub, f"Follower {number} {time.time()}")


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98] * 1000


async def measure(server: SparePostgres, folder: Path, returns: int) -> tuple[Site, Site]:
    """Ask both in turn; returns them with their seconds."""
    async with _site(server, folder, returns) as many, _site(server, folder, FEW) as few:
        for n in range(LOOKUPS + CHANGES):
            for each in (many, few) if n % 2 else (few, many):
                await (each.look_up() if n % 13 < 10 else each.change(n))
    return many, few


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hub_million")
    parser.add_argument("--returns", type=int, default=RETURNS)
    parser.add_argument("--folder", type=Path, help="keep the filled databases here for the next run")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as name:
        folder = chosen.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        server = SparePostgres(chosen.folder and folder / "postgres")
        try:
            server.start()
            say(f"hub-million: {chosen.returns} returns of {SHOPS} shops beside {FEW}")
            many, few = asyncio.run(measure(server, folder, chosen.returns))
        finally:
            server.close()
    for what, one, other in (
        ("lookup", many.lookups, few.lookups),
        (f"lag of the feed to {FOLLOWERS} benches", many.lags, few.lags),
    ):
        mine, theirs = Series(tuple(one)), Series(tuple(other))
        ratio = _p99(one) / _p99(other)
        verdict = "met" if ratio <= GOAL else "not met"
        say(f"  {what}, {len(one)} of each")
        say(f"    figure  p50 {mine.median * 1000:.1f} ms, p99 {_p99(one):.1f} ms")
        say(f"    floor   p50 {theirs.median * 1000:.1f} ms, p99 {_p99(other):.1f} ms   {FEW} returns")
        of_p50 = mine.median / theirs.median
        say(f"    ratio   {ratio:.2f} of p99, {of_p50:.2f} of p50; goal {GOAL}: {verdict}")


if __name__ == "__main__":
    main()
