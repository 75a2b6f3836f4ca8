"""Many stations on one key: each drains its queue, keeps its index and lets its operator look up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random

from loopdesk.domain.errors import ApiError
from loopdesk.domain.labels import classify
from loopdesk.domain.sync import pace
from loopdesk.services.budget import PER_MINUTE
from loopdesk.services.events import OutboxChanged
from loopdesk.simulator.barcodes import ups
from loopdesk.simulator.crowd import many_returns
from tests.builders import a_draft, a_keep_request
from tests.volume.rig import Bench, Shop, by_kind, most_in_a_minute, throttled

SYNC_SECONDS = 60.0
QUEUED = 10
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
    throttled: int
    kinds: str

    def said(self) -> list[str]:
        """Return the figures in words."""
        return [
            f"{self.stations} stations for {self.minutes:.0f} minutes: {self.kinds}",
            f"most requests in a minute {self.most}; 429: {self.throttled}",
            f"{self.lookups} lookups of operators, the slowest waited {self.longest:.2f} s for its turn",
        ]


async def share(stations: int, minutes: float, returns: int = 400, seed: int = 9) -> Shared:
    """Let so many stations work on one key."""
    shop = Shop(stations=stations)
    shop.loop.stock(many_returns(returns, seed, shop.clock.now(), 30.0))
    try:
        await shop.open()
        for n, bench in enumerate(shop.stations):
            await _know(shop, bench, n)
        start = shop.last
        for n, bench in enumerate(shop.stations):
            every = pace(SYNC_SECONDS, stations, PER_MINUTE)
            bench.tasks.spawn(bench.index.prefetch.run(every), name="prefetch")
            bench.tasks.spawn(bench.index.ahead.run(), name="ahead")
            bench.tasks.spawn(_operate(bench, Random(seed + n), returns), name="operator")
            bench.feed.tell(OutboxChanged(""))
        await shop.clock.turn(minutes * 60.0)
        seen = shop.seen(start)
        return Shared(
            stations=stations,
            minutes=minutes,
            most=most_in_a_minute(seen),
            lookups=sum(len(x.waits.get(0, [])) for x in shop.stations),
            longest=max(x.longest_lookup for x in shop.stations),
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
    crowd = many_returns(QUEUED, 100 + n, shop.clock.now(), 30.0, first=1000 * (n + 1))
    shop.loop.stock(crowd)
    for ret in crowd:
        request = a_keep_request(
            return_id=ret.return_id,
            draft=a_draft(ret.return_id),
            key_fingerprint=bench.where().key_fingerprint,
        )
        await bench.store.outbox.keep(request)


async def _operate(bench: Bench, random: Random, returns: int) -> None:
    """Scan without end: mostly parcels that are known, now and then one that nobody knows."""
    while True:
        await bench.clock.sleep(random.uniform(*SCANS))
        try:
            if random.random() < UNKNOWN:
                await bench.index.lookup.ask_loop(classify(ups(random.randrange(10**6))).candidates)
            else:
                await bench.index.lookup.refresh(str(200_000_000 + random.randrange(returns)), force=True)
        except ApiError:
            await asyncio.sleep(0)
