"""The return on the bench: opening it, putting it aside, asking the operator, refreshing behind."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Protocol

from loopdesk.domain.errors import ApiError, DiskFull, LoopdeskError, RuleBroken
from loopdesk.domain.labels.scans import Candidate, CandidateKind, Meaning
from loopdesk.domain.projection import Picture
from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.domain.returns.parcels import lines_of
from loopdesk.domain.returns.returns import Note, Parcel
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.bench import parcels as bench_parcels
from loopdesk.presenters.bench.band import Band
from loopdesk.presenters.bench.mysteries import BenchMysteries
from loopdesk.presenters.bench.strays import KIND as STRAY
from loopdesk.presenters.bench.strays import BenchStrays
from loopdesk.presenters.links import candidate_link, parked_link, sibling_links
from loopdesk.presenters.screens.returns import Link, Prompt
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import words
from loopdesk.services.bench.command_codes import CommandCodes
from loopdesk.services.bench.inspection import InspectionDesk
from loopdesk.services.bench.lookup import Lookup
from loopdesk.services.bench.mysteries import MysteryDesk
from loopdesk.services.bench.parcels import Destinations, ParcelDesk
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.ports.store import Drafts, Hit, Known, Outbox, Taken
from loopdesk.services.station.events import Feed
from loopdesk.services.station.tasks import InTurn, Tasks

log = logging.getLogger("loopdesk.ui")


class Reachability(Protocol):
    """What the bench asks of the connection."""

    @property
    def is_online(self) -> bool:
        """Whether Loop answers."""
        ...

    @property
    def offline_since(self) -> datetime | None:
        """When Loop stopped answering; None while it answers."""
        ...


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
        keep_photo: Copies a picture file into the profile and returns its stored name.
        receive: Takes what was typed into the code field the way a scan goes.
        zone: The station's time zone.
        practice: Everything here is practice.
    """

    inspection: InspectionDesk
    lookup: Lookup
    mysteries: MysteryDesk
    parcels: ParcelDesk
    outbox: Outbox
    drafts: Drafts
    destinations: Destinations
    connection: Reachability
    feed: Feed
    tasks: Tasks
    clock: Clock
    zone: tzinfo
    classify: Callable[[str], Meaning]
    codes: CommandCodes
    station: Callable[[], Station]
    synced_at: Callable[[], datetime | None]
    read_notes: Callable[[str], Awaitable[tuple[Note, ...]]]
    hold_left: Callable[[str], float | None]
    keep_photo: Callable[[str], Awaitable[str]]
    double_read_seconds: float = 1.5
    practice: bool = False


@dataclass(slots=True)
class BenchState:
    """What the bench shows besides the return itself.

    Attributes:
        asking: The raw code that Loop is being asked about, "" when none.
        asking_over: It was scanned while a return was open, which stays open meanwhile.
        parcel: The tracking number that opened the return.
        marked: Line ids of a selection of several lines.
        sibling_hits: The other known returns of the order.
        prompt_text: What the prompt's field holds while the operator types.
        choices: The returns of ``picker`` as they are shown.
        prompt_second: What its second field holds.
        prompt_code: The raw code that a mystery prompt is about.
    """

    asking: str = ""
    asking_over: bool = False
    parcel: str = ""
    marked: frozenset[str] = frozenset()
    picker: tuple[Hit, ...] = ()
    choices: tuple[Link, ...] = ()
    picked: int = 0
    prompt: Prompt | None = None
    prompt_text: str = ""
    prompt_second: str = ""
    prompt_code: str = ""
    notes: dict[str, tuple[Note, ...]] = field(default_factory=dict)
    siblings: tuple[Link, ...] = ()
    sibling_hits: tuple[Hit, ...] = ()
    parked: tuple[Link, ...] = ()


def flag_reasons(vocabulary: Vocabulary) -> tuple[str, ...]:
    """The ready answers of the question why a return is flagged, in the order of their numbers."""
    return (*vocabulary.flag_reasons, wrong_parcel_reason())


def wrong_parcel_reason() -> str:
    """The ready answer that says that the parcel belongs elsewhere."""
    return _("Wrong parcel: it belongs to another return or shop")


class BenchDesk:
    """What can be done with the return on the bench; scans and commands both come here.

    Args:
        line: The operator's intents, in turn; work that comes back from the network joins it.
        changed: Draws the bench anew.
    """

    def __init__(self, parts: BenchParts, band: Band, line: InTurn, changed: Callable[[], None]) -> None:
        self.parts = parts
        self.band = band
        self.state = BenchState()
        self.mysteries = BenchMysteries(self)
        self.strays = BenchStrays(self)
        self._line = line
        self._changed = changed

    def do(self, work: Callable[[], Awaitable[None]]) -> None:
        """Put an intent in line; what it breaks is said on the band, and the bench is drawn after it."""

        async def run() -> None:
            try:
                await work()
            except LoopdeskError as failure:
                self.show_failure(failure)
            finally:
                self._changed()

        self._line.add(run)

    def show_failure(self, failure: LoopdeskError) -> None:
        """Say an expected failure on the band."""
        if isinstance(failure, RuleBroken):
            self.band.say(Signal.BLOCKED, _("Blocked"), words.rule(failure.detail))
            return
        word = _("Not kept") if isinstance(failure, DiskFull) else _("Blocked")
        self.band.say(Signal.BLOCKED, word, failure.title, failure.advice)

    def came_back(self, *, is_confirm: bool) -> None:
        """The bench was hidden when a command came that is about what is on screen: it only shows it."""
        if is_confirm and self.parts.inspection.on_bench is not None:
            look = _("The bench was not in sight. Look at what would be settled, then confirm.")
            self.band.say(Signal.BLOCKED, _("Look first"), look)

    # --- opening and putting aside ----------------------------------------------------------------

    async def show_hits(self, hits: tuple[Hit, ...], taken: Taken | None = None) -> None:
        """Open the return that was found, read by ``taken``, or let the operator choose among several."""
        self.state.asking = ""
        first = {hit.return_id: hit for hit in reversed(hits)}
        ids = tuple(dict.fromkeys(hit.return_id for hit in hits))
        if len(ids) == 1:
            await self.open(ids[0], hits[0].candidate, taken)
            return
        await self.put_aside()
        self.state.picker, self.state.picked = tuple(first[each] for each in ids), 0
        stored = [await self.parts.lookup.stored(each) for each in ids]
        self.state.choices = tuple(candidate_link(each) for each in stored if each is not None)
        self.band.say(
            Signal.FOUND,
            _("Choose"),
            _("{n} returns fit. Choose one.", n=len(ids)),
            hits[0].candidate.rule,
        )

    async def open(
        self, return_id: str, candidate: Candidate | None = None, taken: Taken | None = None
    ) -> None:
        """Put a return on the bench, read by ``taken``, here or at Loop, and refresh it behind."""
        began = self.parts.clock.monotonic()
        is_label = candidate is not None and candidate.kind is CandidateKind.TRACKING
        number = candidate.code if candidate is not None and is_label else ""
        known, parcel = (taken.known, taken.parcel) if taken is not None else (None, None)
        if known is None:
            known, parcel = await self._read(return_id, number)
        if known is None:
            self.band.say(Signal.UNKNOWN, _("Unknown"), _("Loop knows no such return."))
            return
        if self.state.prompt is not None:  # what is kept of its question takes a moment
            await self.end_questions(return_id)
            known = await self.parts.lookup.known(return_id) or known
        opened = await self.parts.inspection.open(known)
        state = self.state
        state.picker, state.marked, state.asking = (), frozenset(), ""
        self.close_prompt()
        state.parcel = number
        if parcel is not None:
            await self._choose_within(opened.picture, parcel)
        state.sibling_hits, state.siblings = known.siblings, sibling_links(known.siblings)
        rule = candidate.rule if candidate is not None else _("Opened by hand")
        self._say_found(rule, opened.known.stored.fetched_at, self.parts.clock.monotonic() - began)
        self.parts.tasks.spawn(self._refresh(return_id), name=f"refresh {return_id}")

    async def _read(self, return_id: str, number: str) -> tuple[Known | None, Parcel | None]:
        """Read a return, at Loop when the store does not have it, and keep that its parcel is here."""
        known = await self.parts.lookup.known(return_id)
        if known is None or not number:
            return known, None
        parcel = await self.parts.parcels.see(known.stored.ret, number)
        return await self.parts.lookup.known(return_id), parcel

    async def _choose_within(self, picture: Picture, parcel: Parcel) -> None:
        """Choose what lies in the parcel whose label was scanned, when it is one of several."""
        if len(picture.parcels) < 2:
            return
        inside = lines_of(picture.ret, parcel)
        waiting = tuple(x for x in inside if picture.draft.inspection(x) is None)
        if waiting or inside:
            await self.parts.inspection.select((waiting or inside)[0])
        self.state.marked = frozenset(waiting if len(waiting) > 1 else ())

    async def open_other(self) -> None:
        """Open the other return of the order, or let the operator choose among several."""
        hits = self.state.sibling_hits
        if not hits:
            raise RuleBroken("no_sibling")
        await self.show_hits(hits)

    def _say_found(self, rule: str, fetched_at: datetime, seconds: float) -> None:
        now = self.parts.clock.now()
        checked = words.moment(fetched_at, self.parts.zone, now)
        detail = _(
            "Opened from this station in {ms} ms · checked with Loop {time}",
            ms=max(1, round(seconds * 1000)),
            time=checked,
        )
        since = self.parts.connection.offline_since
        if since is not None:
            offline = _("offline since {time}", time=words.moment(since, self.parts.zone, now))
            detail = words.listed((detail, offline))
        on_bench, sentence = self.parts.inspection.on_bench, words.sentence(rule)
        if self.state.parcel and on_bench is not None:
            sentence = f"{sentence} {bench_parcels.arrived(on_bench.picture, self.state.parcel)}".strip()
        self.band.say(Signal.FOUND, _("Found"), sentence, detail)

    async def put_aside(self) -> str:
        """Park what is open and show what is parked. Returns the order name."""
        name = await self._leave()
        await self.load_parked()
        return name

    async def _leave(self) -> str:
        """Park what is open, keep an unfinished note, close every question. Returns the order name."""
        await self.end_questions()
        name = await self.parts.inspection.park()
        self.state.picker, self.state.marked, self.state.siblings = (), frozenset(), ()
        self.state.parcel, self.state.sibling_hits, self.state.asking = "", (), ""
        return name

    async def end_questions(self, next_id: str = "") -> None:
        """Close every question; an unknown parcel is kept, and a note unless the same return comes next."""
        prompt, text = self.state.prompt, self.state.prompt_text.strip()
        on_bench = self.parts.inspection.on_bench
        is_other = on_bench is not None and on_bench.picture.ret.return_id != next_id
        if prompt is not None and prompt.kind == "note" and text and is_other:
            await self.parts.inspection.add_note(self.parts.codes.masked(text))
        await self.mysteries.keep_unfinished()
        await self.strays.keep_unanswered()
        self.close_prompt()

    async def load_parked(self) -> None:
        """Read which returns were put aside."""
        now, links = self.parts.clock.now(), list[Link]()
        for draft in (await self.parts.drafts.parked())[:12]:
            if (stored := await self.parts.lookup.stored(draft.return_id)) is not None:
                links.append(parked_link(draft, stored.ret, self.parts.zone, now))
        self.state.parked = tuple(links)

    # --- behind the operator's back ----------------------------------------------------------------

    async def _refresh(
        self, return_id: str, *, force: bool = False, aloud: bool = False, notes: bool = True
    ) -> None:
        """Ask Loop again without the operator waiting; offline, the stored copy simply stays.

        Args:
            force: Also when Loop was asked a moment ago.
            aloud: The operator wants to know what came of it.
            notes: Ask for the notes too.
        """
        try:
            await self.parts.lookup.refresh(return_id, force=force)
            if notes:
                self.state.notes[return_id] = await self.parts.read_notes(return_id)
        except ApiError as failure:
            log.info("refresh_failed return=%s code=%s", return_id, failure.code)
            if aloud:
                self.show_failure(failure)
        else:
            if aloud:
                self.band.say(Signal.FOUND, _("Found"), _("Asked Loop again: this is what it says now."))
        self.do(self.reload)

    def refresh(self) -> None:
        """Ask Loop again because the operator wants it."""
        on_bench = self.parts.inspection.on_bench
        if on_bench is not None:
            return_id = on_bench.picture.ret.return_id
            work = self._refresh(return_id, force=True, aloud=True)
            self.parts.tasks.spawn(work, name=f"refresh {return_id}")

    def read_again(self) -> None:
        """Read what Loop holds after a settlement, where its confirmation did not show that already."""
        on_bench = self.parts.inspection.on_bench
        if on_bench is not None:
            return_id = on_bench.picture.ret.return_id
            notes = any(entry.kind.spec.is_marked for entry in on_bench.known.entries)
            self.parts.tasks.spawn(self._refresh(return_id, notes=notes), name=f"refresh {return_id}")

    async def reload(self) -> None:
        """Take over what changed; what was entered stays."""
        await self.parts.inspection.reload()

    # --- questions ----------------------------------------------------------------------------------

    def ask(self, prompt: Prompt, code: str = "") -> None:
        """Put a question to the operator."""
        self.state.prompt, self.state.prompt_text, self.state.prompt_code = prompt, prompt.text, code
        self.state.prompt_second = prompt.second_text

    async def ask_anew(self) -> None:
        """Put the open question in the language that is spoken now; what was typed stays."""
        state = self.state
        if state.prompt is None:
            return
        kind, code, typed, second = (
            state.prompt.kind,
            state.prompt_code,
            state.prompt_text,
            state.prompt_second,
        )
        match kind:
            case "note":
                self.ask_note()
            case "flag":
                self.ask_flag_reason()
            case "extra":
                self.ask_extra()
            case "photo":
                self.ask_photo()
            case "type_code":
                await self.ask_code()
            case _ if kind == STRAY:
                self.strays.put(code)
            case _:
                self.mysteries.put_again(kind)
        self.ask(replace(state.prompt, text=typed, second_text=second), code)

    def close_prompt(self) -> None:
        """Close the question."""
        self.state.prompt, self.state.prompt_text, self.state.prompt_code = None, "", ""
        self.state.prompt_second = ""

    def ask_note(self) -> None:
        """Ask for a note."""
        templates = self.parts.inspection.vocabulary.note_templates
        hint = _("It is kept with the return and goes to Loop when you settle.")
        self.ask(Prompt("note", _("Note"), hint, templates, accept=_("Keep the note")))

    def ask_flag_reason(self) -> None:
        """Ask why the return is to be flagged."""
        reasons = flag_reasons(self.parts.inspection.vocabulary)
        hint = _("A person at Loop will see this reason.")
        self.ask(Prompt("flag", _("Why flag it?"), hint, reasons, accept=_("Flag")))

    def ask_extra(self) -> None:
        """Ask what lies in the parcel that is on no line."""
        hint = _("Scan the item, or describe it.")
        self.ask(Prompt("extra", _("Extra item"), hint, accept=_("Add the item")))

    def ask_photo(self) -> None:
        """Ask for a picture of the selected line."""
        title = _("Photo of the selected line")
        hint = _("Choose a picture, or type where it is. It stays on this station with the return.")
        self.ask(Prompt("photo", title, hint, accept=_("Attach")))

    async def ask_code(self) -> None:
        """Ask for a code to look up."""
        title = _("Type a code")
        hint = _("A tracking number, an order, an RMA number or a SKU. Enter looks it up.")
        self.ask(Prompt("type_code", title, hint, accept=_("Look up")))
