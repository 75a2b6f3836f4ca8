"""How much a first fill over TCP slows down scans and the window's loop.

Loop's simulator is a process of its own. The station's loop beats every ten milliseconds and looks a known
label up ten times a second, first alone and then beside the fill: what is measured is the difference.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import say
from loopdesk.api.client import LoopClient
from loopdesk.api.translate import from_body
from loopdesk.api.transport import Transport
from loopdesk.app.compose import Parts, compose, listen
from loopdesk.app.startup_tuning import shorten_thread_turns
from loopdesk.domain.labels.classify import classify
from loopdesk.domain.labels.scans import Scan
from loopdesk.domain.operators import Operator
from loopdesk.services.ports.station import Station
from loopdesk.services.station.connection import Connection
from loopdesk.services.station.events import SyncProgress
from loopdesk.services.sync.budget import RequestBudget
from loopdesk.store.store import Store, open_store
from loopdesk.system.host.clock import SystemClock
from tests.bench_rig import some_ports
from tests.scenarios.heartbeat import Heartbeat

RETURNS = 6_000
"""Read in about 20 pages, which the full token bucket of a fresh start lets through without a wait."""

ALONE_SECONDS = 5.0
EVERY_SECONDS = 0.1
KNOWN = "200000000"
STATION = Station("bench 1", Operator(name="somebody"))
MOST_GAP_MS = 50.0


@dataclass(frozen=True, slots=True)
class Beside:
    """What was measured over a span of time.

    Attributes:
        scans: Milliseconds from a scan to its return's values, sorted.
    """

    beats: Heartbeat
    scans: list[float]

    def said(self) -> str:
        """Return the figures in words."""
        middle, late = self.scans[len(self.scans) // 2], self.scans[int(len(self.scans) * 0.99)]
        return f"{self.beats.said()}; {len(self.scans)} scans, median {middle:.1f} ms, 99 % in {late:.1f} ms"


@asynccontextmanager
async def _shop() -> AsyncIterator[tuple[str, str]]:
    """Serve the simulator in another process. Gives its address and key."""
    command = (sys.executable, "-m", "loopdesk", "simulate", "--returns", str(RETURNS))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode().split()
        yield f"{line[0]}/api", line[-1]
    finally:
        process.terminate()
        await process.wait()


async def _scan(store: Store) -> float:
    """Do what a scan of a known label does below the window. Returns milliseconds."""
    began = time.perf_counter()
    scan = Scan(KNOWN, SystemClock().now())
    taken = await store.openings.take(scan, STATION, classify(KNOWN).candidates)
    assert taken.known is not None
    return (time.perf_counter() - began) * 1000


async def _watch(store: Store, until: asyncio.Event) -> Beside:
    scans = []
    with Heartbeat() as beats:
        while not until.is_set():
            scans.append(await _scan(store))
            await asyncio.sleep(EVERY_SECONDS)
    return Beside(beats, sorted(scans))


async def measure(folder: Path) -> None:
    """Watch alone, then beside a first fill, and print both."""
    async with _shop() as (url, key):
        clock, faults = SystemClock(), list[BaseException]()
        store = await open_store(folder, from_body)
        transports: list[Transport] = []

        def connect(budget: RequestBudget, connection: Connection) -> LoopClient:
            transport = Transport(clock=clock, budget=budget, base_url=url)
            transport.set_key(key)
            listen(transport, connection)
            transports.append(transport)
            return LoopClient(transport)

        ports = some_ports(store, connect, clock, lambda _, failure: faults.append(failure), lambda: STATION)
        parts = compose(ports)
        told: list[SyncProgress] = []
        parts.feed.on(SyncProgress, told.append)
        await parts.lookup.keep((await parts.gateway.details(KNOWN),))
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(ALONE_SECONDS, over.set)
        alone = await _watch(store, over)
        began, over = time.perf_counter(), asyncio.Event()
        fill = parts.tasks.spawn(_fill(parts, over), name="fill")
        beside = await _watch(store, over)
        await fill
        seconds = time.perf_counter() - began
        known = await store.returns.count()
        await transports[0].aclose()
        await store.close()
        assert faults == []
    say(f"first fill of {known} returns over TCP in {seconds:.0f} s, {known / seconds:.0f} a second")
    say(f"  alone   {alone.said()}")
    say(f"  beside  {beside.said()}")
    longest = beside.beats.longest * 1000
    verdict = "met" if longest <= MOST_GAP_MS else "not met"
    say(f"  longest gap {longest:.0f} ms; goal at most {MOST_GAP_MS:.0f} ms: {verdict}")


async def _fill(parts: Parts, over: asyncio.Event) -> None:
    try:
        await parts.prefetch.catch_up()
        await parts.announced.read()
    finally:
        over.set()


def main() -> None:
    """Measure and print."""
    shorten_thread_turns()  # as the window does
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as folder:
        asyncio.run(measure(Path(folder)))


if __name__ == "__main__":
    main()
