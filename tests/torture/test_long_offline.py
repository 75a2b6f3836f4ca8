"""G13 to G15: twelve hours without Loop, the queue that comes of it, and a bad wireless network."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from random import Random

from loopdesk.api.translate import from_body
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import END_STAGES, Stage
from loopdesk.domain.returns.returns import Return, fingerprint
from loopdesk.services.ports.store import KeepRequest
from loopdesk.services.station.events import OutboxChanged
from loopdesk.store.store import open_store
from tests.builders import a_draft, a_keep_request, an_action
from tests.kinds import FINALIZERS
from tests.torture import figures
from tests.torture.figures import Figures
from tests.torture.invariants import check_all, check_rest, watch_requests
from tests.torture.station import Station
from tests.torture.world import World

ACTIONS_A_RETURN = 4
HOURS = 12
BAD_WIFI = (("lose_answer", 0.02), ("lose_request", 0.01), ("error_before", 0.0025), ("error_after", 0.0025))


def _actions() -> int:
    return figures.size("actions", 500, 10_000, a_minute=1_000)


def settling(ret: Return, station: str, key: str) -> KeepRequest:
    """What finishing a return comes to: each line graded and its place chosen, then processed."""
    kinds = [(kind, line.line_item_id) for kind in (Kind.GRADE, Kind.ASSESS) for line in ret.lines]
    return a_keep_request(
        return_id=ret.return_id,
        order_name=ret.order_name,
        seen=fingerprint(ret),
        draft=a_draft(ret.return_id),
        actions=(*(an_action(kind, line_id) for kind, line_id in kinds), an_action(Kind.PROCESS, "")),
        hold_seconds=8.0,
        station=station,
        key_fingerprint=key,
    )


async def _keep_all(world: World, station: Station, seconds: list[float]) -> int:
    """Finish every return; notes how long keeping each one took. Returns how many actions were kept."""
    count = 0
    for return_id in world.return_ids:
        stored = await station.store.returns.get(return_id)
        assert stored is not None
        began = time.perf_counter()
        request = settling(stored.ret, station.name, station.where().key_fingerprint)
        entries = await station.store.outbox.keep(request)
        seconds.append(time.perf_counter() - began)
        station.memory.acknowledged |= {entry.entry_id for entry in entries}
        station.feed.tell(OutboxChanged(return_id))
        count += len(entries)
    return count


async def _rest(world: World, station: Station, most_hours: float) -> float:
    """Let time pass until nothing moves any more. Returns how long that was."""
    began = world.clock.monotonic()
    while any(x.stage not in END_STAGES and x.stage is not Stage.PARKED for x in station.entries()):
        assert world.clock.monotonic() - began < most_hours * 3600.0, "the queue does not drain"
        await world.clock.turn(20.0)
        assert world.broken is None, str(world.broken)
    return world.clock.monotonic() - began


def p99(values: list[float]) -> float:
    """Return the value that one in a hundred exceeds."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def test_twelve_hours_offline_drain_in_order_within_the_budget() -> None:
    found = figures.begin("12 h offline", 1)
    asyncio.run(_offline(found))
    found.end()
    assert found.more["requests answered 429"] == 0
    assert float(found.more["calls per return"]) <= 5.0


async def _offline(found: Figures) -> None:
    world = World(1, returns=_actions() // ACTIONS_A_RETURN, slow_disks=False)
    try:
        await world.open()
        watch_requests(world)
        (station,) = world.stations
        await world.line(0, is_up=False)
        count = await _keep_all(world, station, [])
        await world.clock.turn(HOURS * 3600.0)
        check_all(world)
        assert all(x.stage is Stage.READY and x.tries == 0 for x in station.entries())
        asked = len(world.books.asked)
        await world.line(0, is_up=True)
        took = await _rest(world, station, 24.0)
        check_rest(world)
        assert {x.stage for x in station.entries()} == {Stage.DONE}
        calls = len(world.books.asked) - asked
        found.trials, found.steps = len(world.return_ids), count
        found.more["calls per return"] = round(calls / len(world.return_ids), 2)
        found.more["drained in minutes"] = round(took / 60.0, 1)
        found.more["requests a minute"] = round(calls / (took / 60.0), 1)
        found.more["requests answered 429"] = world.books.throttled
    finally:
        await world.close()


def test_a_bad_wireless_network_costs_hardly_anyone_a_decision() -> None:
    seed = figures.seed()
    found = figures.begin("bad wireless", seed)
    asyncio.run(_bad_wifi(found, seed))
    found.end()
    assert int(found.more["finalizers parked"]) <= int(found.more["without effect"]) + found.trials * 0.001


async def _bad_wifi(found: Figures, seed: int) -> None:
    world = World(seed, returns=figures.size("wifi_returns", 100, 2_500, a_minute=250), slow_disks=False)
    try:
        await world.open()
        watch_requests(world)
        (station,) = world.stations
        weather = station.wire.weather
        weather.random, weather.shares = Random(seed), BAD_WIFI
        found.steps = await _keep_all(world, station, [])
        await _rest(world, station, 48.0)
        weather.random = None
        check_rest(world)
        finalizers = [x for x in station.entries() if x.kind in FINALIZERS]
        found.trials = len(finalizers)
        found.more["finalizers parked"] = sum(1 for x in finalizers if x.stage is Stage.PARKED)
        found.more["without effect"] = sum(1 for x in finalizers if not world.came_true(station, x))
        found.more["others parked"] = sum(1 for x in station.entries() if x.stage is Stage.PARKED) - int(
            found.more["finalizers parked"]
        )
    finally:
        await world.close()


async def test_keeping_stays_quick_and_a_full_queue_starts_at_once(tmp_path: Path) -> None:
    found = figures.begin("a full queue", 2)
    world = World(2, returns=_actions() // ACTIONS_A_RETURN, slow_disks=False)
    try:
        await world.open()
        rets = []
        for return_id in world.return_ids:
            stored = await world.stations[0].store.returns.get(return_id)
            assert stored is not None
            rets.append(stored.ret)
    finally:
        await world.close()
    seconds: list[float] = []
    store = await open_store(tmp_path, from_body)
    for ret in rets:
        request = settling(ret, "dock 1", "kf")
        began = time.perf_counter()
        await store.outbox.keep(request)
        seconds.append(time.perf_counter() - began)
    await store.close()
    began = time.perf_counter()
    store = await open_store(tmp_path, from_body)
    await store.outbox.recover(request.decided_at)
    counts = await store.outbox.counts()
    held = await store.outbox.held()
    await store.outbox.entries(most=200)
    start = time.perf_counter() - began
    await store.close()
    found.trials = len(rets)
    found.more["keeping p99 ms"] = round(p99(seconds) * 1000.0, 1)
    found.more["start with it s"] = round(start, 2)
    found.end()
    assert counts.kept == len(held) == len(rets)
    assert start <= 2.0
    assert p99(seconds) <= 0.05 * SLACK


SLACK = 10.0
"""Other work shares the machine and its disk with the tests; the measured figure stands in the table."""
