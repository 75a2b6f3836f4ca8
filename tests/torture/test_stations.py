"""Two stations settle the same returns at the same moment, in one process and on a clock turned by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import END_STAGES, Stage
from loopdesk.domain.returns.returns import fingerprint
from loopdesk.services.station.events import OutboxChanged
from loopdesk.simulator.settings import Settings
from tests.builders import a_draft, a_keep_request, an_action
from tests.kinds import FINALIZERS
from tests.torture import figures
from tests.torture.figures import Figures
from tests.torture.invariants import ENDED, check_all, check_rest, watch_requests
from tests.torture.station import Station
from tests.torture.world import World

WINDOW_SECONDS = 45.0
"""How long an accepted processing waits at Loop."""

ENDS = (Kind.PROCESS, Kind.PROCESS, Kind.PROCESS, Kind.REMOVE, Kind.CANCEL, Kind.CLOSE)
FAULTY = (("lose_answer", 0.02), ("lose_request", 0.02), ("error_after", 0.01))


@pytest.mark.fault(83)
@pytest.mark.parametrize("has_guard", [False, True], ids=["no guard at Loop", "a guard at Loop"])
@pytest.mark.parametrize("is_faulty", [False, True], ids=["good line", "bad line"])
def test_the_same_returns_settled_at_once_end_once_each(has_guard: bool, is_faulty: bool) -> None:
    name = f"two stations, {'a' if has_guard else 'no'} guard at Loop{', bad line' if is_faulty else ''}"
    found = figures.begin(name, figures.seed())
    asyncio.run(_settle(found, has_guard=has_guard, is_faulty=is_faulty))
    found.end()


@pytest.mark.fault(174)
def test_two_stations_each_told_that_it_is_alone_end_a_return_once_after_a_mark_was_seen() -> None:
    asyncio.run(_settle_unknowing())


async def _settle_unknowing() -> None:
    settings = Settings(guards_queued=False, processing_seconds=WINDOW_SECONDS)
    world = World(figures.seed(), stations=2, returns=10, slow_disks=False, settings=settings)
    first, second = world.stations
    first.stations = second.stations = 1
    noted, claimed, *both = world.return_ids
    try:
        await world.open()
        watch_requests(world)
        await world.clock.turn(120.0)
        await _keep_all(world, first, Random(1), [noted])
        await _rest(world)
        await second.parts.read_notes(noted)  # as the bench does where a return is opened
        assert second.parts.second_bench.stations() == 2
        assert first.parts.second_bench.stations() == 1
        await _keep_all(world, second, Random(2), [claimed])
        await _rest(world)
        await first.parts.read_notes(claimed)
        seen = first.parts.second_bench.noticed
        assert seen is not None
        assert seen.station == "dock 2"
        for n, station in enumerate(world.stations):
            await _keep_all(world, station, Random(n), both)
        await _rest(world)
        check_rest(world)
        ended = {x: sum(world.loop.get(x).count(kind) for kind in ENDED) for x in world.return_ids}
        assert ended == dict.fromkeys(world.return_ids, 1)
    finally:
        await world.close()


@pytest.mark.fault(174)
def test_a_station_whose_store_is_an_older_copy_takes_its_own_marks_for_nobody_elses() -> None:
    asyncio.run(_put_back())


async def _put_back() -> None:
    world = World(figures.seed(), returns=1, slow_disks=False)
    (station,) = world.stations
    copy = world.folder / "copy"
    try:
        await world.open()
        watch_requests(world)
        await world.clock.turn(120.0)
        station.copy_folder(copy)
        await _keep_all(world, station, Random(1))
        await _rest(world)
        (return_id,) = world.return_ids
        marks = [note.text for note in await station.parts.read_notes(return_id) if "[ld:" in note.text]
        await station.kill()
        station.put_back_folder(copy)
        await station.start()
        assert (marks, station.lane(return_id)) == ([marks[0]], [])  # Loop shows what the copy does not know
        await world.clock.turn(7200.0)
        await station.parts.read_notes(return_id)
        assert await station.parts.second_bench.count() == 1
    finally:
        await world.close()


async def _settle(found: Figures, *, has_guard: bool, is_faulty: bool) -> None:
    settings = Settings(guards_queued=has_guard, processing_seconds=WINDOW_SECONDS)
    returns = figures.size("settled_at_once", 20, 180, a_minute=90)
    world = World(found.seed, stations=2, returns=returns, slow_disks=False, settings=settings)
    try:
        await world.open()
        watch_requests(world)
        for n, station in enumerate(world.stations):
            await _keep_all(world, station, Random(n))
            if is_faulty:
                station.wire.weather.random, station.wire.weather.shares = Random(n), FAULTY
        await _rest(world)
        check_rest(world)
        ends = {x: sum(world.loop.get(x).count(kind) for kind in ENDED) for x in world.return_ids}
        found.trials, found.steps = returns, len(world.books.posts)
        found.doubled = sum(count > 1 for count in ends.values())
        open_ones = {return_id for return_id, count in ends.items() if count == 0}
        found.more["returns ended"] = returns - len(open_ones)
        assert found.doubled == 0
        assert len(open_ones) < (returns / 2 if is_faulty else 1)
        assert open_ones <= {x.return_id for x in world._all_entries() if x.stage is Stage.PARKED}
    finally:
        await world.close()


async def _keep_all(
    world: World, station: Station, random: Random, return_ids: Sequence[str] | None = None
) -> None:
    """Settle returns (all unless given) at one station: lines graded, a note, an end of its own choice."""
    for return_id in world.return_ids if return_ids is None else return_ids:
        stored = await station.store.returns.get(return_id)
        assert stored is not None
        line_ids = [line.line_item_id for line in stored.ret.lines]
        end = random.choice(ENDS)
        if end is Kind.REMOVE and len(line_ids) < 2:
            end = Kind.PROCESS
        actions = [an_action(Kind.GRADE, line_id) for line_id in line_ids]
        actions += [an_action(Kind.NOTE, ""), an_action(end, line_ids[0] if end is Kind.REMOVE else "")]
        request = a_keep_request(
            return_id=return_id,
            seen=fingerprint(stored.ret),
            draft=a_draft(return_id),
            actions=tuple(actions),
            hold_seconds=8.0,
            station=station.name,
            key_fingerprint=station.where().key_fingerprint,
        )
        entries = await station.store.outbox.keep(request)
        station.memory.acknowledged |= {entry.entry_id for entry in entries}
        station.feed.tell(OutboxChanged(return_id))


async def _rest(world: World) -> None:
    """Let time pass until nothing moves any more; what every request must keep is looked at as it leaves."""
    began = world.clock.monotonic()
    while any(
        x.stage not in END_STAGES and x.stage is not Stage.PARKED
        for station in world.stations
        for x in station.entries()
        if x.kind in FINALIZERS or x.stage is not Stage.DONE
    ):
        assert world.clock.monotonic() - began < 6 * 3600.0, "the queues do not drain"
        await world.clock.turn(60.0)
        assert world.broken is None, str(world.broken)
    check_all(world)
