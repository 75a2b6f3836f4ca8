"""Benches, two hub processes, PostgreSQL and Loop together: nothing lost, doubled or called done in vain."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from loopdesk.domain.outbox.stages import Stage
from loopdesk.services.bench.lookup import FRESH_FOR
from tests.hub.spare_postgres import SparePostgres, programs
from tests.hub.test_ledger_mutants import RetryingLine
from tests.hub.walk.promises import check_step, watch_requests
from tests.hub.walk.walk import walk
from tests.hub.walk.world import HubWorld, a_world
from tests.kinds import FINALIZERS
from tests.torture import figures
from tests.torture.broken import Broken
from tests.torture.figures import DAMAGE
from tests.torture.station import Station

STEPS = 24

HELD_SECONDS = 3000.0
"""For so long Loop processes, unless the test ends it."""


@pytest.fixture
def own_postgres(monkeypatch: pytest.MonkeyPatch) -> Iterator[SparePostgres]:
    """A server of its own that is stopped hard, and its programs for copies."""
    monkeypatch.setenv("PATH", str(programs()), prepend=":")
    server = SparePostgres(settings={"fsync": "off"})
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.mark.expects_log
@pytest.mark.fault(201, 202, 206)
async def test_a_walk_over_benches_hub_and_loop_breaks_no_promise(own_postgres: SparePostgres) -> None:
    first = figures.seed()
    found = figures.begin("walks over benches, hub and Loop", first)
    walks = figures.size("hub_walks_together", 1, 400)
    for seed in count(first):
        await walk(seed, figures.size("hub_walk_steps", STEPS, 60), own_postgres, found)
        if found.trials >= walks or not figures.has_time(found):
            break
    found.end()
    assert {one: getattr(found, one) for one in DAMAGE} == dict.fromkeys(DAMAGE, 0)


@pytest.mark.expects_log
@pytest.mark.fault(83)
@pytest.mark.parametrize("notes", [False, True])
async def test_who_waited_for_another_bench_does_not_call_its_settlement_its_own(
    spare_postgres: SparePostgres, notes: bool
) -> None:
    """Found by the walk: dock 2 is parked because of dock 1, and scans the parcel once more."""
    spare_postgres.make("waited")
    world = a_world(1, spare_postgres, database="waited")
    world.settings.processing_seconds = HELD_SECONDS
    for station in world.stations:
        station.stations = 2 if notes else 1
    try:
        await world.open()
        watch_requests(world)
        first, second = world.stations
        await world.confirm_all(0, 0, 0)
        await world.clock.until(lambda: _stage(first, world) is Stage.SETTLING)
        await world.confirm_all(1, 0, 0)
        await world.clock.until(lambda: _stage(second, world) is Stage.PARKED)
        _end_processing(world)
        await world.clock.until(lambda: _stage(first, world) is Stage.DONE)
        await world.clock.turn(FRESH_FOR.total_seconds() + 1.0)  # else the scan shows what it showed before
        await world.scan(1, 0)
        assert _stage(second, world) is Stage.SUPERSEDED
        check_step(world)
    finally:
        await world.close()
        spare_postgres.drop("waited")


def _stage(station: Station, world: HubWorld) -> Stage | None:
    lane = station.lane(world.return_ids[0])
    return next((x.stage for x in lane if x.kind in FINALIZERS), None)


def _end_processing(world: HubWorld) -> None:
    """Let Loop do at once what it accepted for later."""
    with world.loop.lock:
        for job in world.loop.get(world.return_ids[0]).jobs:
            job.due = world.loop.now()


async def _watch(world: HubWorld) -> None:
    for _ in range(60):
        await world.turn(5.0)
        check_step(world)


@pytest.mark.expects_log
async def test_a_hub_that_sends_again_by_itself_is_found(
    spare_postgres: SparePostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    spare_postgres.make("control")
    world = a_world(1, spare_postgres, database="control", stations=1)
    monkeypatch.setattr(world, "loop_line", RetryingLine)
    try:
        await world.open()
        watch_requests(world)
        await world.strike(1, 1, 1)
        await world.confirm_all(0, 0, 0)
        with pytest.raises(Broken, match="2 times"):
            await _watch(world)
    finally:
        await world.close()
        spare_postgres.drop("control")
