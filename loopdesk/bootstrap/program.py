"""Builds the program from its parts and ends it in order. Nothing here knows Qt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, cast

from loopdesk import __version__
from loopdesk.bootstrap.ground import Ground
from loopdesk.bootstrap.housekeeping import Housekeeping
from loopdesk.bootstrap.index import build_index
from loopdesk.bootstrap.late import Late
from loopdesk.domain.errors import ApiError, SecretsUnavailable
from loopdesk.domain.labels import classify
from loopdesk.domain.release import Version
from loopdesk.domain.returns import Note
from loopdesk.domain.scans import Meaning
from loopdesk.domain.sync import pace
from loopdesk.services.attention import Attention
from loopdesk.services.budget import RequestBudget
from loopdesk.services.claims import Claims
from loopdesk.services.confirmer import Confirmer
from loopdesk.services.connection import Connection, Link
from loopdesk.services.destinations import Destinations
from loopdesk.services.drain import Drain
from loopdesk.services.events import Feed, StationChanged
from loopdesk.services.indexing import Indexing
from loopdesk.services.inspection import Inspection
from loopdesk.services.keeper import keep_running
from loopdesk.services.keys import KeyBinding
from loopdesk.services.ledger import Ledger
from loopdesk.services.loop_ports import Priority, ReturnsGateway
from loopdesk.services.mysteries import MysteryDesk
from loopdesk.services.parcels import ParcelDesk
from loopdesk.services.ports import Limits, Station
from loopdesk.services.sender import Sender
from loopdesk.services.tasks import InTurn, Tasks
from loopdesk.services.updates import Manifests, Updates
from loopdesk.system.settings import Settings
from loopdesk.system.settings_file import Loaded

if TYPE_CHECKING:
    from loopdesk.api.transport import Transport

log = logging.getLogger("loopdesk.start")


class Reach:
    """The line to Loop as the bench asks about it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def is_online(self) -> bool:
        """Whether it makes sense to ask Loop now."""
        return self._connection.link in (Link.ONLINE, Link.LOCKED)

    @property
    def offline_since(self) -> datetime | None:
        """When the network went; None while it is there."""
        if self._connection.link not in (Link.OFFLINE, Link.LOGIN_PAGE):
            return None
        return self._connection.state.since


class Program:
    """Every service, wired. Built once, started once, stopped once.

    The HTTP client is loaded at its first use, because a window can be painted and a known label
    looked up without it.

    Args:
        ground: The opened profile; closed by whoever opened it.
        on_fault: Told of every failure that nobody expected: where, and what.
        practice_key: The key of the built-in imitation; None outside practice.
    """

    def __init__(
        self,
        ground: Ground,
        on_fault: Callable[[str, BaseException], None],
        *,
        practice_key: str | None = None,
    ) -> None:
        self.ground = ground
        self._on_fault = on_fault
        self.settings: Settings = ground.loaded.settings
        self.zone: tzinfo = _local_zone(ground.clock.now())
        self.key_problem: SecretsUnavailable | None = None
        self.sync_problem: ApiError | None = None
        self.key_fingerprint = ""
        self._practice_key = practice_key
        self._transport: Transport | None = None
        self.feed = Feed()
        self.tasks = Tasks(on_fault)
        self.line = InTurn(self.tasks, "bench", on_fault)
        self.gateway = cast("ReturnsGateway", Late(self._make_client))
        self.updates = Updates(
            manifests=cast("Manifests", Late(self._make_manifests)),
            running=Version.of(__version__),
            clock=ground.clock,
            feed=self.feed,
        )
        self._wire_outbox()
        self._wire_bench()

    @property
    def is_practice(self) -> bool:
        """Whether everything here is practice."""
        return self._practice_key is not None

    def _wire_outbox(self) -> None:
        """Build what sends and confirms."""
        store, clock = self.ground.store, self.ground.clock
        self.budget = RequestBudget(
            clock,
            per_minute=self.settings.budget.requests_per_minute,
            stations=self.stations,
        )
        self.connection = Connection(clock=clock, tasks=self.tasks, feed=self.feed)
        self.reach = Reach(self.connection)
        self.ledger = Ledger(outbox=store.outbox, clock=clock, feed=self.feed)
        self.keys = KeyBinding(
            outbox=store.outbox,
            audit=store.audit,
            clock=clock,
            connection=self.connection,
            station=self.station,
        )
        self.confirmer = Confirmer(
            outbox=store.outbox,
            cache=store.returns,
            gateway=self.gateway,
            clock=clock,
            tasks=self.tasks,
            feed=self.feed,
            ledger=self.ledger,
            connection=self.connection,
            keys=self.keys,
            limits=self.limits,
            is_shown=self.is_shown,
        )
        self.sender = Sender(
            outbox=store.outbox,
            cache=store.returns,
            gateway=self.gateway,
            audit=store.audit,
            clock=clock,
            tasks=self.tasks,
            feed=self.feed,
            ledger=self.ledger,
            connection=self.connection,
            keys=self.keys,
            confirmer=self.confirmer,
            claims=Claims(gateway=self.gateway, station=self.station, stations=self.stations),
        )
        self.attention = Attention(
            outbox=store.outbox, clock=clock, feed=self.feed, ledger=self.ledger, confirmer=self.confirmer
        )

    def _wire_bench(self) -> None:
        """Build what finds and inspects returns."""
        store, clock = self.ground.store, self.ground.clock
        self.destinations = Destinations(self.gateway)
        self.mysteries = MysteryDesk(
            mysteries=store.mysteries,
            cache=store.returns,
            clock=clock,
            feed=self.feed,
            station=self.station,
            classify=self.classify,
        )
        index = build_index(
            store,
            self.gateway,
            clock=clock,
            feed=self.feed,
            tasks=self.tasks,
            zone=self.zone,
            stations=self.stations,
            observe=self.confirmer.observe,
            after_sync=self.mysteries.try_again,
        )
        self.announced, self.ahead = index.announced, index.ahead
        self.prefetch, self.lookup = index.prefetch, index.lookup
        self.inspection = Inspection(
            openings=store.openings,
            drafts=store.drafts,
            outbox=store.outbox,
            clock=clock,
            feed=self.feed,
            station=self.station,
            vocabulary=self.ground.vocabulary,
        )
        self.parcels = ParcelDesk(seen_parcels=store.seen_parcels, clock=clock, station=self.station)

    # --- what others ask ------------------------------------------------------------------------------

    def station(self) -> Station:
        """Who works where, and with which key, now."""
        settings = self.settings
        return Station(
            station=settings.station.name,
            operator=settings.station.operator,
            key_fingerprint=self.key_fingerprint,
            hold_seconds=settings.hold_seconds,
            destination_id=settings.station.destination_id,
        )

    def stations(self) -> int:
        """How many stations share the key, now."""
        return self.settings.station.stations

    def limits(self) -> Limits:
        """How long each kind may show no effect, now."""
        return self.settings.limits.limits()

    def is_shown(self, return_id: str) -> bool:
        """Whether a return is on the bench, now."""
        return self.inspection.shows(return_id)

    def classify(self, raw: str) -> Meaning:
        """Turn a raw code into what it may stand for at this station."""
        return classify(raw, order_prefixes=self.settings.scanner.order_prefixes)

    async def ask_loop(self, text: str) -> None:
        """Ask Loop for the returns that typed words may stand for. Raises ``ApiError``."""
        await self.lookup.ask_loop(self.classify(text).candidates)

    async def read_notes(self, return_id: str) -> tuple[Note, ...]:
        """Read a return's notes for the screen."""
        return await self.gateway.notes(return_id, priority=Priority.BACKGROUND)

    # --- the key and the client -----------------------------------------------------------------------

    @property
    def transport(self) -> Transport:
        """The HTTP transport, loaded and built at its first use."""
        if self._transport is None:
            self._transport = self._make_transport()
        return self._transport

    def _make_transport(self, *, is_trial: bool = False) -> Transport:
        from loopdesk.api.transport import Transport

        api, clock = self.settings.api, self.ground.clock
        transport = Transport(
            clock=clock, budget=self.budget, base_url=api.url, version=api.version, proxy=api.proxy
        )
        if is_trial:
            return transport
        transport.on_exchange(lambda failure: self.connection.on_exchange(failure, transport.last_seconds))
        transport.on_server_date(clock.learn)
        return transport

    def _make_client(self) -> ReturnsGateway:
        from loopdesk.api.client import LoopClient

        return LoopClient(self.transport)

    def _make_manifests(self) -> Manifests:
        from loopdesk.api.manifest import Place, SignedManifest

        def place() -> Place:
            settings = self.settings
            return Place(settings.updates.url, settings.updates.public_key, settings.api.proxy)

        return SignedManifest(place)

    async def load_key(self) -> bool:
        """Give the key to the client. False when there is none; ``key_problem`` says if that is a fault."""
        try:
            key = await self.read_key()
        except SecretsUnavailable as failure:
            self.key_problem, key = failure, None
        await asyncio.to_thread(_load_client)
        self.transport.set_key(key)
        self.key_fingerprint = self.transport.key_fingerprint()
        self.feed.tell(StationChanged())
        return key is not None

    async def read_key(self) -> str | None:
        """Return the key: the imitation's in practice, else that of the key store."""
        return self._practice_key or await self.ground.secrets.key()

    async def use_key(self, key: str) -> None:
        """Use another key from now on; whoever took it has stored it."""
        self.transport.set_key(key)
        self.key_fingerprint = self.transport.key_fingerprint()
        self.key_problem = None
        self.feed.tell(StationChanged())
        self.sender.resume()

    async def check_key(self, key: str) -> None:
        """Ask Loop with a key that is not in use yet.

        Raises:
            ApiError: The key is refused, or Loop cannot be asked.
        """
        await asyncio.to_thread(_load_client)
        from loopdesk.api.client import LoopClient

        trial = self._make_transport(is_trial=True)
        try:
            trial.set_key(key)
            await LoopClient(trial).probe()
        finally:
            await trial.aclose()

    async def take_settings(self, loaded: Loaded) -> None:
        """Work with other settings from now on."""
        before, self.settings = self.settings.api, loaded.settings
        self.ground.loaded = loaded
        self.ground.logs.set_level(loaded.settings.log_level)
        api = loaded.settings.api
        if self._transport is not None and before != api:
            await self._transport.set_base(api.url, api.version, api.proxy)
        self.feed.tell(StationChanged())

    # --- life -------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Work; the sender first takes over what a former run left."""
        await self.prefetch.load_watermark()
        spawn = self.tasks.spawn
        spawn(self.connection.run(self.gateway.probe), name="connection")
        clock, on_fault = self.ground.clock, self._on_fault
        spawn(keep_running("sender", self.sender.run, clock, on_fault), name="sender")
        spawn(keep_running("confirmer", self.confirmer.run, clock, on_fault), name="confirmer")
        settings = self.settings
        every = pace(settings.sync_seconds, settings.station.stations, settings.budget.requests_per_minute)
        spawn(self.prefetch.run(every), name="prefetch")
        spawn(self.ahead.run(), name="ahead")
        spawn(self.destinations.load(), name="destinations")
        spawn(self.updates.run(), name="updates")
        indexing = Indexing(cache=self.ground.store.returns, clock=clock, feed=self.feed)
        spawn(keep_running("indexing", indexing.run, clock, on_fault), name="indexing")
        spawn(Housekeeping(self.ground, lambda: self.settings.purge_days).run(), name="housekeeping")
        log.info("started practice=%s", self.is_practice)

    async def work_once(self) -> bool:
        """Bring the store up to date and drain the queue until nothing more can move now.

        Returns:
            Whether everything ended well; False when something needs a person or Loop was not reached,
            which ``sync_problem`` then says.
        """
        try:
            await self.prefetch.catch_up()
        except ApiError as failure:
            log.warning("sync_failed code=%s", failure.code)
            self.sync_problem = failure
            return False
        drained = await Drain(
            sender=self.sender,
            confirmer=self.confirmer,
            connection=self.connection,
            outbox=self.ground.store.outbox,
            clock=self.ground.clock,
            tasks=self.tasks,
            feed=self.feed,
        ).drain_once()
        return not drained.needs_attention

    async def stop(self) -> None:
        """End in order: no new sends, the call in flight, tasks, client."""
        self.connection.stop()
        await self.sender.stop()
        self.confirmer.stop()
        await self.tasks.aclose()
        await self.close_client()
        log.info("stopped")

    async def close_client(self) -> None:
        """Close the client if it was ever used."""
        if self._transport is not None:
            await self._transport.aclose()
            self._transport = None


def _load_client() -> None:
    """Import the client in a thread, so that the window goes on."""
    import loopdesk.api.client
    import loopdesk.api.transport  # noqa: F401


def _local_zone(now: datetime) -> tzinfo:
    zone = now.astimezone().tzinfo
    assert zone is not None
    return zone
