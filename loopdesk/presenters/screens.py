"""What each part of the window shows, as frozen values. A view draws one of these and nothing else.

All texts are ready to read and are foreign to the view: it shows them as plain text, never as markup.
A ``tone`` is a role of the theme: ``plain``, ``ok``, ``blocked``, ``offline``, ``unknown``, ``accent``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Signal(StrEnum):
    """The states of the signal band; each has its own color, shape, word and sound."""

    READY = "ready"
    FOUND = "found"
    UNKNOWN = "unknown"
    DOUBLE = "double"
    BLOCKED = "blocked"
    KEPT = "kept"
    DONE = "done"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Countdown:
    """The undo window: whole seconds left of so many."""

    left: int
    total: int


@dataclass(frozen=True, slots=True)
class BandScreen:
    """The signal band.

    Attributes:
        word: One big word.
        serial: Grows each time the band speaks anew: sound and screen-reader announcement follow it.
        countdown: Shown as a ring beside an Undo button while a settlement is held.
    """

    signal: Signal
    word: str
    sentence: str
    detail: str = ""
    countdown: Countdown | None = None
    practice: bool = False
    serial: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """Something that can be opened: a sibling return, a candidate, a parked return."""

    return_id: str
    text: str
    detail: str = ""
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class HeaderScreen:
    """The return that is open.

    Attributes:
        promise: What the shopper was promised ("Refund 98.68 USD to the original payment · 3 lines").
        details: Further lines: shopper, carrier and number, label, kind, destination.
        parcels: "parcel 1 of 3", "" for a single one.
        warnings: What the operator must not overlook (other dock, state, unknown words).
        notes: Notes that Loop holds, oldest first.
    """

    return_id: str
    order_name: str
    rma: str
    promise: str
    details: tuple[str, ...]
    state: str
    state_tone: str
    parcels: str = ""
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    siblings: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the return.

    Attributes:
        index: Place in the return; the identity of a row (line ids may repeat at Loop).
        seen: "✓ 10:41", "" when not scanned.
        decided: The grade's label ("A", "Missing"), "" while undecided.
        decided_detail: Disposition and what follows ("back to stock", "will be removed").
        held: What Loop already holds for the line, "" when nothing.
        is_expected: False for keep and donate lines: shown apart, not to be decided.
        image: Path of a local picture file, "" when there is none.
        is_marked: Part of a selection of several lines; the next decision is for all of them.
    """

    index: int
    line_item_id: str
    title: str
    subtitle: str
    reason: str
    comment: str
    seen: str
    decided: str
    decided_detail: str
    decided_tone: str = "plain"
    held: str = ""
    note: str = ""
    photos: int = 0
    image: str = ""
    is_expected: bool = True
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class CommandButton:
    """A command as a button: id in the command table, caption, key cap, and whether it is the choice made."""

    command: str
    text: str
    key: str
    chosen: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """One settlement that the operator may choose."""

    kind: str
    text: str
    consequence: str
    chosen: bool = False
    irreversible: bool = False


@dataclass(frozen=True, slots=True)
class PlanScreen:
    """What will happen, and the one big button.

    Attributes:
        sentence: One sentence in words.
        steps: What goes to Loop, in order.
        button: The big button: confirm, or undo while held.
        choices: The legal settlements, the chosen one marked; empty when there is nothing to choose.
    """

    sentence: str
    steps: tuple[str, ...]
    button: CommandButton
    choices: tuple[Choice, ...] = ()
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question to the operator, shown in place of the command column; answered by typing, touch or scan.

    Attributes:
        kind: ``note``, ``flag``, ``extra``, ``mystery``, ``photo``, ``type_code``.
        templates: Ready answers, chosen by touch or by the printed codes ``LDCMDTEXT1`` to ``…9``.
        text: What the field holds at first.
    """

    kind: str
    title: str
    hint: str
    templates: tuple[str, ...] = ()
    text: str = ""
    accept: str = "OK"
    cancel: str = "Cancel"


@dataclass(frozen=True, slots=True)
class BenchScreen:
    """The bench.

    Attributes:
        header: None while no return is open.
        selected: Index of the selected line, -1 when none.
        grades: The grade buttons that open under the selected line, in the order of their digits.
        dispositions: The disposition buttons beside them.
        commands: The further commands of the command column.
        picker: Candidates when a scan stands for several returns; empty otherwise.
        parked: Returns put aside, latest first (shown while no return is open).
        prompt: A question that waits for an answer, or None.
        title: Window title.
    """

    band: BandScreen
    header: HeaderScreen | None
    lines: tuple[LineRow, ...]
    selected: int
    grades: tuple[CommandButton, ...]
    dispositions: tuple[CommandButton, ...]
    plan: PlanScreen | None
    commands: tuple[CommandButton, ...]
    picker: tuple[Link, ...] = ()
    parked: tuple[Link, ...] = ()
    prompt: Prompt | None = None
    title: str = "Ready — loopdesk"


@dataclass(frozen=True, slots=True)
class StripScreen:
    """The status strip, and the badge on the Attention button."""

    connection: str
    connection_tone: str
    kept: int
    sent: int
    attention: int
    synced: str
    speed: str
    station: str
    operator: str
    practice: bool = False
    mysteries: int = 0


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One thing that happened, with its time of day."""

    when: str
    what: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One entry of the outbox.

    Attributes:
        what: What is asked, in words ("Grade: Field Jacket, olive — M → A").
        stage: Stage in words; waiting reasons are computed ("waits for the network").
    """

    entry_id: str
    return_id: str
    order_name: str
    what: str
    stage: str
    tone: str
    tries: int
    decided: str
    age: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class QueueScreen:
    """Every action with its stage and history.

    Attributes:
        filters: (id, caption) of each filter, in order.
        selected: Entry id of the selected row, "" when none.
        history: What happened to the selected entry, oldest first.
        choices: What may be done with the selected entry.
        asking: The choice that waits to be confirmed, or None.
        message: What the last choice came to, "" when there is nothing to say.
    """

    rows: tuple[QueueRow, ...]
    filters: tuple[tuple[str, str], ...]
    chosen_filter: str
    selected: str
    history: tuple[HistoryRow, ...]
    summary: str
    choices: tuple[CaseChoice, ...] = ()
    asking: CaseChoice | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One return that needs a person."""

    return_id: str
    title: str
    reason: str
    waited: str
    tone: str = "blocked"


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact of a picture; ``differs`` marks what is not the same on the other side."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class CaseChoice:
    """What a lead may do with a case: an intent's name, caption, and whether a reason must be given.

    Attributes:
        consequence: What it does, in words; a choice that has one is asked about before it is done.
        accept: Caption of the button that confirms it.
    """

    intent: str
    text: str
    primary: bool = False
    needs_reason: bool = False
    consequence: str = ""
    accept: str = ""


@dataclass(frozen=True, slots=True)
class CaseScreen:
    """One case with both pictures side by side."""

    return_id: str
    title: str
    subtitle: str
    advice: str
    then_title: str
    then: tuple[FactRow, ...]
    now_title: str
    now: tuple[FactRow, ...]
    history: tuple[HistoryRow, ...]
    choices: tuple[CaseChoice, ...]


@dataclass(frozen=True, slots=True)
class AttentionScreen:
    """What stands in front of a person.

    Attributes:
        selected: Return id of the selected case, "" when none.
        oldest: How long the oldest has waited, in a sentence; "" when there is none.
        asking: The choice that waits to be confirmed or reasoned, or None.
        message: What the last choice came to, "" when there is nothing to say.
        busy: Loop is being asked or a choice is being kept.
    """

    cases: tuple[CaseRow, ...]
    selected: str
    case: CaseScreen | None
    summary: str
    oldest: str = ""
    asking: CaseChoice | None = None
    message: str = ""
    message_tone: str = "plain"
    busy: bool = False


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A return that was found by words."""

    return_id: str
    order_name: str
    rma: str
    shopper: str
    state: str
    tone: str
    what: str
    tracking: str


@dataclass(frozen=True, slots=True)
class SearchScreen:
    """Local search by anything; ``searching`` while the rows are those of the text before."""

    text: str
    rows: tuple[SearchRow, ...]
    message: str
    searching: bool = False


@dataclass(frozen=True, slots=True)
class MysteryRow:
    """A parcel that no return was found for; ``is_open`` while it waits for one."""

    number: int
    code: str
    found: str
    operator: str
    words: str
    shelf: str
    match: str
    return_id: str = ""
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class MysteriesScreen:
    """The mystery parcels.

    Attributes:
        selected: Number of the selected record, 0 when none.
        show_all: Whether records that found their return are listed too.
        link_text: What was typed to find the return of the selected record.
        links: Returns that it may be.
        problem: Why the last wish could not be met, "" when it could.
    """

    rows: tuple[MysteryRow, ...]
    message: str
    selected: int = 0
    show_all: bool = False
    link_text: str = ""
    links: tuple[Link, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class FieldScreen:
    """One setting.

    Attributes:
        kind: ``text``, ``number``, ``switch``, ``choice`` or ``secret``.
        source: Where the value comes from, in words ("set by LOOPDESK_STATION").
        locked: It cannot be changed here.
        problem: What is wrong with what was entered, "" when nothing.
    """

    key: str
    label: str
    kind: str
    value: str
    options: tuple[str, ...] = ()
    source: str = ""
    help: str = ""
    locked: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SettingsScreen:
    """The settings, in sections; ``key_state`` says in words whether Loop accepts the key.

    Attributes:
        changed: Something was entered and is not saved.
        checking: A key is being checked with Loop.
        practice: The program runs against the imitation of Loop.
        key_choice: What may be done about the key beside entering another one, or None.
        asking: The choice that waits to be confirmed, or None.
    """

    sections: tuple[tuple[str, tuple[FieldScreen, ...]], ...]
    key_state: str
    key_tone: str
    problem: str = ""
    saved: str = ""
    changed: bool = False
    checking: bool = False
    practice: bool = False
    key_choice: CaseChoice | None = None
    asking: CaseChoice | None = None


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check of the station's health."""

    name: str
    status: str
    tone: str
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class HealthScreen:
    """How this station is; ``figures`` are (name, value), ``summary`` sums the checks up."""

    checks: tuple[CheckRow, ...]
    figures: tuple[tuple[str, str], ...]
    running: bool = False
    summary: str = ""
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class FirstRunScreen:
    """The first start: key, station and operator names; ``problem`` says in words what is wrong.

    Attributes:
        tone: How bad the problem is: ``blocked``, or ``offline`` when one may go on.
        wrong: The field that is wrong: ``key``, ``station``, ``operator``, "".
        go_on: Caption of the button that goes on in spite of the problem, "" when one may not.
    """

    station: str
    operator: str
    problem: str = ""
    checking: bool = False
    needs_key: bool = True
    tone: str = "blocked"
    wrong: str = ""
    go_on: str = ""


class BenchSurface(Protocol):
    """Something that draws the bench."""

    def render(self, screen: BenchScreen) -> None:
        """Draw this screen; called for every change, cheap when little changed."""
        ...


class StripSurface(Protocol):
    """Something that draws the status strip."""

    def render_strip(self, screen: StripScreen) -> None:
        """Draw this strip."""
        ...
