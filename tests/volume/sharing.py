"""Many stations on one key: each drains its queue, keeps its index and lets its operator look up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random

from loopdesk.api.translate import to_fetched
from loopdesk.domain.errors import ApiError
from loopdesk.domain.labels.classify import classify
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Stage
from loopdesk.domain.returns.returns import Return, fingerprint
from loopdesk.domain.sync import pace
from loopdesk.services.ports.store import KeepRequest
from loopdesk.services.station.events import OutboxChanged
from loopdesk.services.sync.budget import PER_MINUTE
from loopdesk.services.sync.prefetch import LOOP, TOLD_BY
from loopdesk.simulator.answers import RoutedCall
from loopdesk.simulator.barcodes import ups
from loopdesk.simulator.crowd import many_returns
from loopdesk.simulator.http.render import in_details
from tests.builders import a_draft, a_keep_request, an_action
from tests.volume.rig import Bench, Shop, by_kind, most_in_a_minute, throttled

SYNC_SECONDS = 60.0
QUEUED = 20
"""Settlements that wait at each station when the line comes up: more than the minutes have room for."""

SCANS = (2.0, 30.0)
"""Seconds between two scans of an operator, least and most."""

UNKNOWN = 0.04
"""The share of scans that no station knows: Loop's latest changes are read while the operator waits."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What many stations did to one key.

    Attributes:
        most: Most requests of all of them within any minute.
        lookups: How many lookups the operators made.
        longest: How long the slowest of these waited for its turn, in seconds.
    """

    stations: int
    minutes: float
    most: int
    lookups: int
    longest: float
    settled: int
    parked: int
    throttled: int
    kinds: str

    def said(self) -> list[str]:
        """Return the figures in words."""
        return [
            f"{self.stations} stations for {self.minutes:.0f} minutes: {self.kinds}",
            f"most requests in a minute {self.most}; 429: {self.throttled}",
            f"{self.settled} returns settled meanwhile, {self.parked} left to a person",
            f"{self.lookups} lookups of operators, the slowest waited {self.longest:.2f} s for its turn",
        ]


async def share(stations: int, minutes: float, returns: int = 400, seed: int = 9) -> Shared:
    """Let this many stations work on one key."""
    shop = Shop(stations=stations)
    shop.loop.stock(many_returns(returns, seed, shop.clock.now(), 30.0))
    try:
        await shop.open()
        for n, bench in enumerate(shop.stations):
            await _know(shop, bench, n)
        start = shop.last
        for n, bench in enumerate(shop.stations):
            every = pace(SYNC_SECONDS, stations, PER_MINUTE)
            bench.tasks.spawn(bench.parts.prefetch.run(every), name="prefetch")
            bench.tasks.spawn(bench.parts.ahead.run(), name="ahead")
            bench.tasks.spawn(_operate(bench, Random(seed + n), returns), name="operator")
            bench.feed.tell(OutboxChanged(""))
        await shop.clock.turn(minutes * 60.0)
        seen = shop.seen(start)
        entries = [x for bench in shop.stations for x in bench.entries()]
        return Shared(
            stations=stations,
            minutes=minutes,
            most=most_in_a_minute(seen),
            lookups=sum(len(x.waits.get(0, [])) for x in shop.stations),
            longest=max(x.longest_lookup for x in shop.stations),
            settled=sum(x.kind is Kind.PROCESS and x.stage is Stage.DONE for x in entries),
            parked=sum(x.stage is Stage.PARKED for x in entries),
            throttled=throttled(seen),
            kinds=", ".join(f"{name} {count}" for name, count in by_kind(seen).most_common()),
        )
    finally:
        await shop.close()


async def _know(shop: Shop, bench: Bench, n: int) -> None:
    """Give a station a queue of its own, and the mark of a store that was filled before."""
    now = bench.clock.now()
    for mark in ("synced_until", "swept_at", "noticed_at", "boxed_at"):
        await bench.store.returns.mark(mark, now.isoformat())
    await bench.store.returns.mark(TOLD_BY, LOOP)
    crowd = many_returns(3 * QUEUED, 100 + n, shop.clock.now(), 30.0, first=1000 * (n + 1))
    shop.loop.stock(crowd)
    for made in [x for x in crowd if x.state == "open"][:QUEUED]:
        body = in_details(made, RoutedCall("GET", "/", "v1"), shop.loop.settings)
        fetched = to_fetched(body, is_details=True)
        await bench.store.returns.save((fetched,), now)
        await bench.store.outbox.keep(_settlement(bench, fetched.ret))


def _settlement(bench: Bench, ret: Return) -> KeepRequest:
    """Grade each line, choose its place, and process the return."""
    kinds = [(kind, line.line_item_id) for kind in (Kind.GRADE, Kind.ASSESS) for line in ret.lines]
    return a_keep_request(
        return_id=ret.return_id,
        order_name=ret.order_name,
        seen=fingerprint(ret),
        draft=a_draft(ret.return_id),
        actions=(*(an_action(kind, line_id) for kind, line_id in kinds), an_action(Kind.PROCESS, "")),
        station=bench.name,
        key_fingerprint=bench.where().key_fingerprint,
    )


async def _operate(bench: Bench, random: Random, returns: int) -> None:
    """Scan without end: mostly known parcels, now and then an unknown one."""
    while True:
        await bench.clock.sleep(random.uniform(*SCANS))
        try:
            if random.random() < UNKNOWN:
                await bench.parts.lookup.ask_loop(classify(ups(random.randrange(10**6))).candidates)
            else:
                await bench.parts.lookup.refresh(str(200_000_000 + random.randrange(returns)), force=True)
        except ApiError:
            await asyncio.sleep(0)
