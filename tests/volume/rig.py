"""Stations in front of a large shop on a clock that is turned by hand: days pass in seconds.

Above the socket everything is the product's own, with real stores. What the program hands to other threads
is done at once here, so that the clock never runs ahead of it.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from loopdesk.api.versions import LOOP
from loopdesk.domain.api_key import host_of
from loopdesk.services.ports.loop import Priority
from loopdesk.simulator.http.app import Face
from loopdesk.simulator.loop import LoggedRequest, Loop
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import ShopKey
from tests.torture.clock import WorldClock
from tests.torture.disk import scratch
from tests.torture.station import Station
from tests.torture.wire import Books

KEY = ShopKey("volume", "canary-key-2b9d60c41e")
LIMIT = 300
"""Requests a minute and key that Loop allows."""

ANSWER_SECONDS = 0.3
"""How long Loop takes to answer here."""

INDEX_READS = (
    ("list_page", "list", True),
    ("details", "details", True),
    ("asn", "asn", False),
    ("happy_shipments", "boxes", False),
    ("happy_items", "boxes", False),
)
"""What keeping the index asks for: the client's method, its name here, and whether others use it too."""

T = TypeVar("T")


class AtOnce(ThreadPoolExecutor):
    """An executor that runs what is submitted before ``submit`` returns."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run it now."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as failure:  # noqa: BLE001 - handed on as any executor does
            future.set_exception(failure)
        return future


def play(body: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in a loop whose threads work at once."""

    async def run() -> T:
        asyncio.get_running_loop().set_default_executor(AtOnce())
        return await body()

    return asyncio.run(run())


class Bench(Station):
    """A station with its index of returns.

    Attributes:
        waits: For each priority, how long its requests waited for the budget, in seconds.
        asked: What keeping the index asked for, by kind.
    """

    def _wire(self) -> None:
        super()._wire()
        self.wire.weather.answer_seconds = ANSWER_SECONDS
        self.waits: dict[int, list[float]] = {}
        take = self.budget.take

        async def timed(priority: int) -> None:
            began = self.clock.monotonic()
            await take(priority)
            self.waits.setdefault(priority, []).append(self.clock.monotonic() - began)

        self.budget.take = timed  # type: ignore[method-assign]
        self._count_index()

    def _count_index(self) -> None:
        """Count what leaves for the index: lists and details behind all else, and what only it reads."""
        self.asked: Counter[str] = Counter()
        for name, kind, is_shared in INDEX_READS:
            setattr(self.client, name, self._counted(getattr(self.client, name), kind, is_shared=is_shared))

    def _counted(
        self, read: Callable[..., Coroutine[Any, Any, T]], kind: str, *, is_shared: bool
    ) -> Callable[..., Coroutine[Any, Any, T]]:
        async def counted(*args: Any, **kwargs: Any) -> T:
            if not is_shared or kwargs.get("priority") == Priority.BACKGROUND:
                self.asked[kind] += 1
            return await read(*args, **kwargs)

        return counted

    @property
    def longest_lookup(self) -> float:
        """How long the operator's slowest lookup waited for its turn."""
        return max(self.waits.get(Priority.LOOKUP, [0.0]))


class Shop:
    """The simulator with its limit on, and the stations that share its key."""

    def __init__(self, *, stations: int = 1, settings: Settings | None = None) -> None:
        self.clock = WorldClock()
        self.loop = Loop(clock=self.clock.now, keys=[KEY], settings=settings or Settings(rate_limit=LIMIT))
        self.face = Face(self.loop)
        self.books = Books()
        self.folder = scratch()
        self.stations = [
            Bench(
                f"dock {n + 1}",
                self.folder / f"dock-{n + 1}",
                faces={host_of(LOOP): self.face},
                clock=self.clock,
                books=self.books,
                key=KEY.value,
                stations=stations,
            )
            for n in range(stations)
        ]

    async def open(self) -> Shop:
        """Start every station."""
        for station in self.stations:
            await station.start()
        await self.clock.settle()
        return self

    async def close(self) -> None:
        """Drop everything."""
        for station in self.stations:
            await station.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def until_done(self, task: asyncio.Task[T], most_seconds: float) -> T:
        """Turn the clock until a task has ended, and return its result."""
        await self.clock.until(task.done, most_seconds)
        return task.result()

    def seen(self, since: int = 0) -> list[LoggedRequest]:
        """Every request after that number, but for the connection's own probes."""
        return [x for x in self.loop.requests(since=since) if kind_of(x) != "probe"]

    @property
    def last(self) -> int:
        """The number of the last request."""
        return self.loop.log[-1].n if self.loop.log else 0


def kind_of(seen: LoggedRequest) -> str:
    """Name what a request asks for."""
    if seen.path.endswith("/list") and "pageSize=1&" in f"{seen.query}&":
        return "probe"
    word = seen.path.rpartition("/")[2]
    return {"list": "list", "shipments": "boxes", "items": "boxes"}.get(word, word)


def by_kind(requests: Iterable[LoggedRequest]) -> Counter[str]:
    """Count requests by what they ask for."""
    return Counter(map(kind_of, requests))


def most_in_a_minute(requests: Sequence[LoggedRequest]) -> int:
    """Return the most requests that arrived within any 60 seconds."""
    times = [x.at.timestamp() for x in requests]
    most = start = 0
    for end, at in enumerate(times):
        while times[start] <= at - 60.0:
            start += 1
        most = max(most, end - start + 1)
    return most


def throttled(requests: Iterable[LoggedRequest]) -> int:
    """Count the requests that Loop turned away because there were too many."""
    return sum(x.status == 429 for x in requests)
