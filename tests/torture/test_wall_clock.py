"""I10: the same day at the bench, once with a true wall clock and once with one that jumps at every step."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.services.bench import lookup
from tests.torture import figures
from tests.torture.invariants import check_all, check_rest, watch_requests
from tests.torture.walk import JUMPS
from tests.torture.world import BLOWS, World

STEPS = 25
LOST = next(n for n, blow in enumerate(BLOWS) if blow.name == "answer lost")
AT_FLAG, AT_PROCESS, AT_NOTE = 6, 1, 3
"""Places of those paths among ``world.PATHS``: only actions meet faults, since reads may differ in number."""

Fate = tuple[str, Kind, str, str, str]


async def _day(seed: int, *, jumps: bool) -> list[Fate]:
    """Live through a day. Returns what became of every entry, in the order decided."""
    random, wild = Random(seed), Random(seed + 1)
    world = World(seed, slow_disks=False, hold_seconds=8.0)
    try:
        await world.open()
        watch_requests(world)
        for _ in range(STEPS):
            step = random.randrange(8)
            a, b = random.randrange(9), random.randrange(20)
            if step < 3:
                await world.confirm_all(0, a, b)
            elif step == 3:
                await world.undo(0)
            elif step == 4:
                await world.strike(LOST, (AT_FLAG, AT_PROCESS, AT_NOTE)[a % 3], 1)
            else:
                await world.turn((0.5, 4.0, 9.0, 40.0)[a % 4])
            if jumps:
                await world.jump(0, wild.choice(JUMPS))
            check_all(world)
        await world.calm()
        check_rest(world)
        return [
            (x.return_id, x.kind, x.target, x.stage.value, x.reason.value if x.reason else "")
            for x in world.stations[0].entries()
        ]
    finally:
        await world.close()


def test_what_becomes_of_an_entry_does_not_depend_on_the_wall_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lookup, "FRESH_FOR", timedelta(0))  # how often is read is no stage
    seed = figures.seed()
    found = figures.begin("wall clock", seed)
    for n in range(figures.size("days", 12, 1_000)):
        if not figures.has_time(found):
            break
        true = asyncio.run(_day(seed + n, jumps=False))
        wrong = asyncio.run(_day(seed + n, jumps=True))
        found.trials += 1
        found.steps += 2 * STEPS
        assert true == wrong, f"seed {seed + n}"
    found.end()
