"""Everything the bench knows, as one frozen value, and one step from it to the next being worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from loopdesk.domain.camera import CameraState
from loopdesk.domain.labels.scans import Scan
from loopdesk.domain.printing.labels import PrintsBy
from loopdesk.domain.returns.returns import Note
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.domain.sync import NOT_HEARD, HubContact
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.bench.effects import Effect, Play
from loopdesk.presenters.bench.lines import LinesShown
from loopdesk.presenters.bench.questions import ASKED_WORDS, EMPTY, Question, Typed, prompt_of
from loopdesk.presenters.screens.returns import Link
from loopdesk.presenters.screens.window import BandScreen, Signal
from loopdesk.services.bench.on_bench import By, OnBench
from loopdesk.services.ports.station import Station
from loopdesk.services.ports.store import HeldSettlement, Hit, Mystery

# --- state ------------------------------------------------------------------------------------------

NOTES_MOST = 20
"""Of so many returns the notes are remembered, to be shown at once when one of them is opened again."""

SILENT = BandScreen(Signal.READY, "", "")
"""The band before it said anything."""


@dataclass(frozen=True, slots=True)
class Here:
    """The bench's surroundings at the moment an event is taken.

    Attributes:
        by: With the vocabulary of the open return, as it was when that was opened.
        vocabularies: For the next return that is opened.
        seconds: Monotonic.
        offline_since: When Loop stopped answering; None while it answers.
        is_hub_away: It does not answer because the hub is away, as far as this bench can tell.
        synced_at: When the store last knew everything; None when never.
        seen: The open return, once it was on screen for long enough to be confirmed; else "".
        double_read_seconds: The same label read again within this time counts as one reading.
        has_printer: A label printer is set; ``prints_by`` is what it prints by itself.
        unsure: What the labels are for that may not have been printed, as ``LabelSubject`` names it.
        labels: What the latest label of each item of the open return says, by its subject.
        camera: How the camera is; None where photos come from elsewhere.
        hub: Whether the hub can be heard.
    """

    by: By
    vocabularies: Vocabularies
    where: Station
    seconds: float
    zone: tzinfo
    is_online: bool
    offline_since: datetime | None
    synced_at: datetime | None
    seen: str = ""
    double_read_seconds: float = 1.5
    has_printer: bool = False
    prints_by: PrintsBy = PrintsBy.OFF
    unsure: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    camera: CameraState | None = None
    hub: HubContact = NOT_HEARD
    is_hub_away: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """The code that Loop is being asked about; ``over`` is the return that stays open meanwhile, or ""."""

    code: str
    over: str


@dataclass(frozen=True, slots=True)
class LastScan:
    """The scan before, and the return that was open once it was done."""

    scan: Scan
    open_id: str


@dataclass(frozen=True, slots=True)
class BenchState:
    """The bench.

    Attributes:
        on_bench: The open return with everything entered for it.
        parcel: The tracking number that opened it.
        siblings: The other known returns of its order.
        marked: Line ids of a selection of several lines.
        wrong: The line that was just graded as a wrong item, while what came instead may be scanned; else "".
        pictured: What a photo is of: the line or item decided last or chosen since, "" for the selected one.
        lines_shown: What of the lines the list shows.
        picker: The returns that a scan may stand for; ``choices`` are these as shown, ``picked`` is one.
        question: The open question; ``first`` and ``second`` are what its fields hold.
        page: Which of its answers are shown, or of the returns to choose from, nine at a time.
        asked: Its number: so many were asked so far.
        filled: What its fields are filled with when it is asked.
        parked: The returns that were put aside.
        notes: Notes at Loop by return, those read last at the end; at most ``NOTES_MOST`` returns.
        unsent: The settlements that undo may withdraw, oldest first.
        begins: The one kept last; the sender may not time its undo window yet.
        began: When it was kept, monotonic seconds.
        matched: The mystery parcels that the band's message ``match`` is about; a message is its serial.
        missed: The band's message that a scanner at a serial port is missed.
        numbered: The mystery parcel that got its number last, while no return was opened since.
        printing: The band's message that a label was asked for.
        aiming: The band's message about the camera, or about the photo that it took.
        unprinted: The band's message beside which stands that a label was not printed.
        looking: The band's message that what was finished last is shown; ``before`` is what it said before.
        separates: A scan has shown that the scanner sends the separators of GS1.
    """

    here: Here
    band: BandScreen = SILENT
    on_bench: OnBench | None = None
    parcel: str = ""
    siblings: tuple[Hit, ...] = ()
    marked: frozenset[str] = frozenset()
    wrong: str = ""
    pictured: str = ""
    lines_shown: LinesShown = LinesShown.ALL
    picker: tuple[Hit, ...] = ()
    choices: tuple[Link, ...] = ()
    picked: int = 0
    question: Question | None = None
    asked: int = 0
    page: int = 0
    first: Typed = EMPTY
    second: Typed = EMPTY
    filled: tuple[str, str] = ("", "")
    asking: Asking | None = None
    parked: tuple[Link, ...] = ()
    notes: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    unsent: tuple[HeldSettlement, ...] = ()
    begins: HeldSettlement | None = None
    began: float = 0.0
    matched: tuple[str, ...] = ()
    match: int = -1
    missed: int = -1
    numbered: Mystery | None = None
    printing: int = -1
    aiming: int = -1
    unprinted: int = -1
    looking: int = -1
    before: BandScreen = SILENT
    separates: bool = False
    last: LastScan | None = None

    @property
    def open_id(self) -> str:
        """The open return, "" when none is."""
        return self.on_bench.ret.return_id if self.on_bench is not None else ""

    @property
    def open_name(self) -> str:
        """The open return's order, "" when none is open."""
        return self.on_bench.ret.order_name if self.on_bench is not None else ""


# --- one step ---------------------------------------------------------------------------------------


class Step:
    """Collects what an event makes of a state; lives no longer than one call of ``reduce``."""

    def __init__(self, state: BenchState) -> None:
        self.state = state
        self.effects: list[Effect] = []

    def become(self, **changes: Any) -> None:
        """Change fields of the state."""
        self.state = replace(self.state, **changes)

    def do(self, *effects: Effect) -> None:
        """Ask for something, after what was asked for before."""
        self.effects.extend(effects)

    def ask(self, question: Question, first: str = "", second: str = "") -> None:
        """Put a question to the operator."""
        first_typed, second_typed = Typed(first, first), Typed(second, second)
        self.become(
            question=question,
            asked=self.state.asked + 1,
            page=0,
            first=first_typed,
            second=second_typed,
            filled=(first, second),
        )

    def close_question(self) -> None:
        """Close the question."""
        self.become(question=None, page=0, first=EMPTY, second=EMPTY)

    def say_asked(self) -> None:
        """Say on the band what the open question is about."""
        question = self.state.question
        if question is not None:
            prompt = prompt_of(question, self.state.here.by.vocabulary)
            self.say(Signal.ASKED, _(ASKED_WORDS[type(question)]), prompt.hint)

    # --- the signal band: one state, one word, one sentence, one sound --------------------------------

    @property
    def band(self) -> BandScreen:
        """What the band says."""
        return self.state.band

    def say(
        self,
        signal: Signal,
        word: str,
        sentence: str,
        detail: str = "",
        *,
        sound: bool = True,
        letter: str = "",
    ) -> None:
        """Say something new; sound and announcement follow the growing serial."""
        serial = self.band.serial + 1
        self.become(band=BandScreen(signal, word, sentence, detail, serial=serial, letter=letter))
        if sound:
            self.do(Play(signal))

    def update(self, sentence: str, detail: str = "") -> None:
        """Say the same thing in other words, without a sound."""
        self.become(band=replace(self.band, sentence=sentence, detail=detail))

    def warn(self, what: str) -> None:
        """Say the same thing as one to attend to, with what is to be done first."""
        detail = f"{what} {self.band.detail}".strip()
        self.become(band=replace(self.band, signal=Signal.ATTENTION, detail=detail))
        self.effects = [Play(Signal.ATTENTION) if isinstance(x, Play) else x for x in self.effects]

    def again(self) -> None:
        """Answer what changes nothing: the band says the same thing once more, with the sound of a double."""
        self.become(band=replace(self.band, serial=self.band.serial + 1))
        self.do(Play(Signal.DOUBLE))
