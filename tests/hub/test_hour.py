"""Forty benches and two hogs want more than Loop allows, through two real processes, on a hurried clock."""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
import time
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

import httpx
import psycopg
import pytest

from loopdesk.hub.budget.dealing import BURST, PER_SECOND, SLOW_SECONDS
from loopdesk.simulator.crowd import many_returns
from loopdesk.simulator.http.server import Server
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.settings import Settings
from tests.hub.serving import serving, set_up, settings_before
from tests.torture import figures

HASTE = 3
"""How fast the clocks of Loop and of the bucket run."""

BENCHES = 40
HOGS = 2
ALLOWED = 300
MOST = 60 * PER_SECOND + BURST
ENOUGH = 0.8
"""Of what a minute may take: what the fullest one must reach, or the limit was not tried."""

SLACK_SECONDS = (ALLOWED - MOST) / PER_SECOND
"""Of Loop's clock: how late turns that were given in time may reach Loop until too many come at once. A busy
machine takes a second of its own now and then, which is three here.
"""

PART = 5
"""In the short form Loop allows, and the bucket gives, a fifth: a busy machine reaches that limit too."""

STEPS = ((0, "details"), (2, "details"), (3, "notes"), (3, "notes"), (2, "details"))
"""Priority and what is read, for one return: actions stand for themselves by what they cost the budget."""


def hurried(at: float | None = None) -> datetime:
    """Return Loop's time: now, or at a moment of the machine's."""
    return datetime.fromtimestamp(BEGAN + ((at or time.time()) - BEGAN) * HASTE, UTC)


BEGAN = time.time()


@dataclass(slots=True)
class Seen:
    """What the benches saw.

    Attributes:
        waits: Seconds of Loop's clock until the answer, by priority.
        answered: How many answers each bench got.
        refused: How many had no turn in time.
    """

    statuses: set[int] = field(default_factory=set)
    waits: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    answered: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    refused: int = 0


async def _bench(
    client: httpx.AsyncClient, number: int, ids: itertools.count[int], until: float, seen: Seen, pause: float
) -> None:
    chance = random.Random(number)
    await asyncio.sleep(chance.random() * pause)
    while (begun := time.monotonic()) < until:
        return_id = next(ids)
        for priority, what in STEPS:
            if time.monotonic() >= until:
                return  # else it would take as long again until the last one had its turns
            path = {
                "details": f"/api/v1/warehouse/return/details?return_id={return_id}",
                "notes": f"/api/v1/warehouse/return/{return_id}/notes",
            }[what]
            since = time.monotonic()
            answer = await client.get(
                path, headers={"Cache-Control": "no-cache", "X-Loopdesk-Priority": str(priority)}
            )
            seen.statuses.add(answer.status_code)
            seen.refused += answer.status_code == 503
            seen.answered[number] += answer.status_code != 503
            seen.waits[priority].append((time.monotonic() - since) * HASTE)
        await asyncio.sleep(max(0.0, min(begun + pause, until) - time.monotonic()))


_NOTED = """
CREATE TABLE grants (at timestamptz);
CREATE FUNCTION note_grant() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO grants VALUES (NEW.granted_at); RETURN NEW; END $$;
CREATE TRIGGER noted AFTER UPDATE OF granted_at ON budget_wish FOR EACH ROW EXECUTE FUNCTION note_grant();
"""
"""Notes when each turn was given. On a hurried clock the tenth of a second that a busy machine takes from
there to Loop is a second, in which four more arrive.
"""


def most_within(times: list[datetime], seconds: float) -> int:
    """Return the largest number within any so many seconds."""
    ordered, span = sorted(times), timedelta(seconds=seconds)
    return max(bisect_left(ordered, at + span) - place for place, at in enumerate(ordered))


async def test_no_minute_of_forty_benches_and_two_processes_exceeds_the_budget(
    hub_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    minutes, part = figures.size("hub_minutes", 2, 60), 1 if figures.is_full() else PART
    loop = Loop(clock=hurried, settings=Settings(rate_limit=ALLOWED // part))
    loop.stock(many_returns(100_000, 1, hurried()))
    names = [f"Dock {number}" for number in range(BENCHES + HOGS)]
    async with Server(loop) as server:
        settings = settings_before(hub_url, server.url, tmp_path)
        tokens = await set_up(
            settings,
            names,
            per_second=PER_SECOND / part * HASTE,
            burst=BURST / part,
            slow_seconds=SLOW_SECONDS / HASTE,
        )
        with psycopg.connect(hub_url, autocommit=True) as connection:
            connection.execute(_NOTED.encode())
        seen, ids = Seen(), itertools.count(200_000_000)
        with serving(settings, tmp_path) as urls:
            until = time.monotonic() + minutes * 60 / HASTE
            clients = [
                httpx.AsyncClient(
                    base_url=urls[number % 2],
                    headers={"X-Authorization": token},
                    trust_env=False,
                    timeout=60,
                )
                for number, token in enumerate(tokens)
            ]
            await asyncio.gather(
                *(
                    _bench(client, number, ids, until, seen, 60 / HASTE if number < BENCHES else 0.0)
                    for number, client in enumerate(clients)
                )
            )
            for client in clients:
                await client.aclose()
    with psycopg.connect(hub_url) as connection:
        given = [at for [at] in connection.execute("SELECT at FROM grants").fetchall()]
    turns = [hurried(at.timestamp()) for at in given]
    arrived = [each.at for each in loop.requests("GET")]
    fullest = most_within(given, 60 / HASTE)
    with capsys.disabled():
        sys.stdout.write(_told(minutes, arrived, fullest, MOST / part, seen))

    # Granted k-th, it came k-th or later
    late = max((at - turn).total_seconds() for turn, at in zip(sorted(turns), sorted(arrived), strict=False))
    if late <= SLACK_SECONDS:
        assert {each.status for each in loop.requests()} <= {200, 422}
        assert 429 not in seen.statuses
    assert ENOUGH * MOST / part <= fullest <= MOST / part
    assert min(seen.answered[number] for number in range(BENCHES)) >= 1


def _told(minutes: int, arrived: list[datetime], fullest: int, most: float, seen: Seen) -> str:
    lines = [
        f"\nH1: {minutes} minutes of Loop's, {len(arrived)} requests; {fullest} left in the fullest one,"
    ]
    was_refused = "refused some" if 429 in seen.statuses else "refused none"
    lines.append(f"    {most_within(arrived, 60)} came, of {most:.0f}; Loop {was_refused};")
    lines[-1] += f" without a turn in time: {seen.refused}"
    for priority, waits in sorted(seen.waits.items()):
        p50, p99 = (quantiles(waits, n=100)[each] for each in (49, 98))
        lines.append(
            f"    priority {priority}: {len(waits)} answers, p50 {p50:.1f} s, p99 {p99:.1f} s of Loop's clock"
        )
    docks = [seen.answered[number] for number in range(BENCHES)]
    hogs = [seen.answered[BENCHES + number] for number in range(HOGS)]
    return "\n".join(lines) + f"\n    answers a bench: {min(docks)} to {max(docks)}, hogs {hogs}\n"
