"""The first fill of a large shop, killed repeatedly, and the minute after it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from loopdesk.simulator.crowd import many_returns
from tests.volume.rig import Bench, Shop, by_kind, throttled

DAYS = 119.0


@dataclass(frozen=True, slots=True)
class Filled:
    """What a first fill cost.

    Attributes:
        calls: Requests of the whole fill: list, advance notice and boxes; those that kills cost too.
        minutes: How long it took by the shop's clock.
        known: Returns in the store afterwards.
        increment: Requests of the synchronization a minute later.
    """

    calls: int
    kinds: str
    kills: int
    minutes: float
    known: int
    throttled: int
    increment: int

    def said(self) -> list[str]:
        """Return the figures in words."""
        return [
            f"{self.known} returns known after {self.calls} requests: {self.kinds}; 429: {self.throttled}",
            f"in {self.minutes:.1f} minutes by Loop's clock, killed and started again {self.kills} times",
            f"requests a minute later: {self.increment}",
        ]


async def fill(returns: int, kill_at: Sequence[int]) -> Filled:
    """Fill an empty store from a shop with this many returns in 119 days.

    Loop refuses windows of more than 120, and the fill's ends two hours ahead.

    Args:
        kill_at: After how many requests the program is killed and started again.
    """
    shop = Shop()
    shop.loop.stock(many_returns(returns, 7, shop.clock.now(), DAYS))
    try:
        await shop.open()
        (bench,) = shop.stations
        began = shop.clock.monotonic()
        for number in kill_at:
            await _fill_until(shop, bench, number)
            await bench.restart()
        await shop.until_done(_all_of_it(bench), 7200.0)
        seconds = shop.clock.monotonic() - began
        seen = shop.seen()
        last = shop.last
        await shop.clock.turn(60.0)
        await shop.until_done(asyncio.ensure_future(bench.parts.prefetch.catch_up()), 600.0)
        return Filled(
            calls=len(seen),
            kinds=", ".join(f"{name} {count}" for name, count in by_kind(seen).most_common()),
            kills=len(kill_at),
            minutes=seconds / 60.0,
            known=await bench.store.returns.count(),
            throttled=throttled(shop.seen()),
            increment=len(shop.seen(last)),
        )
    finally:
        await shop.close()


def _all_of_it(bench: Bench) -> asyncio.Task[None]:
    async def run() -> None:
        await bench.parts.prefetch.catch_up()
        await bench.parts.announced.read()

    return bench.tasks.spawn(run(), name="fill")


async def _fill_until(shop: Shop, bench: Bench, number: int) -> None:
    """Fill until the shop has received this many requests."""
    task = _all_of_it(bench)
    await shop.clock.until(lambda: task.done() or len(shop.loop.log) >= number, 7200.0)
    assert not task.done(), "there are fewer pages than that"
