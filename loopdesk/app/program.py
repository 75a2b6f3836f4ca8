"""The services with a station's key, settings and life cycle. Nothing here knows Qt."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, cast

from loopdesk import __version__
from loopdesk.app.compose import Ports, compose, listen
from loopdesk.app.label_printer import label_printer_of
from loopdesk.app.photos import StationPhotos
from loopdesk.app.pictures import picture_ports
from loopdesk.app.runtime import Runtime, evidence_address, is_confirmed, is_evidence_confirmed
from loopdesk.app.startup_tuning import LazyPart
from loopdesk.domain.api_key import binding_of, host_of
from loopdesk.domain.errors import ApiError, SecretsUnavailable, SettingsWrong
from loopdesk.domain.labels.classify import classify
from loopdesk.domain.labels.scans import Meaning
from loopdesk.domain.operators import Operator
from loopdesk.domain.printing.labels import LabelSize, PrintsBy
from loopdesk.domain.release import Version
from loopdesk.domain.sync import pace
from loopdesk.i18n.catalogue import _
from loopdesk.services.ports.labels import LabelPrinter
from loopdesk.services.ports.loop import ReturnsGateway
from loopdesk.services.ports.station import Limits, Station
from loopdesk.services.station.connection import ClockWatch
from loopdesk.services.station.events import StationChanged
from loopdesk.services.station.scanners import GunSettings
from loopdesk.services.station.updates import Manifests, Updates
from loopdesk.services.sync.budget import HEAD_START, PER_MINUTE
from loopdesk.system.host.paths import remove_old
from loopdesk.system.settings.file import Loaded
from loopdesk.system.settings.model import Settings

if TYPE_CHECKING:
    from loopdesk.api.transport import Transport
    from loopdesk.services.ports.following import HubStream
    from loopdesk.services.ports.hub import KnownCertificates
    from loopdesk.services.ports.sharing import HubShared, SharingPorts
    from loopdesk.services.station.hub_trust import HubTrust

log = logging.getLogger("loopdesk.start")

_HUB_CERTIFICATE = "hub.certificate"


class Program:
    """Every service, with a station's settings and its connection to Loop. Built, started and stopped once.

    The HTTP client is loaded on first use, because a window can be painted and a known label looked up
    without it.

    Args:
        runtime: The opened profile; closed by the caller.
        on_fault: Receives every unexpected failure, with its origin.
        practice_key: The key of the built-in simulator; None outside practice mode.
        is_command: It runs without a window and ends soon.

    Attributes:
        pdf_printer: Prints where no label printer does; a window sets it.
        on_settings: Told of all settings that are in force from now on; a window sets it.
    """

    pdf_printer: Callable[[LabelSize], LabelPrinter] | None = None
    on_settings: Callable[[Settings], None] | None = None

    def __init__(
        self,
        runtime: Runtime,
        on_fault: Callable[[str, BaseException], None],
        *,
        practice_key: str | None = None,
        is_command: bool = False,
    ) -> None:
        self.runtime = runtime
        self._on_fault = on_fault
        self.zone: tzinfo = _local_zone(runtime.clock.now())
        self.key_problem: SecretsUnavailable | None = None
        self.sync_problem: ApiError | None = None
        self.key_fingerprint = ""
        self._practice_key = practice_key
        self._transport: Transport | None = None
        self._is_started = self._is_trusting = False
        self.photos = StationPhotos(runtime, practice=self.is_practice)
        self.parts = compose(
            Ports(
                store=runtime.store,
                connect=lambda _budget, _connection: cast("ReturnsGateway", LazyPart(self._make_client)),
                clock=runtime.clock,
                on_fault=on_fault,
                station=self.station,
                stations=self.stations,
                limits=self.limits,
                printer=self.label_printer,
                prints_by=lambda: PrintsBy(self.runtime.settings.printer.auto),
                classify=self.classify,
                vocabulary=runtime.vocabulary,
                has_own_vocabulary=bool(runtime.settings.vocabulary),
                pictures=picture_ports(runtime, practice=self.is_practice, is_command=is_command),
                photos=self.photos.ports(),
                zone=self.zone,
                stream=cast("HubStream", LazyPart(self._make_stream)),
                has_hub=lambda: self.runtime.settings.hub.used,
                per_minute=self._per_minute(),
                head_start=HEAD_START if is_command else 0.0,
                sharing=self._sharing_ports,
            )
        )
        self.updates = Updates(
            manifests=cast("Manifests", LazyPart(self._make_manifests)),
            running=Version.of(__version__),
            clock=runtime.clock,
            feed=self.parts.feed,
            audit=runtime.store.audit,
        )

    @property
    def hub_trust(self) -> HubTrust:
        """What keeps the trust in the hub's certificate up to date."""
        return _hub_trust_of(
            self.runtime, lambda: self.transport, self.take_settings, is_practice=self.is_practice
        )

    @property
    def is_practice(self) -> bool:
        """Whether this is practice mode."""
        return self._practice_key is not None

    # --- for callers ----------------------------------------------------------------------------------

    def station(self) -> Station:
        """Who works where, and with which key, now."""
        settings = self.runtime.settings
        where, who = settings.station.name, settings.station.operator
        return Station(
            station=_(where) if self.is_practice else where,
            operator=Operator(name=_(who) if self.is_practice else who),
            key_fingerprint=binding_of(self.key_fingerprint, settings.api.url),
            hold_seconds=settings.hold_seconds,
            destination_id=settings.station.destination_id,
            process_body=settings.process.body,
        )

    def stations(self) -> int:
        """How many stations share the key by the settings, now; nobody shares that of practice mode."""
        settings = self.runtime.settings
        if settings.hub.used:  # which deals the budget, and knows who finishes what
            return 2 if settings.hub.direct_benches else 1
        return 1 if self.is_practice else settings.station.stations

    def _per_minute(self) -> float:
        """How many requests per minute the key allows; the simulator's allows more than a person can use."""
        return PER_MINUTE if self.is_practice else self.runtime.settings.budget.requests_per_minute

    def limits(self) -> Limits:
        """How long each kind may show no effect, now."""
        return self.runtime.settings.limits.limits()

    def label_printer(self) -> LabelPrinter | None:
        """The label printer of the current settings; None without one."""
        return label_printer_of(self.runtime.settings.printer, self.pdf_printer)

    def gun_settings(self) -> GunSettings:
        """The current settings of scanners at serial ports."""
        scanner = self.runtime.settings.scanner
        return GunSettings(scanner.port, scanner.baud, scanner.prefix, scanner.suffix)

    def classify(self, raw: str) -> Meaning:
        """Turn a raw code into what it may stand for at this station."""
        return classify(raw, order_prefixes=self.runtime.settings.scanner.order_prefixes)

    # --- the key and the client -----------------------------------------------------------------------

    @property
    def transport(self) -> Transport:
        """The HTTP transport, loaded and built on first use."""
        if self._transport is None:
            self._transport = self._make_transport()
        return self._transport

    def _make_transport(self, *, is_trial: bool = False) -> Transport:
        from loopdesk.api.transport import Transport

        api, hub, clock = self.runtime.settings.api, self.runtime.settings.hub, self.runtime.clock
        transport = Transport(
            clock=clock,
            budget=self.parts.budget,
            base_url=api.url,
            version=api.version,
            proxy=api.proxy,
            is_hub=hub.used,
            certificate=hub.der,
            on_fault=self._on_fault,
        )
        if is_trial:
            return transport
        listen(transport, self.parts.connection)
        transport.on_server_date(ClockWatch(clock, clock.learn, self.parts.feed).on_server_date)
        return transport

    def _make_client(self) -> ReturnsGateway:
        from loopdesk.api.client import LoopClient

        return LoopClient(self.transport)

    def _make_stream(self) -> HubStream:
        from loopdesk.api.hub_changes import HubChanges

        return HubChanges(self.transport.line)

    def _sharing_ports(self) -> SharingPorts:
        from loopdesk.api.sharing.audit import HubAudit
        from loopdesk.app.sharing import StationGivenTexts
        from loopdesk.services.ports.sharing import SharingPorts

        store = self.runtime.store
        hub = cast("HubShared", LazyPart(self._make_hub_shared))
        return SharingPorts(
            shares=store.shares,
            drafts=store.shared_drafts,
            presence=store.shared_presence,
            people=store.people,
            audit=store.audit_uploads,
            mysteries=store.site_mysteries,
            given=store.given,
            texts=StationGivenTexts(self.runtime, self.take_settings),
            hub=hub,
            audit_hub=HubAudit(hub),
        )

    def _make_hub_shared(self) -> HubShared:
        from loopdesk.api.sharing.client import HubSharedClient

        return HubSharedClient(lambda: self.transport)

    def _make_manifests(self) -> Manifests:
        from loopdesk.api.manifest import Place, SignedManifest

        def place() -> Place:
            settings = self.runtime.settings
            return Place(settings.updates.url, settings.updates.public_key, settings.api.proxy)

        return SignedManifest(place)

    async def load_key(self) -> bool:
        """Give the key to the client. False if there is none; ``key_problem`` says whether that is a
        fault.
        """
        try:
            key = await self.read_key()
        except SecretsUnavailable as failure:
            self.key_problem, key = failure, None
        await asyncio.to_thread(_load_client)
        self.transport.set_key(key)
        self.key_fingerprint = self.transport.key_fingerprint()
        self.parts.feed.tell(StationChanged())
        return key is not None

    async def read_key(self) -> str | None:
        """Return the key: the simulator's in practice mode, else that of the key store."""
        return self._practice_key or await self.runtime.secrets.key()

    async def use_key(self, key: str) -> None:
        """Use another key from now on; the caller has stored it."""
        self.transport.set_key(key)
        self.key_fingerprint = self.transport.key_fingerprint()
        self.key_problem = None
        self.parts.feed.tell(StationChanged())
        self.parts.sender.resume()

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
        """Apply other settings from now on."""
        before, hub_before = self.runtime.settings.api, self.runtime.settings.hub
        place, vocabulary = evidence_address(self.runtime.settings), self.runtime.settings.vocabulary
        self.runtime.loaded = loaded
        if self.on_settings is not None:
            self.on_settings(loaded.settings)
        if vocabulary != loaded.settings.vocabulary:
            await self._take_vocabulary()
        self.runtime.logs.set_level(loaded.settings.log_level)
        api, hub = loaded.settings.api, loaded.settings.hub
        if place != evidence_address(loaded.settings):
            place = evidence_address(loaded.settings)
            self.runtime.evidence_secret.go_to(place, is_confirmed=is_evidence_confirmed(loaded))
        if host_of(before.url) != host_of(api.url):
            self.transport.await_key()  # before the address: a key never goes to another address
            self.runtime.secrets.go_to(api.url, is_confirmed=is_confirmed(loaded))
        if self._transport is not None and (before, hub_before) != (api, hub):
            await self._transport.set_base(
                api.url, api.version, api.proxy, is_hub=hub.used, certificate=hub.der
            )
        if host_of(before.url) != host_of(api.url):
            await self.load_key()
        await self._share()
        self.parts.feed.tell(StationChanged())
        await self.parts.second_bench.count()

    async def _take_vocabulary(self) -> None:
        """Use the vocabulary that the settings name from now on; what is entered keeps its grades."""
        try:
            vocabulary = await asyncio.to_thread(self.runtime.read_vocabulary)
        except SettingsWrong as wrong:  # it was right when it was saved
            log.warning("vocabulary_wrong place=%s why=%s", wrong.place, wrong.why)
            return
        self.runtime.use_vocabulary(vocabulary)
        self.parts.vocabularies.station_has(vocabulary, is_own=bool(self.runtime.settings.vocabulary))
        if self.parts.sharing is not None:
            await self.parts.sharing.publications.station_changed()

    async def _share(self) -> None:
        """Share while there is a hub, before anybody follows it."""
        has_hub = self.runtime.settings.hub.used
        if has_hub or await self._is_hub_kept():
            await asyncio.to_thread(load_hub_side)
            self.parts.meet_hub()
        if self.parts.sharing is not None:
            await self.parts.sharing.share(on=has_hub)
        self._trust_hub()

    async def _is_hub_kept(self) -> bool:
        """Whether something is kept of a hub that this bench had."""
        runtime = self.runtime
        return runtime.profile.hub_settings_file.exists() or await runtime.store.is_shared()

    def _trust_hub(self) -> None:
        """Keep the trust in the hub up to date, once there is one."""
        if self._is_started and not self._is_trusting and self.runtime.settings.hub.used:
            self._is_trusting = True
            self.parts.keep_running("hub trust", self.hub_trust.run)

    # --- life cycle -------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the services; the sender first recovers what an earlier run left."""
        parts, settings = self.parts, self.runtime.settings
        await parts.prefetch.load_watermark()
        stations = await parts.second_bench.count()
        await self._share()
        parts.start_sending()
        every = pace(settings.sync_seconds, stations, self._per_minute())
        parts.start_reading(every)
        parts.keep_running("updates", self.updates.run)
        self._is_started = True
        self._trust_hub()
        housekeeping = Housekeeping(self.runtime, parts.pictures.remove_old)
        parts.keep_running("housekeeping", housekeeping.run)
        log.info("started practice=%s", self.is_practice)

    async def work_once(self) -> bool:
        """Bring the store up to date and drain the queue until nothing more can move now.

        Returns:
            Whether everything ended well; False if something needs a person or Loop was not reached, which
                ``sync_problem`` then says.
        """
        await self.parts.second_bench.count()
        try:
            await self.parts.prefetch.catch_up()
        except ApiError as failure:
            log.warning("sync_failed code=%s", failure.code)
            self.sync_problem = failure
            return False
        wait, uploads = self.runtime.settings.evidence.wait_seconds, self.parts.uploads
        await uploads.store_waiting(wait)  # first, so that grades go with their links
        drained = await self.parts.drain.drain_once()
        is_stored = await uploads.store_waiting(wait)
        if (await self.runtime.store.outbox.counts()).kept:  # grades that get the links that were late
            drained = await self.parts.drain.drain_once()
        return is_stored and not drained.needs_attention

    async def stop(self) -> None:
        """Stop in order: no new sends, the call in flight, tasks, client."""
        await self.parts.stop()
        await self.close_client()
        log.info("stopped")

    async def close_client(self) -> None:
        """Close the client if it was ever used."""
        if self._transport is not None:
            await self._transport.aclose()
            self._transport = None
        await self.photos.aclose()


def _load_client() -> None:
    """Import the client in a thread, so that the window stays responsive."""
    import loopdesk.api.client
    import loopdesk.api.transport  # noqa: F401


def load_hub_side() -> None:
    """Import what only a bench with a hub needs, in a thread."""
    import loopdesk.app.sharing
    import loopdesk.services.outbox.late_failures
    import loopdesk.services.sync.following
    import loopdesk.store.sharing.for_hub  # noqa: F401


def _local_zone(now: datetime) -> tzinfo:
    zone = now.astimezone().tzinfo
    assert zone is not None
    return zone


# --- housekeeping -----------------------------------------------------------------------------------

FIRST_SECONDS = 600.0
"""After startup; soon enough for a station that is switched off every evening."""

EVERY_SECONDS = 4 * 3600.0


class Housekeeping:
    """Keeps no shopper's data longer than the settings say; nothing unfinished is ever deleted.

    Args:
        runtime: The opened profile; its settings say how many days finished data is kept.
        remove_pictures: Removes the product pictures that were kept for long enough.
    """

    def __init__(self, runtime: Runtime, remove_pictures: Callable[[], Awaitable[None]]) -> None:
        self._runtime = runtime
        self._remove_pictures = remove_pictures

    async def run(self) -> None:
        """Purge periodically, until canceled."""
        await self._runtime.clock.sleep(FIRST_SECONDS)
        while True:
            await self.purge()
            await self._runtime.clock.sleep(EVERY_SECONDS)

    async def purge(self) -> None:
        """Delete what is too old: rows, backups, evidence sheets, photos that nothing unfinished refers to.

        Age is measured by Loop's time only: a clock that is years ahead must not empty the store.

        Raises:
            StoreError: The store cannot be written now.
        """
        runtime = self._runtime
        if runtime.clock.skew_seconds is None:
            return
        oldest = runtime.clock.now() - timedelta(days=runtime.settings.purge_days)
        purged = await runtime.store.purge(oldest)
        in_use = await runtime.store.photos_in_use()
        photos = await asyncio.to_thread(remove_old, runtime.profile.photo_folder, oldest, in_use)
        await asyncio.to_thread(remove_old, runtime.profile.evidence_folder, oldest, ())
        await self._remove_pictures()
        log.info("purged settlements=%s returns=%s photos=%s", purged.settlements, purged.returns, photos)


def _hub_trust_of(
    runtime: Runtime,
    transport: Callable[[], Transport],
    take_settings: Callable[[Loaded], Awaitable[None]],
    *,
    is_practice: bool,
) -> HubTrust:
    """Return what keeps a bench's trust in its hub up to date. Where IT has set it, IT changes it.

    Args:
        transport: The line to the hub, built on first use.
        take_settings: Applies settings that were saved.
    """

    def trusted() -> bytes:
        return b"" if is_practice or runtime.loaded.is_locked(_HUB_CERTIFICATE) else runtime.settings.hub.der

    async def take(certificates: bytes) -> None:
        text = base64.b64encode(certificates).decode("ascii")
        try:
            loaded = await asyncio.to_thread(runtime.settings_file.save, {_HUB_CERTIFICATE: text})
        except SettingsWrong as failure:
            log.warning("hub_certificates_not_kept why=%s", failure.why)
            return
        await take_settings(loaded)

    from loopdesk.services.station.hub_trust import HubTrust

    return HubTrust(
        cast("KnownCertificates", LazyPart(lambda: _certificates_of(transport()))),
        runtime.clock,
        trusted=trusted,
        take=take,
    )


def _certificates_of(transport: Transport) -> KnownCertificates:
    from loopdesk.api.hub_certificates import HubCertificates

    return HubCertificates(transport)
