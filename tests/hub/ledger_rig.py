"""A hub's process with nothing but its ledger, benches that ask it, and the simulated Loop behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import psycopg
from prometheus_client import CollectorRegistry

from loopdesk.api.connections import WireFactory, real_wire
from loopdesk.api.transport import ApiKey
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.hub.benches.registry import BenchRegistry, hashed
from loopdesk.hub.database.pool import Database
from loopdesk.hub.http import actions
from loopdesk.hub.http.app import application
from loopdesk.hub.http.callers import Callers
from loopdesk.hub.http.server import HubServer
from loopdesk.hub.ledger.acts import ClaimPlace, Ledger
from loopdesk.hub.ledger.exchange import Exchanges
from loopdesk.hub.ledger.loop_line import LoopLine
from loopdesk.hub.ledger.measures import LedgerMeasures
from loopdesk.hub.ledger.stages import LedgerLimits
from loopdesk.hub.ledger.sweep import Sweep
from loopdesk.services.station.tasks import Tasks
from loopdesk.simulator.crowd import ManyReturns
from loopdesk.simulator.http.server import wall_clock
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.settings import Settings
from loopdesk.system.host.clock import SystemClock
from tests.simulator_thread import SimulatorThread

SHOP = "main"
LIMITS = LedgerLimits(deadline=timedelta(seconds=1.5), stale_after=timedelta(seconds=900))


def quick_loop(returns: int, *, guards_queued: bool = False, seconds: float = 0.2) -> SimulatorThread:
    """Return a Loop of open returns, which queues processing for a moment.

    Args:
        seconds: For how long.
        guards_queued: Whether it refuses a second processing meanwhile, or pays twice.
    """
    settings = Settings(processing_seconds=seconds, rate_limit=None, guards_queued=guards_queued)
    crowd = ManyReturns(3 * returns + 20, 1, wall_clock())
    made = [ret for ret in crowd if ret.state == "open" and not ret.flagged][:returns]
    assert len(made) == returns
    return SimulatorThread(Loop(clock=wall_clock, returns=made, settings=settings))


def return_ids(simulator: SimulatorThread) -> list[str]:
    """Return the ids of all its returns."""
    return [ret.return_id for ret in simulator.loop.index.kept()]


def furnish(url: str, benches: int) -> tuple[str, ...]:
    """Make a shop and benches, and return their tokens."""
    tokens = tuple(f"token of dock {n}" for n in range(1, benches + 1))
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO shop (id, name, colour) VALUES (%s, 'Main', '#335577') ON CONFLICT DO NOTHING",
            (SHOP,),
        )
        for n, token in enumerate(tokens, 1):
            connection.execute(
                "INSERT INTO bench (name, token_hash, joined_at) VALUES (%s, %s, clock_timestamp())",
                (f"Dock {n}", hashed(token.encode())),
            )
    return tokens


class OneKey:
    """The key of every shop."""

    def __init__(self, key: str) -> None:
        self._key = ApiKey(key)

    async def key_of(self, _shop_id: str) -> ApiKey:
        """Return it."""
        return self._key


class StraightSight:
    """Looks at Loop without copies or a budget."""

    def __init__(self, url: str, key: str) -> None:
        self._url = f"{url}/api/v1/warehouse/return/details"
        self._headers = {"X-Authorization": key}

    async def state_of(self, place: ClaimPlace) -> ReturnState:
        """Return the state of a return."""
        async with httpx.AsyncClient(trust_env=False) as client:
            query = {"return_id": place.return_id}
            told = await client.get(self._url, params=query, headers=self._headers)
        return ReturnState(told.json()["state"])


async def no_turn_needed(_shop_id: str, _bench_id: UUID, _priority: str | None) -> None:
    """A budget without end."""


async def _not_throttled(_shop_id: str, _seconds: float) -> None: ...


class LedgerHub:
    """One process of a hub as far as actions go, in this process or as the whole of another one.

    Args:
        make_wire, make_ledger, make_line: Parts that a test breaks.
        take: The request budget.
    """

    def __init__(
        self,
        url: str,
        loop_url: str,
        key: str,
        *,
        make_wire: WireFactory = real_wire,
        limits: LedgerLimits = LIMITS,
        make_ledger: type[Ledger] = Ledger,
        make_line: type[LoopLine] = LoopLine,
        take: actions.Take = no_turn_needed,
    ) -> None:
        self.faults: list[tuple[str, BaseException]] = []
        self.clock = SystemClock()
        self.tasks = Tasks(lambda where, failure: self.faults.append((where, failure)))
        self.database = Database(url, self.clock, self.tasks, most=8)
        self.ledger = make_ledger(self.database, limits=limits)
        self.line = make_line(f"{loop_url}/api", self.clock, OneKey(key), make_wire=make_wire)
        owner, measures = self.database.owner, LedgerMeasures(CollectorRegistry())
        self.exchanges = Exchanges(
            self.ledger,
            self.line,
            self.clock,
            self.tasks,
            owner=owner,
            learn=lambda _told: None,
            throttled=_not_throttled,
            measures=measures,
        )
        self.sweep = Sweep(
            self.ledger,
            self.exchanges,
            StraightSight(loop_url, key),
            self.clock,
            owner=owner,
            on_fault=lambda where, failure: self.faults.append((where, failure)),
            measures=measures,
        )
        self._take = take
        self._server: HubServer | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return self._server.url

    async def start(self, *, sweeping: bool = False) -> None:
        """Serve, and sweep if asked to."""
        await self.database.open()
        app = application(
            actions.routes(self.ledger, self.exchanges, self._home, self._take),
            Callers(BenchRegistry(self.database)),
            now=self.clock.now,
            generation=lambda: self.database.generation,
            on_fault=lambda where, failure: self.faults.append((where, failure)),
        )
        self._server = HubServer(app, "127.0.0.1", 0)
        self.serving = self.tasks.spawn(self._server.run_until_end(), name="serving")
        if sweeping:
            self.tasks.spawn(self.sweep.run(), name="sweeping")

    async def stop(self) -> None:
        """Stop in order."""
        assert self._server is not None
        self._server.end()
        await asyncio.wait([self.serving])
        await self.exchanges.wait_for_end(5.0)
        await self.line.aclose()
        await self.database.close()
        await self.tasks.aclose()

    async def __aenter__(self) -> LedgerHub:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
        assert self.faults == []

    async def _home(self, _return_id: str, shops: Sequence[str]) -> str | None:
        return shops[0]


@dataclass
class Dock:
    """A bench as the hub sees it: a token, and requests.

    Attributes:
        generation: As the hub last told it.
    """

    token: str
    person: str = "Ada"
    generation: str = ""
    client: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(trust_env=False, timeout=10.0)
    )

    async def act(
        self,
        hub_url: str,
        return_id: str,
        key: str,
        word: str = "process",
        *,
        body: dict[str, Any] | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> httpx.Response:
        """Ask for an action; its body names the attempt, so that the simulator's log tells it."""
        told = await self.client.post(
            f"{hub_url}/api/v1/warehouse/return/{return_id}/{word}",
            json={"attempt": key} if body is None else body,
            headers=self._headers() | {"Idempotency-Key": key} | dict(headers),
        )
        return self._heard(told)

    async def ask(self, hub_url: str, key: str) -> httpx.Response:
        """Ask what became of a key."""
        return self._heard(await self.client.get(f"{hub_url}/hub/v1/actions/{key}", headers=self._headers()))

    def _headers(self) -> dict[str, str]:
        told = {"X-Authorization": self.token, "X-Loopdesk-Person": quote(self.person)}
        return told | ({"X-Loopdesk-Generation": self.generation} if self.generation else {})

    def _heard(self, told: httpx.Response) -> httpx.Response:
        self.generation = told.headers.get("X-Loopdesk-Generation") or self.generation
        return told


def docks_of(url: str, benches: int) -> list[Dock]:
    """Make benches that have read something of the hub before, and so know its generation."""
    [(generation,)] = rows_of(url, "SELECT hub_generation()")
    return [Dock(token, generation=generation) for token in furnish(url, benches)]


def outcome(told: httpx.Response) -> str:
    """Return what the hub says of an action."""
    return str(told.headers.get("X-Loopdesk-Outcome", ""))


def new_entry() -> str:
    """Return an entry's id."""
    return uuid4().hex


def sent_attempts(simulator: SimulatorThread) -> list[str]:
    """Return the attempts that Loop saw, one for each request."""
    return [
        request.body["attempt"]
        for request in simulator.requests("POST", "/process")
        if isinstance(request.body, dict) and "attempt" in request.body
    ]


def effects(simulator: SimulatorThread, return_id: str) -> int:
    """Return how often a return was processed or is about to be."""
    ret = simulator.loop.get(return_id)
    return ret.count("processed") + len(ret.jobs)


def rows_of(url: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Read the database apart from the hub."""
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode(), values).fetchall()


def write(url: str, *statements: str) -> None:
    """Change the database apart from the hub."""
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())
