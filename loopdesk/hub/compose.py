"""One hub process: what it is made of, in order up and down."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from math import ceil
from uuid import UUID

from prometheus_client import CollectorRegistry, Gauge

from loopdesk.hub.audit.keeping import AuditKeeping
from loopdesk.hub.audit.record import AuditRecord
from loopdesk.hub.benches.certificate_files import CertificateFiles
from loopdesk.hub.benches.registry import BenchRegistry
from loopdesk.hub.budget.budget import HubBudget
from loopdesk.hub.budget.dealing import klass_named
from loopdesk.hub.budget.measures import BudgetMeasures
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection
from loopdesk.hub.failures import DatabaseUnusable, HubFailure
from loopdesk.hub.http import actions, audit, certificates, changes, joining, ops, sharing, shops, webhooks
from loopdesk.hub.http import reads as reads_face
from loopdesk.hub.http.app import application
from loopdesk.hub.http.callers import Callers, GuardedRoute
from loopdesk.hub.http.measures import Measured
from loopdesk.hub.http.server import HubServer
from loopdesk.hub.index.feed import ChangeFeed
from loopdesk.hub.index.fill import Fills
from loopdesk.hub.index.reading import IndexReaders
from loopdesk.hub.index.seen import SeenReturns
from loopdesk.hub.index.tail import ChangeTail
from loopdesk.hub.index.wishes import BOXES, OWN_SECONDS, wish
from loopdesk.hub.ledger.acts import Ledger
from loopdesk.hub.ledger.claim_watch import ClaimWatch
from loopdesk.hub.ledger.ending import LedgerEnding
from loopdesk.hub.ledger.exchange import Exchanges
from loopdesk.hub.ledger.loop_line import LoopLine
from loopdesk.hub.ledger.measures import LedgerMeasures
from loopdesk.hub.ledger.sight import LoopSight
from loopdesk.hub.ledger.stages import LedgerLimits
from loopdesk.hub.ledger.sweep import Sweep
from loopdesk.hub.reads.reads import reads_of
from loopdesk.hub.settings import HubSettings
from loopdesk.hub.sharing.shared import Shared
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
        certificates: The hub's own, and the next one.
        webhooks: What Loop tells by itself.
        sealing: The encryption key; None if it is lost.
        reads: What benches read of Loop.
        ledger: What became of every action, and who finishes which return.
        exchanges: The actions that are under way in this process.
        sweep: Ends what nobody asks for any more.
        claims: Ends claims by what is read anyway.
        feed: Where whoever changes a return says so.
        shared: What the benches share.
        index: Reads the shops from Loop, each by one process at a time.
        audit: The audit logs of all benches.
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
        self.shared = Shared(self.database, self.clock, self.feed.ring)
        self.tail = ChangeTail(self.database, self.tasks, self.shared.pages)
        self.fills = Fills(self.database)
        self.benches = BenchRegistry(self.database)
        self.certificates = CertificateFiles(
            settings.http.certificate, settings.http.certificate_key, self.clock.now
        )
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
        self.audit = AuditRecord(self.database)
        self._audit_keeping = AuditKeeping(self.database, settings.audit.days, self.clock)
        self.ledger, self._ledger_ending = self._ledgers()
        self._line = LoopLine(settings.loop.url, self.clock, self.shops)
        self.exchanges, self.sweep = self._actions()
        self.claims = ClaimWatch(self.ledger, self.sweep)
        self.reads.on_answer(self.claims.answered)
        self.reads.on_answer(SeenReturns(self.database, self.feed, self.clock).answered)
        self.index = self._index_readers()
        self.webhooks = Receiving(
            self.database, self.feed, self.sealing, self._changed, self.clock, self.tasks, self.measures
        )
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
            *ops.routes(self._readiness, self.measures, self.budget.show),
            *joining.routes(self.benches, self.shops, lambda: self.database.generation),
            *certificates.routes(self.benches, lambda: self.certificates.announced),
            *reads_face.routes(self.reads),
            *actions.routes(self.ledger, self.exchanges, self.reads.homes.shop_of, self._take),
            *changes.routes(self.tail, self.fills),
            *shops.routes(self.shops, self.database, is_read=self.settings.index.seconds > 0),
            *audit.routes(self.audit),
            *sharing.routes(self.shared, self.reads.homes.shop_of),
            *webhooks.routes(
                self.webhooks.inbox, self.webhooks.tally.count, self.clock, self.webhooks.failures
            ),
        )

    async def start(self) -> None:
        """Bring the database up to date, and serve.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached, or the database is none for this version.
            HubFailure: The certificate cannot be used.
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
        self.certificates.begin()
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
        self._background = [self._kept_running(name, run) for name, run in self._runs()]
        self._serving = self.tasks.spawn(self._server.run_until_end(), name="hub server")
        log.info("started url=%s generation=%s", self.url, self.database.generation)

    def _runs(self) -> tuple[tuple[str, Callable[[], Awaitable[None]]], ...]:
        """What runs until the process ends, by its name."""
        return (
            ("hub certificate", self._keep_certificate),
            ("hub reads", self.reads.run),
            ("hub webhooks", self.webhooks.run),
            ("hub sweep", self.sweep.run),
            ("hub ledger", self._ledger_ending.run),
            ("hub index", self.index.run),
            ("hub feed", self.feed.keep_short),
            ("hub audit", self._audit_keeping.run),
            ("hub sharing", self.shared.run),
        )

    def _kept_running(self, name: str, run: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        return self.tasks.spawn(keep_running(name, run, self.clock, self.on_fault), name=name)

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
        await self.budget.end()
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

    async def _keep_certificate(self) -> None:
        assert self._server is not None
        await self.certificates.keep_current(self._server.tls, self.clock)

    async def _changed(self, connection: Connection, shop_id: str, return_id: str) -> None:
        """Loop said that a return changed, or the boxes: what was read of it is old and read now, and who
        claimed it may be done.
        """
        if return_id != BOXES:
            await self.reads.hint(connection, shop_id, return_id)
            await self.ledger.look_soon(connection, shop_id, return_id)
        await wish(connection, shop_id, return_id)

    async def _acted(self, connection: Connection, shop_id: str, return_id: str) -> None:
        """An action of a bench ended: that bench reads the return back, or else the index does."""
        await self.reads.hint(connection, shop_id, return_id)
        await wish(connection, shop_id, return_id, OWN_SECONDS)

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
            self.claims.shown,
            every_seconds=self.settings.index.seconds,
            on_fault=self.on_fault,
        )

    def _ledgers(self) -> tuple[Ledger, LedgerEnding]:
        """Return the ledger, and what keeps it short."""
        kept = self.settings.ledger
        limits = LedgerLimits(restored_wait=timedelta(minutes=kept.restored_minutes))
        ending = LedgerEnding(self.database, self.clock, answers_days=kept.answers_days, days=kept.days)
        return Ledger(self.database, self._acted, limits=limits), ending

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

    async def _readiness(self) -> ops.Ready:
        if not self.database.is_whole:
            return ops.Ready(ready=False)
        try:
            seconds = await self.ledger.seconds_to_wait()
        except DatabaseUnusable:
            return ops.Ready(ready=False)
        return ops.Ready(ready=True, restored_seconds=ceil(seconds))
