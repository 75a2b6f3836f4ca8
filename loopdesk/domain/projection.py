"""What the operator sees of a return: Loop's last answer, the outbox, and the draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Entry, Stage, Why, came_true, is_closed_for_changes
from loopdesk.domain.returns.grading import Draft, ExtraItem, Inspection
from loopdesk.domain.returns.parcels import ParcelPicture, SeenParcel, awaited, parcel_pictures
from loopdesk.domain.returns.returns import LineItem, Parcel, Return, ReturnState


@dataclass(frozen=True, slots=True)
class LinePicture:
    """One line with everything known about it.

    Attributes:
        line: Loop's row.
        found: The decision in the draft, or None.
        units_seen: How many units of this line were scanned as present.
        stages: Stage of each grade/assess entry of this line that was not withdrawn, oldest first.
        sent: The grade of the latest of them in Loop's word, "" if none was kept here.
        stands: The stage of the latest grade or the latest disposition, whichever is further from done; None
            without any: a line is no better than the worse of its two halves.
        is_said: One of these two halves is done on a person's word only.
        seen_at: When the unit was last scanned as present, None if it was not. A line that is decided again
            starts without what an earlier settlement saw.
        photos: Its photos, oldest first: those entered now, or those of its last settlement.
    """

    line: LineItem
    found: Inspection | None
    units_seen: int
    stages: tuple[Stage, ...]
    sent: str = ""
    stands: Stage | None = None
    is_said: bool = False
    seen_at: datetime | None = None
    photos: tuple[str, ...] = ()

    @property
    def is_expected(self) -> bool:
        """Whether the unit should be in the parcel."""
        return self.line.is_expected


@dataclass(frozen=True, slots=True)
class Picture:
    """A return as the operator sees it.

    Attributes:
        pending: Entries of this return that are not in an end stage, oldest first.
        held: Those of the settlement whose undo window is open.
        gate: The unfinished flag or finalizer, or None.
        closed_for_changes: Nothing more may be decided here.
        settled: Everything was done here and nothing new was entered; it may be decided again.
        parcels: The expected parcels, and when each was seen here.
        kept_extras: The items on no line that went with its settlements, oldest first.
    """

    ret: Return
    draft: Draft
    lines: tuple[LinePicture, ...]
    pending: tuple[Entry, ...]
    held: tuple[Entry, ...]
    gate: Entry | None
    closed_for_changes: bool
    settled: bool = False
    parcels: tuple[ParcelPicture, ...] = ()
    kept_extras: tuple[ExtraItem, ...] = ()

    @property
    def extras(self) -> tuple[ExtraItem, ...]:
        """All items on no line: those entered now, then those that were kept."""
        return (*self.draft.extras, *self.kept_extras)

    def item(self, item_id: str) -> ExtraItem | None:
        """Return the item on no line with this id, kept or not; None without one."""
        return next((x for x in self.extras if x.item_id == item_id), None)

    def instead_of(self, line_item_id: str) -> ExtraItem | None:
        """Return what lay in the place of a line, as said last; None if nobody said."""
        entered = self.draft.instead_of(line_item_id)
        kept = (x for x in reversed(self.kept_extras) if x.instead_of == line_item_id)
        return entered or next(kept, None)

    @property
    def is_finished(self) -> bool:
        """Whether nothing is left to do here unless something new is entered."""
        return self.settled or self.closed_for_changes or self.gate is not None or bool(self.held)

    @property
    def awaited(self) -> tuple[Parcel, ...]:
        """The parcels that the return still waits for."""
        return awaited(self.parcels)


def project(
    ret: Return,
    entries: Sequence[Entry],
    draft: Draft,
    seen_here: Sequence[SeenParcel] = (),
    settled: Sequence[Draft] = (),
) -> Picture:
    """Combine Loop's answer with pending entries and the draft.

    Args:
        ret: Loop's last answer.
        entries: All entries of this return, in ``seq`` order.
        draft: What was entered but not settled.
        seen_here: Which parcels of the return were seen here.
        settled: What was entered for its settlements that were not withdrawn, oldest first.
    """
    pending = tuple(entry for entry in entries if not entry.is_finished)
    return Picture(
        ret=ret,
        draft=draft,
        lines=tuple(_line(line, entries, draft, settled) for line in ret.lines),
        pending=pending,
        held=tuple(entry for entry in pending if entry.stage is Stage.HELD),
        gate=next((entry for entry in pending if entry.kind.spec.is_gated), None),
        closed_for_changes=is_closed_for_changes(entries),
        settled=_is_settled(ret, entries, draft),
        parcels=parcel_pictures(ret, seen_here),
        kept_extras=tuple(x for each in settled for x in each.extras if draft.item(x.item_id) is None),
    )


_ENDED = frozenset({ReturnState.CLOSED, ReturnState.CANCELLED, ReturnState.EXPIRED, ReturnState.REVIEW})
"""States in which a settlement that came true leaves nothing to do at the bench."""


def _is_settled(ret: Return, entries: Sequence[Entry], draft: Draft) -> bool:
    is_finished = all(x.is_finished for x in entries) and any(came_true(x) for x in entries)
    return ret.state in _ENDED and draft.is_empty and is_finished


def _line(line: LineItem, entries: Sequence[Entry], draft: Draft, settled: Sequence[Draft]) -> LinePicture:
    about = [
        x
        for x in entries
        if x.target == line.line_item_id and x.kind.spec.sets_value and x.stage is not Stage.WITHDRAWN
    ]
    latest = {entry.kind: entry for entry in about}.values()
    grades = [str(x.payload.get("condition_category", "")) for x in about if x.kind is Kind.GRADE]
    found = draft.inspection(line.line_item_id)
    told = (*settled, draft) if found is None else (draft,)
    decided = [each.inspection(line.line_item_id) for each in told]
    return LinePicture(
        line=line,
        found=found,
        units_seen=draft.seen_count(line.line_item_id),
        stages=tuple(entry.stage for entry in about),
        sent=grades[-1] if grades else "",
        stands=min((x.stage for x in latest), key=_FROM_WORST.index, default=None),
        is_said=any(x.stage is Stage.DONE and x.cause.code == Why.SAID_DONE for x in latest),
        seen_at=max((at for each in told for at in each.seen_times(line.line_item_id)), default=None),
        photos=next((x.photos for x in reversed(decided) if x is not None), ()),
    )


_FROM_WORST = (
    Stage.PARKED,
    Stage.UNCERTAIN,
    Stage.HELD,
    Stage.READY,
    Stage.SENDING,
    Stage.SETTLING,
    Stage.DONE,
    Stage.SUPERSEDED,
)
