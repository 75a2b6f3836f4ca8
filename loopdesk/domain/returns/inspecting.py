"""How a draft changes during an inspection: pure steps from one draft to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from loopdesk.domain.operators import Operator
from loopdesk.domain.returns.grading import (
    Disposition,
    Draft,
    ExtraItem,
    Grade,
    Inspection,
    Vocabulary,
    decide_line,
)
from loopdesk.domain.returns.returns import LineItem, Return


@dataclass(frozen=True, slots=True)
class Ticked:
    """What the scan of an item meant for the open return.

    Attributes:
        line_item_id: The line whose unit was just seen, "" for an extra item.
        is_extra: The code belongs to a line, but all of its units were seen already.
    """

    draft: Draft
    line_item_id: str
    is_extra: bool


def tick(
    ret: Return, draft: Draft, code: str, at: datetime, *, equal: Callable[[str, str], bool]
) -> Ticked | None:
    """Mark the next unit with this code as seen.

    Args:
        equal: Tells whether two item codes are the same (UPC-A and EAN-13, case, spaces).

    Returns:
        None if no expected line has the code.
    """
    lines = [line for line in ret.expected_lines if _carries(line, code, equal)]
    if not lines:
        return None
    line = next((line for line in lines if _is_awaited(ret, draft, line)), None)
    if line is None:
        return Ticked(with_extra(draft, code, at), "", is_extra=True)
    seen = replace(
        draft, seen=(*draft.seen, (line.line_item_id, at)), selected=line.line_item_id, updated_at=at
    )
    return Ticked(seen, line.line_item_id, is_extra=False)


def expects(ret: Return, draft: Draft, code: str, *, equal: Callable[[str, str], bool]) -> bool:
    """Whether ``tick`` would find an unseen unit with this code."""
    return any(_carries(line, code, equal) and _is_awaited(ret, draft, line) for line in ret.expected_lines)


def _is_awaited(ret: Return, draft: Draft, line: LineItem) -> bool:
    """Whether not all units of a line were seen."""
    units = sum(1 for other in ret.expected_lines if other.line_item_id == line.line_item_id)
    return draft.seen_count(line.line_item_id) < units


def _carries(line: LineItem, code: str, equal: Callable[[str, str], bool]) -> bool:
    return any(own and equal(own, code) for own in (line.barcode, line.sku))


def with_extra(draft: Draft, text: str, at: datetime) -> Draft:
    """Add an item that is on no line."""
    return replace(draft, extras=(*draft.extras, ExtraItem(text, at)), updated_at=at)


def graded(
    draft: Draft,
    line_ids: Sequence[str],
    grade: Grade,
    vocabulary: Vocabulary,
    *,
    operator: Operator,
    at: datetime,
) -> Draft:
    """Grade lines; each keeps its note and photos and gets the grade's default disposition."""
    out = draft
    for line_id in line_ids:
        new = decide_line(vocabulary.rule(grade), line_item_id=line_id, operator=operator, at=at)
        before = draft.inspection(line_id)
        if before is not None:
            new = replace(new, note=before.note, photos=before.photos)
        out = out.with_inspection(new)
    return replace(out, updated_at=at, empty_box=False, chosen="")


def remarked(draft: Draft, line_ids: Sequence[str], note: str) -> Draft:
    """Set the note of decided lines; lines without a decision are unchanged."""
    out = draft
    for line_id in line_ids:
        before = draft.inspection(line_id)
        if before is not None:
            out = out.with_inspection(replace(before, note=note))
    return out


def on_local_time(before: Draft, draft: Draft) -> Draft:
    """Mark what was decided between two drafts as timed by this machine's clock, since Loop's is unknown."""
    known = {x.line_item_id: x.inspected_at for x in before.inspections}
    new = (x for x in draft.inspections if known.get(x.line_item_id) != x.inspected_at)
    return reduce(Draft.with_inspection, (replace(x, is_local_time=True) for x in new), draft)


def disposed(draft: Draft, line_ids: Sequence[str], disposition: Disposition, at: datetime) -> Draft:
    """Set the disposition of graded lines; lines without a grade are unchanged."""
    out = draft
    for line_id in line_ids:
        before = draft.inspection(line_id)
        if before is not None:
            out = out.with_inspection(replace(before, disposition=disposition))
    return replace(out, updated_at=at)


def emptied(ret: Return, draft: Draft, vocabulary: Vocabulary, *, operator: Operator, at: datetime) -> Draft:
    """Record an empty box: every expected line is missing, and the return is to be flagged."""
    ids = tuple(dict.fromkeys(line.line_item_id for line in ret.expected_lines))
    out = graded(replace(draft, seen=()), ids, Grade.MISSING, vocabulary, operator=operator, at=at)
    return replace(out, empty_box=True)


def undecided_ids(ret: Return, draft: Draft) -> tuple[str, ...]:
    """Return the ids of expected lines without a decision, in Loop's order, without repeats."""
    ids = dict.fromkeys(line.line_item_id for line in ret.expected_lines)
    return tuple(line_id for line_id in ids if draft.inspection(line_id) is None)


def next_undecided(ret: Return, draft: Draft, after: str) -> str:
    """Return the next undecided line after this one, wrapping around; the same line if all are decided."""
    ids = tuple(dict.fromkeys(line.line_item_id for line in ret.expected_lines))
    if after in ids:
        start = ids.index(after) + 1
        ids = ids[start:] + ids[:start]
    waiting = (line_id for line_id in ids if draft.inspection(line_id) is None)
    return next(waiting, after)


def neighbor(ret: Return, selected: str, step: int) -> str:
    """Return the line ``step`` positions further (positive is down), clamped at the ends."""
    ids = tuple(dict.fromkeys(line.line_item_id for line in ret.lines))
    if not ids:
        return ""
    if selected not in ids:
        return ids[0] if step > 0 else ids[-1]
    return ids[max(0, min(len(ids) - 1, ids.index(selected) + step))]


def first_selected(ret: Return, draft: Draft) -> str:
    """Return the line to select when a return opens: the last selected one, else the first undecided one."""
    if draft.selected and ret.line(draft.selected) is not None:
        return draft.selected
    waiting = undecided_ids(ret, draft)
    if waiting:
        return waiting[0]
    return ret.lines[0].line_item_id if ret.lines else ""


def fitted(ret: Return, draft: Draft) -> Draft:
    """Drop decisions about lines that Loop no longer has; everything else is kept."""
    known = {line.line_item_id for line in ret.lines}
    kept: tuple[Inspection, ...] = tuple(x for x in draft.inspections if x.line_item_id in known)
    return draft if len(kept) == len(draft.inspections) else replace(draft, inspections=kept)
