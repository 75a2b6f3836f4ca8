"""What the bench asks for, as values; ``runner.py`` performs them. If one fails, its event has no effect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from loopdesk.domain.labels.scans import Candidate, Meaning
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.shared_drafts import SharedDraft
from loopdesk.presenters.bench.events import Event, ReturnRead
from loopdesk.presenters.bench.questions import MysteryAsked, PhotoAsked
from loopdesk.presenters.screens.window import Signal
from loopdesk.services.bench.labels import LabelJob
from loopdesk.services.ports.store import HeldSettlement, KeepRequest

# --- at once ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Play:
    """Play the sound of a signal."""

    signal: Signal


@dataclass(frozen=True, slots=True)
class ShowView:
    """Bring a view of the window to the front."""

    name: str


@dataclass(frozen=True, slots=True)
class LookUpTyped:
    """Treat a typed code like a scan."""

    code: str


@dataclass(frozen=True, slots=True)
class Then:
    """Go on with this once everything before it is on disk."""

    event: Event


# --- in the store -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Save:
    """Keep what is entered."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep a settlement: the only effect from which anything goes to Loop. Answered by ``SettlementKept``."""

    request: KeepRequest


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Withdraw a settlement that was not sent. Answered by ``Withdrawn``."""

    settlement: HeldSettlement


@dataclass(frozen=True, slots=True)
class KeepMystery:
    """Give a parcel without a return its number.

    Attributes:
        is_said: Answered by ``MysteryNumbered``; otherwise it is kept in passing.
        is_offline: As for ``MysteryNumbered``.
    """

    told: MysteryAsked
    is_said: bool = False
    is_offline: bool = False


@dataclass(frozen=True, slots=True)
class KeepPhoto:
    """Copy a picture into the profile. Answered by ``PhotoKept``.

    Attributes:
        source: The path of its file, or what stores it and returns its name.
        of: What it is of.
    """

    source: str | Callable[[], Awaitable[str]]
    of: PhotoAsked | MysteryAsked


@dataclass(frozen=True, slots=True)
class StartCamera:
    """Make the camera live. What comes of it is told by ``CameraChanged``."""


@dataclass(frozen=True, slots=True)
class TakePhoto:
    """Take a photo with the camera, which is live. Answered by ``PhotoKept``."""

    of: PhotoAsked | MysteryAsked


@dataclass(frozen=True, slots=True)
class AskWhetherStored:
    """Ask whether a photo may be at the place for photos. Answered by ``PhotoTraced``."""

    return_id: str
    photo: str


@dataclass(frozen=True, slots=True)
class Read:
    """Read a return, at Loop when the store does not have it. Answered by ``ReturnRead``.

    Attributes:
        candidate: What led to it; a label's number is kept as a parcel that is here.
    """

    return_id: str
    candidate: Candidate | None = None
    began: float = 0.0
    taken_back: str = ""


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """Read the open return again. Answered by ``Reloaded``."""

    return_id: str


@dataclass(frozen=True, slots=True)
class ReadChoices:
    """Read returns to choose from. Answered by ``ChoicesRead``."""

    return_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadParked:
    """Read what was put aside. Answered by ``ParkedRead``."""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Let what another bench entered come here, then read the return again. Answered by ``ReturnRead``."""

    read: ReturnRead
    theirs: SharedDraft


@dataclass(frozen=True, slots=True)
class ChooseDraft:
    """Let one of two stand that were entered apart. Answered by ``ReturnRead``.

    Attributes:
        revision, bench: The other bench's.
        theirs: That one stands.
    """

    return_id: str
    revision: str
    bench: str
    theirs: bool


@dataclass(frozen=True, slots=True)
class ReadElsewhere:
    """Read what the other benches have of the open return. Answered by ``ElsewhereRead``."""

    return_id: str


@dataclass(frozen=True, slots=True)
class ReadUnsent:
    """Read which settlements were not sent. Answered by ``UnsentRead``."""

    is_undo: bool = False


@dataclass(frozen=True, slots=True)
class LookUp:
    """Look into the store for a scan that was not looked up when it was kept. Answered by ``LookedUp``."""

    meaning: Meaning


# --- at the printer, without the operator waiting ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class PrintLabels:
    """Print labels; ``by_itself`` when nobody asked. ``LabelsEnded`` tells what came of it."""

    jobs: tuple[LabelJob, ...]
    by_itself: bool = False


# --- at Loop, without the operator waiting ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskLoop:
    """Ask Loop about a code. Answered by ``LoopAnswered``."""

    meaning: Meaning
    code: str
    is_label: bool
    over: str


@dataclass(frozen=True, slots=True)
class Refresh:
    """Ask Loop for a return again; offline, the stored copy simply stays. Answered by ``Refreshed``.

    Attributes:
        is_forced: Also when Loop was asked a moment ago.
        notes: Ask for the notes too.
    """

    return_id: str
    is_forced: bool = False
    is_aloud: bool = False
    notes: bool = True


Writing = Save | Keep | Withdraw | KeepMystery
Sharing = TakeOver | ChooseDraft | ReadElsewhere
Reading = Read | ReadAgain | ReadChoices | ReadParked | ReadUnsent | LookUp | AskWhetherStored
Photographing = KeepPhoto | StartCamera | TakePhoto
Effect = (
    Play
    | ShowView
    | LookUpTyped
    | Then
    | Writing
    | Sharing
    | Photographing
    | Reading
    | PrintLabels
    | AskLoop
    | Refresh
)
