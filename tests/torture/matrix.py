"""One action, one answer of the server, one place to die: the cells of the crash matrix."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from loopdesk.domain.errors import LoopdeskError
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.returns.returns import fingerprint
from loopdesk.services.ports.station import Limits
from loopdesk.services.station.events import OutboxChanged
from loopdesk.simulator.actors import act
from loopdesk.simulator.faults import Fault
from tests.builders import a_draft, a_keep_request, an_action
from tests.torture.failpoints import Killed
from tests.torture.figures import Figures
from tests.torture.invariants import check_all, check_rest, watch_requests
from tests.torture.world import BLOWS, LATE, PAGES, UNPAID, World

QUICK = Limits(
    {
        Kind.PROCESS: 40.0,
        Kind.REMOVE: 40.0,
        Kind.CANCEL: 20.0,
        Kind.CLOSE: 20.0,
        Kind.FLAG: 20.0,
        Kind.NOTE: 10.0,
    },
    witness=60.0,
)
"""Limits that keep a cell short; the real ones are those of the walk."""

PATH_OF = {kind: f"/{kind.value}$" for kind in Kind}
"""The path of each kind's request, as a pattern."""


def _blow(name: str) -> Callable[[World, Kind], None]:
    blow = next(x for x in (*BLOWS, *PAGES, *LATE, *UNPAID) if x.name == name)

    def strike(world: World, kind: Kind) -> None:
        world.loop.faults.add(blow.fault("POST", PATH_OF[kind], 1))

    return strike


def _offline(world: World, _: Kind) -> None:
    world.stations[0].wire.weather.offline = True


def _key_refused(world: World, kind: Kind) -> None:
    world.loop.faults.add(Fault("refuse_key", method="POST", path=PATH_OF[kind], count=1))


OUTCOMES: dict[str, Callable[[World, Kind], None]] = {
    "yes": lambda world, kind: None,
    "no": _blow("refused"),
    "offline": _offline,
    "throttled": _blow("throttled"),
    "request lost": _blow("request lost"),
    "answer lost": _blow("answer lost"),
    "500 before": _blow("500 before"),
    "500 after": _blow("500 after"),
    "answer cut": _blow("answer cut"),
    "strange 200": _blow("strange 200"),
    "login page": _blow("login page"),
    "key refused": _key_refused,
    "yes, then nothing": _blow("processing drop after 1 s"),
    "yes, then unpaid": _blow("processing fails after 0 s"),
    "page with 401 after": _blow("page with 401 after"),
}
"""What the server does with the action: the twelve of the crash matrix, the broken promises, and a filter's
page after the effect.
"""


def strike(outcome: str, world: World, kind: Kind) -> None:
    """Let the next request of a kind meet an outcome."""
    OUTCOMES[outcome](world, kind)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a kind, an outcome, and how the program is struck at the n-th place."""

    kind: Kind
    outcome: str
    how: str


async def keep(world: World, cell: Cell) -> None:
    """Keep the action, behind a note when it is one that must wait for what was decided before it."""
    station = world.stations[0]
    return_id = world.return_ids[0]
    stored = await station.store.returns.get(return_id)
    assert stored is not None
    line_id = stored.ret.lines[-1].line_item_id
    kinds = (cell.kind,) if cell.kind in (Kind.GRADE, Kind.ASSESS, Kind.NOTE) else (Kind.NOTE, cell.kind)
    request = a_keep_request(
        return_id=return_id,
        seen=fingerprint(stored.ret),
        draft=a_draft(return_id),
        actions=tuple(an_action(kind, line_id) for kind in kinds),
        hold_seconds=0.0,
        station=station.name,
        key_fingerprint=station.where().key_fingerprint,
        decided_at=station.clock.now(),
    )
    try:
        entries = await station.store.outbox.keep(request)
        station.memory.acknowledged |= {entry.entry_id for entry in entries}
    finally:
        station.feed.tell(OutboxChanged(return_id))


async def _one(cell: Cell, n: int, figures: Figures) -> str:
    """Run a cell once, struck at the n-th place. Returns where, "" when the run passed fewer places."""
    world = World(n, returns=1, slow_disks=False, limits=QUICK)
    station = world.stations[0]
    try:
        with figures.trial(lambda: f"{cell} at {n} ({station.points.struck_at})"):
            act(world.loop, {"act": "add_line", "return_id": world.return_ids[0]})
            await world.open()
            watch_requests(world)
            strike(cell.outcome, world, cell.kind)
            station.points.arm(n, cell.how)
            station.is_disk_full = True
            try:
                await keep(world, cell)
                await world.clock.turn(5.0)
                station.wire.weather.offline = False
                await world.clock.turn(55.0)
            except (Killed, LoopdeskError):
                pass
            struck = station.points.struck_at
            await world.bury()
            check_all(world)
            await world.calm()
            check_rest(world)
    finally:
        figures.kills += world.kills
        await world.close()
    figures.steps += station.points.passed
    return struck


def run_cell(cell: Cell, figures: Figures, *, first: int = 1, stride: int = 1) -> int:
    """Strike a cell at one place after the other until it runs through. Returns how many places it has.

    Args:
        first, stride: Where to begin, and how many places to go on; 1 and 1 for every one.
    """
    n = first
    while asyncio.run(_one(cell, n, figures)):
        n += stride
    return n
