"""A replayed shift: many returns are opened, decided and settled, and all of it reaches Loop."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from random import Random

from loopdesk.domain.errors import ApiError
from loopdesk.domain.grading import Grade
from loopdesk.domain.outbox import END_STAGES
from loopdesk.services.budget import PER_MINUTE
from loopdesk.services.ports import Priority
from loopdesk.simulator.actors import return_from
from tests.volume.rig import Bench, Shop, by_kind, most_in_a_minute, throttled

LINES = (1, 2, 2, 3, 3, 3, 4, 4, 5)
"""How many lines returns have: three on average."""

MISSING, FLAGGED, NOTED, CLOSED = 0.08, 0.05, 0.1, 0.15
"""Shares of returns with a line missing, sent to a person, with a note, and closed before they came."""


@dataclass(slots=True)
class Shift:
    """What a shift cost.

    Attributes:
        settled: Returns whose every entry Loop confirmed.
        parked: Returns that wait for a person; there should be none.
        opening: Requests for showing returns to the operator, by kind.
        settling: Requests for settling them, by kind: reads before, actions, read-backs.
        most: Most requests in any minute.
        throttled: Requests that Loop turned away.
        drain_a_minute: Requests a minute while the queue was long; 0.0 when it never was.
    """

    settled: int
    parked: int
    opening: Counter[str]
    settling: Counter[str]
    most: int
    throttled: int
    drain_a_minute: float

    @property
    def a_return(self) -> float:
        """Requests for settling a return."""
        return self.settling.total() / self.settled

    @property
    def with_opening(self) -> float:
        """Requests for opening and settling a return."""
        return (self.settling.total() + self.opening.total()) / self.settled

    def said(self) -> list[str]:
        """Return the figures in words."""
        kinds = (f"{name} {number / self.settled:.2f}" for name, number in self.settling.most_common())
        lines = [
            f"{self.settled} returns settled, {self.parked} left to a person",
            f"requests for settling a return {self.a_return:.2f}: {', '.join(kinds)}",
        ]
        if self.opening:
            lines.append(
                f"with opening it (details and notes) {self.with_opening:.2f}; most in a minute {self.most}"
            )
        if self.drain_a_minute:
            lines.append(
                f"draining at {self.drain_a_minute:.0f} a minute of {PER_MINUTE:.0f} allowed;"
                f" most in a minute {self.most}, answered 429: {self.throttled}"
            )
        return lines


async def replay(returns: int, *, every_seconds: float, offline: bool, seed: int = 3) -> Shift:
    """Replay a shift.

    Args:
        every_seconds: How long the operator takes for a return.
        offline: The network is away until all is kept; then the queue drains at what the budget allows.
    """
    shop, random = Shop(), Random(seed)
    ids = [_make(shop, random) for _ in range(returns)]
    try:
        await shop.open()
        (bench,) = shop.stations
        await shop.until_done(bench.tasks.spawn(bench.index.prefetch.catch_up(), name="fill"), 3600.0)
        await shop.clock.turn(120.0)
        start = shop.last
        bench.wire.weather.offline = offline
        opened: Counter[str] = Counter()
        for return_id in ids:
            await _do(shop, bench, return_id, random, opened)
            await shop.clock.turn(every_seconds)
        bench.wire.weather.offline = False
        drained = await _rest(shop, bench)
        return _result(shop, bench, start, opened, drained if offline else 0.0)
    finally:
        await shop.close()


def _make(shop: Shop, random: Random) -> str:
    lines = [{"sku": f"S-{k}"} for k in range(random.choice(LINES))]
    state = "closed" if random.random() < CLOSED else "open"
    made = return_from(shop.loop, {"lines": lines, "state": state, "tracking_number": "1Z999"})
    shop.loop.add(made)
    return made.return_id


async def _do(shop: Shop, bench: Bench, return_id: str, random: Random, opened: Counter[str]) -> None:
    """Open a return, as the bench does, and finish it as its kind wants."""
    inspection = bench.inspection
    known = await bench.lookup.known(return_id)
    assert known is not None
    await inspection.open(known)
    behind = bench.tasks.spawn(_refresh(bench, return_id, opened), name=f"refresh {return_id}")
    await shop.until_done(behind, 600.0)
    picture = await inspection.reload()
    assert picture is not None
    ret = picture.picture.ret
    ids = tuple(line.line_item_id for line in ret.expected_lines)
    await inspection.grade(Grade.A, ids)
    rolled = random.random()
    if rolled < MISSING and len(ids) > 1 and ret.state.value == "open":
        await inspection.grade(Grade.MISSING, ids[:1])
    elif rolled < MISSING + FLAGGED and ret.state.value == "open":
        await inspection.flag_because("looks worn")
    elif rolled < MISSING + FLAGGED + NOTED:
        await inspection.add_note("Box was wet.")
    await inspection.settle()


async def _refresh(bench: Bench, return_id: str, opened: Counter[str]) -> None:
    try:
        await bench.lookup.refresh(return_id)
        opened["opened: details"] += 1
        await bench.client.notes(return_id, priority=Priority.BACKGROUND)
        opened["opened: notes"] += 1
    except ApiError:
        return


async def _rest(shop: Shop, bench: Bench) -> float:
    """Let the queue drain. Returns requests a minute while more than a tenth of it was left."""
    began, first = shop.clock.monotonic(), len(shop.loop.log)
    whole, rate = len(_unfinished(bench)), 0.0
    while left := len(_unfinished(bench)):
        assert shop.clock.monotonic() - began < 6 * 3600.0, "the queue does not drain"
        if left > whole / 10:
            minutes = max(1e-9, (shop.clock.monotonic() - began) / 60.0)
            rate = (len(shop.loop.log) - first) / minutes
        await shop.clock.turn(20.0)
        await asyncio.sleep(0)
    return rate


def _unfinished(bench: Bench) -> list[str]:
    ended = "('done', 'superseded', 'withdrawn', 'parked')"
    rows = bench.disk.peek(f"SELECT DISTINCT return_id FROM entry WHERE stage NOT IN {ended}")
    return [row[0] for row in rows]


def _result(shop: Shop, bench: Bench, start: int, opened: Counter[str], drained: float) -> Shift:
    seen = shop.seen(start)
    settling = by_kind(seen)
    settling["details"] -= opened["opened: details"]
    settling["notes"] -= opened["opened: notes"]
    entries = bench.entries()
    parked = {x.return_id for x in entries if x.stage not in END_STAGES}
    return Shift(
        settled=len({x.return_id for x in entries} - parked),
        parked=len(parked),
        opening=opened,
        settling=+settling,
        most=most_in_a_minute(seen),
        throttled=throttled(seen),
        drain_a_minute=drained,
    )
