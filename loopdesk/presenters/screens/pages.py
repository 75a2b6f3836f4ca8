"""What the pages show, as frozen values; the rules of ``window`` apply here too."""

from __future__ import annotations

from dataclasses import dataclass

from loopdesk.presenters.screens.returns import Link


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One thing that happened, with its time of day."""

    when: str
    what: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One return of the outbox, or one of its calls below it.

    Attributes:
        key: The return's id, or the id of the call's entry.
        what: Order and shopper, or what is asked in words ("Grade: Field Jacket, olive — M → A").
        detail: What its calls ask, summed up; for a call how often it was tried.
        rung: How far it got on the ladder of truth, in a word: for a return the lowest of its calls.
        steps: The same as a number, from 1 for kept to 4 for confirmed; 0 if it was withdrawn.
        stage: Stage in words; waiting reasons are computed ("waits for the network").
    """

    key: str
    return_id: str
    what: str
    detail: str
    rung: str
    steps: int
    stage: str
    tone: str
    decided: str
    age: str
    error: str = ""
    is_call: bool = False
    is_unfolded: bool = False


@dataclass(frozen=True, slots=True)
class QueueScreen:
    """The returns of the outbox, a page of them.

    Attributes:
        filters: (id, caption with its number) of each filter, in order.
        selected: Key of the selected row, "" if none; it need not be among the rows.
        title: What is selected: return and, for a call, what is asked.
        stage: Where it stands.
        history: What happened to it, oldest first.
        choices: What can be done with it.
        asking: The choice that waits for confirmation, or None.
        message: The result of the last choice, "" for none; ``message_tone`` is its tone.
        range: Which returns of how many are shown, "" if all are.
    """

    rows: tuple[QueueRow, ...]
    filters: tuple[tuple[str, str], ...]
    chosen_filter: str
    selected: str
    history: tuple[HistoryRow, ...]
    summary: str
    title: str = ""
    stage: str = ""
    tone: str = "plain"
    choices: tuple[CaseChoice, ...] = ()
    asking: CaseChoice | None = None
    message: str = ""
    message_tone: str = "plain"
    range: str = ""
    has_previous: bool = False
    has_next: bool = False


@dataclass(frozen=True, slots=True)
class DoneRow:
    """One thing that was entered for a finished return: a line with its grade and place, or a note."""

    what: str
    found: str


@dataclass(frozen=True, slots=True)
class FinishedScreen:
    """The returns that were finished last, latest first, and one of them as it was entered.

    Attributes:
        rows: As in the queue; ``detail`` says what was done, and by whom.
        selected: Key of the row that is shown, "" if there is none.
        title: Order and shopper of the return that is shown.
        stage: Where it stands.
        lines: What was entered for it.
        history: What happened to it, oldest first.
        choices: What can be done with it.
        message: The result of the last choice, "" for none; ``message_tone`` is its tone.
    """

    rows: tuple[QueueRow, ...] = ()
    selected: str = ""
    title: str = ""
    stage: str = ""
    tone: str = "plain"
    lines: tuple[DoneRow, ...] = ()
    history: tuple[HistoryRow, ...] = ()
    choices: tuple[CaseChoice, ...] = ()
    message: str = ""
    message_tone: str = "plain"


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
    """One fact of a side; ``differs`` marks a difference from the other side."""

    text: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class CaseChoice:
    """What a lead can do with a case: an intent's name, caption, and whether a reason must be given.

    Attributes:
        consequence: What it does, in words; a choice that has one must be confirmed.
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
    """One case with both sides."""

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
    """What needs a person.

    Attributes:
        selected: Return id of the selected case, "" if none.
        oldest: How long the oldest has waited, in a sentence; "" if there is none.
        asking: The choice that waits for confirmation or a reason, or None.
        message: The result of the last choice, "" for none.
        busy: Loop is being asked or a choice is being stored.
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
    """Local search by anything.

    Attributes:
        searching: The rows still belong to the previous text.
        problem: Why the search failed, in words.
    """

    text: str
    rows: tuple[SearchRow, ...]
    message: str
    searching: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """A parcel that was not seen here; ``key`` identifies it, ``tone`` is the label's."""

    key: str
    return_id: str
    order_name: str
    rma: str
    carrier: str
    number: str
    label: str
    tone: str
    since: str
    state: str
    state_tone: str


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """A carrier; ``counts`` says how many of its parcels are in each relevant state."""

    key: str
    name: str
    counts: str


@dataclass(frozen=True, slots=True)
class ArrivalsScreen:
    """What is on its way to the dock.

    Attributes:
        filters: (id, caption with its number) of each filter, in order.
        message: How many there are, or why there are none.
        note: How current the list is, "" if unknown.
        carriers: The total first; empty if nothing is on its way.
        chosen_carrier: Key of the carrier whose parcels are listed.
    """

    rows: tuple[ArrivalRow, ...]
    filters: tuple[tuple[str, str], ...]
    chosen_filter: str
    message: str
    note: str = ""
    carriers: tuple[CarrierRow, ...] = ()
    chosen_carrier: str = ""


@dataclass(frozen=True, slots=True)
class MysteryRow:
    """A parcel without a return; ``is_open`` while it waits for one.

    Attributes:
        shown: Its number as people know it; ``number`` is this bench's own.
        photo: Path of its picture, "" for none that is here.
        is_unclear: More than one return has its code.
        photo_at: The station where its picture is, if that is another one.
    """

    number: int
    shown: str
    code: str
    found: str
    operator: str
    words: str
    shelf: str
    match: str
    return_id: str = ""
    is_open: bool = True
    photo: str = ""
    is_unclear: bool = False
    photo_at: str = ""


@dataclass(frozen=True, slots=True)
class MysteriesScreen:
    """The mystery parcels.

    Attributes:
        selected: Number of the selected record, 0 if none.
        chosen_filter: Which records are listed: ``waiting``, ``found`` or ``all``.
        link_text: What was typed to find the return of the selected record.
        links: Candidate returns.
        problem: Why the last request failed, "" if it did not.
        prints: A label printer is set.
    """

    rows: tuple[MysteryRow, ...]
    message: str
    selected: int = 0
    chosen_filter: str = "waiting"
    link_text: str = ""
    links: tuple[Link, ...] = ()
    problem: str = ""
    prints: bool = False


@dataclass(frozen=True, slots=True)
class FieldScreen:
    """One setting.

    Attributes:
        kind: ``text``, ``number``, ``switch``, ``choice`` or ``secret``.
        options: For a choice, each value that may be chosen and what it is called.
        source: The source of the value, in words ("set by LOOPDESK_STATION").
        locked: It cannot be changed here.
        problem: What is wrong with what was entered, "" if nothing.
        news: What was set elsewhere since a person entered something here, "" if nothing.
    """

    key: str
    label: str
    kind: str
    value: str
    options: tuple[tuple[str, str], ...] = ()
    source: str = ""
    help: str = ""
    locked: bool = False
    problem: str = ""
    news: str = ""


@dataclass(frozen=True, slots=True)
class SettingsScreen:
    """The settings, in sections; ``key_state`` says in words whether Loop accepts the key.

    Attributes:
        changed: Something was entered but not saved.
        checking: A key is being checked with Loop.
        practice: Whether this is practice mode.
        key_choice: What can be done about the key besides entering another one, or None.
        asking: The choice that waits for confirmation, or None.
        pages: (id, caption) of each page, in order.
        page: The one that is shown: ``bench``, or ``it``, beside which stand key, practice and command codes.
    """

    sections: tuple[tuple[str, tuple[FieldScreen, ...]], ...]
    key_state: str
    key_tone: str
    pages: tuple[tuple[str, str], ...] = ()
    page: str = "it"
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
class HealthRow:
    """What works or does not, in a sentence for a lead.

    Attributes:
        group: The part of the station, "" if it is that of the row above.
        since: Since when it is so, in words; "" if all is in order.
        advice: What to do, "" for nothing.
    """

    key: str
    group: str
    sentence: str
    status: str
    tone: str
    since: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class HealthScreen:
    """The health of this station, the worst first.

    Attributes:
        is_unfolded: Whether the details for IT are shown.
        checks: The checks as IT reads them.
        figures: (name, value) of the figures.
    """

    rows: tuple[HealthRow, ...]
    checks: tuple[CheckRow, ...] = ()
    figures: tuple[tuple[str, str], ...] = ()
    is_unfolded: bool = False
    running: bool = False
    summary: str = ""
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class FirstRunScreen:
    """The first start: key, station and operator names; ``problem`` says in words what is wrong.

    Attributes:
        tone: The severity of the problem: ``blocked``, or ``offline`` if one may continue.
        wrong: The wrong field: ``key``, ``station``, ``operator``, "".
        go_on: Caption of the button to continue in spite of the problem, "" if that is not allowed.
        guns: The scanners at serial ports, "" until they were looked for.
        is_hub: The code of the site's hub is asked for, instead of the shop's key.
        is_scanned: That code was scanned.
    """

    station: str
    operator: str
    problem: str = ""
    checking: bool = False
    needs_key: bool = True
    tone: str = "blocked"
    wrong: str = ""
    go_on: str = ""
    guns: str = ""
    is_hub: bool = False
    is_scanned: bool = False
