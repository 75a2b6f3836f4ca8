"""Processes of a hub that read, each with a database and a clock of its own, before simulated shops."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import httpx
import psycopg
from prometheus_client import CollectorRegistry

from loopdesk.api.transport import KEY_HEADER, ApiKey
from loopdesk.hub.benches.registry import KnownBench
from loopdesk.hub.budget.budget import HubBudget
from loopdesk.hub.budget.measures import BudgetMeasures
from loopdesk.hub.database.pool import Database
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.http.app import application
from loopdesk.hub.http.callers import Callers
from loopdesk.hub.http.reads import routes
from loopdesk.hub.reads.reads import Reads, reads_of
from loopdesk.services.station.tasks import Tasks
from loopdesk.simulator.crowd import many_returns
from loopdesk.simulator.http.app import ConnectionBroken, Face
from loopdesk.simulator.http.server import wall_clock
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import Return, ShopKey
from loopdesk.system.host.clock import SystemClock

RETURNS = 40
ORIGIN = "http://127.0.0.1:1"


def a_shop(name: str, returns: int = RETURNS, *, first: int = 0) -> Loop:
    """A simulated shop; its key is its name and ``-key``."""
    loop = Loop(
        clock=wall_clock,
        keys=[ShopKey(name, f"{name}-key")],
        settings=Settings(rate_limit=None, escaped_slashes=True),
    )
    for ret in many_returns(returns, 1, wall_clock(), first=first):
        loop.add(ret)
    return loop


def first_return(loop: Loop) -> Return:
    """Return the newest return of a shop."""
    return loop.get(min(ret.return_id for ret in loop.index.kept()))


class Wire(httpx.AsyncBaseTransport):
    """Leads to the shop whose key a request carries."""

    def __init__(self, shops: Mapping[str, Loop]) -> None:
        self._faces = {f"{name}-key": httpx.ASGITransport(Face(loop)) for name, loop in shops.items()}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Hand a request on."""
        try:
            return await self._faces[request.headers[KEY_HEADER]].handle_async_request(request)
        except ConnectionBroken as broken:  # there is none to break without a server
            raise httpx.ReadError("broken") from broken


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the simulated shops."""

    shops: Mapping[str, Loop]

    async def key_of(self, shop_id: str) -> ApiKey:
        """Return a shop's key."""
        if shop_id not in self.shops:
            raise HubFailure(why="no_shop_key", shop=shop_id)
        return ApiKey(f"{shop_id}-key")


@dataclass(frozen=True, slots=True)
class Book:
    """Every token is a bench of the same name, for all shops."""

    shops: tuple[str, ...]
    site: UUID

    async def by_token(self, token: str) -> KnownBench | None:
        """Return the bench."""
        return KnownBench(UUID(int=sum(token.encode())), token, self.site, self.shops, is_revoked=False)


class WrongClock(SystemClock):
    """A machine's clock that is wrong by some hours."""

    def __init__(self, hours: float) -> None:
        super().__init__()
        self._wrong = timedelta(hours=hours)

    def now(self) -> datetime:
        """Return the wrong time."""
        return super().now() + self._wrong

    def learn(self, server_now: datetime) -> None:
        """Learn nothing."""


@dataclass(frozen=True, slots=True)
class Process:
    """One process: what it is made of, and a bench before it."""

    database: Database
    budget: HubBudget
    reads: Reads
    bench: httpx.AsyncClient
    clock: SystemClock

    async def get(self, path: str, *, cache: str | None = None, **headers: str) -> httpx.Response:
        """Read below ``/api/v1``, as a bench does."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if cache is not None:
            told["Cache-Control"] = cache
        return await self.bench.get(f"/api/v1{path}", headers=told)

    async def details(self, return_id: str, *, cache: str | None = None, **headers: str) -> httpx.Response:
        """Read one return."""
        return await self.get(f"/warehouse/return/details?return_id={return_id}", cache=cache, **headers)

    async def hint(self, shop_id: str, return_id: str) -> None:
        """Say that a return changed, as a webhook does."""
        async with self.database.transaction() as connection:
            await self.reads.hint(connection, shop_id, return_id)


def add_shops(url: str, shops: Mapping[str, Loop]) -> None:
    """Enter shops into a database, with budgets that make nobody wait."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name in shops:
            connection.execute(
                "INSERT INTO shop (id, name, colour) VALUES (%s, %s, '#336699')", (name, name.title())
            )
            connection.execute(
                "INSERT INTO budget_bucket (shop_id, tokens, counted_at, per_second, burst)"
                " VALUES (%s, 1e6, clock_timestamp(), 1e6, 1e6)",
                (name,),
            )


@contextlib.asynccontextmanager
async def process(url: str, shops: Mapping[str, Loop], *, hours_wrong: float = 0.0) -> AsyncIterator[Process]:
    """Start one process."""
    faults: list[tuple[str, BaseException]] = []

    def note(where: str, failure: BaseException) -> None:
        faults.append((where, failure))

    tasks, clock = Tasks(note), WrongClock(hours_wrong)
    database = Database(url, clock, tasks, most=6)
    budget = HubBudget(database, clock, tasks, BudgetMeasures(CollectorRegistry()))
    reads = reads_of(
        ORIGIN,
        database,
        budget,
        Keys(shops),
        clock,
        tasks,
        learn=clock.learn,
        make_wire=lambda *, keep_alive, proxy, certificate=b"": Wire(shops),
    )
    app = application(
        routes(reads),
        Callers(Book(tuple(sorted(shops)), uuid4())),
        now=clock.now,
        generation=lambda: "g",
        on_fault=note,
    )
    await database.open()
    bench = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url=ORIGIN, headers={KEY_HEADER: "dock"}, timeout=30
    )
    try:
        yield Process(database, budget, reads, bench, clock)
    finally:
        await bench.aclose()
        await tasks.aclose()
        await reads.aclose()
        await database.close()
    assert faults == []
