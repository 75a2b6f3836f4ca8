"""A seeded walk: the same steps as the state machine makes, quick enough for millions of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import Any

from loopdesk.domain.outbox.actions import Kind
from loopdesk.services.ports.station import Limits
from tests.torture.figures import Figures
from tests.torture.invariants import check_all, check_rest, watch_requests
from tests.torture.photo_steps import PhotoSteps
from tests.torture.world import WITNESS_SECONDS, World

PAUSES = (0.1, 1.0, 3.0, 9.0, 12.0, 35.0, 65.0, 130.0, 950.0)
LOST = (1, 3, 7, 17)
"""Faults that come after the effect, by their place among all."""

LISTED = 2
"""One walk in five also reads the list of changes: those of seeds with this remainder."""

FINAL_PATHS = (1, 2)
JUMPS = (-86400.0, 86400.0, 3600.0, -3600.0, 315e6, -315e6)


def steps_of(world: World, random: Random) -> tuple[tuple[int, Callable[[], Any]], ...]:
    """Every step there is, with how often it comes."""

    def n(most: int) -> int:
        return random.randrange(most)

    def at() -> int:
        return n(len(world.stations))

    return (
        (22, lambda: world.confirm_all(at(), n(9), n(20))),
        (3, lambda: world.scan(at(), n(9))),
        (3, lambda: world.decide(at(), n(7), n(4))),
        (4, lambda: world.edit(at(), n(8), n(9))),
        (4, lambda: world.settle(at())),
        (3, lambda: world.undo(at())),
        (8, lambda: world.resolve(at(), n(10), n(5))),
        (26, lambda: world.turn(random.choice(PAUSES))),
        (2, lambda: world.line(at(), is_up=False)),
        (3, lambda: world.line(at(), is_up=True)),
        (12, lambda: world.strike(n(28), n(8), 1 + n(3))),
        (6, lambda: world.strike(random.choice(LOST), random.choice(FINAL_PATHS), 1)),
        (1, lambda: world.slow_down(at(), random.choice((0.0, 0.5, 6.0, 40.0)))),
        (1, lambda: world.lose_headers(at(), 1 + n(2))),
        (6, lambda: world.stranger(n(9), n(9))),
        (1, world.new_return),
        (3, lambda: world.kill(at())),
        (7, lambda: world.kill_within(at(), 1 + n(70))),
        (0, lambda: world.kill_after_effect(at(), 1 + n(4))),
        (1, lambda: world.fail_within(at(), 1 + n(70), random.choice(("error", "full")))),
        (1, lambda: world.jump(at(), random.choice(JUMPS))),
        (1, lambda: world.reboot(at())),
        (1, lambda: world.back_up(at())),
        (1, lambda: world.restore(at())),
        (1, lambda: world.fill_disk(at(), n(4))),
        (2, lambda: world.free_disk(at())),
        (1, lambda: world.change_key(at(), says_same=n(2) == 1)),
        (1, lambda: world.lag(random.choice((5.0, 20.0)))),
    )


def newcomers(world: World, random: Random) -> tuple[tuple[int, Callable[[], Any]], ...]:
    """What happens to returns and lines that the first walks did not know."""

    def n(most: int) -> int:
        return random.randrange(most)

    return (
        (4, lambda: world.close_unpaid(n(9))),
        (4, lambda: world.change_unsaid(n(9), n(9))),
        (3, lambda: world.strike_page(n(6), n(8), 1 + n(3))),
        (3, lambda: world.strike_page(2 * n(3), random.choice(FINAL_PATHS), 1)),
        (3, lambda: world.fail_processing(n(2))),
        (2, lambda: world.back_up_folder(n(len(world.stations)))),
        (2, lambda: world.restore_folder(n(len(world.stations)))),
        (3, lambda: world.change_address(n(len(world.stations)), n(5), says_same=n(2) == 1)),
    )


def with_the_place(world: World, random: Random) -> tuple[tuple[int, Callable[[], Any]], ...]:
    """What people do with photos, and what becomes of the place for them."""
    photos = PhotoSteps(world)

    def n(most: int) -> int:
        return random.randrange(most)

    def at() -> int:
        return n(len(world.stations))

    return (
        (14, lambda: photos.settle_with_photos(at(), n(9), n(20))),
        (8, lambda: photos.wait_in_vain(at(), n(9), n(20))),
        (5, lambda: photos.take_photo(at(), n(4))),
        (3, lambda: photos.delete_photo(at(), n(5))),
        (6, photos.place_goes),
        (3, photos.place_comes),
        (6, lambda: photos.strike_place(n(3), 1 + n(3))),
        (4, lambda: photos.kill_while_storing(at(), 1 + n(3), n(2) == 1)),
    )


PAYMENT_SECONDS = (0.0, 0.0, 0.0, 40.0, 700.0, 30_000.0)
"""How long after a return is closed answers begin to tell that it was paid."""


def _name(step: Any) -> str:
    names = (step.__name__,) if hasattr(step, "__self__") else step.__code__.co_names
    return str(next(x for x in names if x not in ("at", "n")))


def _vary_payment(world: World, random: Random) -> None:
    """Let a shop tell of payment in its own way."""
    settings = world.settings
    settings.payment_fields = random.choice(("all", "all", "all", "details", "details", "none"))
    settings.payment_seconds = random.choice(PAYMENT_SECONDS)
    settings.unpaid_shows = random.choice(("null", "zero"))


async def walk(
    seed: int,
    steps: int,
    figures: Figures,
    *,
    stations: int = 1,
    with_newcomers: bool = True,
    with_photos: bool = False,
    often: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Take so many steps, then let everything come to rest.

    Args:
        with_newcomers: Take the steps of ``newcomers`` as well.
        with_photos: And those of ``with_the_place``; a seed means something else without them.
        often: How often steps come, by name, where that is not as in ``steps_of`` and ``newcomers``.

    Raises:
        Broken: A promise was broken; the words name the seed.
    """
    random = Random(seed)
    witness = WITNESS_SECONDS
    limits = (
        Limits(witness=witness)
        if seed % 3
        else Limits({Kind.PROCESS: 60.0, Kind.REMOVE: 60.0}, witness=witness)
    )
    world = World(
        seed,
        stations=stations,
        slow_disks=seed % 2 == 1,
        limits=limits,
        hold_seconds=random.choice((0.0, 8.0)),
        with_photos=with_photos,
    )
    world.settings.inspections_in_reads = random.random() < 0.8
    world.settings.processing_seconds = random.choice((0.0, 2.0, 30.0, 300.0))
    done: list[str] = []
    try:
        with figures.trial(lambda: f"seed {seed}, stations {stations}, after {' '.join(done[-12:])}"):
            await world.open()
            watch_requests(world)
            steps_there_are = steps_of(world, random)
            if seed % 5 == LISTED:
                steps_there_are += ((8, lambda: world.read_list(random.randrange(len(world.stations)))),)
            if with_newcomers:
                others = Random(-seed)
                _vary_payment(world, others)
                steps_there_are += newcomers(world, others)
            if with_photos:
                steps_there_are += with_the_place(world, Random(~seed))
            usual, acts = zip(*steps_there_are, strict=True)
            names = [_name(x) for x in acts]
            weights = [often.get(name, weight) for name, weight in zip(names, usual, strict=True)]
            for _ in range(steps):
                (k,) = random.choices(range(len(acts)), weights)
                done.append(names[k])
                await acts[k]()
                await world.clock.settle()
                await world.bury()
                check_all(world)
                figures.steps += 1
            await world.calm()
            check_rest(world)
    finally:
        figures.kills += world.kills
        posts = sum(post.had_effect for post in world.books.posts)
        figures.more["effects"] = int(figures.more.get("effects", 0)) + posts
        if world.place is not None:
            figures.more["photos"] = int(figures.more.get("photos", 0)) + len(world.place.links())
            late = sum(bool(entry.repeats) for station in world.stations for entry in station.entries())
            figures.more["late links"] = int(figures.more.get("late links", 0)) + late
        await world.close()


def run_walk(
    seed: int,
    steps: int,
    figures: Figures,
    *,
    stations: int = 1,
    with_newcomers: bool = True,
    with_photos: bool = False,
    often: Mapping[str, int] = MappingProxyType({}),
) -> None:
    """Take a walk in a loop of its own."""
    asyncio.run(
        walk(
            seed,
            steps,
            figures,
            stations=stations,
            with_newcomers=with_newcomers,
            with_photos=with_photos,
            often=often,
        )
    )
