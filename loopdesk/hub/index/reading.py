"""Keeps the index of every shop up to date: its leader runs the services that read Loop's lists."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Final
from uuid import UUID

import psycopg

from loopdesk.api.client import LoopClient
from loopdesk.api.connections import WireFactory, real_wire
from loopdesk.api.translate import from_body
from loopdesk.api.transport import Transport
from loopdesk.hub.budget.budget import HubBudget
from loopdesk.hub.budget.dealing import Klass
from loopdesk.hub.database.pool import Database
from loopdesk.hub.failures import DatabaseUnusable, HubFailure, NoTurn
from loopdesk.hub.index.copies import Seen, ShopIndex
from loopdesk.hub.index.feed import ChangeFeed
from loopdesk.hub.index.leading import Deposed, Leader, Term
from loopdesk.hub.index.wishes import CHANNEL, ShopWishes, WishReader
from loopdesk.hub.shops.registry import CHANNEL as SHOPS_CHANNEL
from loopdesk.hub.shops.registry import ShopRegistry
from loopdesk.services.ports.loop import Fetched, ReadingGateway
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.events import Feed
from loopdesk.services.station.tasks import Tasks, Wakeup
from loopdesk.services.sync.arriving import AdvanceNotice, DetailPrefetch
from loopdesk.services.sync.listing import ListReader
from loopdesk.services.sync.prefetch import Prefetch

log = logging.getLogger("loopdesk.hub.index")

SHOPS_SECONDS: Final = 10.0
"""How often a process looks for new shops and keys by itself: a notification is a hint and may be lost."""

OWN: Final = UUID(int=0)
"""Who wishes in the budget for what no bench asked for."""


class IndexBudget:
    """A shop's budget, as the client of Loop sees it.

    Args:
        tasks: Keeps what tells the database of a 429.
    """

    def __init__(self, shop_id: str, budget: HubBudget, tasks: Tasks) -> None:
        self._shop_id = shop_id
        self._budget = budget
        self._tasks = tasks

    async def take(self, priority: int) -> None:
        """Wait until one request may leave; reading the lists has time."""
        while True:
            try:
                await self._budget.take(self._shop_id, OWN, Klass(priority))
            except NoTurn:
                continue
            return

    def throttled(self) -> None:
        """Halve the rate, for all processes and benches."""
        self._tasks.spawn(self._budget.throttled(self._shop_id), name="hub index throttled")


async def read_shop(
    index: ShopIndex,
    gateway: ReadingGateway,
    clock: Clock,
    tasks: Tasks,
    *,
    zone: tzinfo,
    on_fault: Callable[[str, BaseException], None],
    every_seconds: float,
    wishes: ShopWishes,
    wished: asyncio.Event,
) -> None:
    """Read a shop from Loop as a bench alone does, until canceled.

    Args:
        zone: Of the warehouse: its nights are for long reads.
        every_seconds: How often Loop is asked what changed.
        wishes: What is to be read besides.
        wished: Set when there is more of it.

    Raises:
        Deposed: Another process leads the shop now.
        DatabaseUnusable: PostgreSQL cannot be reached.
    """
    feed = Feed(on_fault)

    async def keep(fetched: Sequence[Fetched]) -> None:
        await index.save(fetched, clock.now())

    async def observe(fetched: Fetched) -> None:  # benches hear of it by the feed of changes
        wish_reader.showed(fetched.ret.return_id)

    ahead = DetailPrefetch(arrivals=index, gateway=gateway, clock=clock, tasks=tasks, keep=keep)

    async def before_sync() -> None:
        await wish_reader.lists()

    async def after_sync() -> None:
        await wish_reader.has_listed()
        ahead.wake()

    announced = AdvanceNotice(cache=index, arrivals=index, gateway=gateway, clock=clock, zone=zone)
    prefetch = Prefetch(
        cache=index,
        reader=ListReader(cache=index, gateway=gateway, clock=clock, feed=feed, observe=observe),
        announced=announced,
        clock=clock,
        feed=feed,
        after_sync=after_sync,
        zone=zone,
        before_sync=before_sync,
    )

    wish_reader = WishReader(
        wishes, gateway, keep=keep, catch_up=prefetch.catch_up, read_boxes=announced.read_boxes
    )
    async with _beside(tasks, ahead=ahead.run, wishes=lambda: wish_reader.run(wished)):
        await prefetch.run(every_seconds)


@asynccontextmanager
async def _beside(tasks: Tasks, **runs: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Run these as long as the block lasts."""
    running = [
        tasks.spawn(_unless_deposed(name, run), name=f"hub index {name}") for name, run in runs.items()
    ]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.wait(running)


async def _unless_deposed(name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run something beside the reading of the lists, which ends by the same failures."""
    try:
        await run()
    except (Deposed, DatabaseUnusable, psycopg.Error) as failure:
        log.info("index_%s_ended kind=%s", name, type(failure).__name__)


@dataclass(slots=True)
class _Office:
    """A shop that this process leads, or would."""

    leader: Leader
    running: asyncio.Task[None]
    transport: Transport | None = None
    fingerprint: str = ""
    wished: asyncio.Event = field(default_factory=asyncio.Event)


class IndexReaders:
    """Leads, or stands by for, every shop that has a key; a key that is given meanwhile counts at once.

    Args:
        url: Where Loop is.
        every_seconds: How often each shop is read; 0 for never.
    """

    def __init__(
        self,
        url: str,
        database: Database,
        feed: ChangeFeed,
        budget: HubBudget,
        shops: ShopRegistry,
        clock: Clock,
        tasks: Tasks,
        seen: Seen,
        *,
        every_seconds: float,
        on_fault: Callable[[str, BaseException], None],
        make_wire: WireFactory = real_wire,
    ) -> None:
        self._url = url
        self._database = database
        self._feed = feed
        self._budget = budget
        self._shops = shops
        self._clock = clock
        self._tasks = tasks
        self._seen = seen
        self._every_seconds = every_seconds
        self._on_fault = on_fault
        self._make_wire = make_wire
        self._offices: dict[str, _Office] = {}
        self._wakeup = Wakeup(clock, tasks, "hub index")
        database.listener.on(CHANNEL, self._on_wish)
        database.listener.on(SHOPS_CHANNEL, self._on_shops)

    @property
    def led(self) -> tuple[str, ...]:
        """Return the shops that this process leads at the moment, by id."""
        return tuple(sorted(x for x, office in self._offices.items() if office.leader.term is not None))

    def _on_wish(self, _payload: str) -> None:
        for office in self._offices.values():
            office.wished.set()

    def _on_shops(self, _payload: str) -> None:
        self._wakeup.wake()

    async def run(self) -> None:
        """Read the shops, until canceled."""
        if self._every_seconds <= 0:
            return
        try:
            while True:
                try:
                    await self._look()
                except DatabaseUnusable as failure:
                    log.warning("shops_unread why=%s", failure.why)
                await self._wakeup.wait(SHOPS_SECONDS)
        finally:
            await self._end()

    async def _look(self) -> None:
        """Begin with shops that are new, and use keys that are."""
        for shop in await self._shops.shops():
            if shop.key is None:
                continue
            office = self._offices.get(shop.id)
            if office is None:
                self._offices[shop.id] = self._open(shop.id)
            elif office.transport is not None and office.fingerprint != shop.fingerprint:
                office.transport.set_key(shop.key.reveal())
                office.fingerprint = shop.fingerprint

    def _open(self, shop_id: str) -> _Office:
        leader = Leader(
            shop_id, self._database, self._clock, self._tasks, lambda term: self._work(shop_id, term)
        )
        return _Office(leader, self._tasks.spawn(leader.run(), name=f"hub leader of {shop_id}"))

    async def _work(self, shop_id: str, term: Term) -> None:
        try:
            key = await self._shops.key_of(shop_id)
        except HubFailure as failure:
            log.warning("index_without_key shop=%s why=%s", shop_id, failure.why)
            return
        budget = IndexBudget(shop_id, self._budget, self._tasks)
        transport = Transport(clock=self._clock, budget=budget, base_url=self._url, make_wire=self._make_wire)
        transport.set_key(key.reveal())
        office = self._offices[shop_id]
        office.transport, office.fingerprint = transport, key.fingerprint()
        index = ShopIndex(shop_id, self._database, self._feed, from_body, term, self._seen)
        try:
            await read_shop(
                index,
                LoopClient(transport),
                self._clock,
                self._tasks,
                zone=self._clock.now().astimezone().tzinfo or UTC,
                on_fault=self._on_fault,
                every_seconds=self._every_seconds,
                wishes=ShopWishes(shop_id, self._database),
                wished=office.wished,
            )
        finally:
            office.transport = None
            await transport.aclose()

    async def _end(self) -> None:
        offices, self._offices = self._offices, {}
        for office in offices.values():
            office.running.cancel()
        if offices:
            await asyncio.wait([office.running for office in offices.values()])
