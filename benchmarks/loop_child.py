"""The simulator of Loop in a process of its own, with many open returns and no limit of requests.

    python -m benchmarks.loop_child RETURNS BEGAN

It says its address and serves until its input ends, by ``hasty_clock``'s clock.
"""

from __future__ import annotations

import asyncio
import sys

from benchmarks.children import answer
from benchmarks.hasty_clock import HastyClock
from loopdesk.simulator.crowd import ManyReturns, many_returns
from loopdesk.simulator.http.server import Server
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.settings import Settings

DAYS = 10.0


def crowd(returns: int, began: float) -> ManyReturns:
    """Return the shop's returns; their labels and orders are the same each time."""
    return many_returns(returns, 1, HastyClock(began).now(), DAYS)


def shop(returns: int, began: float) -> Loop:
    """Make a shop in which every return is open."""
    loop = Loop(clock=HastyClock(began).now, settings=Settings(rate_limit=None))
    for ret in crowd(returns, began):
        ret.state, ret.closed_at, ret.was_processed = "open", None, False
        ret.effects.clear()
        loop.add(ret)
    return loop


async def serve(returns: int, began: float) -> None:
    """Serve until the input ends."""
    async with Server(shop(returns, began)) as server:
        answer({"url": f"{server.url}/api"})
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
