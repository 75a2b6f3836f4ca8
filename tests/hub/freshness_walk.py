"""A walk through reads, changes at Loop and hints, over two processes whose machines' clocks are wrong.

Whoever asks remembers what it must see at least: with ``no-cache`` what was true at Loop when it asked,
otherwise what a hint had announced before it asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from loopdesk.simulator.faults import Fault
from loopdesk.simulator.loop import Loop
from tests.hub.reading_rig import Process, process

HOT = 4
CLIENTS = 10
ASKED = 12
CHANGES = 60
SHOP = "acme"


@dataclass(slots=True)
class Tally:
    """What a walk saw.

    Attributes:
        read: Requests that reached Loop.
        kept: Answers that did not ask Loop.
    """

    asked: int = 0
    stale: list[str] = field(default_factory=list)
    kept: int = 0
    read: int = 0


class Walk:
    """One walk.

    Args:
        seed: Decides who asks for what, and what changes.
    """

    def __init__(self, loop: Loop, processes: tuple[Process, ...], seed: int) -> None:
        self._loop = loop
        self._processes = processes
        self._chance = random.Random(seed)
        self._hot = sorted(ret.return_id for ret in loop.index.kept())[:HOT]
        self._true = dict.fromkeys(self._hot, 0)
        self._announced = dict.fromkeys(self._hot, 0)
        self._asking = 0
        self.tally = Tally()

    async def run(self) -> Tally:
        """Walk to the end."""
        for return_id in self._hot:
            self._loop.get(return_id).order_name = "#0"
        clients = [
            self._client(self._processes[number % len(self._processes)]) for number in range(2 * CLIENTS)
        ]
        self._asking = len(clients)
        await asyncio.gather(self._changer(), *clients)
        self.tally.read = len(self._loop.requests("GET", "/details"))
        return self.tally

    async def _changer(self) -> None:
        version = 0
        while self._asking:
            version += 1
            return_id = self._chance.choice(self._hot)
            self._loop.get(return_id).order_name = f"#{version}"
            self._true[return_id] = version
            await asyncio.sleep(self._chance.choice((0.0, 0.002, 0.01)))
            await self._chance.choice(self._processes).hint(SHOP, return_id)
            self._announced[return_id] = max(self._announced[return_id], version)
            await asyncio.sleep(self._chance.choice((0.0, 0.01, 0.02)))

    async def _client(self, desk: Process) -> None:
        try:
            for _ in range(ASKED):
                return_id = self._chance.choice(self._hot)
                cache = self._chance.choice(("no-cache", "max-age=3600", "max-age=3600", None))
                seen, least = await self._told(desk, return_id, cache)
                version = int(seen.json()["order_name"].lstrip("#"))
                self.tally.asked += 1
                self.tally.kept += seen.headers["X-Loopdesk-Source"] == "hub"
                if version < least:
                    self.tally.stale.append(f"{cache}: {version} for {least}")
        finally:
            self._asking -= 1

    async def _told(self, desk: Process, return_id: str, cache: str | None) -> tuple[httpx.Response, int]:
        """Ask until Loop could be asked in time; returns the answer, and the least version that it may be."""
        while True:
            least = (self._true if cache == "no-cache" else self._announced)[return_id]
            seen = await desk.details(return_id, cache=cache)
            if seen.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return seen, least


async def walked(
    url: str, loop: Loop, seed: int, alter: Callable[[Process], None] = lambda one: None
) -> Tally:
    """Walk over two processes.

    Args:
        alter: What is done to each process first: a mutant.
    """
    shops = {SHOP: loop}
    for number, seconds in enumerate((0.005, 0.02, 0.05)):
        loop.faults.add(Fault("slow", path="/details", seconds=seconds, skip=number * 7, count=10_000))
    async with contextlib.AsyncExitStack() as both:
        processes = tuple(
            [await both.enter_async_context(process(url, shops, hours_wrong=wrong)) for wrong in (-2, 3)]
        )
        for one in processes:
            alter(one)
        return await Walk(loop, processes, seed).run()
