"""Every kind of answer, truncated after every number of its bytes: what the program makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from loopdesk.domain.errors import LoopdeskError
from loopdesk.domain.outbox.actions import Kind
from loopdesk.simulator.actors import act
from tests.torture.broken import Broken
from tests.torture.figures import Figures, has_time
from tests.torture.invariants import check_all, check_rest, watch_requests
from tests.torture.matrix import PATH_OF, QUICK, Cell, keep, strike
from tests.torture.wire import Cut
from tests.torture.world import World

ANSWERS = ("yes", "no", "500 before", "500 after", "throttled", "login page")
"""What Loop says to the action itself, before its answer is cut."""

READS = ("/details$", "/notes$", "/list$")
"""Reads whose answer is cut instead; the first or the second of its kind."""


@dataclass(frozen=True, slots=True)
class Case:
    """One answer that is cut.

    Attributes:
        path: The request that it answers, as a pattern.
        skip: How many of these come whole before.
    """

    kind: Kind
    answer: str
    method: str
    path: str
    skip: int = 0


def cases() -> Iterator[Case]:
    """Give every action with every answer, and every read around it."""
    for kind in sorted(Kind):
        for answer in ANSWERS:
            yield Case(kind, answer, "POST", PATH_OF[kind])
        for path in READS:
            for skip in (0, 1):
                yield Case(kind, "yes", "GET", path, skip)


async def _one(case: Case, at_byte: int, figures: Figures) -> int:
    """Cut one answer at one place. Returns how long it was, 0 when it never came."""
    world = World(at_byte, returns=1, slow_disks=False, limits=QUICK)
    station = world.stations[0]
    cut = Cut(case.method, case.path, at_byte, case.skip)
    try:
        act(world.loop, {"act": "add_line", "return_id": world.return_ids[0]})
        await world.open()
        watch_requests(world)
        strike(case.answer, world, case.kind)
        station.wire.weather.cut = cut
        try:
            await keep(world, Cell(case.kind, case.answer, ""))
            await world.clock.turn(60.0)
        except LoopdeskError:
            pass
        check_all(world)
        await world.calm()
        check_rest(world)
    except Broken as failure:
        figures.broke(failure)
        failure.add_note(f"{case} at byte {at_byte}")
        raise
    finally:
        figures.trials += 1
        await world.close()
    return cut.length


def run_case(case: Case, figures: Figures, *, first: int, stride: int) -> int:
    """Cut an answer after one number of bytes after the other. Returns how many it has."""
    at_byte = first
    while True:
        length = asyncio.run(_one(case, at_byte, figures))
        if at_byte + stride >= length or not has_time(figures):
            return length
        at_byte += stride
