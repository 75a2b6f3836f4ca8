"""Of several hub processes the one that reads the shop is killed, again and again: real ones, by SIGKILL.

In the middle of the first fill, and of the sweep of a night. Each dies around the commit of one of its writes
into the index, or at a moment of its own, and another one goes on.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import psycopg
import pytest

from loopdesk.hub.settings import HubSettings, IndexSettings
from loopdesk.simulator.crowd import ManyReturns
from loopdesk.simulator.http.server import wall_clock
from loopdesk.simulator.loop import LoggedRequest, Loop
from loopdesk.simulator.settings import Settings
from tests.hub.reading_process import PAGE, HubProcess
from tests.hub.running import until
from tests.hub.serving import set_up, settings_before
from tests.simulator_thread import SimulatorThread
from tests.torture import figures

RETURNS = 400

QUIET = timedelta(days=22)
"""How old the newest return is: too old for details to be read ahead, young enough for the nights."""

WRITES = 60
"""In about how many transactions all of them are written."""

KILLS = 3 if figures.is_full() else 2
"""In each run."""

RUNS = figures.size("reading_kills", 1, 25)

MOMENT = "moment"

LONG_AGO = "2026-01-01T00:00:00+00:00"

SEEDS = range(figures.seed(), figures.seed() + RUNS)


def a_shop() -> SimulatorThread:
    """Return a Loop with a shop in which nothing happens by itself."""
    crowd = ManyReturns(RETURNS, 1, wall_clock() - QUIET, spread_days=6.0)
    return SimulatorThread(Loop(clock=wall_clock, returns=list(crowd), settings=Settings(rate_limit=None)))


async def the_settings(url: str, simulator: SimulatorThread, folder: Path) -> HubSettings:
    """Enter the shop; returns the settings of processes that read it once, when they begin."""
    settings = settings_before(url, simulator.url, folder)
    await set_up(settings, (), per_second=1e4, burst=1e4)
    return settings.model_copy(update={"index": IndexSettings(seconds=600)})


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """Run a query; returns what it found."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement.encode()).fetchall()


def marked(url: str, name: str) -> str:
    """Return a mark of the index, "" if there is none."""
    found = rows(url, f"SELECT value FROM index_mark WHERE name = '{name}'")
    return str(found[0][0]) if found else ""


def led(url: str) -> tuple[int, int | None]:
    """Return the number of the shop's last term, and of the process that took it."""
    [(term, owner)] = rows(url, "SELECT term, owner FROM lead")
    return term, owner


def places(chance: random.Random) -> list[str]:
    """Return where the processes die, one after another, each in its part of what is to be written.

    A moment is so many hundredths of a second after it was seen to lead.
    """
    kinds = chance.sample(("before", "after", MOMENT), KILLS)
    return [f"{kind}:{chance.randint(1, WRITES // KILLS)}" for kind in kinds]


def started(settings: HubSettings, place: str) -> HubProcess:
    """Start a process that dies at its place by itself, if that is not a moment."""
    return HubProcess(settings, "" if place.startswith(MOMENT) else place)


async def die(process: HubProcess, place: str, is_over: Callable[[], bool]) -> None:
    """Let a leader die: at its place, or when nothing is left to be read before it gets there."""
    kind, _, number = place.partition(":")
    if kind == MOMENT:
        await asyncio.sleep(int(number) / 100)
    else:
        await until(lambda: not process.is_alive or is_over())
    process.kill()


async def read_with_kills(
    url: str, settings: HubSettings, at: Sequence[str], is_over: Callable[[], bool]
) -> None:
    """Let processes lead and die at their places, one after another, until the last has read everything."""
    (before, _), (first, *others) = led(url), (*at, "")
    processes = [await asyncio.to_thread(started, settings, first)]
    try:
        for place, other in zip(at, others, strict=True):
            await until(lambda: led(url)[1] == processes[-1].owner)
            processes.append(await asyncio.to_thread(started, settings, other))
            await die(processes[-2], place, is_over)
        await until(is_over)
        assert led(url) == (before + len(at) + 1, processes[-1].owner), "each of them has led"
    finally:
        for each in processes:
            each.kill()


def pages(requests: Sequence[LoggedRequest]) -> Counter[tuple[str, ...]]:
    """Count the pages of long runs that were asked for: each by its window's end, its state and cursor."""
    asked = [parse_qs(each.query) for each in requests]
    return Counter(
        tuple(one.get(name, [""])[0] for name in ("to", "state", "cursor"))
        for one in asked
        if one.get("filter") == ["created_at"]
    )


def assert_went_on(simulator: SimulatorThread, since: int = 0) -> None:
    """Assert that one run was made from its begin to its end, each page once but for one a kill."""
    asked = pages(simulator.requests(since=since))
    states = Counter(ret.state for ret in simulator.loop.index.kept())
    apart = states["review"], states["cancelled"]
    assert len(asked) == sum(ceil(number / PAGE) for number in (RETURNS - sum(apart), *apart))
    assert len({end for end, _, _ in asked}) == 1
    assert asked.total() - len(asked) <= KILLS
    assert {each.method for each in simulator.requests()} == {"GET"}, "nothing is sent"


def assert_is_loops(url: str, simulator: SimulatorThread) -> None:
    """Assert that the index is what Loop has, and that the numbers of its changes follow each other."""
    found = [json.loads(bytes(body)) for (body,) in rows(url, "SELECT body FROM return_copy")]
    assert sorted((str(each["id"]), each["state"], each["order_name"]) for each in found) == sorted(
        (ret.return_id, ret.state, ret.order_name) for ret in simulator.loop.index.kept()
    )
    numbers = [seq for (seq,) in rows(url, "SELECT seq FROM change ORDER BY seq")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert rows(url, "SELECT last, dropped FROM feed") == [(len(numbers), 0)]


def told(url: str) -> Counter[str]:
    """Count how often each return was told."""
    return Counter(str(return_id) for (return_id,) in rows(url, "SELECT return_id FROM change"))


@pytest.mark.fault(229)
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_first_fill_goes_on_where_the_killed_process_was(
    hub_url: str, tmp_path: Path, seed: int
) -> None:
    at = places(random.Random(seed))
    with a_shop() as simulator:
        settings = await the_settings(hub_url, simulator, tmp_path)
        await read_with_kills(hub_url, settings, at, lambda: marked(hub_url, "noticed_at") != "")
        assert_went_on(simulator)
        assert_is_loops(hub_url, simulator)
    assert set(told(hub_url).values()) == {2}, "each once by the list, and by the notice"


@pytest.mark.fault(229)
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_nightly_sweep_is_finished_that_night_and_tells_only_what_it_found(
    hub_url: str, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)

    def is_swept() -> bool:
        return min(marked(hub_url, "swept_at"), marked(hub_url, "noticed_at")) > LONG_AGO

    with a_shop() as simulator:
        settings = await the_settings(hub_url, simulator, tmp_path)
        await read_with_kills(hub_url, settings, (), lambda: marked(hub_url, "noticed_at") != "")
        before, since = told(hub_url), simulator.requests()[-1].n
        with psycopg.connect(hub_url) as connection:
            connection.execute(
                "UPDATE index_mark SET value = %s WHERE name IN ('swept_at', 'noticed_at')", (LONG_AGO,)
            )
        edited = chance.sample(sorted(before), 30)
        for return_id in edited:
            simulator.act("edit", return_id, set={"order_name": f"#E{return_id}"}, unsaid=True)
        await read_with_kills(hub_url, settings, places(chance), is_swept)
        assert_went_on(simulator, since)
        assert_is_loops(hub_url, simulator)
        assert told(hub_url) - before == Counter(edited)
        since, synced = simulator.requests()[-1].n, marked(hub_url, "synced_until")
        await read_with_kills(hub_url, settings, (), lambda: marked(hub_url, "synced_until") != synced)
        assert not pages(simulator.requests(since=since)), "one sweep a night"
