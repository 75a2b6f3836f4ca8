"""What the operator sees of a return: Loop's last answer, what is on its way, and the draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loopdesk.domain.actions import GATED, Kind
from loopdesk.domain.grading import Draft, Inspection
from loopdesk.domain.outbox import Entry, Stage, is_closed_for_changes
from loopdesk.domain.returns import LineItem, Return


@dataclass(frozen=True, slots=True)
class LinePicture:
    """One line with everything known of it.

    Attributes:
        line: Loop's row.
        found: The decision in the draft, or None.
        units_seen: How many units of this line were scanned as present.
        stages: Stage of each unfinished or finished grade/assess entry of this line, oldest first.
    """

    line: LineItem
    found: Inspection | None
    units_seen: int
    stages: tuple[Stage, ...]

    @property
    def is_expected(self) -> bool:
        """Whether the unit should lie in the parcel."""
        return self.line.is_expected


@dataclass(frozen=True, slots=True)
class Picture:
    """A return as the operator sees it.

    Attributes:
        pending: Entries of this return that are not in an end stage, oldest first.
        held: Those of the settlement whose undo window runs.
        gate: The unfinished flag or finalizer, or None.
        closed_for_changes: Nothing more may be decided here.
    """

    ret: Return
    draft: Draft
    lines: tuple[LinePicture, ...]
    pending: tuple[Entry, ...]
    held: tuple[Entry, ...]
    gate: Entry | None
    closed_for_changes: bool


def project(ret: Return, entries: Sequence[Entry], draft: Draft) -> Picture:
    """Lay pending entries and the draft over Loop's answer.

    Args:
        ret: Loop's last answer.
        entries: All entries of this return, in ``seq`` order.
        draft: What is entered and not settled.
    """
    pending = tuple(entry for entry in entries if not entry.is_finished)
    return Picture(
        ret=ret,
        draft=draft,
        lines=tuple(_line(line, entries, draft) for line in ret.lines),
        pending=pending,
        held=tuple(entry for entry in pending if entry.stage is Stage.HELD),
        gate=next((entry for entry in pending if entry.kind in GATED), None),
        closed_for_changes=is_closed_for_changes(entries),
    )


def _line(line: LineItem, entries: Sequence[Entry], draft: Draft) -> LinePicture:
    about = (x for x in entries if x.target == line.line_item_id and x.kind in (Kind.GRADE, Kind.ASSESS))
    return LinePicture(
        line=line,
        found=draft.inspection(line.line_item_id),
        units_seen=draft.seen_count(line.line_item_id),
        stages=tuple(entry.stage for entry in about),
    )
