"""One hub process: what it is made of, in order up and down."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from uuid import UUID

from prometheus_client import CollectorRegistry, Gauge

from loopdesk.hub.benches.registry import BenchRegistry
from loopdesk.hub.budget.budget import HubBudget
from loopdesk.hub.budget.dealing import klass_named
from loopdesk.hub.budget.measures import BudgetMeasures
from loopdesk.hub.database.pool import Database
from loopdesk.hub.failures import DatabaseUnusable, HubFailure
from loopdesk.hub.http import actions, changes, joining, ops, webhooks
from loopdesk.hub.http import reads as reads_face
from loopdesk.hub.http.app import application
from loopdesk.hub.http.callers import Callers, GuardedRoute
from loopdesk.hub.http.measures import Measured
from loopdesk.hub.http.server import HubServer
from loopdesk.hub.index.feed import ChangeFeed
from loopdesk.hub.index.fill import Fills
from loopdesk.hub.index.reading import IndexReaders
from loopdesk.hub.index.tail import ChangeTail
from loopdesk.hub.ledger.acts import Ledger
from loopdesk.hub.ledger.exchange import Exchanges
from loopdesk.hub.ledger.loop_line import LoopLine
from loopdesk.hub.ledger.measures import LedgerMeasures
from loopdesk.hub.ledger.sight import LoopSight
from loopdesk.hub.ledger.sweep import Sweep
from loopdesk.hub.reads.reads import reads_of
from loopdesk.hub.settings import HubSettings
from loopdesk.hub.shops.registry import ShopRegistry
from loopdesk.hub.shops.sealing import SealingKey, sealing_key
from loopdesk.hub.webhooks.receiving import Receiving
from loopdesk.services.station.tasks import Tasks, keep_running
from loopdesk.system.host.clock import SystemClock

log = logging.getLogger("loopdesk.hub")

END_SECONDS = 20.0
"""How long actions that are on their way to Loop may go on after the last request was answered."""


def _logged(where: str, failure: BaseException) -> None:
    log.error("fault where=%s kind=%s", where, type(failure).__name__, exc_info=failure)


def _sealing_key(settings: HubSettings) -> SealingKey | None:
    """Return the encryption key; without it the hub starts, and shops must be given their keys again."""
    try:
        return sealing_key(settings.keys.file, os.environ)
    except HubFailure as failure:
        log.error("sealing_key_unusable why=%s", failure.why)
        return None


class Hub:
    """One process of the hub.

    Args:
        settings: Of the file.
        on_fault: Told of what nobody expected: where, and the exception.

    Attributes:
        clock: Loop's time, as its answers tell it.
        closing: Set when the hub begins to end: streams watch it.
        database: PostgreSQL.
        measures: What ``/metrics`` shows; each part adds its own.
        budget: Of requests to Loop, for each shop, over all processes.
        webhooks: What Loop tells by itself.
        sealing: The encryption key; None if it is lost.
        reads: What benches read of Loop.
        ledger: What became of every action, and who finishes which return.
        exchanges: The actions that are under way in this process.
        sweep: Ends what nobody asks for any more.
        feed: Where whoever changes a return says so.
        index: Reads the shops from Loop, each by one process at a time.
    """

    def __init__(
        self, settings: HubSettings, *, on_fault: Callable[[str, BaseException], None] = _logged
    ) -> None:
        self.settings = settings
        self.on_fault = on_fault
        self.clock = SystemClock()
        self.closing = asyncio.Event()
        self.measures = CollectorRegistry()
        self.tasks = Tasks(on_fault)
        self.database = Database(
            settings.database.url, self.clock, self.tasks, most=settings.database.connections
        )
        self.budget = HubBudget(self.database, self.clock, self.tasks, BudgetMeasures(self.measures))
        self.feed = ChangeFeed(self.database, self.clock, self.tasks)
        self.tail = ChangeTail(self.database, self.tasks)
        self.fills = Fills(self.database)
        self.benches = BenchRegistry(self.database)
        self.sealing = _sealing_key(settings)
        self.shops = ShopRegistry(self.database, self.sealing)
        self.reads = reads_of(
            settings.loop.url,
            self.database,
            self.budget,
            self.shops,
            self.clock,
            self.tasks,
            learn=self.clock.learn,
        )
        self.index = self._index_readers()
        self.webhooks = Receiving(
            self.database, self.sealing, self.reads.hint, self.clock, self.tasks, self.measures
        )
        self.ledger = Ledger(self.database, self.reads.hint)
        self._line = LoopLine(settings.loop.url, self.clock, self.shops)
        self.exchanges, self.sweep = self._actions()
        self._server: HubServer | None = None
        self._serving: asyncio.Task[None] | None = None
        self._background: list[asyncio.Task[None]] = []
        whole = Gauge("loopdesk_hub_whole", "1 while the database is there.", registry=self.measures)
        whole.set_function(lambda: float(self.database.is_whole))

    @property
    def url(self) -> str:
        """The origin that it listens on.

        Raises:
            RuntimeError: It was not started.
        """
        if self._server is None:
            raise RuntimeError("the hub was not started")
        return self._server.url

    def faces(self) -> tuple[GuardedRoute, ...]:
        """Every route, each with who may use it."""
        return (
            *ops.routes(self._is_ready, self.measures),
            *joining.routes(self.benches, self.shops, lambda: self.database.generation),
            *reads_face.routes(self.reads),
            *actions.routes(self.ledger, self.exchanges, self.reads.homes.shop_of, self._take),
            *changes.routes(self.tail, self.fills),
            *webhooks.routes(
                self.webhooks.inbox, self.webhooks.tally.count, self.clock, self.webhooks.failures
            ),
        )

    async def start(self) -> None:
        """Bring the database up to date, and serve.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached, or the database is none for this version.
            OSError: The address to listen on cannot be used.
        """
        http = self.settings.http
        app = application(
            self.faces(),
            Callers(self.benches, http.it_token_sha256),
            now=self.clock.now,
            generation=lambda: self.database.generation,
            on_fault=self.on_fault,
        )
        await self.database.open(migrating=True)
        try:
            await self.budget.begin()
            self._server = HubServer(
                Measured(app, self.measures, self.clock.monotonic),
                http.host,
                http.port,
                closing=self.closing,
                certificate=http.certificate,
                certificate_key=http.certificate_key,
            )
        except BaseException:
            await self.database.close()
            raise
        self._background = [
            self.tasks.spawn(
                keep_running("hub reads", self.reads.run, self.clock, self.on_fault), name="hub reads"
            ),
            self.tasks.spawn(
                keep_running("hub webhooks", self.webhooks.run, self.clock, self.on_fault),
                name="hub webhooks",
            ),
            self.tasks.spawn(
                keep_running("hub sweep", self.sweep.run, self.clock, self.on_fault), name="hub sweep"
            ),
            self.tasks.spawn(
                keep_running("hub index", self.index.run, self.clock, self.on_fault), name="hub index"
            ),
            self.tasks.spawn(
                keep_running("hub feed", self.feed.keep_short, self.clock, self.on_fault), name="hub feed"
            ),
        ]
        self._serving = self.tasks.spawn(self._server.run_until_end(), name="hub server")
        log.info("started url=%s generation=%s", self.url, self.database.generation)

    async def stop(self) -> None:
        """Accept nothing more, let requests end, and give the database back."""
        self.tail.end()
        if self._server is not None and self._serving is not None:
            self._server.end()
            await asyncio.wait([self._serving])
        await self.exchanges.wait_for_end(END_SECONDS)
        for task in self._background:
            task.cancel()
        if self._background:
            await asyncio.wait(self._background)
        await self._line.aclose()
        await self.reads.aclose()
        await self.database.close()
        await self.tasks.aclose()
        log.info("stopped")

    async def __aenter__(self) -> Hub:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def _take(self, shop_id: str, bench_id: UUID, priority: str | None) -> None:
        await self.budget.take(shop_id, bench_id, klass_named(priority))

    def _index_readers(self) -> IndexReaders:
        return IndexReaders(
            self.settings.loop.url,
            self.database,
            self.feed,
            self.budget,
            self.shops,
            self.clock,
            self.tasks,
            every_seconds=self.settings.index.seconds,
            on_fault=self.on_fault,
        )

    def _actions(self) -> tuple[Exchanges, Sweep]:
        """Return what sends actions to Loop, and what ends those that nobody asks for any more."""
        measures = LedgerMeasures(self.measures)
        exchanges = Exchanges(
            self.ledger,
            self._line,
            self.clock,
            self.tasks,
            owner=self.database.owner,
            learn=self.clock.learn,
            throttled=self.budget.throttled,
            measures=measures,
        )
        sweep = Sweep(
            self.ledger,
            exchanges,
            LoopSight(self.reads),
            self.clock,
            owner=self.database.owner,
            on_fault=self.on_fault,
            measures=measures,
        )
        return exchanges, sweep

    async def _is_ready(self) -> bool:
        if not self.database.is_whole:
            return False
        try:
            await self.database.read("site.read")
        except DatabaseUnusable:
            return False
        return True
