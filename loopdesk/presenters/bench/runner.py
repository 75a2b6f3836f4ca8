"""Performs what the bench asks for, one effect after the other, and returns what came of it as events."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Protocol, assert_never

from loopdesk.domain.camera import CameraState
from loopdesk.domain.errors import ApiError, CameraUnusable, LoopdeskError
from loopdesk.domain.labels.scans import TYPED, CandidateKind, Meaning
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.returns import Note, Return
from loopdesk.domain.returns.shared_drafts import Presence, SharedDraft
from loopdesk.domain.sync import NOT_HEARD, HubContact
from loopdesk.presenters.bench import effects, events
from loopdesk.services.bench.inspection import InspectionDesk
from loopdesk.services.bench.intake import CommandCodes
from loopdesk.services.bench.labels import LabelDesk
from loopdesk.services.bench.lookup import Lookup
from loopdesk.services.bench.mysteries import MysteryDesk
from loopdesk.services.bench.on_bench import waits_for_nobody
from loopdesk.services.bench.parcels import Destinations, ParcelDesk
from loopdesk.services.ports.photos import PhotoQueue
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.ports.store import Drafts, ReadingOutbox, ScanTransactions
from loopdesk.services.station.connection import Connection
from loopdesk.services.station.events import Feed
from loopdesk.services.station.tasks import Tasks
from loopdesk.services.sync.pictures import ProductPictures

if TYPE_CHECKING:
    from loopdesk.services.ports.sharing import SharedDrafts

log = logging.getLogger("loopdesk.ui")

PARKED_MOST = 12
"""At most this many of the returns that were put aside are shown."""


class BenchCamera(Protocol):
    """The station's camera."""

    @property
    def state(self) -> CameraState | None:
        """How it is now; None where photos come from elsewhere."""
        ...

    def open(self) -> None:
        """Make it live; ``CameraChanged`` tells what comes of it."""
        ...

    async def take(self) -> str:
        """Take a photo, and return the name that it is kept under. Raises ``LoopdeskError``."""
        ...


class NoCamera:
    """Photos come from elsewhere."""

    state: CameraState | None = None

    def open(self) -> None:
        """Do nothing."""

    async def take(self) -> str:
        """Raise ``CameraUnusable``."""
        raise CameraUnusable(why=CameraState.OFF)


@dataclass(frozen=True, slots=True)
class BenchParts:
    """What the bench works with; all of it is built by ``app``.

    Attributes:
        read_notes: Reads a return's notes at Loop.
        hold_left: Seconds left of a settlement's undo window; None when it is not held.
        classify: Turns a raw code into what it may stand for.
        codes: Recognizes command codes, whose letters must stand in no text that is kept.
        station: Returns who works where, now.
        synced_at: When the store last knew everything; None when never.
        shop: As ``ScreenContext``.
        keep_photo: Copies a picture file into the profile and returns its stored name.
        photo_path: Returns the path of a kept photo, by its stored name.
        photos_stay: Whether no place for photos is set, now.
        zone: The station's time zone.
        double_read_seconds: Within how long the same label read again is one reading, now.
        practice: Everything here is practice.
        shared: Returns what the other benches of the site have entered; None without a hub.
        hub_contact: Whether the hub can be heard, now.
    """

    inspection: InspectionDesk
    lookup: Lookup
    mysteries: MysteryDesk
    labels: LabelDesk
    parcels: ParcelDesk
    openings: ScanTransactions
    outbox: ReadingOutbox
    drafts: Drafts
    photo_queue: PhotoQueue
    pictures: ProductPictures
    destinations: Destinations
    connection: Connection
    feed: Feed
    tasks: Tasks
    clock: Clock
    zone: tzinfo
    classify: Callable[[str], Meaning]
    codes: CommandCodes
    station: Callable[[], Station]
    synced_at: Callable[[], datetime | None]
    shop: Callable[[str], tuple[str, str]]
    read_notes: Callable[[str], Awaitable[tuple[Note, ...]]]
    hold_left: Callable[[str], float | None]
    keep_photo: Callable[[str], Awaitable[str]]
    photos_stay: Callable[[], bool]
    photo_path: Callable[[str], str] = str
    double_read_seconds: Callable[[], float] = lambda: 1.5
    practice: bool = False
    camera: BenchCamera = field(default_factory=NoCamera)
    shared: Callable[[], SharedDrafts | None] = lambda: None
    hub_contact: Callable[[], HubContact] = lambda: NOT_HEARD


class Runner:
    """Performs effects.

    Args:
        play: Plays the sound of a signal; never waits, never fails.
        show_view: Brings a view to the front, by its name.
        receive: Takes a typed code like a scan (raw, source).
        add: Puts an event that comes later in the bench's queue.
    """

    def __init__(
        self,
        parts: BenchParts,
        *,
        play: Callable[[str], None],
        show_view: Callable[[str], None],
        receive: Callable[[str, str], None],
        add: Callable[[events.Event], None],
    ) -> None:
        self._parts = parts
        self._play = play
        self._show_view = show_view
        self._receive = receive
        self._add = add

    async def perform(self, effect: effects.Effect) -> events.Event | None:
        """Perform one effect. Returns what is to be taken next because of it.

        Raises:
            LoopdeskError: It could not be done.
        """
        parts = self._parts
        match effect:
            case effects.Play(signal):
                self._play(signal.value)
            case effects.ShowView(name):
                self._show_view(name)
            case effects.LookUpTyped(code):
                self._receive(code, TYPED)
            case effects.Then(event):
                return event
            case effects.PrintLabels(jobs, by_itself):
                parts.labels.print(jobs, by_itself=by_itself)
            case effects.AskLoop():
                parts.tasks.spawn(self._ask_loop(effect), name="ask loop")
            case effects.Refresh(return_id):
                parts.tasks.spawn(self._refresh(effect), name=f"refresh {return_id}")
            case effects.Save() | effects.Keep() | effects.Withdraw() | effects.KeepMystery():
                return await self._write(effect)
            case effects.KeepPhoto() | effects.StartCamera() | effects.TakePhoto():
                return await self._photograph(effect)
            case _:
                return await self._read(effect)
        return None

    async def _share(self, effect: effects.Sharing) -> events.Event:
        """Take up what another bench entered, or let a person's choice count, and read what there is then."""
        parts, drafts = self._parts, self._parts.shared()
        match effect:
            case effects.ReadElsewhere(return_id):
                return events.ElsewhereRead(return_id, await parts.openings.known(return_id))
            case effects.TakeOver(read, theirs):
                is_here = drafts is not None and await drafts.take_over(theirs.return_id, theirs.revision)
                known = await parts.openings.known(theirs.return_id)
                return replace(read, known=known, came_from=theirs if is_here else None)
            case effects.ChooseDraft(return_id, revision, bench, theirs):
                where = parts.station()
                is_chosen = drafts is not None and await drafts.choose(
                    return_id,
                    revision,
                    theirs=theirs,
                    by=where.operator,
                    station=where.station,
                    at=parts.clock.now(),
                )
                began, known = parts.clock.monotonic(), await parts.openings.known(return_id)
                stands = (bench if theirs else where.station) if is_chosen else ""
                return events.ReturnRead(known, began=began, is_taken_over=True, stands=stands)

    async def _photograph(self, effect: effects.Photographing) -> events.Event | None:
        parts = self._parts
        match effect:
            case effects.KeepPhoto(source, of):
                kept = parts.keep_photo(source) if isinstance(source, str) else source()
                return events.PhotoKept(await kept, of)
            case effects.TakePhoto(of):
                return events.PhotoKept(await parts.camera.take(), of)
            case effects.StartCamera():
                parts.camera.open()
            case _:
                assert_never(effect)
        return None

    async def _write(self, effect: effects.Writing) -> events.Event | None:
        parts = self._parts
        match effect:
            case effects.Save(draft):
                await parts.inspection.save(draft)
            case effects.Keep(request):
                return events.SettlementKept(request, await parts.inspection.keep(request))
            case effects.Withdraw(settlement):
                return_id = await parts.inspection.withdraw(settlement.settlement_id)
                return events.Withdrawn(settlement.order_name, return_id)
            case effects.KeepMystery(told, is_said, is_offline):
                kept = await parts.mysteries.keep(told.code, told.words, told.shelf, told.photo)
                return events.MysteryNumbered(kept.number, is_offline, kept) if is_said else None
            case _:
                assert_never(effect)
        return None

    async def _read(self, effect: effects.Reading | effects.Sharing) -> events.Event:
        parts = self._parts
        match effect:
            case effects.TakeOver() | effects.ChooseDraft() | effects.ReadElsewhere():
                return await self._share(effect)
            case effects.Read():
                return await self._read_return(effect)
            case effects.ReadAgain(return_id):
                return events.Reloaded(return_id, await parts.openings.known(return_id))
            case effects.ReadChoices(return_ids):
                stored = [await parts.lookup.stored(each) for each in return_ids]
                return events.ChoicesRead(tuple(each for each in stored if each is not None))
            case effects.ReadParked():
                return events.ParkedRead(await self._parked(), await self._elsewhere(), await self._open())
            case effects.ReadUnsent(is_undo):
                return events.UnsentRead(await parts.outbox.unsent(), is_undo)
            case effects.AskWhetherStored(return_id, photo):
                return events.PhotoTraced(photo, await parts.photo_queue.was_begun(return_id, photo))
            case effects.LookUp(meaning):
                return events.LookedUp(meaning, (await parts.lookup.local(meaning.candidates)).hits)

    async def _read_return(self, effect: effects.Read) -> events.ReturnRead:
        """Read a return, at Loop when the store does not have it, and keep that its parcel is here."""
        parts, candidate = self._parts, effect.candidate
        known, parcel = await parts.lookup.known(effect.return_id), None
        if known is not None and candidate is not None and candidate.kind is CandidateKind.TRACKING:
            parcel = await parts.parcels.see(known.stored.ret, candidate.code)
            known = await parts.lookup.known(effect.return_id)
        return events.ReturnRead(known, parcel, candidate, effect.began, effect.taken_back)

    async def _parked(self) -> tuple[tuple[Draft, Return], ...]:
        rows = list[tuple[Draft, Return]]()
        for draft in (await self._parts.drafts.parked())[:PARKED_MOST]:
            stored = await self._parts.lookup.stored(draft.return_id)
            if stored is not None and not waits_for_nobody(draft, stored.ret):
                rows.append((draft, stored.ret))
        return tuple(rows)

    async def _elsewhere(self) -> tuple[tuple[SharedDraft, Return], ...]:
        """Return what other benches have put aside or left, of the returns that are known here."""
        rows = list[tuple[SharedDraft, Return]]()
        drafts = self._parts.shared()
        for theirs in await drafts.elsewhere(PARKED_MOST) if drafts is not None else ():
            if (stored := await self._parts.lookup.stored(theirs.return_id)) is not None:
                rows.append((theirs, stored.ret))
        return tuple(rows)

    async def _open(self) -> tuple[Presence, ...]:
        drafts = self._parts.shared()
        return await drafts.open_elsewhere() if drafts is not None else ()

    # --- in the background ------------------------------------------------------------------------------

    async def _ask_loop(self, effect: effects.AskLoop) -> None:
        code, is_label, over = effect.code, effect.is_label, effect.over
        try:
            found = await self._parts.lookup.ask_loop(effect.meaning.candidates)
        except ApiError as failure:
            log.info("ask_failed code=%s", failure.code)
            self._add(events.LoopAnswered(code, is_label, over, is_failure=True))
        except LoopdeskError as failure:
            log.info("lookup_failed code=%s", failure.code)
            self._add(events.LookupFailed(code, is_label, over, failure))
        except Exception:  # told as the fault that it is; the operator waits for an answer all the same
            self._add(events.LookupFailed(code, is_label, over, None))
            raise
        else:
            self._add(events.LoopAnswered(code, is_label, over, found.hits))

    async def _refresh(self, effect: effects.Refresh) -> None:
        return_id, notes, failure = effect.return_id, None, None
        try:
            await self._parts.lookup.refresh(return_id, force=effect.is_forced)
            if effect.notes:
                notes = await self._parts.read_notes(return_id)
        except LoopdeskError as broken:
            log.info("refresh_failed return=%s code=%s", return_id, broken.code)
            failure = broken
        self._add(events.Refreshed(return_id, notes, failure, effect.is_aloud))
