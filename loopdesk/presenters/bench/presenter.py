"""The bench: intents in, one frozen screen out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from loopdesk.domain.labels.scans import Candidate, Scan
from loopdesk.domain.outbox.stages import Stage
from loopdesk.domain.scanner.wedge import Notice
from loopdesk.domain.settlement import SettlementKind
from loopdesk.i18n.catalogue import _, ngettext
from loopdesk.presenters.bench import parcels, ready, scanner, second_bench
from loopdesk.presenters.bench import screen as bench_screens
from loopdesk.presenters.bench.band import Band
from loopdesk.presenters.bench.commands import BenchCommands
from loopdesk.presenters.bench.desk import BenchDesk, BenchParts
from loopdesk.presenters.bench.meant import Meant
from loopdesk.presenters.bench.scans import BenchScans
from loopdesk.presenters.bench.undo import BenchUndo
from loopdesk.presenters.commands import by_id
from loopdesk.presenters.screens.returns import Link
from loopdesk.presenters.screens.window import BandScreen, BenchScreen, BenchSurface, Signal, Views
from loopdesk.presenters.words import words
from loopdesk.services.bench.inspection import OnBench
from loopdesk.services.ports.store import Taken
from loopdesk.services.station.events import (
    ConnectionChanged,
    GunChanged,
    MysteryMatched,
    MysteryUnclear,
    NeedsPerson,
    OutboxChanged,
    ReturnChanged,
    SecondBenchNoticed,
    Settled,
    StationChanged,
)
from loopdesk.services.station.tasks import InTurn

BENCH = "bench"
"""The name of the view that this presenter draws."""

NEEDS_EYES = frozenset({"LDCMDCONFIRM", "LDCMDDISMISS"})
"""Commands about what is on screen: while another view hides the bench they only bring it forward."""

AT_ONCE = frozenset({"LDCMDCONFIRM", "LDCMDUNDO"})
"""Commands of which two within half a second are one press."""


class BenchPresenter:
    """Turns what the operator does into services' calls, one after another, and shows what came of it.

    Args:
        line: What the operator does, in turn; ``Intake`` uses the same one.
        play: Plays the sound of a signal.
        receive: Takes a typed code the way a scan goes (raw, source).
    """

    def __init__(
        self,
        parts: BenchParts,
        line: InTurn,
        play: Callable[[str], None],
        receive: Callable[[str, str], None],
    ) -> None:
        self._parts = parts
        self._receive = receive
        self._surface: BenchSurface | None = None
        self._views: Views | None = None
        self._meant = Meant(parts.clock)
        self.band = Band(play)
        self._matched: list[int] = []
        self._match: BandScreen | None = None
        self._undo = BenchUndo(parts, self.band, self._render)
        self._desk = BenchDesk(parts, self.band, line, self._render)
        self._commands = BenchCommands(self._desk, self._meant)
        self._scans = BenchScans(
            self._desk, self._obey, self._commands.answer, self._show_bench, self._render
        )
        feed = parts.feed
        feed.on(ReturnChanged, self._on_return)
        feed.on(OutboxChanged, self._on_outbox)
        feed.on(Settled, self._on_settled)
        feed.on(NeedsPerson, self._on_needs_person)
        feed.on(MysteryMatched, self._on_mystery)
        feed.on(MysteryUnclear, self._on_unclear)
        feed.on(ConnectionChanged, self._on_surroundings)
        feed.on(StationChanged, self._on_surroundings)
        feed.on(GunChanged, self._on_gun)
        feed.on(SecondBenchNoticed, self._on_second_bench)

    def attach(self, surface: BenchSurface, views: Views) -> None:
        """Draw on this surface from now on, which is one of the window's views."""
        self._surface = surface
        self._views = views
        self.band.say(Signal.READY, _(ready.WORD), _(ready.SENTENCE), sound=False)
        self._render()
        self._desk.do(self._desk.load_parked)
        self._desk.do(self._undo.look)

    def speak_anew(self) -> None:
        """Say everything in the language that is spoken now; what is open and entered stays."""

        async def work() -> None:
            await self._desk.ask_anew()
            if self._parts.inspection.on_bench is None:
                await self._desk.load_parked()
                self.band.say(Signal.READY, _(ready.WORD), _(ready.SENTENCE), sound=False)
            else:
                self.band.say(Signal.FOUND, _("Found"), _("Go on."), sound=False)

        self._desk.do(work)

    # --- intents ------------------------------------------------------------------------------------

    def seek(self, scan: Scan) -> Sequence[Candidate]:
        """Say what is to be looked up for a scan; called by ``Intake`` in turn, before it is kept."""
        return self._scans.seek(scan)

    async def handle(self, scan: Scan, taken: Taken) -> None:
        """Do what a kept scan means; called by ``Intake`` in turn."""
        await self._scans.handle(scan, taken)

    def painted(self, return_id: str) -> None:
        """Learn that a return was painted; only what was on screen can be confirmed."""
        self._meant.painted(return_id)

    def command(self, command_id: str) -> None:
        """Do what a command's key or button asks."""
        command = by_id(command_id)
        if command is not None and self._admits(command.code):
            self._desk.do(lambda: self._commands.run(command.code))

    async def _obey(self, code: str) -> None:
        """Do what a printed command asks."""
        if self._admits(code):
            await self._commands.run(code)

    def _admits(self, code: str) -> bool:
        """Bring the bench forward, where a command acts; False when it must not act now."""
        was_hidden = self._is_hidden
        if was_hidden:
            self._meant.hide()
            self._show_bench()
        if self._is_hidden:  # what comes before the bench is still to be finished
            return False
        if was_hidden and code in NEEDS_EYES:
            self._desk.came_back(is_confirm=code != "LDCMDDISMISS")
            self._render()
            return False
        if code in AT_ONCE and self._meant.is_repeat():
            self.band.tick()
            return False
        return True

    @property
    def _is_hidden(self) -> bool:
        return self._views is not None and self._views.shown_view() != BENCH

    @property
    def is_calm(self) -> bool:
        """Whether a person who looks and presses now would be taken at their word."""
        open_id = self._open_id
        return self._meant.is_calm and (not open_id or self._meant.was_seen(open_id))

    def say_of_gun(self, notice: Notice) -> None:
        """Say what became of keys that came to nothing, after what was scanned before them."""

        async def work() -> None:
            scanner.say(self.band, notice)

        self._desk.do(work)

    def say_pace(self, gap_ms: int) -> None:
        """Say that this station reckons with another speed of its scanner from now on."""

        async def work() -> None:
            scanner.say_pace(self.band, gap_ms)

        self._desk.do(work)

    def _on_gun(self, event: GunChanged) -> None:
        async def work() -> None:
            scanner.say_port(self.band, event.name, event.state, event.before)

        self._desk.do(work)

    def _on_second_bench(self, event: SecondBenchNoticed) -> None:
        async def work() -> None:
            second_bench.say(self.band, event.station)

        self._desk.do(work)

    def select_line(self, index: int) -> None:
        """Select a line by its place."""

        async def work() -> None:
            on_bench = self._parts.inspection.on_bench
            if on_bench is not None and 0 <= index < len(on_bench.picture.ret.lines):
                self._desk.state.marked = frozenset()
                await self._parts.inspection.select(on_bench.picture.ret.lines[index].line_item_id)

        self._desk.do(work)

    def choose_settlement(self, kind: str) -> None:
        """Choose another legal settlement; a flag without a cause asks for its reason first."""

        async def work() -> None:
            chosen = SettlementKind(kind)
            on_bench = self._parts.inspection.on_bench
            if chosen is SettlementKind.FLAG and on_bench is not None and not on_bench.proposal.causes:
                self._desk.ask_flag_reason()
                return
            await self._parts.inspection.choose(chosen)

        self._desk.do(work)

    def pick(self, return_id: str) -> None:
        """Open a candidate, a sibling, a parked return, or one found in another view."""
        self._show_bench()
        candidate = next((x.candidate for x in self._desk.state.picker if x.return_id == return_id), None)
        self._desk.do(lambda: self._desk.open(return_id, candidate))

    def answer(self, text: str) -> None:
        """Accept the open question with this text."""
        prompt = self._desk.state.prompt
        if prompt is not None and prompt.kind == "type_code" and text.strip():
            self._desk.close_prompt()
            self._render()
            self._receive(text.strip(), "typed")
            return
        self._desk.do(lambda: self._commands.answer(text))

    def edit_prompt(self, text: str) -> None:
        """Learn what the question's field holds, so that a scanned confirm accepts it."""
        self._desk.state.prompt_text = text

    def edit_second(self, text: str) -> None:
        """Learn what the question's second field holds."""
        self._desk.state.prompt_second = text

    def choose_template(self, number: int) -> None:
        """Accept the open question with its n-th template, counted from 0."""
        prompt = self._desk.state.prompt
        if prompt is not None and 0 <= number < len(prompt.templates):
            self._desk.do(lambda: self._commands.choose(number))

    def cancel_prompt(self) -> None:
        """Close the open question without an answer."""
        self._desk.do(self._commands.dismiss)

    # --- what happens elsewhere ----------------------------------------------------------------------

    @property
    def _open_id(self) -> str:
        on_bench = self._parts.inspection.on_bench
        return on_bench.picture.ret.return_id if on_bench is not None else ""

    def _on_return(self, event: ReturnChanged) -> None:
        if event.return_id == self._open_id:
            self._desk.do(self._desk.reload)

    def _on_outbox(self, event: OutboxChanged) -> None:
        if event.kept is not None:  # told by the bench's own write, which has the new picture already
            self._undo.add(event.kept)
            return
        self._desk.do(lambda: self._take_over(event.return_id))

    async def _take_over(self, return_id: str) -> None:
        """Read what the outbox changed; "" for many returns."""
        if return_id in ("", self._open_id):
            await self._desk.reload()
        await self._undo.look()

    def _on_settled(self, event: Settled) -> None:
        if event.return_id != self._open_id:
            return
        what = words.settlement(event.kind)
        if event.is_said:
            said = _("{what}: done on a person’s word.", what=what)
            self.band.say(Signal.KEPT, _("Kept"), said, event.order_name)
        else:
            sentence = _("{what}: confirmed by Loop.", what=what)
            self.band.say(Signal.DONE, _("Done"), sentence, event.order_name)
        self._render()
        self._desk.read_again()

    def _on_needs_person(self, event: NeedsPerson) -> None:
        sentence = _("{order} needs a lead: {why}.", order=event.order_name, why=words.reason(event.reason))
        if event.return_id == self._open_id or not self._open_id:
            self.band.say(Signal.ATTENTION, _("Attention"), sentence, _("See Attention."))
            self._render()

    def _on_mystery(self, event: MysteryMatched) -> None:
        self._matched = [*self._matched, event.number] if self.band.screen is self._match else [event.number]
        sentence = ngettext(
            "Mystery parcel {numbers} has a return now. Fetch it and scan it, or open it in Mystery.",
            "Mystery parcels {numbers} have returns now. Fetch them and scan them, or open them in Mystery.",
            len(self._matched),
            numbers=words.joined(str(number) for number in self._matched),
        )
        self.band.say(Signal.ATTENTION, _("Match"), sentence, event.code[:60])
        self._match = self.band.screen
        self._render()

    def _on_unclear(self, event: MysteryUnclear) -> None:
        sentence = _(
            "Mystery parcel {n} may be one of {all} returns. Choose in Mystery.",
            n=event.number,
            all=len(event.return_ids),
        )
        self.band.say(Signal.ATTENTION, _("Choose"), sentence, event.code[:60])
        self._render()

    def _on_surroundings(self, _event: ConnectionChanged | StationChanged) -> None:
        self._render()

    # --- drawing ------------------------------------------------------------------------------------

    def _show_bench(self) -> None:
        if self._views is not None:
            self._views.show_view(BENCH)

    def _render(self) -> None:
        if self._surface is not None:
            self._surface.render(self.screen())

    def screen(self) -> BenchScreen:
        """Build the bench's screen as it stands."""
        self._undo.say_countdown()
        self._say_sent()
        on_bench = self._parts.inspection.on_bench
        band = self.band.shown(self._undo.countdown(), practice=self._parts.practice, undo=self._undo.order())
        state = self._desk.state
        picker = state.choices if state.picker else ()
        if on_bench is None:
            selected = state.picked if picker else -1
            side = parcels.idle_buttons()
            return BenchScreen(
                band, None, (), selected, (), (), None, side, picker, state.parked, state.prompt
            )
        return self._open_screen(on_bench, band, picker)

    def _open_screen(self, on_bench: OnBench, band: BandScreen, picker: tuple[Link, ...]) -> BenchScreen:
        picture, state, setting = on_bench.picture, self._desk.state, self._setting()
        ret = picture.ret
        free = not picture.closed_for_changes and picture.gate is None
        ids = [line.line_item_id for line in ret.lines]
        selected = ids.index(picture.draft.selected) if picture.draft.selected in ids else -1
        decidable = free and selected >= 0 and ret.lines[selected].is_expected
        is_asking = state.prompt is not None and state.prompt.is_choice  # whose answers have the same digits
        header = bench_screens.header(
            picture,
            setting,
            notes=state.notes.get(ret.return_id, ()),
            siblings=state.siblings,
            parcel=state.parcel,
        )
        return BenchScreen(
            band=band,
            header=header,
            lines=bench_screens.lines(
                picture,
                setting,
                state.marked,
                removes=on_bench.proposal.kind in (None, SettlementKind.REMOVE_AND_PROCESS),
            ),
            selected=selected,
            grades=bench_screens.grade_buttons(picture, setting, enabled=not is_asking) if decidable else (),
            dispositions=bench_screens.disposition_buttons(
                picture, setting, enabled=decidable and not is_asking
            ),
            plan=bench_screens.plan_screen(picture, on_bench.proposal, setting),
            commands=parcels.side_buttons(picture, siblings=bool(state.siblings)),
            picker=picker,
            parked=(),
            prompt=state.prompt,
            title=_("{order} · {rma} — loopdesk", order=ret.order_name, rma=ret.return_id),
        )

    def _say_sent(self) -> None:
        """When the undo window of the shown return is over, the band says where its settlement stands."""
        on_bench = self._parts.inspection.on_bench
        if on_bench is None or self.band.screen.signal is not Signal.KEPT or on_bench.picture.held:
            return
        pending = on_bench.picture.pending
        if not pending or self._parts.connection.offline_since is not None:
            return
        stage = pending[-1].stage
        if stage is not Stage.PARKED:
            self.band.update(words.sentence(words.stage(stage)), self.band.screen.detail)

    def _setting(self) -> bench_screens.ScreenContext:
        where = self._parts.station()
        return bench_screens.ScreenContext(
            vocabulary=self._parts.inspection.vocabulary,
            zone=self._parts.zone,
            now=self._parts.clock.now(),
            operator=where.operator,
            station=where.station,
            destination_id=where.destination_id,
            place=self._parts.destinations.name,
        )
