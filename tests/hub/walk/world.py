"""The world of the benches' own walk with a hub in its middle; every method is one step."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Any
from urllib.parse import parse_qs

import psycopg

from loopdesk.cli import main
from loopdesk.domain.api_key import host_of
from loopdesk.domain.operators import Operator
from loopdesk.hub.benches.registry import hashed
from loopdesk.hub.ledger.loop_line import LoopLine
from loopdesk.hub.settings import HubSettings, IndexSettings
from loopdesk.services.ports.station import Limits
from loopdesk.simulator.loop import LoggedRequest
from tests.hub.running import make_site
from tests.hub.serving import set_up, settings_before, write_settings
from tests.hub.spare_postgres import SparePostgres
from tests.hub.walk.hurry import HurriedWorldClock, Hurry
from tests.hub.walk.line import HUB, HubLine
from tests.hub.walk.processes import ATTEMPT, Processes
from tests.simulator_thread import SimulatorThread
from tests.torture.station import Station
from tests.torture.wire import Wire
from tests.torture.world import KEYS, World

HASTE = 12.0
"""A busy machine takes a second of its own now and then; no promise may hang on that being a minute."""

HUBS = 2
ON_THE_WAY_SECONDS = 2.0
"""How long a request that has left is on its way to Loop."""

START_MOST = 3
"""How often a hub is started until it comes up: PostgreSQL may be away just then."""

Attempt = tuple[str, int]


class HubStation(Station):
    """A bench computer with a hub between it and the shop."""

    is_at_hub = True
    processes: Processes

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.lines: list[HubLine] = []

    def _make_line(self) -> Wire:
        faces = {host_of(HUB): next(iter(self.faces.values()))}
        choice = Random(self.name)
        given = (faces, self.world, self.name, self.points, self.books, self._observe)
        self.lines.append(HubLine(*given, urls=lambda: self.processes.urls, random=choice))
        return self.lines[-1]

    async def kill(self) -> None:
        """End as kill -9 does; what had left the machine by then arrives all the same."""
        await super().kill()
        if self.lines:
            await self.lines[-1].cut()

    @property
    def line(self) -> HubLine:
        """Its line to the hub."""
        assert isinstance(self.wire, HubLine)
        return self.wire


class HubWorld(World):
    """Stations, hub processes, PostgreSQL and a shop.

    Args:
        server: A PostgreSQL that runs; of its own, if it is to be stopped.
        haste: How fast time runs.
        database: An empty one.

    Attributes:
        sent: Attempts that the ledger ever knew to have left; a restored copy may have forgotten them.
        hub_kills, stops, restores, revoked: How often these things happened.
    """

    station_kind: type[Station] = HubStation
    index = IndexSettings(seconds=0)
    loop_line: type[LoopLine] = LoopLine
    look_seconds = 15.0

    def __init__(
        self,
        seed: int,
        server: SparePostgres,
        *,
        haste: float = HASTE,
        database: str = "postgres",
        **more: Any,
    ) -> None:
        self.hurry = Hurry(time.time(), haste)
        super().__init__(seed, **more)
        self._server = server
        self._url = server.url(database)
        self._dump = self.folder / "hub.dump"
        self._starting: set[asyncio.Task[None]] = set()
        self.simulator = SimulatorThread(self.loop)
        self.sent: set[Attempt] = set()
        self.stops = self.restores = self.revoked = 0
        for station in self.stations:
            station.url, station.stations = HUB, 1  # none of them talks to Loop itself
            station.memory.hosts.add(host_of(HUB))

    def _led(self, station: Station, n: int) -> None:
        """Lead a station to the hub."""

    def _make_clock(self) -> HurriedWorldClock:
        return HurriedWorldClock(self.hurry)

    @property
    def hub_kills(self) -> int:
        """How many hub processes were killed."""
        return self.processes.kills

    async def open(self) -> HubWorld:
        """Start everything and let each station join."""
        self.simulator.__enter__()
        await make_site(self._url)
        self.hurry.install(self._url)
        before = settings_before(self._url, self.simulator.url, self.folder)
        self.settings_of_hub: HubSettings = before.model_copy(update={"index": self.index})
        self._file = write_settings(self.settings_of_hub, self.folder)
        names = [station.name for station in self.stations]
        tokens = await set_up(self.settings_of_hub, names, key=KEYS[0].value)
        log = self.folder / "hub.log"
        self.processes = Processes(self.settings_of_hub, self.hurry, log, line=self.loop_line)
        await self.processes.start(HUBS)
        for station, token in zip(self.stations, tokens, strict=True):
            assert isinstance(station, HubStation)
            station.processes, station.key = self.processes, token
            self._led(station, self.stations.index(station))
        await super().open()
        return self

    async def close(self) -> None:
        """Drop everything."""
        await self._wait_for_starts()
        for station in self.stations:
            await station.kill()
            assert isinstance(station, HubStation)
            for line in station.lines:
                await line.stop_carrying()
        if hasattr(self, "processes"):
            await self.processes.close()
        self.simulator.__exit__(None, None, None)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- what happens to the hub ----------------------------------------------------------------------

    async def kill_hub(self, which: int) -> None:
        """kill -9 of a hub process; another one starts in its place after a moment."""
        await self.processes.kill(which)
        self._begin_start()

    async def stop_postgres(self) -> None:
        """PostgreSQL crashes, and starts again."""
        self.stops += 1
        await asyncio.to_thread(self._server.stop, hard=True)
        await asyncio.to_thread(self._server.start)

    async def back_up_hub(self) -> None:
        """IT copies the hub's database."""
        self._dump.unlink(missing_ok=True)
        assert await self._types("backup", str(self._dump)) == 0

    async def restore_hub(self) -> None:
        """IT puts the copy back: what the ledger learned since is gone, and who joined since joins again.

        As the manual says, it waits until Loop has done what was on its way.
        """
        if not self._dump.exists():
            return
        await self._wait_for_starts()
        self.note_sent()
        self.restores += 1
        await self.processes.close()
        await self.clock.turn(self.settings.processing_seconds + ON_THE_WAY_SECONDS)
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(b"DROP SCHEMA hurry CASCADE")
        assert await self._types("restore", str(self._dump)) == 0
        self.hurry.install(self._url)
        await self.processes.start(HUBS)

    async def revoke(self, at: int) -> None:
        """IT ends what a bench may do."""
        self.revoked += 1
        with psycopg.connect(self._url) as connection:
            connection.execute(
                b"UPDATE bench SET revoked_at = clock_timestamp() WHERE name = %s AND revoked_at IS NULL",
                (self._at(at).name,),
            )

    async def join_again(self, at: int) -> None:
        """A bench that may not ask joins as a new one."""
        station = self._at(at)
        with psycopg.connect(self._url) as connection:
            known = connection.execute(
                b"SELECT FROM bench WHERE token_hash = %s AND revoked_at IS NULL",
                (hashed(station.key.encode()),),
            ).fetchall()
            if known:
                return
            token = f"token-{self.random.random()}"
            connection.execute(b"DELETE FROM bench WHERE name = %s AND revoked_at IS NULL", (station.name,))
            connection.execute(
                b"INSERT INTO bench (name, token_hash, joined_at) VALUES (%s, %s, clock_timestamp())",
                (station.name, hashed(token.encode())),
            )
        station.use_key(token)
        await self.clock.settle()
        await self._try(station, station.same_shop(Operator(name="lead")))

    async def arrive_late(self, at: int, seconds: float) -> None:
        """The line breaks under a station's next action, which the hub gets all the same, later."""
        station = self._at(at)
        assert isinstance(station, HubStation)
        station.line.late_seconds = seconds

    async def jump(self, at: int, seconds: float) -> None:
        """Somebody sets a station's wall clock."""
        self._at(at).clock.jump(seconds)

    async def _go_home(self, station: Station) -> None:
        await self.join_again(self.stations.index(station))

    async def calm(self) -> None:
        """Everything is well again, nobody acts: let all come to rest, the claims too."""
        await self._wait_for_starts()
        await self.processes.start(HUBS - len(self.processes.urls))
        for station in self.stations:
            assert isinstance(station, HubStation)
            station.line.late_seconds = 0.0
        await super().calm()

    def _is_at_rest(self) -> bool:
        return super()._is_at_rest() and not self._rows(
            "SELECT FROM return_claim WHERE ended_at IS NULL AND stale_at IS NULL"
            " UNION ALL SELECT FROM action WHERE stage IN ('reserved', 'sending')"
        )

    def _begin_start(self) -> None:
        task = asyncio.ensure_future(self._start())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _start(self) -> None:
        for _ in range(START_MOST):
            with suppress(RuntimeError):
                await self.processes.start(1)
                break

    async def _wait_for_starts(self) -> None:
        if self._starting:
            await asyncio.wait(self._starting)

    async def _types(self, *words: str) -> int:
        return await asyncio.to_thread(main, ["hub", "--settings", str(self._file), *words])

    # --- what is true ---------------------------------------------------------------------------------

    def _rows(self, statement: str) -> Sequence[tuple[Any, ...]]:
        with psycopg.connect(self._url) as connection:
            return connection.execute(statement.encode()).fetchall()

    def note_sent(self) -> None:
        """Remember what the ledger knows to have left."""
        self.sent |= set(self._rows("SELECT entry_id, n FROM action WHERE sent_at IS NOT NULL"))

    def open_claims(self) -> Sequence[tuple[Any, ...]]:
        """Claims that keep others away, and of which nobody is told that a person must look."""
        return self._rows(
            "SELECT return_id, entry_id, kind, taken_at FROM return_claim"
            " WHERE ended_at IS NULL AND stale_at IS NULL"
        )

    def under_way(self) -> Sequence[tuple[Any, ...]]:
        """Attempts of which the ledger says no end."""
        return self._rows("SELECT entry_id, n, stage FROM action WHERE stage IN ('reserved', 'sending')")

    def arrivals(self) -> list[tuple[str, LoggedRequest]]:
        """Every action that Loop saw, with the attempt that it is."""
        found = []
        for request in self.loop.requests("POST"):
            [attempt] = parse_qs(request.query).get(ATTEMPT, [""])
            found.append((attempt, request))
        return found

    def take_in(self) -> None:
        """Enter in the books what became of each request of a station at Loop itself."""
        arrived = dict(self.arrivals())
        for post in self.books.posts:
            request = arrived.get(post.attempt)
            if request is not None:
                post.arrived, post.had_effect = True, request.effect


def a_world(seed: int, server: SparePostgres, *, database: str, stations: int = 2) -> HubWorld:
    """Make the world of a walk."""
    return HubWorld(
        seed,
        server,
        database=database,
        stations=stations,
        slow_disks=seed % 2 == 1,
        limits=Limits(witness=120.0),
        hold_seconds=0.0,
    )
