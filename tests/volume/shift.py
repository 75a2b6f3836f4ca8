"""A replayed shift: many returns are opened, decided and settled, and all of it reaches Loop."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from loopdesk.domain.errors import ApiError
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import END_STAGES
from loopdesk.domain.returns.grading import Grade
from loopdesk.services.ports.loop import Priority
from loopdesk.services.station.events import Settled
from loopdesk.services.sync.budget import PER_MINUTE
from loopdesk.simulator.actors import return_from
from loopdesk.simulator.barcodes import ups
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import Label
from tests.volume.rig import LIMIT, Bench, Shop, by_kind, most_in_a_minute, throttled

LINES = (1, 2, 2, 3, 3, 3, 4, 4, 5)
"""How many lines returns have: three on average."""

MISSING, FLAGGED, NOTED, CLOSED = 0.08, 0.05, 0.1, 0.15
"""Shares of returns with a line missing, sent to a person, with a note, and closed before they came."""

INSPECTING = 0.85
"""The share of the time for a return that passes before it is confirmed; the rest brings the next parcel."""

UNHURRIED = 0.6
"""The same for an operator who waits for *Done* before the next parcel."""

SYNC_SECONDS = 60.0


@dataclass(slots=True)
class Shift:
    """What a shift cost.

    Attributes:
        settled: Returns whose every entry Loop confirmed.
        parked: Returns that wait for a person; there should be none.
        of_returns: Requests for the returns, by kind: what is read to show them, before they are sent and
            to confirm them, and the actions.
        of_index: Requests that keep the index, whether anything is settled or not, by kind: the list of
            changes, each minute.
        ahead: Details that were read ahead of the parcels before the shift.
        minutes: How long it took.
        most: Most requests in any minute.
        throttled: Requests that Loop turned away.
        drain_a_minute: Requests a minute while the queue was long; 0.0 when it never was.
        confirmed: Seconds from an operator's confirmation to Loop's, each return.
    """

    settled: int
    parked: int
    of_returns: Counter[str]
    of_index: Counter[str]
    ahead: int
    minutes: float
    most: int
    throttled: int
    drain_a_minute: float
    confirmed: Sequence[float]

    @property
    def a_return(self) -> float:
        """Requests for opening and settling a return."""
        return self.of_returns.total() / self.settled

    def said(self) -> list[str]:
        """Return the figures in words."""
        kinds = (f"{name} {number / self.settled:.2f}" for name, number in self.of_returns.most_common())
        index = (f"{name} {number / self.minutes:.2f}" for name, number in self.of_index.most_common())
        waits = sorted(self.confirmed)
        lines = [
            f"{self.settled} returns settled, {self.parked} left to a person",
            f"requests for opening and settling a return {self.a_return:.2f}: {', '.join(kinds)}",
            f"beside it, for the index, a minute: {', '.join(index)}; most of all in a minute {self.most}",
            f"before it, ahead of the parcels: details {self.ahead / self.settled:.2f} a return",
            f"from confirming to Loop's: half in {waits[len(waits) // 2]:.0f} s, all in {waits[-1]:.0f} s",
        ]
        if self.drain_a_minute:
            lines.append(
                f"draining at {self.drain_a_minute:.0f} a minute of {PER_MINUTE:.0f} allowed;"
                f" most in a minute {self.most}, answered 429: {self.throttled}"
            )
        return lines


async def replay(
    returns: int,
    *,
    every_seconds: float,
    offline: bool,
    inspecting: float = INSPECTING,
    payment_fields: str = "all",
    seed: int = 3,
) -> Shift:
    """Replay a shift: scan, inspect, confirm, and after a moment the next one.

    Args:
        every_seconds: How long the operator takes for a return.
        inspecting: The share of it that passes before the return is confirmed.
        offline: The network is away until all is kept; then the queue drains at what the budget allows.
        payment_fields: Which answers of the shop tell of payment: ``all``, ``details`` alone, or ``none``.
    """
    shop, random = Shop(settings=Settings(rate_limit=LIMIT, payment_fields=payment_fields)), Random(seed)
    ids = [_make(shop, random, n) for n in range(returns)]
    try:
        await shop.open()
        (bench,) = shop.stations
        bench.tasks.spawn(bench.parts.prefetch.run(SYNC_SECONDS), name="prefetch")
        bench.tasks.spawn(bench.parts.ahead.run(), name="ahead")
        await shop.clock.turn(600.0 + returns)  # the index is filled, and the details behind it are read
        bench.feed.on(Settled, lambda event: _read_again(bench, event))
        start, began, asked = shop.last, shop.clock.monotonic(), bench.asked.copy()
        bench.wire.weather.offline = offline
        for return_id in ids:
            await _do(shop, bench, return_id, random, (inspecting * every_seconds, every_seconds))
        await bench.inspection.park()
        bench.wire.weather.offline = False
        drained = await _rest(shop, bench)
        minutes = (shop.clock.monotonic() - began) / 60.0
        index = (asked, bench.asked - asked)
        return _result(shop, bench, start, index, minutes, drained if offline else 0.0)
    finally:
        await shop.close()


def _make(shop: Shop, random: Random, n: int) -> str:
    """Make a return whose one parcel was delivered."""
    lines = [{"sku": f"S-{k}"} for k in range(random.choice(LINES))]
    state = "closed" if random.random() < CLOSED else "open"
    made = return_from(shop.loop, {"lines": lines, "state": state})
    ids, now = [line.line_item_id for line in made.lines], shop.clock.now()
    made.labels.append(Label(ups(700_000 + n), "UPS", "delivered", now, line_item_ids=ids))
    shop.loop.add(made)
    return made.return_id


async def _do(shop: Shop, bench: Bench, return_id: str, random: Random, seconds: tuple[float, float]) -> None:
    """Open a return, as the bench does, take the time to inspect it, and finish it as its kind wants.

    Args:
        seconds: Until it is confirmed, and until the next parcel is scanned.
    """
    inspection = bench.inspection
    known = await bench.lookup.known(return_id)
    assert known is not None
    await inspection.open(known)
    behind = bench.tasks.spawn(_refresh(bench, return_id), name=f"refresh {return_id}")
    await shop.clock.turn(seconds[0])
    await behind
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
    await shop.clock.turn(seconds[1] - seconds[0])


async def _refresh(bench: Bench, return_id: str, *, notes: bool = True) -> None:
    try:
        await bench.lookup.refresh(return_id)
        if notes:
            await bench.client.notes(return_id, priority=Priority.BACKGROUND)
    except ApiError:
        return


def _read_again(bench: Bench, event: Settled) -> None:
    """Read what Loop holds after a settlement that is still on the screen, as the bench does."""
    on_bench = bench.inspection.on_bench
    if on_bench is not None and bench.inspection.shows(event.return_id):
        notes = any(entry.kind is Kind.NOTE for entry in bench.lane(event.return_id))
        bench.tasks.spawn(_refresh(bench, event.return_id, notes=notes), name=f"again {event.return_id}")


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


def _result(
    shop: Shop,
    bench: Bench,
    start: int,
    index: tuple[Counter[str], Counter[str]],
    minutes: float,
    drained: float,
) -> Shift:
    seen = shop.seen(start)
    before, within = index
    entries = bench.entries()
    parked = {x.return_id for x in entries if x.stage not in END_STAGES}
    waits: dict[str, float] = {}
    for entry in entries:
        if entry.moved_at is not None:
            last = (entry.moved_at - entry.decided_at).total_seconds()
            waits[entry.return_id] = max(last, waits.get(entry.return_id, 0.0))
    return Shift(
        settled=len({x.return_id for x in entries} - parked),
        parked=len(parked),
        of_returns=by_kind(seen) - within,
        of_index=within,
        ahead=before["details"],
        minutes=minutes,
        most=most_in_a_minute(seen),
        throttled=throttled(seen),
        drain_a_minute=drained,
        confirmed=tuple(waits.values()),
    )
