"""A seeded walk over benches, hub processes, PostgreSQL and Loop."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from tests.hub.spare_postgres import SparePostgres
from tests.hub.walk.promises import check_rest, check_step, watch_requests
from tests.hub.walk.world import HubWorld, a_world
from tests.torture.figures import Figures

PAUSES = (0.1, 1.0, 3.0, 9.0, 12.0, 35.0)
LOST = (1, 3, 7, 17)
"""Faults that come after the effect, by their place among all."""

FINAL_PATHS = (1, 2)
PATHS = 8
BLOWS = 28
JUMPS = (-86400.0, 86400.0, 3600.0, -3600.0)
LATE_SECONDS = (0.5, 5.0, 20.0)


def steps_of(world: HubWorld, random: Random) -> tuple[tuple[int, str, Callable[[], Any]], ...]:
    """Every step there is, with how often it comes and its name."""

    def n(most: int) -> int:
        return random.randrange(most)

    def at() -> int:
        return n(len(world.stations))

    return (
        (40, "settle", lambda: world.confirm_all(at(), n(9), n(20))),
        (4, "edit", lambda: world.edit(at(), n(8), n(9))),
        (3, "undo", lambda: world.undo(at())),
        (9, "resolve", lambda: world.resolve(at(), n(10), n(5))),
        (14, "time", lambda: world.turn(random.choice(PAUSES))),
        (2, "new return", world.new_return),
        (4, "stranger", lambda: world.stranger(n(9), n(9))),
        # The line between bench and hub
        (3, "line down", lambda: world.line(at(), is_up=False)),
        (5, "line up", lambda: world.line(at(), is_up=True)),
        (3, "headers lost", lambda: world.lose_headers(at(), 1 + n(2))),
        (3, "half open", lambda: world.slow_down(at(), random.choice((0.0, 0.0, 6.0, 40.0)))),
        (6, "late", lambda: world.arrive_late(at(), random.choice(LATE_SECONDS))),
        # The line between hub and Loop
        (7, "blow", lambda: world.strike(n(BLOWS), n(PATHS), 1 + n(3))),
        (7, "answer lost", lambda: world.strike(random.choice(LOST), random.choice(FINAL_PATHS), 1)),
        # Processes and disks
        (3, "bench killed", lambda: world.kill(at())),
        (6, "bench killed within", lambda: world.kill_within(at(), 1 + n(70))),
        (9, "hub killed", lambda: world.kill_hub(n(2))),
        (3, "database stopped", world.stop_postgres),
        (2, "hub copied", world.back_up_hub),
        (2, "hub restored", world.restore_hub),
        (1, "bench copied", lambda: world.back_up(at())),
        (1, "bench restored", lambda: world.restore(at())),
        (1, "revoked", lambda: world.revoke(at())),
        (3, "joined again", lambda: world.join_again(at())),
        (1, "clock set", lambda: world.jump(at(), random.choice(JUMPS))),
    )


async def walk(seed: int, steps: int, server: SparePostgres, found: Figures) -> None:
    """Take so many steps, then let everything come to rest.

    Raises:
        Broken: A promise was broken; its notes name the seed and the last steps.
    """
    random, done, database = Random(seed), list[str](), f"walk{seed}"
    server.make(database)
    world = a_world(seed, server, database=database)
    world.settings.inspections_in_reads = random.random() < 0.8
    world.settings.processing_seconds = random.choice((0.0, 2.0, 30.0))
    try:
        with found.trial(lambda: f"seed {seed}, after {' / '.join(done[-14:])}"):
            await world.open()
            watch_requests(world)
            weights, names, acts = zip(*steps_of(world, random), strict=True)
            for _ in range(steps):
                (k,) = random.choices(range(len(acts)), weights)
                done.append(names[k])
                await acts[k]()
                await world.clock.settle()
                await world.bury()
                check_step(world)
                found.steps += 1
            await world.calm()
            check_rest(world)
    finally:
        found.kills += world.kills
        _add(found, world)
        await world.close()
        server.drop(database)


def _add(found: Figures, world: HubWorld) -> None:
    counted = {
        "hub kills": world.hub_kills if hasattr(world, "processes") else 0,
        "database stops": world.stops,
        "restored": world.restores,
        "revoked": world.revoked,
        "actions at Loop": len(world.arrivals()),
        "effects": sum(request.effect for _, request in world.arrivals()),
    }
    for name, many in counted.items():
        found.more[name] = int(found.more.get(name, 0)) + many
