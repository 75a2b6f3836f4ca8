"""A week at the dock: returns are made, labels travel, parcels arrive and are scanned."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from loopdesk.domain.labels.classify import classify
from loopdesk.domain.returns.parcels import SeenParcel
from loopdesk.simulator.actors import return_from
from loopdesk.simulator.barcodes import fedex, ups, usps
from loopdesk.simulator.truth import Label
from tests.volume.rig import Bench, Shop, by_kind, throttled

CARRIERS = (("USPS", usps), ("UPS", ups), ("FedEx", fedex))
LATE_LABELS = 0.1
"""The share of labels that are printed a day after their return was made, which does not change it."""

DAY = timedelta(days=1)


@dataclass(slots=True)
class Week:
    """What was found when the parcels of a week were scanned, before anything was asked.

    Attributes:
        scanned: Parcels.
        known: Those whose return opened from the store with its lines.
        detailed: Those of which names and pictures were there too.
        requests: What keeping the index cost altogether, by what was asked.
        announced: Parcels that the store expected, or knew as delivered, when they were scanned.
    """

    scanned: int = 0
    known: int = 0
    detailed: int = 0
    announced: int = 0
    throttled: int = 0
    requests: str = ""
    a_minute: float = 0.0

    def said(self) -> list[str]:
        """Return the figures in words."""
        known, detailed, expected = (x / self.scanned for x in (self.known, self.detailed, self.announced))
        return [
            f"{self.scanned} parcels scanned: {known:.1%} opened from the store before any request",
            f"{detailed:.1%} with names and pictures, {expected:.1%} were expected",
            f"requests for that {self.a_minute:.1f} a minute: {self.requests}; 429: {self.throttled}",
        ]


@dataclass(frozen=True, slots=True)
class _Parcel:
    at: datetime
    code: str
    return_id: str


async def replay(days: int, a_day: int, sync_seconds: float, seed: int = 5) -> Week:
    """Let days pass with a number of new returns each; every parcel that arrives is scanned once."""
    shop = Shop()
    random = Random(seed)
    week = Week()
    parcels: list[_Parcel] = []
    try:
        ages = [10 * DAY * (n + 1) / (10 * a_day) for n in range(10 * a_day)]
        parcels += [_make(shop, random, n, age) for n, age in enumerate(ages)]  # on their way already
        await shop.open()
        (bench,) = shop.stations
        bench.tasks.spawn(bench.parts.prefetch.run(sync_seconds), name="prefetch")
        bench.tasks.spawn(bench.parts.ahead.run(), name="ahead")
        await shop.clock.turn(7200.0)
        began = shop.clock.now()
        for n in range(days * a_day):
            await shop.clock.turn(DAY.total_seconds() / a_day)
            parcels.append(_make(shop, random, 10 * a_day + n))
            parcels = await _scan_due(shop, bench, parcels, began, week)
        seen = shop.seen()
        week.throttled = throttled(seen)
        week.requests = ", ".join(f"{name} {count}" for name, count in by_kind(seen).most_common())
        week.a_minute = len(seen) / (days * 24 * 60)
        return week
    finally:
        await shop.close()


def _make(shop: Shop, random: Random, n: int, age: timedelta = timedelta()) -> _Parcel:
    """Make a return whose parcel comes in two to eight days; its label may be printed a day late."""
    carrier, number = CARRIERS[n % 3]
    made = shop.clock.now() - age
    is_late = random.random() < LATE_LABELS
    printed = made + DAY * (random.uniform(0.5, 1.0) if is_late else 0.0)
    moved = printed + DAY * random.uniform(0.5, 2.0)
    delivered = moved + DAY * random.uniform(1.0, 5.0)
    lines = [{"sku": f"S-{n}-{k}"} for k in range(random.choice((1, 1, 2, 3)))]
    ret = return_from(shop.loop, {"lines": lines, "age_seconds": age.total_seconds()})
    code = number(900_000 + n)
    ids = [line.line_item_id for line in ret.lines]
    plan = [
        (printed, "pre_transit"),
        (moved, "in_transit"),
        (delivered - DAY / 4, "out_for_delivery"),
        (delivered, "delivered"),
    ]
    ret.labels.append(Label(code, carrier, "pending", made, line_item_ids=ids, plan=plan))
    shop.loop.add(ret)
    shop.loop.catch_up()
    return _Parcel(delivered + timedelta(hours=random.uniform(1.0, 6.0)), code, ret.return_id)


async def _scan_due(
    shop: Shop, bench: Bench, parcels: list[_Parcel], began: datetime, week: Week
) -> list[_Parcel]:
    """Scan what has arrived. Returns what has not."""
    now = shop.clock.now()
    for parcel in parcels:
        if began <= parcel.at <= now:
            await _scan(bench, parcel, week)
    return [x for x in parcels if x.at > now]


async def _scan(bench: Bench, parcel: _Parcel, week: Week) -> None:
    week.scanned += 1
    hits = await bench.store.returns.find(classify(parcel.code).candidates)
    if [hit.return_id for hit in hits] != [parcel.return_id]:
        return
    stored = await bench.store.returns.get(parcel.return_id)
    assert stored is not None
    assert stored.ret.lines
    week.known += 1
    week.detailed += stored.has_details
    expected = await bench.store.arrivals.arrivals(bench.clock.now() - 10 * DAY)
    week.announced += any(x.tracking_number == parcel.code for x in expected)
    await bench.store.seen_parcels.add(SeenParcel(parcel.return_id, parcel.code, bench.clock.now()))
    await asyncio.sleep(0)
