"""H8: benches were without their hub for a night; all come back at once and drain within the budget."""

from __future__ import annotations

import asyncio
import sys
from random import Random

import pytest

from loopdesk.domain.outbox.stages import Stage
from loopdesk.hub.budget.dealing import BURST, PER_SECOND
from loopdesk.services.ports.station import Limits
from loopdesk.services.station.events import OutboxChanged
from tests.hub.spare_postgres import SparePostgres
from tests.hub.walk.promises import check_rest, check_step, watch_requests
from tests.hub.walk.shift import fullest
from tests.hub.walk.world import HUBS, HubWorld
from tests.torture import figures
from tests.torture.station import Station
from tests.torture.test_long_offline import ACTIONS_A_RETURN, settling

HOURS = 12
HASTE = 6.0
MOST = 60 * PER_SECOND + BURST
LOOK_SECONDS = 30.0
MOST_SECONDS = 4 * 3600.0


class Night(HubWorld):
    """Benches with returns of their own, which are without their hub for a night."""

    async def open(self) -> Night:
        """Start; each bench reads only what is on its table."""
        ids, self.return_ids = self.return_ids, []
        await super().open()
        self.return_ids = ids
        return self

    def of(self, n: int) -> range:
        """Return which returns a bench settles."""
        each = len(self.return_ids) // len(self.stations)
        return range(n * each, (n + 1) * each)

    async def evening(self, n: int) -> None:
        """Scan everything, then lose the line and finish it all."""
        for which in self.of(n):
            await self.scan(n, which)
        await self.line(n, is_up=False)
        station = self.stations[n]
        for which in self.of(n):
            await self._keep(station, self.return_ids[which])

    async def _keep(self, station: Station, return_id: str) -> None:
        stored = await station.store.returns.get(return_id)
        assert stored is not None
        request = settling(stored.ret, station.name, station.where().key_fingerprint)
        entries = await station.store.outbox.keep(request)
        station.memory.acknowledged |= {entry.entry_id for entry in entries}
        station.feed.tell(OutboxChanged(return_id))

    async def pass_by(self, seconds: float) -> None:
        """Let the night pass; some benches are switched off meanwhile, and the hub starts again."""
        off = self.stations[::2]
        for station in off:
            await station.kill()
        await self.processes.close()
        self.hurry.skip(seconds)
        self.hurry.install(self._url)
        await self.processes.start(HUBS)
        for n, station in enumerate(self.stations):
            if station in off:
                await station.start()
                await self.line(n, is_up=False)


@pytest.mark.expects_log
async def test_queues_of_a_night_offline_drain_in_order_and_within_the_budget(
    spare_postgres: SparePostgres, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = figures.seed()
    found = figures.begin("H8, benches back after 12 h offline", seed)
    benches = figures.size("hub_offline_benches", 4, 20)
    each = figures.size("hub_offline_actions", 20, 500) // ACTIONS_A_RETURN
    spare_postgres.make("night")
    night = Night(
        seed,
        spare_postgres,
        stations=benches,
        returns=benches * each,
        slow_disks=False,
        limits=Limits(),
        hold_seconds=8.0,
        haste=HASTE,
        database="night",
    )
    try:
        await night.open()
        watch_requests(night)
        await asyncio.gather(*(night.evening(n) for n in range(benches)))
        await night.pass_by(HOURS * 3600.0)
        await night.clock.until(lambda: all(x.stage is Stage.READY for x in night._all_entries()))
        entries = night._all_entries()
        assert {x.tries for x in entries} == {0}
        before, began = len(night.loop.requests()), night.clock.monotonic()
        for n in Random(seed).sample(range(benches), benches):
            await night.line(n, is_up=True)
        ended: dict[str, float] = {}
        while len(ended) < benches:
            assert night.clock.monotonic() - began < MOST_SECONDS, "the queues do not drain"
            await night.clock.turn(LOOK_SECONDS)
            check_step(night)
            for station in night.stations:
                if all(x.stage is Stage.DONE for x in station.entries()):
                    ended.setdefault(station.name, night.clock.monotonic() - began)
        await night.calm()
        check_rest(night)
        requests = night.loop.requests()[before:]
        actions = night.arrivals()
    finally:
        await night.close()
        spare_postgres.drop("night")
    many, most = benches * each, fullest([request.at for request in requests])
    found.trials, found.steps = many, len(entries)
    found.more["calls per return"] = round(len(requests) / many, 2)
    found.more["first bench drained in minutes"] = round(min(ended.values()) / 60.0, 1)
    found.more["last bench drained in minutes"] = round(max(ended.values()) / 60.0, 1)
    found.more["most in a minute"] = most
    found.more["requests answered 429"] = sum(request.status == 429 for request in requests)
    found.end()
    with capsys.disabled():
        sys.stdout.write(f"\nH8: {len(entries)} actions of {benches} benches: {found.more}\n")
    assert {request.status for request in requests} == {200}
    assert most <= MOST
    assert len({attempt for attempt, _ in actions}) == len(actions)
