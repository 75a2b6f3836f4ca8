"""The bench: what happens goes in as events, one frozen screen comes out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from loopdesk.domain.errors import LoopdeskError
from loopdesk.domain.labels.scans import CodeKind, Scan
from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.domain.returns.returns import fingerprint, has_changed
from loopdesk.domain.scanner.wedge import Notice
from loopdesk.domain.settlement import SettlementKind
from loopdesk.presenters.bench import events, opening, ready, undo
from loopdesk.presenters.bench import screen as bench_screens
from loopdesk.presenters.bench.labels import goods
from loopdesk.presenters.bench.lines import LinesShown, ScreenContext
from loopdesk.presenters.bench.photos import taking
from loopdesk.presenters.bench.questions import MysteryAsked, PhotoAsked, Typed
from loopdesk.presenters.bench.reduce import reduce
from loopdesk.presenters.bench.runner import BenchParts, Runner
from loopdesk.presenters.bench.scans import sense_of
from loopdesk.presenters.bench.state import BenchState, Here
from loopdesk.presenters.commands import AT_ONCE, NEEDS_EYES, by_id
from loopdesk.presenters.screens.window import BENCH, BenchScreen, Countdown, Signal, Surface, Views
from loopdesk.presenters.words import hub_words
from loopdesk.services.bench.intake import Sought
from loopdesk.services.bench.on_bench import OnBench
from loopdesk.services.ports.store import Taken
from loopdesk.services.station.events import (
    CameraChanged,
    ConnectionChanged,
    DraftsChanged,
    GunChanged,
    HubContactChanged,
    LabelsDoubted,
    LabelsEnded,
    LabelsRead,
    MysteryMatched,
    MysteryOverruled,
    MysteryRenumbered,
    MysteryUnclear,
    NeedsPerson,
    OpenElsewhereChanged,
    OutboxChanged,
    PictureChanged,
    ReturnChanged,
    SecondBenchNoticed,
    Settled,
    StationChanged,
)
from loopdesk.services.station.tasks import InTurn

SEEN_SECONDS = 0.5
"""How long a return must have been on screen before it can be confirmed."""

REPEAT_SECONDS = 0.5
"""Confirm or undo pressed twice within this time counts as one press."""


@dataclass(frozen=True, slots=True)
class Meant:
    """Tells an intended press from a slip. All times are monotonic seconds.

    Attributes:
        return_id: The return before the operator's eyes, "" for none.
        since: Since when it has been there as it is.
        decided_at: When confirm or undo last came.
    """

    return_id: str = ""
    since: float = 0.0
    decided_at: float = float("-inf")

    def painted(self, return_id: str, at: float) -> Meant:
        """A return was painted; only the first time counts until another one is."""
        return self if return_id == self.return_id else replace(self, return_id=return_id, since=at)

    def changed(self, at: float) -> Meant:
        """What was painted is something else now; its half second begins again."""
        return replace(self, since=at)

    def hidden(self) -> Meant:
        """What was on screen is not seen any more; its half second begins when it is painted again."""
        return replace(self, return_id="", since=0.0)

    def decided(self, at: float) -> Meant:
        """Confirm or undo came."""
        return replace(self, decided_at=max(at, self.decided_at))

    def was_seen(self, return_id: str, at: float) -> bool:
        """Whether a return has been on screen for long enough to be confirmed."""
        return bool(return_id) and self.return_id == return_id and at - self.since >= SEEN_SECONDS

    def is_repeat(self, at: float) -> bool:
        """Whether a confirm or undo belongs to the press before it.

        Args:
            at: When it was pressed or read; what it waited for since does not count.
        """
        return at - self.decided_at < REPEAT_SECONDS


class BenchPresenter:
    """Holds the bench's state: takes events one at a time, has their effects performed, and draws.

    Args:
        line: The queue of what happens; ``Intake`` uses the same one.
        play: Plays the sound of a signal.
        receive: Takes a typed code like a scan (raw, source).
    """

    def __init__(
        self,
        parts: BenchParts,
        line: InTurn,
        play: Callable[[str], None],
        receive: Callable[[str, str], None],
    ) -> None:
        self._parts = parts
        self._line = line
        self._surface: Surface[BenchScreen] | None = None
        self._drawn: BenchScreen | None = None
        self._views: Views | None = None
        self._is_leading = False
        self._meant = Meant()
        self._runner = Runner(parts, play=play, show_view=self._show_view, receive=receive, add=self._add)
        self.state = BenchState(self._here(None), replace(ready.ready_band(), serial=1))
        self._ticking = undo.Ticking(
            parts.clock,
            countdown=self._countdown,
            is_holding=lambda: undo.is_holding(self.state),
            changed=self._render,
        )
        feed = parts.feed
        feed.on(ReturnChanged, self._add)
        feed.on(OutboxChanged, self._on_outbox)
        feed.on(Settled, self._add)
        feed.on(NeedsPerson, self._add)
        feed.on(MysteryMatched, self._add)
        feed.on(MysteryUnclear, self._add)
        feed.on(MysteryOverruled, self._add)
        feed.on(MysteryRenumbered, self._add)
        feed.on(GunChanged, self._add)
        feed.on(CameraChanged, self._add)
        feed.on(SecondBenchNoticed, self._add)
        feed.on(PictureChanged, self._on_picture)
        feed.on(LabelsEnded, self._add)
        feed.on(LabelsDoubted, self._add)
        feed.on(DraftsChanged, self._add)
        feed.on(OpenElsewhereChanged, self._add)
        feed.on(HubContactChanged, self._add)
        feed.on(LabelsRead, self._on_surroundings)
        feed.on(ConnectionChanged, self._on_surroundings)
        feed.on(StationChanged, self._on_surroundings)

    def attach(self, surface: Surface[BenchScreen], views: Views) -> None:
        """Draw on this surface from now on, which is one of the window's views."""
        self._surface = surface
        self._views = views
        self._render()
        self._add(events.Attached())

    def speak_anew(self) -> None:
        """Say everything in the language that is spoken now; what is open and entered stays."""
        self._add(events.LanguageChanged())

    def say(self, signal: Signal, word: str, sentence: str, detail: str = "", *, sound: bool = True) -> None:
        """Show the outcome of something outside the bench on its band."""
        self._add(events.Told(signal, word, sentence, detail, has_sound=sound))

    # --- scans, taken by ``Intake`` in turn -------------------------------------------------------------

    def seek(self, scan: Scan) -> Sought:
        """Say what a scan may stand for and what is to be looked up for it, as things stand."""
        if scan.code is not None:
            return Sought(scan)
        meaning = self._parts.classify(scan.raw)
        state = self._as_of_now()
        sought = sense_of(state, scan, meaning).sought
        return Sought(scan, meaning, sought, opening.leaving(state) if sought else None)

    async def handle(self, sought: Sought, taken: Taken) -> None:
        """Do what a kept scan means. Never waits for the network."""
        scan, meaning, pressed = sought.scan, sought.meaning, None
        if scan.code is not None and scan.code.kind is CodeKind.COMMAND:
            pressed = self._pressed(scan.code.word, scan.read_at)
        answer = self._typed(meaning.raw) if meaning is not None else Typed()
        try:
            await self._settle(events.Scanned(scan, meaning, taken, answer, pressed))
        finally:
            self.state, _ = reduce(self.state, events.ScanDone(scan))
            self._render()

    # --- intents ----------------------------------------------------------------------------------------

    def painted(self, return_id: str) -> None:
        """Learn that a return was painted; only what was on screen can be confirmed."""
        self._meant = self._meant.painted(return_id, self._parts.clock.monotonic())

    def command(self, command_id: str) -> None:
        """Do what a command's key or button asks."""
        command = by_id(command_id)
        now = self._parts.clock.monotonic()
        pressed = self._pressed(command.code, now) if command is not None else None
        if pressed is not None:
            self._act(pressed)

    def _pressed(self, code: str, at: float) -> events.Pressed | None:
        """Bring the bench forward, where a command acts; None when it must not act now."""
        was_hidden = self._is_hidden
        if was_hidden:
            self._meant = self._meant.hidden()
            self._show_bench()
        if self._is_hidden:  # what comes before the bench is still to be finished
            return None
        only_shows = was_hidden and code in NEEDS_EYES
        is_decision = code in AT_ONCE and not only_shows
        is_repeat = is_decision and self._meant.is_repeat(at)
        if is_decision:
            self._meant = self._meant.decided(at)
        return events.Pressed(code, was_hidden, is_repeat)

    @property
    def _is_hidden(self) -> bool:
        return self._views is not None and self._views.shown_view() != BENCH

    @property
    def is_calm(self) -> bool:
        """Whether a person who looks and presses now would be taken at their word."""
        open_id, now = self.state.open_id, self._parts.clock.monotonic()
        return not self._meant.is_repeat(now) and (not open_id or self._meant.was_seen(open_id, now))

    def view_shown(self, name: str) -> None:
        """Learn that a view came to the front. What the bench shows itself, it has a word for of its own."""
        if not self._is_leading:
            self._add(events.ViewChosen(name))

    def say_of_gun(self, notice: Notice) -> None:
        """Say what became of keys that were no scan, after the scans before them."""
        self._add(events.GunNoticed(notice))

    def say_pace(self, gap_ms: int) -> None:
        """Say that this station now assumes another scanner speed."""
        self._add(events.PaceLearned(gap_ms))

    def select_line(self, index: int) -> None:
        """Select a line by its place."""
        self._act(events.LineChosen(index))

    def show_lines(self, shown: str) -> None:
        """Show a part of a long list of lines; ``shown`` is a ``LinesShown``."""
        self._act(events.LinesNarrowed(LinesShown(shown)))

    def choose_settlement(self, kind: str) -> None:
        """Choose another legal settlement; a flag without a cause asks for its reason first."""
        self._act(events.SettlementChosen(SettlementKind(kind)))

    def pick(self, return_id: str) -> None:
        """Open a candidate, a sibling, a parked return, or one found in another view."""
        self._show_bench()
        self._act(events.Picked(return_id))

    def answer(self, text: str) -> None:
        """Accept the open question with this text."""
        self._act(events.Answered(self._typed(text)))

    def edit_prompt(self, text: str) -> None:
        """Learn what the question's field holds, so that a scanned confirm accepts it."""
        self._add(events.Edited(first=self._typed(text)))

    def edit_second(self, text: str) -> None:
        """Learn what the question's second field holds."""
        self._add(events.Edited(second=self._typed(text)))

    def choose_template(self, number: int) -> None:
        """Accept the open question with the n-th answer that it shows, counted from 0."""
        self._act(events.TemplateChosen(number))

    def take_photo(self, store: Callable[[], Awaitable[str]]) -> None:
        """Take a photo that is there: of the item decided last, or of the mystery parcel that is asked about.

        Args:
            store: Puts it into the profile and returns its name there; called in the bench's turn.
        """
        self._act(events.PhotoCame(store))

    def photo_subject(self) -> PhotoAsked | MysteryAsked | None:
        """Say what a photo would be of now, for one that takes time to come; None for nothing."""
        return taking.subject(self.state)

    def attach_photo(self, name: str, of: PhotoAsked | MysteryAsked) -> None:
        """Attach a photo that is in the profile under this name already."""
        self._add(events.PhotoKept(name, of))

    def refuse_photo(self, failure: LoopdeskError) -> None:
        """Say why a photo that came by itself was not taken."""
        self._add(events.Failed(failure))

    def open_photo(self, number: int) -> None:
        """Open a photo of the selected line by its place, the oldest first, counted from 0."""
        self._act(events.PhotoOpened(number))

    def cancel_prompt(self) -> None:
        """Close the open question without an answer."""
        self._act(events.Dismissed())

    def _typed(self, text: str) -> Typed:
        found = self._parts.codes.recognize(text)
        return Typed(text, self._parts.codes.masked(text), found is not None)

    # --- the queue --------------------------------------------------------------------------------------

    def _act(self, event: events.Event) -> None:
        """Take what the operator did, and show at once that it was taken: its outcome waits for the disk."""
        if self._surface is not None and self._drawn is not None:
            self._surface.render(replace(self._drawn, band=replace(self._drawn.band, taken=True)))
        self._add(event)

    def _add(self, event: events.Event) -> None:
        self._line.add(self._take, event)

    async def _take(self, event: events.Event) -> None:
        try:
            await self._settle(event)
        finally:
            if not isinstance(event, events.Edited):  # the field shows by itself what is typed
                self._render()

    async def _settle(self, event: events.Event) -> None:
        """Take an event, then each event that its effects result in."""
        state, effects = reduce(self._as_of_now(), event)
        results = list[events.Event]()
        try:
            for effect in effects:
                if (result := await self._runner.perform(effect)) is not None:
                    results.append(result)
        except LoopdeskError as failure:  # the state before stays: what is not on disk is not shown
            results = [events.Failed(failure)]
        else:
            if _is_other_now(self.state, state):
                self._meant = self._meant.changed(self._parts.clock.monotonic())
            if _pictured(self.state) != (wanted := _pictured(state)):
                self._parts.pictures.show(wanted)
            self.state = state
            self._parts.inspection.show(state.open_id, state.open_name)
            self._parts.labels.show(goods.subjects_of(state.open_id) if state.open_id else "")
            self._follow_countdown()
        for result in results:
            await self._settle(result)

    def _as_of_now(self) -> BenchState:
        here, separates = self._here(self.state.on_bench), self.state.separates
        return replace(self.state, here=replace(here, by=replace(here.by, sends_separators=separates)))

    def _here(self, on_bench: OnBench | None) -> Here:
        parts, now = self._parts, self._parts.clock.monotonic()
        open_id = on_bench.ret.return_id if on_bench is not None else ""
        return Here(
            by=replace(parts.inspection.by, vocabulary=self._vocabulary(on_bench)),
            vocabularies=parts.inspection.vocabularies(),
            where=parts.station(),
            seconds=now,
            zone=parts.zone,
            is_online=parts.connection.is_online,
            offline_since=parts.connection.offline_since,
            synced_at=parts.synced_at(),
            seen=open_id if self._meant.was_seen(open_id, now) else "",
            double_read_seconds=parts.double_read_seconds(),
            has_printer=parts.labels.has_printer,
            prints_by=parts.labels.prints_by,
            unsure=parts.labels.unsure,
            labels=parts.labels.says,
            camera=parts.camera.state,
            hub=parts.hub_contact(),
            is_hub_away=parts.connection.state.trouble in hub_words.LINE,
        )

    def _vocabulary(self, on_bench: OnBench | None) -> Vocabulary:
        """Return the one by which the open return was opened; without one, what holds now."""
        return on_bench.vocabulary if on_bench is not None else self._parts.inspection.vocabulary

    def _on_outbox(self, event: OutboxChanged) -> None:
        if event.kept is None:  # what the bench kept itself it knows already
            self._add(event)

    def _on_picture(self, event: PictureChanged) -> None:
        """Draw a picture of the open return that came, once for all of its lines."""
        pictures = (self._parts.pictures.of(url) for url in _pictured(self.state))
        if any(event.key in ("", picture.key) for picture in pictures):
            self._render()

    def _on_surroundings(self, _event: ConnectionChanged | StationChanged | LabelsRead) -> None:
        self._render()

    # --- drawing ----------------------------------------------------------------------------------------

    def _show_bench(self) -> None:
        self._show_view(BENCH)

    def _show_view(self, name: str) -> None:
        if self._views is not None:
            self._is_leading = True
            try:
                self._views.show_view(name)
            finally:
                self._is_leading = False

    def _countdown(self) -> Countdown | None:
        return undo.countdown_of(self.state, self._parts.hold_left, self._parts.clock.monotonic())

    def _follow_countdown(self) -> None:
        if undo.is_holding(self.state) and not self._ticking.is_running:
            self._ticking.is_running = True
            self._parts.tasks.spawn(self._ticking.run(), name="countdown")

    def _render(self) -> None:
        if self._surface is not None:
            self._drawn = self.screen()
            self._surface.render(self._drawn)

    def screen(self) -> BenchScreen:
        """Build the bench's screen as it stands; changes nothing."""
        return bench_screens.bench_screen(
            self.state, self._setting(), self._countdown(), practice=self._parts.practice
        )

    def _setting(self) -> ScreenContext:
        where = self._parts.station()
        return ScreenContext(
            vocabulary=self._vocabulary(self.state.on_bench),
            zone=self._parts.zone,
            now=self._parts.clock.now(),
            operator=where.operator,
            station=where.station,
            destination_id=where.destination_id,
            place=self._parts.destinations.name,
            picture=self._parts.pictures.of,
            photo_path=self._parts.photo_path,
            photos_stay=self._parts.photos_stay(),
            has_printer=self._parts.labels.has_printer,
            unsure=self._parts.labels.unsure,
            labels=self._parts.labels.says,
            is_offline=self._parts.connection.offline_since is not None,
            printed=self._parts.codes.printed,
            shop=self._parts.shop,
        )


def _is_other_now(before: BenchState, after: BenchState) -> bool:
    """Whether Loop shows the open return as something else than what the operator has been looking at."""
    if before.on_bench is None or after.on_bench is None or before.open_id != after.open_id:
        return False
    if before.on_bench.ret is after.on_bench.ret:
        return False
    return has_changed(fingerprint(before.on_bench.ret), fingerprint(after.on_bench.ret))


def _pictured(state: BenchState) -> tuple[str, ...]:
    """The addresses of the open return's pictures, in the order of its lines."""
    if state.on_bench is None:
        return ()
    return tuple(line.image_url for line in state.on_bench.ret.lines if line.image_url)
