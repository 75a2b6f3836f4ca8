"""The composition root: the window, the commands and every test rig wire the services here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from random import random as system_random
from typing import TYPE_CHECKING, Protocol

from loopdesk.domain.labels.scans import Meaning
from loopdesk.domain.printing.labels import PrintsBy
from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.domain.returns.returns import Note
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.domain.sync import NOT_HEARD, HubContact
from loopdesk.services.bench.inspection import InspectionDesk
from loopdesk.services.bench.labels import LabelDesk
from loopdesk.services.bench.lookup import Lookup
from loopdesk.services.bench.mysteries import MysteryDesk
from loopdesk.services.bench.parcels import Destinations, ParcelDesk
from loopdesk.services.bench.vocabularies import VocabularyShelf
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
from loopdesk.services.ports.loop import (
    HubGateway,
    KeyedGateway,
    ListPage,
    Priority,
    ReadingGateway,
    ReturnsGateway,
)
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
    from loopdesk.app.sharing import BenchSharing
    from loopdesk.services.ports.audit import AuditUploads
    from loopdesk.services.ports.following import HubReturns, HubStream
    from loopdesk.services.ports.sharing import SharedDrafts, SharingPorts
    from loopdesk.services.sync.following import Following


class Kept(Protocol):
    """Everything stored at a station: ``store.Store``, or its in-memory twin."""

    @property
    def returns(self) -> ReturnCache:
        """Loop's answers."""
        ...

    @property
    def hub_told(self) -> HubReturns:
        """What a hub told of returns."""
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
    def audit_uploads(self) -> AuditUploads:
        """How far the audit log was brought to the hub."""
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
        vocabulary: The station's own file, or the one that ships.
        has_own_vocabulary: It is the station's own.
        zone: The station's time zone, which defines its nights.
        stream: What a hub tells, if there is one.
        has_hub: Whether this station has one, now.
        per_minute: Requests per minute and key, for all stations together.
        head_start: Additional requests allowed at startup.
        random: Returns numbers in [0, 1) for every jitter.
        sharing: Makes what sharing needs, when there is a hub; None where nothing of it is kept.
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
    stream: HubStream | None = None
    has_hub: Callable[[], bool] = lambda: False
    has_own_vocabulary: bool = False
    per_minute: float = PER_MINUTE
    head_start: float = 0.0
    random: Callable[[], float] = system_random
    sharing: Callable[[], SharingPorts] | None = None


class Parts:
    """Every service, wired to the others. Nothing runs before ``start``.

    Attributes:
        line: What the operator does, in turn.
        gateway: Loop, for anyone who reads it.
        actions: Loop, for the outbox alone.
        hub: The hub between this station and Loop, if there is one.
        following: Follows it; None before there is one.
        sharing: What this bench shares with the others through it; None before there is one.
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
        self.following: Following | None = None
        self.sharing: BenchSharing | None = None
        self.shared_drafts: SharedDrafts | None = None
        self._is_reading = False
        if ports.has_hub():
            self.meet_hub()

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
        self.vocabularies = VocabularyShelf(Vocabularies(ports.vocabulary, ports.has_own_vocabulary))
        self.inspection = InspectionDesk(
            drafts=store.drafts,
            outbox=store.outbox,
            clock=ports.clock,
            feed=self.feed,
            station=ports.station,
            vocabularies=lambda: self.vocabularies.now,
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
        self.observe = observe
        self._try_again = isolated("mysteries", self.mysteries.try_again, ports.on_fault)
        self.announced = AdvanceNotice(
            cache=returns, arrivals=arrivals, gateway=gateway, clock=clock, zone=zone
        )
        self.prefetch = Prefetch(
            cache=returns,
            reader=ListReader(cache=returns, gateway=gateway, clock=clock, feed=feed, observe=observe),
            announced=self.announced,
            clock=clock,
            feed=feed,
            after_sync=self.after_sync,
            zone=zone,
            is_told=self.is_told,
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
        self._wire_ahead()

    async def after_sync(self) -> None:
        """Go on with what waits for new returns."""
        self.ahead.wake()
        self.pictures.wake()
        await self._try_again()

    def _wire_ahead(self) -> None:
        """Build what is done before a parcel is here, with the spare budget."""
        ports, store, clock, feed = self.ports, self.ports.store, self.ports.clock, self.feed
        returns, arrivals, gateway = store.returns, store.arrivals, self.gateway
        self.ahead = DetailPrefetch(
            arrivals=arrivals,
            gateway=gateway,
            clock=clock,
            tasks=self.tasks,
            keep=self.lookup.keep,
            is_told=self.is_told,
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

    # --- what only a bench with a hub needs -------------------------------------------------------------

    def meet_hub(self) -> None:
        """Build it, once there is a hub; before that nothing of it is loaded."""
        ports = self.ports
        if ports.stream is not None and self.following is None:
            self.following = _following_of(self, ports.stream)
            self._follow()
        if ports.sharing is not None and self.sharing is None:
            shared = ports.sharing()
            self.shared_drafts, self.sharing = shared.drafts, _sharing_of(self, shared)
        if self.following is not None and self.sharing is not None:
            self.following.shared = self.sharing.taker

    def is_told(self) -> bool:
        """Whether a hub tells what changes at Loop, now."""
        return self.following is not None and self.following.tells

    def hub_contact(self) -> HubContact:
        """Whether the hub can be heard, now; it cannot without one."""
        return self.following.contact if self.following is not None else NOT_HEARD

    def shop(self, shop_id: str) -> tuple[str, str]:
        """Return a shop's name and colour; ("", "") where a return can only be of one."""
        shops = self.following.shops if self.following is not None else {}
        known = shops.get(shop_id) if len(shops) > 1 else None
        return (known.name, known.colour) if known is not None else ("", "")

    def shop_names(self) -> Mapping[str, str]:
        """Return the names of the hub's shops by their ids; none without a hub."""
        shops = self.following.shops if self.following is not None else {}
        return {shop_id: known.name for shop_id, known in shops.items()}

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
        self._is_reading = True
        self._follow()
        self.keep_running("prefetch", lambda: self.prefetch.run(every_seconds))
        self.keep_running("ahead", self.ahead.run)
        for number in range(WORKERS):
            self.keep_running(f"pictures {number + 1}", self.pictures.run)
        self.keep_running("pictures ahead", self.pictures.run_ahead)
        self.keep_running("destinations", self.destinations.load)
        self.keep_running("indexing", self.indexing.run)

    def _follow(self) -> None:
        if self.following is not None and self._is_reading:
            self.keep_running("following", self.following.run)

    def keep_running(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run something until it returns, restarting it after unexpected failures."""
        self.tasks.spawn(keep_running(name, run, self.ports.clock, self.ports.on_fault), name=name)

    async def stop(self) -> None:
        """Stop in order: no new sends, the calls in flight, then every task."""
        self.connection.stop()
        await self.sender.stop()
        self.confirmer.stop()
        await self.tasks.aclose()


def _following_of(parts: Parts, stream: HubStream) -> Following:
    from loopdesk.services.outbox.late_failures import LateFailures
    from loopdesk.services.sync.following import Following

    store = parts.ports.store

    async def unread(return_ids: Sequence[str]) -> None:
        found = await parts.prefetch.apart.take(ListPage((), "", tuple(return_ids)))
        if found:
            await parts.lookup.keep(found)

    failures = LateFailures(
        stream=stream, outbox=store.outbox, cache=store.returns, stage_writer=parts.stage_writer
    )

    async def after_told(return_ids: Sequence[str]) -> None:
        await parts.after_sync()
        await failures.ask_about(return_ids)

    return Following(
        has_hub=parts.ports.has_hub,
        stream=stream,
        returns=store.hub_told,
        cache=store.returns,
        clock=parts.ports.clock,
        tasks=parts.tasks,
        feed=parts.feed,
        observe=parts.observe,
        synced=parts.prefetch.told_until,
        unread=unread,
        after_told=after_told,
        anew=failures.begin_anew,
        random=parts.ports.random,
    )


def _sharing_of(parts: Parts, shared: SharingPorts) -> BenchSharing:
    from loopdesk.app.sharing import BenchSharing

    ports = parts.ports
    return BenchSharing(
        shared,
        clock=ports.clock,
        tasks=parts.tasks,
        feed=parts.feed,
        station=ports.station,
        shown=lambda: parts.inspection.shown,
        random=ports.random,
        vocabularies=parts.vocabularies,
        on_fault=ports.on_fault,
    )


def compose(ports: Ports) -> Parts:
    """Wire every service, once."""
    return Parts(ports)


def listen(transport: Transport, connection: Connection) -> None:
    """Let the connection learn from every exchange of a transport."""
    transport.on_exchange(lambda failure: connection.on_exchange(failure, transport.last_seconds))
