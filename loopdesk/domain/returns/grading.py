"""Grades, dispositions, what an operator found on each line, and how that draft changes. Pure.

The words and texts come from a vocabulary file; this module defines their meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce

from loopdesk.domain.operators import Operator
from loopdesk.domain.returns.places import Places
from loopdesk.domain.returns.returns import LineItem, Return


class Grade(StrEnum):
    """The condition found, in Loop's words (``condition_category``)."""

    A = "grade_a"
    B = "grade_b"
    C = "grade_c"
    D = "grade_d"
    WRONG = "incorrect_item"
    MISSING = "missing"
    JUNK = "junk"


class Disposition(StrEnum):
    """Where the item goes, in Loop's words (``disposition_outcome``)."""

    BACK_TO_STOCK = "back_to_stock"
    RESALE_HOLD = "resale_hold"
    RECYCLE = "recycle"
    DONATE = "donate"
    MISSING = "missing"


class PhotoRule(StrEnum):
    """Whether an item needs a photo."""

    NONE = "none"
    WANTED = "wanted"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class GradeRule:
    """The meaning of one grade here.

    Attributes:
        grade: Loop's word.
        label: The text on the operator's button ("A", "Missing").
        description: The text sent to Loop, 1 to 255 characters.
        suggests: The default disposition.
        review: Whether the return must be flagged for a person.
        photo: Whether a photo is wanted, or the return cannot be settled without one.
        subject / title: The 2026-10 category pair; both "" where the version takes a string.
    """

    grade: Grade
    label: str
    description: str
    suggests: Disposition
    review: bool = False
    photo: PhotoRule = PhotoRule.NONE
    subject: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The station's grades, disposition labels and fixed texts.

    Attributes:
        grades: One rule per grade, in the order of the keys 1 to 7.
        dispositions: Label of each disposition.
        flag_reasons: Templates offered when flagging.
        note_templates: Templates offered when writing a note.
        fixed_notes: Texts the program writes itself, by situation: ``missing``, ``wrong_item``,
            ``extra_item``, ``damaged``, ``empty_box``, ``wrong_parcel``, ``removed``; placeholders
            ``{items}``, ``{operator}``, ``{station}``.
        places: Where the goods go; none is named unless the station names it.
        photographed: What goes there needs a photo, whatever its grade.
        serials: What the shop calls the property of an order's line that holds its serial number.
    """

    grades: tuple[GradeRule, ...]
    dispositions: dict[Disposition, str]
    flag_reasons: tuple[str, ...] = ()
    note_templates: tuple[str, ...] = ()
    fixed_notes: dict[str, str] = field(default_factory=dict)
    places: Places = field(default_factory=Places)
    photographed: frozenset[Disposition] = frozenset()
    serials: tuple[str, ...] = ()

    def rule(self, grade: Grade) -> GradeRule:
        """Return the rule of a grade; every grade has one (checked when the file is read)."""
        return next(rule for rule in self.grades if rule.grade is grade)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one operator decided on one line; ``inspected_at`` is aware UTC and goes to Loop unchanged.

    Attributes:
        is_local_time: Loop's time was not known yet: ``inspected_at`` is by this machine's clock.
    """

    line_item_id: str
    grade: Grade
    disposition: Disposition
    operator: Operator
    inspected_at: datetime
    note: str = ""
    photos: tuple[str, ...] = ()
    is_local_time: bool = False


@dataclass(frozen=True, slots=True)
class ExtraItem:
    """An item in the parcel that is on no line. Loop hears of it in a note only.

    Attributes:
        code: Its code, "" when it was only described.
        words: What it is in the operator's words, "" when only its code is known.
        item_id: Names it in its draft: a letter first, as no id of Loop has.
        instead_of: The line in whose place it lay, "" for one that is too many.
        title: What Loop calls it, where a line has the same code; "" otherwise.
        carried: What its code carries besides its number: GS1 identifier, value.
        grade / disposition: Its condition and where it goes; both None while nobody decided.
        decided_at: When that was decided last.
    """

    found_at: datetime
    code: str = ""
    words: str = ""
    item_id: str = ""
    instead_of: str = ""
    title: str = ""
    carried: tuple[tuple[str, str], ...] = ()
    grade: Grade | None = None
    disposition: Disposition | None = None
    photos: tuple[str, ...] = ()
    decided_at: datetime | None = None

    @property
    def name(self) -> str:
        """What it is called: by Loop, else in the operator's words, else by its code."""
        return self.title or self.words or self.code

    @property
    def number(self) -> int:
        """Its number among those of its return."""
        return int(self.item_id.removeprefix(_EXTRA) or 0)


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything entered for a return before it is settled. None of it has gone to Loop.

    Attributes:
        inspections: At most one per line id.
        seen: Line ids whose unit was scanned as present, with the time; a repeated id counts units.
        carried: What the codes of units carried besides their number: line id, GS1 identifier, value.
        extras: Items on no line: too many, or in the place of another.
        notes: The operator's own notes for the return's timeline.
        flag_reason: Why it is to be flagged; "" if the operator has not said.
        empty_box: The operator said that the box is empty.
        wrong_parcel: The operator said that the parcel belongs elsewhere.
        not_waiting: The operator said to continue without the parcels that were not seen.
        chosen: The settlement the operator chose instead of the proposal (a ``SettlementKind``), or "".
        selected: Id of the selected line.
        parked: Put aside by the operator or by another scan.
        updated_at: Last change, None if empty.
    """

    return_id: str
    inspections: tuple[Inspection, ...] = ()
    seen: tuple[tuple[str, datetime], ...] = ()
    carried: tuple[tuple[str, str, str], ...] = ()
    extras: tuple[ExtraItem, ...] = ()
    notes: tuple[str, ...] = ()
    flag_reason: str = ""
    empty_box: bool = False
    wrong_parcel: bool = False
    not_waiting: bool = False
    chosen: str = ""
    selected: str = ""
    parked: bool = False
    updated_at: datetime | None = None
    _by_line: dict[str, Inspection] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the decisions: every line of a long return asks for its own, several times an act."""
        found = {x.line_item_id: x for x in reversed(self.inspections)}
        object.__setattr__(self, "_by_line", found)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was entered at all."""
        return not (
            self.inspections
            or self.seen
            or self.extras
            or self.notes
            or self.flag_reason
            or self.empty_box
            or self.wrong_parcel
            or self.not_waiting
            or self.chosen
        )

    def inspection(self, line_item_id: str) -> Inspection | None:
        """Return the decision on a line, or None if it is undecided."""
        return self._by_line.get(line_item_id)

    def carried_by(self, line_item_id: str) -> tuple[tuple[str, str], ...]:
        """Return what the codes of a line's units carried, in the order of the scans."""
        return tuple((name, value) for line_id, name, value in self.carried if line_id == line_item_id)

    def item(self, item_id: str) -> ExtraItem | None:
        """Return the item on no line with this id, or None."""
        return next((x for x in self.extras if x.item_id == item_id), None)

    def instead_of(self, line_item_id: str) -> ExtraItem | None:
        """Return what lay in the place of a line, or None."""
        return next((x for x in self.extras if x.instead_of == line_item_id), None)

    def is_wrong(self, line_item_id: str) -> bool:
        """Whether a line was graded as a wrong item."""
        found = self.inspection(line_item_id)
        return found is not None and found.grade is Grade.WRONG

    def with_inspection(self, new: Inspection) -> Draft:
        """Return a draft with this decision, replacing an earlier one for the same line in its position."""
        return self.with_inspections({new.line_item_id: new})

    def with_inspections(self, new: Mapping[str, Inspection]) -> Draft:
        """Return a draft with these decisions, by line, each as ``with_inspection`` has it."""
        kept = (new.get(x.line_item_id, x) for x in self.inspections)
        more = (x for line_id, x in new.items() if line_id not in self._by_line)
        return replace(self, inspections=(*kept, *more))

    def seen_count(self, line_item_id: str) -> int:
        """How many units of that line id were scanned as present."""
        return len(self.seen_times(line_item_id))

    def seen_times(self, line_item_id: str) -> tuple[datetime, ...]:
        """When each unit of that line id was scanned as present."""
        return tuple(at for line_id, at in self.seen if line_id == line_item_id)


def decide_line(
    rule: GradeRule,
    *,
    line_item_id: str,
    operator: Operator,
    at: datetime,
    disposition: Disposition | None = None,
) -> Inspection:
    """Make the decision on one line: the grade, with its default disposition unless another is given."""
    chosen = disposition or rule.suggests
    return Inspection(line_item_id, rule.grade, chosen, operator, at)


# --- steps from one draft to the next ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ticked:
    """What the scan of an item meant for the open return.

    Attributes:
        line_item_id: The line whose unit was just seen, "" for an extra item.
        is_extra: The code belongs to a line, but all of its units were seen already.
        seen / units: How many units with this code were seen, of how many that are expected.
    """

    draft: Draft
    line_item_id: str
    is_extra: bool
    seen: int = 0
    units: int = 0


def tick(
    ret: Return,
    draft: Draft,
    code: str,
    at: datetime,
    *,
    equal: Callable[[str, str], bool],
    data: Sequence[tuple[str, str]] = (),
    taken: int = 0,
    preferred: Sequence[str] = (),
) -> Ticked | None:
    """Mark the next unit with this code as seen.

    Args:
        equal: Tells whether two item codes are the same (UPC-A and EAN-13, case, spaces).
        data: What the code carries besides the number of the item, by GS1 identifier.
        taken: As for ``with_extra``.
        preferred: The ids of the lines that the unit is likely to be of, the likeliest first.

    Returns:
        None if no expected line has the code.
    """
    lines = [line for line in ret.expected_lines if _carries(line, code, equal)]
    if not lines:
        return None
    place = {line_id: n for n, line_id in reversed(list(enumerate(preferred)))}
    waiting = (line for line in lines if _is_awaited(ret, draft, line))
    line = min(waiting, key=lambda line: place.get(line.line_item_id, len(place)), default=None)
    if line is None:
        new = ExtraItem(at, code, title=lines[0].title, carried=tuple(data))
        return Ticked(with_extra(draft, new, taken=taken), "", is_extra=True)
    seen = replace(
        draft, seen=(*draft.seen, (line.line_item_id, at)), selected=line.line_item_id, updated_at=at
    )
    carried = (*draft.carried, *((line.line_item_id, name, value) for name, value in data))
    seen = replace(seen, carried=tuple(dict.fromkeys(carried)))
    ids = {line.line_item_id for line in lines}
    count = sum(seen.seen_count(line_id) for line_id in ids)
    return Ticked(seen, line.line_item_id, is_extra=False, seen=count, units=len(lines))


def expects(ret: Return, draft: Draft, code: str, *, equal: Callable[[str, str], bool]) -> bool:
    """Whether ``tick`` would find an unseen unit with this code."""
    return any(_carries(line, code, equal) and _is_awaited(ret, draft, line) for line in ret.expected_lines)


def _is_awaited(ret: Return, draft: Draft, line: LineItem) -> bool:
    """Whether not all units of a line were seen."""
    units = sum(1 for other in ret.expected_lines if other.line_item_id == line.line_item_id)
    return draft.seen_count(line.line_item_id) < units


def _carries(line: LineItem, code: str, equal: Callable[[str, str], bool]) -> bool:
    return any(own and equal(own, code) for own in (line.barcode, line.sku))


def with_extra(draft: Draft, new: ExtraItem, *, taken: int = 0) -> Draft:
    """Add an item that is on no line; in the place of a line there is one at most, the latest.

    Args:
        taken: The highest number of an item that earlier drafts of the return had.
    """
    kept = tuple(x for x in draft.extras if not new.instead_of or x.instead_of != new.instead_of)
    number = 1 + max((x.number for x in draft.extras), default=0)
    named = replace(new, item_id=extra_id(max(number, taken + 1)))
    return replace(draft, extras=(*kept, named), updated_at=new.found_at)


_EXTRA = "extra-"


def extra_id(number: int) -> str:
    """Name the n-th extra item of a draft, counted from 1."""
    return f"{_EXTRA}{number}"


def graded(
    draft: Draft,
    line_ids: Sequence[str],
    grade: Grade,
    vocabulary: Vocabulary,
    *,
    operator: Operator,
    at: datetime,
) -> Draft:
    """Grade lines; each keeps its note and photos and gets the grade's default disposition.

    What lay in the place of a line is forgotten with the grade that said so.
    """
    right = () if grade is Grade.WRONG else line_ids
    out = replace(draft, extras=tuple(x for x in draft.extras if x.instead_of not in right))
    rule, decided = vocabulary.rule(grade), dict[str, Inspection]()
    for line_id in line_ids:
        new = decide_line(rule, line_item_id=line_id, operator=operator, at=at)
        before = draft.inspection(line_id)
        if before is not None:
            new = replace(new, note=before.note, photos=before.photos)
        decided[line_id] = new
    return replace(
        out.with_inspections(decided), updated_at=at, empty_box=False, wrong_parcel=False, chosen=""
    )


def on_local_time(before: Draft, draft: Draft) -> Draft:
    """Mark what was decided between two drafts as timed by this machine's clock, since Loop's is unknown."""
    known = {x.line_item_id: x.inspected_at for x in before.inspections}
    new = (x for x in draft.inspections if known.get(x.line_item_id) != x.inspected_at)
    return reduce(Draft.with_inspection, (replace(x, is_local_time=True) for x in new), draft)


def disposed(draft: Draft, line_ids: Sequence[str], disposition: Disposition, at: datetime) -> Draft:
    """Set the disposition of graded lines; lines without a grade are unchanged."""
    before = (x for line_id in line_ids if (x := draft.inspection(line_id)) is not None)
    changed = {x.line_item_id: replace(x, disposition=disposition) for x in before}
    return replace(draft.with_inspections(changed), updated_at=at)


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


def neighbor(ret: Return, draft: Draft, step: int, kept: Sequence[ExtraItem] = ()) -> str:
    """Return the row ``step`` positions further (positive is down), clamped at the ends.

    The items on no line come after the lines.
    """
    ids = row_ids(ret, draft, kept)
    if not ids:
        return ""
    if draft.selected not in ids:
        return ids[0] if step > 0 else ids[-1]
    return ids[max(0, min(len(ids) - 1, ids.index(draft.selected) + step))]


def row_ids(ret: Return, draft: Draft, kept: Sequence[ExtraItem] = ()) -> tuple[str, ...]:
    """Return the ids of all that can be selected: the lines without repeats, then the items on no line.

    Args:
        kept: Such items that went with a settlement.
    """
    lines = dict.fromkeys(line.line_item_id for line in ret.lines)
    return (*lines, *(extra.item_id for extra in (*draft.extras, *kept)))


def first_selected(ret: Return, draft: Draft) -> str:
    """Return the line to select when a return opens: the last selected one, else the first undecided one."""
    if draft.selected in row_ids(ret, draft):
        return draft.selected
    waiting = undecided_ids(ret, draft)
    if waiting:
        return waiting[0]
    return ret.lines[0].line_item_id if ret.lines else ""


def fitted(ret: Return, draft: Draft) -> Draft:
    """Drop decisions about lines that Loop no longer has; everything else is kept."""
    known = {line.line_item_id for line in ret.lines}
    kept: tuple[Inspection, ...] = tuple(x for x in draft.inspections if x.line_item_id in known)
    if len(kept) == len(draft.inspections):
        return draft
    extras = (x if x.instead_of in known else replace(x, instead_of="") for x in draft.extras)
    return replace(draft, inspections=kept, extras=tuple(extras))
