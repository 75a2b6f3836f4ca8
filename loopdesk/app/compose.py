"""The composition root: the window, the commands and every test rig wire the services here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import tzinfo
from random import random as system_random
from typing import TYPE_CHECKING, Protocol

from loopdesk.domain.labels.scans import Meaning
from loopdesk.domain.printing.labels import PrintsBy
from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.domain.returns.returns import Note
from loopdesk.services.bench.inspection import InspectionDesk
from loopdesk.services.bench.labels import LabelDesk
from loopdesk.services.bench.lookup import Lookup
from loopdesk.services.bench.mysteries import MysteryDesk
from loopdesk.services.bench.parcels import Destinations, ParcelDesk
from loopdesk.services.outbox.attention import Attention
from loopdesk.services.outbox.claims import Claims, SecondBench
from loopdesk.services.outbox.confirmer import Confirmer
from loopdesk.services.outbox.drain import Drain
from loopdesk.services.outbox.exchange import BatchCall
from loopdesk.services.outbox.key_binding import KeyBinding
from loopdesk.services.outbox.lanes import PhotoWait
from loopdesk.services.outbox.photo_uploads import PhotoUploads
from loopdesk.services.outbox.sender import Sender
from loopdesk.services.outbox.stage_writer import StageWriter
from loopdesk.services.ports.labels import LabelPrinter, LabelPrints
from loopdesk.services.ports.loop import HubGateway, KeyedGateway, Priority, ReadingGateway, ReturnsGateway
from loopdesk.services.ports.overview import Overview
from loopdesk.services.ports.photos import PhotoPorts, PhotoQueue
from loopdesk.services.ports.pictures import PicturePorts
from loopdesk.services.ports.station import Clock, Limits, Station
from loopdesk.services.ports.store import (
    Arrivals,
    AuditLog,
    Drafts,
    Mysteries,
    Outbox,
    ReturnCache,
    ScanTransactions,
    SeenParcels,
)
from loopdesk.services.station.connection import Connection
from loopdesk.services.station.events import Feed
from loopdesk.services.station.tasks import InTurn, OnFault, Tasks, isolated, keep_running
from loopdesk.services.sync.arriving import AdvanceNotice, DetailPrefetch
from loopdesk.services.sync.budget import PER_MINUTE, RequestBudget
from loopdesk.services.sync.listing import ListReader
from loopdesk.services.sync.pictures import WORKERS, ProductPictures
from loopdesk.services.sync.prefetch import Prefetch, SearchIndexing

if TYPE_CHECKING:
    from loopdesk.api.transport import Transport


class Kept(Protocol):
    """Everything stored at a station: ``store.Store``, or its in-memory twin."""

    @property
    def returns(self) -> ReturnCache:
        """Loop's answers."""
        ...

    @property
    def arrivals(self) -> Arrivals:
        """What is on its way to the dock."""
        ...

    @property
    def openings(self) -> ScanTransactions:
        """From a scan to an open return."""
        ...

    @property
    def outbox(self) -> Outbox:
        """What is to be sent, and what became of it."""
        ...

    @property
    def overview(self) -> Overview:
        """The outbox, one return at a time."""
        ...

    @property
    def photo_queue(self) -> PhotoQueue:
        """Photos on their way to the place for photos."""
        ...

    @property
    def drafts(self) -> Drafts:
        """What was entered for returns that are not settled."""
        ...

    @property
    def audit(self) -> AuditLog:
        """The audit log."""
        ...

    @property
    def mysteries(self) -> Mysteries:
        """Parcels without a return."""
        ...

    @property
    def seen_parcels(self) -> SeenParcels:
        """Which parcels were scanned here."""
        ...

    @property
    def label_prints(self) -> LabelPrints:
        """Which labels were given to the printer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What the services depend on. The callables are called each time: settings and key can change.

    Attributes:
        connect: Makes Loop's client, given the budget that its requests wait for and the connection that
            learns from them; called once.
        on_fault: Receives every unexpected failure, with its origin.
        station: Who works where, and with which key, now.
        stations: How many stations share the key by the settings, now.
        limits: How long each kind may show no effect, now.
        printer: Returns the label printer that is set now; None without one.
        prints_by: Returns what starts the print of an item's label, now.
        classify: Turns a raw code into what it may stand for at this station.
        pictures: Where product pictures come from and are kept.
        photos: Where photos are stored so that anyone can open them.
        zone: The station's time zone, which defines its nights.
        per_minute: Requests per minute and key, for all stations together.
        head_start: Additional requests allowed at startup.
        random: Returns numbers in [0, 1) for every jitter.
    """

    store: Kept
    connect: Callable[[RequestBudget, Connection], ReturnsGateway]
    clock: Clock
    on_fault: OnFault
    station: Callable[[], Station]
    stations: Callable[[], int]
    limits: Callable[[], Limits]
    printer: Callable[[], LabelPrinter | None]
    prints_by: Callable[[], PrintsBy]
    classify: Callable[[str], Meaning]
    vocabulary: Vocabulary
    pictures: PicturePorts
    photos: PhotoPorts
    zone: tzinfo
    per_minute: float = PER_MINUTE
    head_start: float = 0.0
    random: Callable[[], float] = system_random


class Parts:
    """Every service, wired to the others. Nothing runs before ``start``.

    Attributes:
        line: What the operator does, in turn.
        gateway: Loop, for anyone who reads it.
        actions: Loop, for the outbox alone.
        hub: The hub between this station and Loop, if there is one.
    """

    def __init__(self, ports: Ports) -> None:
        self.ports = ports
        clock, on_fault = ports.clock, ports.on_fault
        self.feed = Feed(on_fault)
        self.tasks = Tasks(on_fault)
        self.line = InTurn(self.tasks, "bench", on_fault)
        self.second_bench = SecondBench(
            outbox=ports.store.outbox,
            cache=ports.store.returns,
            audit=ports.store.audit,
            clock=clock,
            feed=self.feed,
            told=ports.stations,
        )
        self.budget = RequestBudget(
            clock,
            per_minute=ports.per_minute,
            stations=self.second_bench.stations,
            head_start=ports.head_start,
        )
        self.connection = Connection(clock=clock, tasks=self.tasks, feed=self.feed, random=ports.random)
        client = ports.connect(self.budget, self.connection)
        self.gateway: ReadingGateway = self.second_bench.watching(client)
        self.actions: KeyedGateway = client
        self.hub: HubGateway = client
        self._wire_outbox()
        self._wire_sending()
        self._wire_ends()
        self._wire_bench()
        self._wire_index()

    def _wire_outbox(self) -> None:
        """Build what writes the outbox and reads back."""
        ports, store, clock, feed, tasks = (
            self.ports,
            self.ports.store,
            self.ports.clock,
            self.feed,
            self.tasks,
        )
        self.stage_writer = StageWriter(outbox=store.outbox, clock=clock, feed=feed)
        self.keys = KeyBinding(
            outbox=store.outbox,
            audit=store.audit,
            clock=clock,
            connection=self.connection,
            station=ports.station,
        )
        self.confirmer = Confirmer(
            outbox=store.outbox,
            cache=store.returns,
            gateway=self.gateway,
            clock=clock,
            tasks=tasks,
            feed=feed,
            stage_writer=self.stage_writer,
            connection=self.connection,
            keys=self.keys,
            hub=self.hub,
            limits=ports.limits,
            is_shown=self.is_shown,
        )

    def _wire_sending(self) -> None:
        """Build what changes something at Loop: nothing else is given its acting half."""
        ports, store, clock, keys = self.ports, self.ports.store, self.ports.clock, self.keys
        exchange = BatchCall(
            gateway=self.gateway,
            actions=self.actions,
            hub=self.hub,
            stage_writer=self.stage_writer,
            audit=store.audit,
            clock=clock,
            keys=keys,
            payment=self.confirmer.payment,
        )
        claims = Claims(
            gateway=self.gateway,
            actions=self.actions,
            hub=self.hub,
            keys=keys,
            station=ports.station,
            stations=self.second_bench.count,
        )
        self.sender = Sender(
            outbox=store.outbox,
            cache=store.returns,
            gateway=self.gateway,
            clock=clock,
            tasks=self.tasks,
            feed=self.feed,
            stage_writer=self.stage_writer,
            connection=self.connection,
            keys=keys,
            confirmer=self.confirmer,
            exchange=exchange,
            photos=PhotoWait(store.photo_queue, self._photo_seconds),
            claims=claims,
            random=ports.random,
        )

        self.uploads = PhotoUploads(
            ports.photos,
            queue=store.photo_queue,
            clock=ports.clock,
            tasks=self.tasks,
            feed=self.feed,
            random=ports.random,
        )

    def _photo_seconds(self) -> float:
        """How long a settlement waits for its photos, now; not at all where they cannot be stored."""
        photos = self.ports.photos
        return photos.wait_seconds() if photos.public() is not None else 0.0

    def _wire_ends(self) -> None:
        """Build what a person uses to end actions, and the drain."""
        store, clock, feed, tasks = self.ports.store, self.ports.clock, self.feed, self.tasks
        self.attention = Attention(
            outbox=store.outbox,
            clock=clock,
            feed=feed,
            stage_writer=self.stage_writer,
            confirmer=self.confirmer,
        )
        self.drain = Drain(
            sender=self.sender,
            confirmer=self.confirmer,
            connection=self.connection,
            outbox=store.outbox,
            clock=clock,
            tasks=tasks,
            feed=feed,
        )

    def _wire_bench(self) -> None:
        """Build the inspection of the parcel at hand."""
        ports, store = self.ports, self.ports.store
        self.destinations = Destinations(self.gateway, ports.store.returns)
        self.inspection = InspectionDesk(
            drafts=store.drafts,
            outbox=store.outbox,
            clock=ports.clock,
            feed=self.feed,
            station=ports.station,
            vocabulary=ports.vocabulary,
            public_place=ports.photos.public,
        )
        self.parcels = ParcelDesk(seen_parcels=store.seen_parcels, clock=ports.clock, station=ports.station)
        self.labels = LabelDesk(
            prints=store.label_prints,
            printer=ports.printer,
            prints_by=ports.prints_by,
            clock=ports.clock,
            tasks=self.tasks,
            feed=self.feed,
            on_fault=ports.on_fault,
        )
        self.mysteries = MysteryDesk(
            mysteries=store.mysteries,
            cache=store.returns,
            clock=ports.clock,
            feed=self.feed,
            station=ports.station,
            classify=ports.classify,
        )

    def _wire_index(self) -> None:
        """Build the synchronization, and the lookups in its index."""
        ports, store, gateway = self.ports, self.ports.store, self.gateway
        clock, feed, zone = self.ports.clock, self.feed, self.ports.zone
        returns, arrivals = store.returns, store.arrivals
        observe = isolated("observing", self.confirmer.observe, ports.on_fault)
        try_again = isolated("mysteries", self.mysteries.try_again, ports.on_fault)

        async def after_sync() -> None:
            self.ahead.wake()
            self.pictures.wake()
            await try_again()

        self.announced = AdvanceNotice(
            cache=returns, arrivals=arrivals, gateway=gateway, clock=clock, zone=zone
        )
        self.prefetch = Prefetch(
            cache=returns,
            reader=ListReader(cache=returns, gateway=gateway, clock=clock, feed=feed, observe=observe),
            announced=self.announced,
            clock=clock,
            feed=feed,
            after_sync=after_sync,
            zone=zone,
        )
        self.lookup = Lookup(
            cache=returns,
            openings=store.openings,
            gateway=gateway,
            clock=clock,
            feed=feed,
            newest=self.prefetch.newest,
            synced_at=lambda: self.prefetch.synced_at,
            stations=self.second_bench.stations,
            observe=observe,
        )
        self.ahead = DetailPrefetch(
            arrivals=arrivals, gateway=gateway, clock=clock, tasks=self.tasks, keep=self.lookup.keep
        )
        self.pictures = ProductPictures(
            ports.pictures,
            arrivals=arrivals,
            cache=returns,
            connection=self.connection,
            clock=clock,
            tasks=self.tasks,
            feed=feed,
        )
        self.indexing = SearchIndexing(cache=returns, clock=clock, feed=feed)

    # --- shared by several screens ---------------------------------------------------------------------

    def is_shown(self, return_id: str) -> bool:
        """Whether a return is open on the bench, now."""
        return self.inspection.shows(return_id)

    async def ask_loop(self, text: str) -> None:
        """Ask Loop for the returns that typed words may stand for. Raises ``ApiError``."""
        await self.lookup.ask_loop(self.ports.classify(text).candidates)

    async def read_notes(self, return_id: str) -> tuple[Note, ...]:
        """Read a return's notes for the screen. Raises ``ApiError``."""
        return await self.gateway.notes(return_id, priority=Priority.BACKGROUND)

    # --- life cycle -----------------------------------------------------------------------------------

    def start_sending(self) -> None:
        """Send, read back and probe; the sender first recovers what an earlier run left."""
        self.keep_running("connection", lambda: self.connection.run(self.gateway.probe))
        self.keep_running("sender", self.sender.run)
        self.keep_running("confirmer", self.confirmer.run)
        self.keep_running("photos", self.uploads.run)

    def start_reading(self, every_seconds: float) -> None:
        """Keep the index and the search up to date, at this interval."""
        self.keep_running("prefetch", lambda: self.prefetch.run(every_seconds))
        self.keep_running("ahead", self.ahead.run)
        for number in range(WORKERS):
            self.keep_running(f"pictures {number + 1}", self.pictures.run)
        self.keep_running("pictures ahead", self.pictures.run_ahead)
        self.keep_running("destinations", self.destinations.load)
        self.keep_running("indexing", self.indexing.run)

    def keep_running(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run something until it returns, restarting it after unexpected failures."""
        self.tasks.spawn(keep_running(name, run, self.ports.clock, self.ports.on_fault), name=name)

    async def stop(self) -> None:
        """Stop in order: no new sends, the calls in flight, then every task."""
        self.connection.stop()
        await self.sender.stop()
        self.confirmer.stop()
        await self.tasks.aclose()


def compose(ports: Ports) -> Parts:
    """Wire every service, once."""
    return Parts(ports)


def listen(transport: Transport, connection: Connection) -> None:
    """Let the connection learn from every exchange of a transport."""
    transport.on_exchange(lambda failure: connection.on_exchange(failure, transport.last_seconds))
