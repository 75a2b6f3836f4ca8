"""What happens to the bench, as values that wait in one queue: scans, commands, answers, and what was read.

What the services tell by their feed (``station.events``) are events of the bench as they are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from loopdesk.domain.errors import LoopdeskError
from loopdesk.domain.labels.scans import Candidate, Meaning, Scan
from loopdesk.domain.outbox.stages import Entry
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.returns import Note, Parcel, Return
from loopdesk.domain.returns.shared_drafts import Presence, SharedDraft
from loopdesk.domain.scanner.wedge import Notice
from loopdesk.domain.settlement import SettlementKind
from loopdesk.presenters.bench.lines import LinesShown
from loopdesk.presenters.bench.questions import EMPTY, MysteryAsked, PhotoAsked, Typed
from loopdesk.presenters.screens.window import Signal
from loopdesk.services.ports.store import HeldSettlement, Hit, KeepRequest, Known, Mystery, Stored, Taken
from loopdesk.services.station.events import (
    CameraChanged,
    DraftsChanged,
    GunChanged,
    HubContactChanged,
    LabelsDoubted,
    LabelsEnded,
    MysteryMatched,
    MysteryOverruled,
    MysteryRenumbered,
    MysteryUnclear,
    NeedsPerson,
    OpenElsewhereChanged,
    OutboxChanged,
    ReturnChanged,
    SecondBenchNoticed,
    Settled,
)

# --- what the operator does -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attached:
    """The bench is drawn from now on."""


@dataclass(frozen=True, slots=True)
class LanguageChanged:
    """Another language is spoken from now on; what is open and entered stays."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something beside the bench is to be said on its band."""

    signal: Signal
    word: str
    sentence: str
    detail: str = ""
    has_sound: bool = True


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan that is on disk.

    Attributes:
        meaning: What it may stand for, None for a command code.
        taken: What was found with it.
        pressed: A printed command, as it would have been pressed.
    """

    scan: Scan
    meaning: Meaning | None
    taken: Taken
    answer: Typed = EMPTY
    pressed: Pressed | None = None


@dataclass(frozen=True, slots=True)
class ScanDone:
    """Everything that a scan led to was done."""

    scan: Scan


@dataclass(frozen=True, slots=True)
class Pressed:
    """A command by its word.

    Attributes:
        was_hidden: Another view was in front.
        is_repeat: It belongs to the press just before.
    """

    code: str
    was_hidden: bool = False
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class ViewChosen:
    """A person went to a view by the rail, its keys or the strip."""

    name: str


@dataclass(frozen=True, slots=True)
class LineChosen:
    """A line was selected by its place."""

    index: int


@dataclass(frozen=True, slots=True)
class LinesNarrowed:
    """A part of a long list of lines was chosen to be shown."""

    shown: LinesShown


@dataclass(frozen=True, slots=True)
class SettlementChosen:
    """Another settlement was chosen than the proposed one."""

    kind: SettlementKind


@dataclass(frozen=True, slots=True)
class Picked:
    """A return was chosen from a list, here or in another view."""

    return_id: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The open question was answered."""

    text: Typed


@dataclass(frozen=True, slots=True)
class TemplateChosen:
    """The n-th ready answer was chosen, counted from 0."""

    number: int


@dataclass(frozen=True, slots=True)
class Edited:
    """The fields of the open question hold this now; None leaves one as it is."""

    first: Typed | None = None
    second: Typed | None = None


@dataclass(frozen=True, slots=True)
class PhotoCame:
    """A photo is there; ``store`` puts it into the profile and returns its name."""

    store: Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class PhotoOpened:
    """A photo of the selected line was chosen by its place, oldest first, counted from 0."""

    number: int


@dataclass(frozen=True, slots=True)
class Dismissed:
    """The question, the choice or the message was closed."""


# --- what was read or written for the bench ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the store has for a scan that was not looked up when it was kept."""

    meaning: Meaning
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class ReturnRead:
    """A return was read to be opened; ``known`` is None when Loop knows none.

    Attributes:
        parcel: The parcel whose label was scanned.
        began: When that began, monotonic seconds.
        taken_back: The order whose settlement was withdrawn for it, "" when none was.
        left: The return that was put aside for it already, "" when none was.
        is_taken_over: It was tried to let what another bench entered come here; ``came_from`` is that if it
            did.
        stands: The bench whose entries a person has just let stand, "" when nobody chose.
    """

    known: Known | None
    parcel: Parcel | None = None
    candidate: Candidate | None = None
    began: float = 0.0
    taken_back: str = ""
    left: str = ""
    is_taken_over: bool = False
    came_from: SharedDraft | None = None
    stands: str = ""


@dataclass(frozen=True, slots=True)
class ElsewhereRead:
    """What the other benches have of the open return was read again."""

    return_id: str
    known: Known | None


@dataclass(frozen=True, slots=True)
class ChoicesRead:
    """Several returns to choose from, in the order of their hits."""

    stored: tuple[Stored, ...]


@dataclass(frozen=True, slots=True)
class ParkedRead:
    """The returns that were put aside, latest first.

    Attributes:
        elsewhere: Those that other benches have.
        open_at: What is open at the other benches.
    """

    rows: tuple[tuple[Draft, Return], ...]
    elsewhere: tuple[tuple[SharedDraft, Return], ...] = ()
    open_at: tuple[Presence, ...] = ()


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The open return was read again because something of it changed."""

    return_id: str
    known: Known | None


@dataclass(frozen=True, slots=True)
class UnsentRead:
    """The settlements of which nothing was sent, oldest first; read for undo or because they changed."""

    unsent: tuple[HeldSettlement, ...]
    is_undo: bool = False


@dataclass(frozen=True, slots=True)
class SettleNow:
    """A person asked for the settlement by answering why the return is flagged."""


@dataclass(frozen=True, slots=True)
class SettlementKept:
    """A settlement is on disk."""

    request: KeepRequest
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A settlement was withdrawn; ``return_id`` is None when it was too late."""

    order_name: str
    return_id: str | None


@dataclass(frozen=True, slots=True)
class MysteryNumbered:
    """A parcel without a return has its number.

    Attributes:
        is_offline: It was kept unasked, because Loop cannot be asked now.
        record: What is kept of it.
    """

    number: int
    is_offline: bool = False
    record: Mystery | None = None


@dataclass(frozen=True, slots=True)
class PhotoKept:
    """A picture is in the profile under this name; ``of`` is what it is of."""

    name: str
    of: PhotoAsked | MysteryAsked


@dataclass(frozen=True, slots=True)
class PhotoTraced:
    """Whether storing a photo at the place for photos was ever begun, so that it may be there."""

    name: str
    is_stored: bool


@dataclass(frozen=True, slots=True)
class LoopAnswered:
    """What Loop said of an unknown code.

    Attributes:
        over: The return that was open and stays so, "" when none was.
        is_failure: Loop could not be asked; ``LookupFailed`` is for everything else that fails.
    """

    code: str
    is_label: bool
    over: str
    hits: tuple[Hit, ...] = ()
    is_failure: bool = False


@dataclass(frozen=True, slots=True)
class LookupFailed:
    """An unknown code could not be looked up, and not because of Loop.

    Attributes:
        over: As ``LoopAnswered``.
        failure: What this station could not do; None for a bug, which is told as a fault besides.
    """

    code: str
    is_label: bool
    over: str
    failure: LoopdeskError | None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Loop was asked for a return again.

    Attributes:
        notes: Its notes at Loop; None when they were not read.
        failure: Why Loop could not be asked.
        is_aloud: The operator wants to know what came of it.
    """

    return_id: str
    notes: tuple[Note, ...] | None = None
    failure: LoopdeskError | None = None
    is_aloud: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """What an event asked for could not be done; nothing of it was."""

    failure: LoopdeskError


# --- what the scanner's decoder tells ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GunNoticed:
    """What became of keys that were neither a scan nor a person's."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class PaceLearned:
    """This station now assumes another scanner speed, in milliseconds per character."""

    gap_ms: int


Event = (
    Attached
    | LanguageChanged
    | Told
    | Scanned
    | ScanDone
    | Pressed
    | ViewChosen
    | LineChosen
    | LinesNarrowed
    | SettlementChosen
    | Picked
    | Answered
    | TemplateChosen
    | Edited
    | PhotoCame
    | PhotoOpened
    | Dismissed
    | LookedUp
    | ReturnRead
    | ElsewhereRead
    | ChoicesRead
    | ParkedRead
    | Reloaded
    | UnsentRead
    | SettleNow
    | SettlementKept
    | Withdrawn
    | MysteryNumbered
    | PhotoKept
    | PhotoTraced
    | LoopAnswered
    | LookupFailed
    | Refreshed
    | Failed
    | GunNoticed
    | PaceLearned
    | ReturnChanged
    | OutboxChanged
    | Settled
    | NeedsPerson
    | MysteryMatched
    | MysteryUnclear
    | MysteryOverruled
    | MysteryRenumbered
    | GunChanged
    | CameraChanged
    | SecondBenchNoticed
    | LabelsEnded
    | LabelsDoubted
    | DraftsChanged
    | OpenElsewhereChanged
    | HubContactChanged
)
