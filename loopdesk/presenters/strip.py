"""The status strip: the connection, the counts, the last synchronization, who works where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from loopdesk.domain.sync import NOT_HEARD, HubContact
from loopdesk.i18n.catalogue import N_, _
from loopdesk.presenters.screens.window import StripScreen, StripSurface
from loopdesk.presenters.words import hub_words, words
from loopdesk.services.bench.mysteries import MysteryDesk
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.ports.store import Counts, ReadingOutbox
from loopdesk.services.station.connection import Connection, ConnectionState, LinkState, is_wrong
from loopdesk.services.station.events import (
    ConnectionChanged,
    Event,
    Feed,
    HubContactChanged,
    MysteryKept,
    MysteryMatched,
    NeedsPerson,
    OutboxChanged,
    PhotoStored,
    SecondBenchNoticed,
    Settled,
    StationChanged,
    SyncProgress,
)
from loopdesk.services.station.tasks import InTurn


@dataclass(frozen=True, slots=True)
class StripParts:
    """What the strip reads; built by ``app``.

    Attributes:
        synced_at: When the store last knew everything; None for never.
        has_second_bench: Whether another bench was noticed that the settings rule out.
        station: Returns who works where, now.
        has_photo_trouble: Whether the place for photos took nothing the last time.
        hub_contact: Whether the hub can be heard, now.
    """

    outbox: ReadingOutbox
    mysteries: MysteryDesk
    connection: Connection
    feed: Feed
    clock: Clock
    zone: tzinfo
    station: Callable[[], Station]
    synced_at: Callable[[], datetime | None]
    practice: bool = False
    has_second_bench: Callable[[], bool] = lambda: False
    has_photo_trouble: Callable[[], bool] = lambda: False
    hub_contact: Callable[[], HubContact] = lambda: NOT_HEARD


_LINKS = {
    LinkState.ONLINE: (N_("Online"), "ok"),
    LinkState.OFFLINE: (N_("Offline"), "offline"),
    LinkState.LOGIN_PAGE: (N_("The network asks for a login"), "offline"),
    LinkState.KEY_REFUSED: (N_("Key refused"), "blocked"),
    LinkState.LOCKED: (N_("Queue locked: another key or address"), "blocked"),
}


def link_words(state: ConnectionState) -> tuple[str, str]:
    """Return what the strip says of the connection, not translated yet, and its tone."""
    if state.link in (LinkState.OFFLINE, LinkState.KEY_REFUSED) and state.trouble in hub_words.TROUBLES:
        return hub_words.TROUBLES[state.trouble]
    return _LINKS[state.link]


class StripPresenter:
    """Redraws the strip when something that it shows has changed."""

    def __init__(self, parts: StripParts, line: InTurn) -> None:
        self._parts = parts
        self._line = line
        self._surface: StripSurface | None = None
        self._counts = Counts()
        self._mysteries = 0
        self._reading: SyncProgress | None = None
        self._is_asked = False
        self._may_have_mysteries = True
        feed = parts.feed
        feed.on(OutboxChanged, self._on_outbox)
        feed.on(Settled, self._on_event)
        feed.on(NeedsPerson, self._on_event)
        feed.on(MysteryKept, self._on_event)
        feed.on(MysteryMatched, self._on_event)
        feed.on(ConnectionChanged, self._on_event)
        feed.on(StationChanged, self._on_event)
        feed.on(SecondBenchNoticed, self._on_event)
        feed.on(PhotoStored, self._on_event)
        feed.on(HubContactChanged, self._on_event)
        feed.on(SyncProgress, self._on_sync)

    def attach(self, surface: StripSurface) -> None:
        """Draw on this surface from now on."""
        self._surface = surface
        self.refresh()

    def refresh(self) -> None:
        """Count again and draw; concurrent calls are coalesced."""
        self._may_have_mysteries = True
        self._ask()

    def _ask(self) -> None:
        if not self._is_asked:
            self._is_asked = True
            self._line.add(self._count)

    def _on_outbox(self, event: OutboxChanged) -> None:
        if event.kept is None:
            self.refresh()
        else:  # which tells nothing of mystery parcels
            self._ask()

    def _on_event(self, _event: Event) -> None:
        self.refresh()

    def _on_sync(self, event: SyncProgress) -> None:
        self._reading = event if event.running and event.read else None
        self.refresh()

    async def _count(self) -> None:
        self._is_asked = False
        self._counts = await self._parts.outbox.counts()
        if self._may_have_mysteries:
            self._may_have_mysteries = False
            self._mysteries = len(await self._parts.mysteries.open_records())
        if self._surface is not None:
            self._surface.render_strip(self.screen())

    def screen(self) -> StripScreen:
        """Build the current screen."""
        parts, state, where = self._parts, self._parts.connection.state, self._parts.station()
        is_unknown = state.link is LinkState.ONLINE and not state.has_answered
        text, tone = (N_("Not asked yet"), "plain") if is_unknown else link_words(state)
        now = parts.clock.now()
        if state.link in (LinkState.OFFLINE, LinkState.LOGIN_PAGE) and state.since is not None:
            since = words.moment(state.since, parts.zone, now)
            connection = _("{state} since {time}", state=_(text), time=since)
        else:
            connection = _(text)
        hub = parts.hub_contact()
        if hub.is_heard and state.link is LinkState.ONLINE:
            connection = _("{state} · hub", state=connection)
        elif hub.is_silent and state.link is LinkState.ONLINE:
            connection, tone = _("{state} · the hub is silent", state=connection), "offline"
        if is_wrong(parts.clock):
            skew = parts.clock.skew_seconds or 0.0
            connection = _("{state} · {clock}", state=connection, clock=words.clock_skew(skew))
            tone = tone if tone == "blocked" else "offline"
        if parts.has_second_bench():
            connection = _("{state} · another bench uses this key", state=connection)
            tone = tone if tone == "blocked" else "offline"
        if parts.has_photo_trouble():
            connection = _("{state} · photos wait", state=connection)
            tone = tone if tone == "blocked" else "offline"
        return StripScreen(
            connection=connection,
            connection_tone=tone,
            kept=self._counts.kept,
            sent=self._counts.sent,
            attention=self._counts.attention,
            synced=self._synced(now),
            speed=words.seconds(state.answer_seconds) if state.answer_seconds is not None else "",
            station=where.station,
            operator=where.operator.name,
            practice=parts.practice,
            mysteries=self._mysteries,
            is_reading=self._first_reading() is not None,
        )

    def _first_reading(self) -> SyncProgress | None:
        """How far the first reading is: a later one leaves true what is said of the time before it."""
        return self._reading if self._parts.synced_at() is None else None

    def _synced(self, now: datetime) -> str:
        reading = self._first_reading()
        if reading is not None and reading.of is not None:
            return _("{n} of about {of}", n=words.number(reading.read), of=words.number(reading.of))
        if reading is not None:
            return words.number(reading.read)
        at = self._parts.synced_at()
        return words.moment(at, self._parts.zone, now) if at is not None else _("not yet")
