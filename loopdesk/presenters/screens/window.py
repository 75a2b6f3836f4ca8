"""What the bench and its window show, as frozen values. A view draws one of these and nothing else.

The parts of an open return are in ``returns``, the pages in ``pages``: neither is loaded before the window is
painted.

All texts are ready to read and foreign to the view: it shows them as plain text, never as markup. A ``tone``
is a role of the theme: ``plain``, ``ok``, ``blocked``, ``offline``, ``unknown``, ``accent``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from loopdesk.presenters.screens.returns import (
        CommandButton,
        HeaderScreen,
        ItemScreen,
        LineRow,
        LinesFilter,
        Link,
        LiveScreen,
        PlanScreen,
        Prompt,
    )

S_contra = TypeVar("S_contra", contravariant=True)


class Signal(StrEnum):
    """The states of the signal band; each has its own color, shape, word and sound."""

    READY = "ready"
    FOUND = "found"
    DECIDED = "decided"
    EXCEPTION = "exception"
    SELECTED = "selected"
    ASKED = "asked"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    STRAY = "stray"
    MYSTERY = "mystery"
    DOUBLE = "double"
    BLOCKED = "blocked"
    KEPT = "kept"
    DONE = "done"
    TAKEN_BACK = "taken_back"
    SETTLED = "settled"
    CANCELLED = "cancelled"
    REVIEW = "review"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Countdown:
    """The undo window: whole seconds left, out of a total."""

    left: int
    total: int


@dataclass(frozen=True, slots=True)
class BandScreen:
    """The signal band.

    Attributes:
        word: One big word.
        serial: Increases with each new message: sound and screen-reader announcement follow it.
        countdown: Shown as a ring beside Undo while a settlement is held.
        undo: The order that the Undo button applies to, "" if there is nothing to undo.
        taken: What the operator did just now is being worked on; the band says what comes of it next.
        letter: The letter of a decision, in its shape; "" for a signal without.
        progress: How far the open return is ("2 of 3"), as large as the word; "" for none.
        progress_detail: What is left ("1 line to decide · parcel 1 of 1").
    """

    signal: Signal
    word: str
    sentence: str
    detail: str = ""
    countdown: Countdown | None = None
    practice: bool = False
    serial: int = 0
    undo: str = ""
    taken: bool = False
    letter: str = ""
    progress: str = ""
    progress_detail: str = ""


@dataclass(frozen=True, slots=True)
class BenchScreen:
    """The bench.

    Attributes:
        header: None while no return is open.
        lines: The lines that the list shows.
        selected: Index of the selected line, -1 if none.
        item: The selected line, large; the first one while none is.
        plan: What will happen, with Confirm.
        commands: The commands that stand in the column above Confirm.
        more: Those that are behind its last button, with the other ways to finish.
        filters: What of a long list can be shown alone; empty for a short one.
        parked: Returns put aside, latest first (shown while no return is open).
        prompt: The open question, or None.
        live: The live picture of the camera; None while it is off.
        title: Window title.
    """

    band: BandScreen
    header: HeaderScreen | None
    lines: tuple[LineRow, ...]
    selected: int
    item: ItemScreen | None
    plan: PlanScreen | None
    commands: tuple[CommandButton, ...]
    more: tuple[CommandButton, ...] = ()
    filters: tuple[LinesFilter, ...] = ()
    parked: tuple[Link, ...] = ()
    prompt: Prompt | None = None
    live: LiveScreen | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class StripScreen:
    """The status strip, and the badge on the Attention button.

    Attributes:
        synced: When all was known last; while the returns are read for the first time, how many are.
        is_reading: They are being read for the first time.
    """

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
    is_reading: bool = False


class Surface(Protocol[S_contra]):
    """Draws one kind of screen."""

    def render(self, screen: S_contra) -> None:
        """Draw this screen; called for every change, cheap if little changed."""
        ...


BENCH, FINISHED = "bench", "finished"
"""The views that the bench brings to the front: itself, and what was finished last."""


class Views(Protocol):
    """The views of the window."""

    def show_view(self, name: str) -> None:
        """Bring a view to the front."""
        ...

    def shown_view(self) -> str:
        """Return the name of the view in front."""
        ...


class StripSurface(Protocol):
    """Something that draws the status strip."""

    def render_strip(self, screen: StripScreen) -> None:
        """Draw this strip."""
        ...
