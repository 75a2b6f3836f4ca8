"""H3: hub processes die by SIGKILL, PostgreSQL stops hard, under load; Loop's log and truth are counted."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest

from tests.hub.ledger_bench import Tally, count, rest, settle_all
from tests.hub.ledger_process import PLACES, Fleet
from tests.hub.ledger_rig import Dock, LedgerHub, docks_of, quick_loop, return_ids, write
from tests.hub.running import make_site
from tests.hub.spare_postgres import SparePostgres
from tests.simulator_thread import SimulatorThread
from tests.torture import figures
from tests.torture.figures import Figures

pytestmark = pytest.mark.expects_log

KILL_EVERY_SECONDS = (0.2, 0.8)
STOP_EVERY_SECONDS = (0.5, 2.0)


@asynccontextmanager
async def _fleet(url: str, simulator: SimulatorThread, *places: str) -> AsyncIterator[Fleet]:
    fleet = Fleet(url, simulator.url, simulator.key)
    try:
        for place in places:
            await fleet.start(place)
        yield fleet
    finally:
        await fleet.close()


async def _closed(docks: list[Dock]) -> None:
    await asyncio.gather(*(dock.client.aclose() for dock in docks))


async def _counted(
    url: str, simulator: SimulatorThread, returns: list[str], tally: Tally, found: Figures
) -> None:
    """Let the sweep end what nobody asks for any more, and count."""
    async with LedgerHub(url, simulator.url, simulator.key) as hub:
        await rest(hub, url)
    for name, many in count(simulator, url, returns, tally, found).items():
        found.more[name] = int(found.more.get(name, 0)) + many


def _whole(found: Figures) -> bool:
    return (found.lost, found.doubled, found.false_green, found.stuck) == (0, 0, 0, 0)


@pytest.mark.fault(201)
@pytest.mark.parametrize("place", PLACES)
async def test_a_hub_that_dies_around_a_commit_breaks_no_promise(hub_url: str, place: str) -> None:
    found = figures.begin(f"hub dies at {place}")
    docks = docks_of(hub_url, 2)
    with quick_loop(1) as simulator:
        returns = return_ids(simulator)
        async with _fleet(hub_url, simulator, place) as fleet:
            chance = Random(1)
            dying = asyncio.ensure_future(fleet.wait_for_death(0))
            settling = settle_all(
                docks, lambda: fleet.any(chance), simulator, returns, chance, at_once=1, each_by=2
            )
            tally = await settling
            await dying
            found.kills = fleet.kills
        await _counted(hub_url, simulator, returns, tally, found)
    await _closed(docks)
    found.end()
    assert _whole(found)


@pytest.mark.fault(201)
async def test_hubs_killed_at_random_moments_break_no_promise(hub_url: str) -> None:
    found = figures.begin("H3, hubs killed", figures.seed())
    kills = figures.size("hub_kills", 3, 1000)
    chance = Random(figures.seed())

    async def kill(fleet: Fleet) -> bool:
        await fleet.kill(chance.randrange(2))
        return found.kills + fleet.kills < kills

    docks = docks_of(hub_url, 10)
    while found.kills < kills and figures.has_time(found):
        found.kills += await _round(hub_url, docks, chance, found, kill, KILL_EVERY_SECONDS)
    await _closed(docks)
    found.end()
    assert _whole(found)


@pytest.mark.fault(202)
async def test_postgresql_stopped_hard_under_load_breaks_no_promise(own_postgres: SparePostgres) -> None:
    found = figures.begin("H3, PostgreSQL stopped hard", figures.seed())
    stops = figures.size("hub_database_stops", 1, 100)
    chance, url = Random(figures.seed()), own_postgres.url()
    await make_site(url)

    async def stop(_fleet: Fleet) -> bool:
        await asyncio.to_thread(own_postgres.stop, hard=True)
        await asyncio.to_thread(own_postgres.start)
        found.kills += 1
        return found.kills < stops

    docks = docks_of(url, 10)
    while found.kills < stops and figures.has_time(found):
        await _round(url, docks, chance, found, stop, STOP_EVERY_SECONDS)
    await _closed(docks)
    found.end()
    assert _whole(found)


async def _round(
    url: str,
    docks: list[Dock],
    chance: Random,
    found: Figures,
    strike: Callable[[Fleet], Awaitable[bool]],
    every: tuple[float, float],
) -> int:
    """Settle some returns while something strikes again and again, and count. Returns how many hubs died."""
    over = asyncio.Event()

    async def striking(fleet: Fleet) -> None:
        goes_on = True
        while goes_on and not over.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(chance.uniform(*every)):
                    await over.wait()
            goes_on = not over.is_set() and await strike(fleet)

    with quick_loop(figures.size("hub_round", 16, 40)) as simulator:
        returns = return_ids(simulator)
        async with _fleet(url, simulator, "", "") as fleet:
            at_work = asyncio.ensure_future(striking(fleet))
            tally = await settle_all(
                docks, lambda: fleet.any(chance), simulator, returns, chance, at_once=5, each_by=2
            )
            over.set()
            await at_work
        await _counted(url, simulator, returns, tally, found)
    write(url, "TRUNCATE action, return_claim")  # the next round's Loop counts from the same numbers
    return fleet.kills
