"""A shift of benches that follow a hub and settle, on a hurried clock: what each return costs at Loop."""

from __future__ import annotations

import asyncio
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import httpx
import psycopg

from loopdesk.api.connections import real_wire
from loopdesk.api.hub_changes import HubChanges
from loopdesk.app.compose import Ports
from loopdesk.app.startup_tuning import LazyPart
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Stage
from loopdesk.hub.budget.dealing import Klass
from loopdesk.hub.settings import IndexSettings
from loopdesk.services.ports.following import HubStream
from loopdesk.services.ports.station import Limits
from tests.hub.spare_postgres import SparePostgres
from tests.hub.walk.world import HubStation, HubWorld
from tests.torture.station import Station

LIST_SECONDS = 60.0


_NOTED = """
CREATE TABLE turns (klass smallint);
CREATE FUNCTION note_turn() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO turns VALUES (NEW.klass); RETURN NEW; END $$;
CREATE TRIGGER noted AFTER UPDATE OF granted_at ON budget_wish FOR EACH ROW EXECUTE FUNCTION note_turn();
"""
"""Notes for what a request to Loop was."""


class FollowingStation(HubStation):
    """A bench that follows its hub over real sockets."""

    def _make_wire(
        self, *, keep_alive: bool, proxy: str, certificate: bytes = b""
    ) -> httpx.AsyncBaseTransport:
        return real_wire(keep_alive=keep_alive, proxy=proxy, certificate=certificate)

    def _furnished(self, ports: Ports) -> Ports:
        stream = LazyPart(lambda: HubChanges(self.transport.line))
        return replace(ports, stream=cast("HubStream", stream), has_hub=lambda: True)

    async def start(self) -> None:
        """As any station; then follow."""
        await super().start()
        self.parts.start_reading(LIST_SECONDS)

    async def kill(self) -> None:
        """As any station."""
        await super().kill()
        if hasattr(self, "transport"):
            await self.transport.aclose()


class Shift(HubWorld):
    """Many benches, each with returns of its own."""

    station_kind = FollowingStation
    index = IndexSettings(seconds=LIST_SECONDS)

    async def open(self) -> Shift:
        """Start; nobody reads a return before its parcel is there."""
        ids, self.return_ids = self.return_ids, []
        await super().open()
        self.return_ids = ids
        await self.clock.until(lambda: all(self._knows(station, ids) for station in self.stations))
        with psycopg.connect(self._url) as connection:
            connection.execute(_NOTED.encode())
        return self

    def turns(self) -> Counter[Klass]:
        """Count what was asked of Loop since, by class."""
        return Counter(Klass(klass) for (klass,) in self._rows("SELECT klass FROM turns"))

    def _led(self, station: Station, n: int) -> None:
        urls = self.processes.urls
        station.url = f"{urls[n % len(urls)]}/api"

    def _knows(self, station: Station, ids: list[str]) -> bool:
        [(many,)] = station.disk.peek("SELECT count(*) FROM return")
        return int(many) >= len(ids)


def a_shift(
    seed: int, server: SparePostgres, *, benches: int, each: int, haste: float, database: str = "postgres"
) -> Shift:
    """Make it."""
    made = Shift(
        seed,
        server,
        stations=benches,
        returns=benches * each,
        slow_disks=False,
        limits=Limits(),
        hold_seconds=8.0,
        haste=haste,
        database=database,
    )
    made.settings.processing_seconds = 2.0
    return made


async def work(shift: Shift, rounds: range, every_seconds: float) -> None:
    """Let every bench settle returns of its own, one in each round of so many seconds."""
    benches = len(shift.stations)

    async def bench(n: int) -> None:
        await shift.clock.sleep(every_seconds * n / benches)
        await shift.confirm_all(n, rounds[0] * benches + n, 0)

    for k in rounds:
        began, rounds = shift.clock.monotonic(), range(k, rounds.stop)
        await asyncio.gather(*(bench(n) for n in range(benches)))
        await shift.clock.sleep(max(0.0, began + every_seconds - shift.clock.monotonic()))


def settled(shift: Shift) -> int:
    """Return how many returns are settled, as their benches say."""
    return sum(x.kind is Kind.PROCESS and x.stage is Stage.DONE for x in shift._all_entries())


def fullest(times: list[datetime]) -> int:
    """Return the most requests within any minute."""
    return max((bisect_left(times, at + timedelta(seconds=60)) - n for n, at in enumerate(times)), default=0)


def by_kind(shift: Shift, since: int) -> Counter[str]:
    """Count what Loop was asked for."""
    requests = shift.loop.requests()[since:]
    return Counter(f"{x.method} {re.sub('[0-9]+', 'N', x.path).rpartition('/vN/')[2]}" for x in requests)
