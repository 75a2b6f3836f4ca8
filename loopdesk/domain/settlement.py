"""How the bench finishes a return: what is proposed, what is legal, what it asks of Loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Action, Kind, split_note
from loopdesk.domain.outbox.stages import Entry
from loopdesk.domain.returns.extras import SOLD, described, noted, told_of
from loopdesk.domain.returns.grading import Draft, Grade, Inspection, PhotoRule, Vocabulary
from loopdesk.domain.returns.photos import unphotographed
from loopdesk.domain.returns.returns import (
    LineItem,
    Money,
    Parcel,
    Return,
    ReturnState,
    is_loop_id,
    is_removable,
)
from loopdesk.domain.returns.serials import sold_serials, unlike_sold


class SettlementKind(StrEnum):
    """One way to finish a return."""

    PROCESS = "process"
    REMOVE_AND_PROCESS = "remove_and_process"
    FLAG = "flag"
    GRADE_ONLY = "grade_only"
    SET_ASIDE = "set_aside"
    CANCEL = "cancel"
    CLOSE = "close"


FINAL_KIND = {
    SettlementKind.PROCESS: Kind.PROCESS,
    SettlementKind.REMOVE_AND_PROCESS: Kind.REMOVE,
    SettlementKind.FLAG: Kind.FLAG,
    SettlementKind.CANCEL: Kind.CANCEL,
    SettlementKind.CLOSE: Kind.CLOSE,
}
"""The gated action that ends a settlement; the others have none."""

_ENDED_BY = {kind: ending for ending, kind in FINAL_KIND.items()}


def settlement_kind(entries: Sequence[Entry]) -> SettlementKind:
    """Name the settlement that these entries make up."""
    for entry in entries:
        if entry.kind.spec.is_gated:
            return _ENDED_BY[entry.kind]
    has_values = any(entry.kind.spec.sets_value for entry in entries)
    return SettlementKind.GRADE_ONLY if has_values else SettlementKind.SET_ASIDE


class FlagCause(StrEnum):
    """Why the rules ask for a flag."""

    MISSING_NOT_REMOVABLE = "missing_not_removable"
    NOTHING_PRESENT = "nothing_present"
    EMPTY_BOX = "empty_box"
    WRONG_ITEM = "wrong_item"
    EXTRA_ITEM = "extra_item"
    WRONG_PARCEL = "wrong_parcel"
    REVIEW_GRADE = "review_grade"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the program proposes for a return as it is.

    Attributes:
        kind: The proposed or chosen settlement; None while lines are undecided.
        legal: Every settlement the operator may choose.
        undecided: Expected lines without a decision.
        missing: Lines graded missing.
        causes: Why a flag is proposed.
        needs_reason: A flag is chosen and no reason was given yet.
        blocked: Why nothing can be settled at all, as a code: ``unknown_state``, ``parcels`` (some were not
            seen yet), ``undecided``, ``bad_id``, ``too_many``; "" if it can.
    """

    kind: SettlementKind | None
    legal: tuple[SettlementKind, ...]
    undecided: tuple[LineItem, ...]
    missing: tuple[LineItem, ...]
    causes: tuple[FlagCause, ...] = ()
    needs_reason: bool = False
    blocked: str = ""


_GRADE_ONLY_STATES = frozenset({ReturnState.CLOSED, ReturnState.EXPIRED, ReturnState.REVIEW})


def propose(
    ret: Return, draft: Draft, vocabulary: Vocabulary, missing_parcels: Sequence[Parcel] = ()
) -> Proposal:
    """Decide which settlement fits what was found.

    Args:
        ret: The return as the operator sees it.
        draft: What was entered.
        vocabulary: Which grade asks for a review.
        missing_parcels: Parcels of the return that were not seen here yet.

    Returns:
        The proposal; its ``kind`` is the operator's choice when that is legal.
    """
    expected = ret.expected_lines
    undecided = tuple(line for line in expected if draft.inspection(line.line_item_id) is None)
    missing = tuple(line for line in expected if _grade(draft, line) is Grade.MISSING)
    blocked = _blocked(ret, undecided, missing_parcels if not draft.not_waiting else ())
    if blocked in _UNFINISHED and ret.state is ReturnState.OPEN:
        return _propose_unfinished(draft, undecided, missing, blocked)
    if blocked:
        return Proposal(None, (), undecided, missing, blocked=blocked)
    if ret.state is ReturnState.CANCELLED:
        return Proposal(SettlementKind.SET_ASIDE, (SettlementKind.SET_ASIDE,), undecided, missing)
    if ret.state in _GRADE_ONLY_STATES:
        return Proposal(SettlementKind.GRADE_ONLY, (SettlementKind.GRADE_ONLY,), undecided, missing)
    causes = flag_causes(ret, draft, vocabulary)
    first, legal = _open_choices(causes, missing)
    kind = next((k for k in legal if k.value == draft.chosen), first)
    needs_reason = kind is SettlementKind.FLAG and not draft.flag_reason and causes == ()
    return Proposal(kind, legal, undecided, missing, causes, needs_reason)


_UNFINISHED = ("parcels", "undecided", "no_lines")


def _propose_unfinished(
    draft: Draft, undecided: tuple[LineItem, ...], missing: tuple[LineItem, ...], blocked: str
) -> Proposal:
    """An open return with awaited parcels or undecided lines can only be flagged, if the operator says why.

    The undecided lines stay undecided: a flag settles no line, it calls a person.
    """
    legal = (SettlementKind.FLAG,)
    if draft.chosen != SettlementKind.FLAG.value or not (draft.flag_reason or draft.wrong_parcel):
        return Proposal(None, legal, undecided, missing, blocked=blocked)
    cause = FlagCause.WRONG_PARCEL if draft.wrong_parcel else FlagCause.OPERATOR
    return Proposal(SettlementKind.FLAG, legal, undecided, missing, (cause,))


def _blocked(ret: Return, undecided: Sequence[LineItem], missing_parcels: Sequence[Parcel]) -> str:
    if not is_loop_id(ret.return_id) or any(not is_loop_id(line.line_item_id) for line in ret.lines):
        return "bad_id"
    if ret.state is ReturnState.UNKNOWN:
        return "unknown_state"
    if ret.state is ReturnState.CANCELLED:
        return ""
    if not ret.lines and ret.state is ReturnState.OPEN:
        return "no_lines"  # not decided, only not shown: an answer may leave them out
    return "parcels" if missing_parcels else "undecided" if undecided else ""


def _grade(draft: Draft, line: LineItem) -> Grade | None:
    inspection = draft.inspection(line.line_item_id)
    return inspection.grade if inspection else None


def _open_choices(
    causes: tuple[FlagCause, ...], missing: Sequence[LineItem]
) -> tuple[SettlementKind, tuple[SettlementKind, ...]]:
    """What is proposed first and what else is legal for an open return."""
    rest = (SettlementKind.FLAG, SettlementKind.GRADE_ONLY, SettlementKind.CANCEL, SettlementKind.CLOSE)
    if causes and causes != (FlagCause.REVIEW_GRADE,):
        return SettlementKind.FLAG, rest
    ending = SettlementKind.REMOVE_AND_PROCESS if missing else SettlementKind.PROCESS
    first = SettlementKind.FLAG if causes else ending
    return first, (ending, *rest)


def flag_causes(ret: Return, draft: Draft, vocabulary: Vocabulary) -> tuple[FlagCause, ...]:
    """List why the rules ask for a flag, most important first; empty if they do not."""
    expected = ret.expected_lines
    grades = [(line, _grade(draft, line)) for line in expected]
    missing = [line for line, grade in grades if grade is Grade.MISSING]
    found = {
        FlagCause.WRONG_PARCEL: draft.wrong_parcel,
        FlagCause.EMPTY_BOX: draft.empty_box,
        FlagCause.NOTHING_PRESENT: bool(missing) and len(missing) == len(expected),
        FlagCause.MISSING_NOT_REMOVABLE: any(not is_removable(ret, line) for line in missing),
        FlagCause.WRONG_ITEM: any(grade is Grade.WRONG for _, grade in grades),
        FlagCause.EXTRA_ITEM: any(not extra.instead_of for extra in draft.extras),
        FlagCause.OPERATOR: bool(draft.flag_reason),
        FlagCause.REVIEW_GRADE: any(
            grade is not None and grade is not Grade.WRONG and vocabulary.rule(grade).review
            for _, grade in grades
        ),
    }
    return tuple(cause for cause, holds in found.items() if holds)


@dataclass(frozen=True, slots=True)
class SettlementStep:
    """One step of a settlement, for the sentence next to the confirm button.

    Attributes:
        kind: What is asked of Loop, grades with their places; None for the parcel's way to the shelf.
        count: How many lines or notes it is about.
        text: The note's text, if any.
        irreversible: Loop can never take it back.
    """

    kind: Kind | None
    count: int = 0
    text: str = ""
    irreversible: bool = False


def refund_after(ret: Return, missing: Sequence[LineItem]) -> Money | None:
    """The remaining refund if the missing lines are removed; None if it cannot be determined."""
    total = ret.totals.refund
    parts = [line.refund for line in missing]
    if total is None or any(part is None for part in parts):
        return None
    gone = sum((part.amount for part in parts if part is not None), start=total.amount * 0)
    return replace(total, amount=max(total.amount - gone, total.amount * 0))


def plan(
    ret: Return,
    draft: Draft,
    kind: SettlementKind,
    vocabulary: Vocabulary,
    missing_parcels: Sequence[Parcel] = (),
    *,
    operator: Operator,
    station: str,
) -> tuple[Action, ...]:
    """List what a settlement asks of Loop, in the order it is sent.

    Order: grades, dispositions, notes, then the one gated action. The missing lines of a removal
    come first among the grades, all of them in one remove call.

    Raises:
        RuleBroken: The settlement is not legal for what was found, or ``photo_missing``: a photo that the
            vocabulary makes compulsory; ``item`` names what it is of.
    """
    proposal = propose(ret, replace(draft, chosen=kind.value), vocabulary, missing_parcels)
    check(ret, proposal, kind)
    if kind is not SettlementKind.SET_ASIDE:
        _check_photos(ret, draft, vocabulary)
    texts = note_texts(ret, draft, kind, vocabulary, operator.name, station)
    notes = tuple(Action(Kind.NOTE, "", {"content": text}) for text in texts)
    if kind is SettlementKind.SET_ASIDE:
        return notes
    ordered = _in_sending_order(ret, draft)
    lines = {line.line_item_id: line for line in ret.lines}
    line_notes = {x.line_item_id: _line_note(lines[x.line_item_id], x, draft, vocabulary) for x in ordered}
    grades = tuple(_grade_action(x, vocabulary, line_notes[x.line_item_id]) for x in ordered)
    assesses = tuple(_assess_action(x, line_notes[x.line_item_id]) for x in ordered)
    return (*grades, *assesses, *notes, *_final_action(draft, kind, proposal))


def check(ret: Return, proposal: Proposal, kind: SettlementKind) -> None:
    """Reject what the rules forbid.

    Raises:
        RuleBroken: With the rule's name in ``detail``.
    """
    if proposal.blocked:
        raise RuleBroken(proposal.blocked)
    if kind not in proposal.legal:
        raise RuleBroken("not_legal_in_state")
    if kind is SettlementKind.FLAG and proposal.kind is SettlementKind.FLAG and proposal.needs_reason:
        raise RuleBroken("flag_needs_reason")
    if kind is SettlementKind.REMOVE_AND_PROCESS:
        _check_removal(ret, proposal)


def _check_photos(ret: Return, draft: Draft, vocabulary: Vocabulary) -> None:
    missing = unphotographed(ret, draft, vocabulary, PhotoRule.REQUIRED)
    if missing:
        raise RuleBroken("photo_missing", item=missing[0])


def _check_removal(ret: Return, proposal: Proposal) -> None:
    gone = {line.line_item_id for line in proposal.missing}
    if not gone or gone >= {line.line_item_id for line in ret.lines}:
        raise RuleBroken("never_remove_every_line")
    is_split = any(line.line_item_id not in gone for line in proposal.missing)
    if is_split or len(gone) > Kind.REMOVE.spec.lines_most:
        raise RuleBroken("too_many_to_remove")


def _in_sending_order(ret: Return, draft: Draft) -> tuple[Inspection, ...]:
    """One decision per line id: missing first, then in Loop's order of lines."""
    place = {line.line_item_id: n for n, line in reversed(list(enumerate(ret.lines)))}
    known = [x for x in draft.inspections if x.line_item_id in place]
    return tuple(sorted(known, key=lambda x: (x.grade is not Grade.MISSING, place[x.line_item_id])))


def _stamp(at: datetime) -> str:
    """Format a time as in Loop's examples: UTC, to the second, no zone."""
    return at.strftime("%Y-%m-%d %H:%M:%S")


def _line_note(line: LineItem, found: Inspection, draft: Draft, vocabulary: Vocabulary) -> str:
    """What is noted with a line's grade: what lay in its place, and what else is known of it."""
    came = draft.instead_of(found.line_item_id)
    parts = (
        found.note,
        told_of(came) if came is not None else "",
        *noted(carried := draft.carried_by(found.line_item_id)),
        _other_serial(line, carried, vocabulary),
    )
    return ", ".join(part for part in parts if part)


def _other_serial(line: LineItem, carried: Sequence[tuple[str, str]], vocabulary: Vocabulary) -> str:
    """Note that a unit was sold with another serial number, "" if it was not or nothing says so."""
    if not unlike_sold(line, carried, vocabulary.serials):
        return ""
    return ", ".join(noted((SOLD, serial) for serial in sold_serials(line, vocabulary.serials)))


def _grade_action(found: Inspection, vocabulary: Vocabulary, note: str) -> Action:
    rule = vocabulary.rule(found.grade)
    payload: dict[str, Any] = {
        "line_item_id": found.line_item_id,
        "condition_category": found.grade.value,
        "description": rule.description,
        "return_processor": found.operator.name,
        "note": note,
        "images": [],
        "inspected_at": _stamp(found.inspected_at),
    }
    if rule.subject and rule.title:
        payload |= {"subject": rule.subject, "title": rule.title}
    return Action(Kind.GRADE, found.line_item_id, payload)


def _assess_action(found: Inspection, note: str) -> Action:
    payload = {
        "line_item_id": found.line_item_id,
        "disposition_outcome": found.disposition.value,
        "return_processor": found.operator.name,
        "note": note,
        "inspected_at": _stamp(found.inspected_at),
    }
    return Action(Kind.ASSESS, found.line_item_id, payload)


def _final_action(draft: Draft, kind: SettlementKind, proposal: Proposal) -> tuple[Action, ...]:
    match kind:
        case SettlementKind.REMOVE_AND_PROCESS:
            ids = sorted({line.line_item_id for line in proposal.missing}, key=int)
            return (Action(Kind.REMOVE, "", {"line_item_ids": ids}),)
        case SettlementKind.FLAG:
            return (Action(Kind.FLAG, "", {"reason": flag_text(draft, proposal.causes)}),)
        case SettlementKind.GRADE_ONLY | SettlementKind.SET_ASIDE:
            return ()
        case SettlementKind.PROCESS | SettlementKind.CANCEL | SettlementKind.CLOSE:
            return (Action(FINAL_KIND[kind], "", {}),)


def flag_text(draft: Draft, causes: Sequence[FlagCause]) -> str:
    """Summarize why a return is flagged; the operator's own reason comes first."""
    return draft.flag_reason or ", ".join(cause.value.replace("_", " ") for cause in causes)


_FIXED = {
    FlagCause.EMPTY_BOX: "empty_box",
    FlagCause.WRONG_PARCEL: "wrong_parcel",
    FlagCause.WRONG_ITEM: "wrong_item",
    FlagCause.EXTRA_ITEM: "extra_item",
    FlagCause.REVIEW_GRADE: "damaged",
}

_ALWAYS_NOTED = frozenset({FlagCause.EMPTY_BOX, FlagCause.WRONG_ITEM, FlagCause.EXTRA_ITEM})
"""What is noted in every settlement: no grade says it."""


def note_texts(
    ret: Return, draft: Draft, kind: SettlementKind, vocabulary: Vocabulary, operator: str, station: str
) -> tuple[str, ...]:
    """Write the notes of a settlement, each short enough to carry its marker.

    The program's own notes come first, from the vocabulary's fixed texts; a flag always has its
    reason as a note, because Loop's flag call takes none; then the operator's own words.
    """
    missing = [line for line in ret.expected_lines if _grade(draft, line) is Grade.MISSING]
    situations = _situations(ret, draft, kind, missing, vocabulary)
    texts = [
        fill(vocabulary.fixed_notes[name], items=items, operator=operator, station=station)
        for name, items in situations
        if name in vocabulary.fixed_notes
    ]
    if kind is SettlementKind.FLAG and draft.flag_reason:
        texts.append(fill("Flagged: {items}. {operator}, {station}", draft.flag_reason, operator, station))
    if kind is SettlementKind.SET_ASIDE and not draft.notes:
        texts.append(
            fill("Parcel of a cancelled return set aside. {operator}, {station}", "", operator, station)
        )
    texts.extend(f"{note} ({operator}, {station})" for note in draft.notes)
    return tuple(part for text in texts for part in split_note(text))


def _situations(
    ret: Return, draft: Draft, kind: SettlementKind, missing: Sequence[LineItem], vocabulary: Vocabulary
) -> list[tuple[str, str]]:
    names = ", ".join(line.sku or line.title for line in missing)
    out: list[tuple[str, str]] = []
    if missing and not draft.empty_box:
        out.append(("removed" if kind is SettlementKind.REMOVE_AND_PROCESS else "missing", names))
    causes = flag_causes(ret, draft, vocabulary)
    noted = _FIXED if kind is SettlementKind.FLAG else _ALWAYS_NOTED
    out.extend((_FIXED[x], _items_of(ret, draft, x, vocabulary)) for x in causes if x in noted)
    return out


def _items_of(ret: Return, draft: Draft, cause: FlagCause, vocabulary: Vocabulary) -> str:
    if cause is FlagCause.EXTRA_ITEM:
        return ", ".join(described(x, vocabulary) for x in draft.extras if not x.instead_of)
    if cause is FlagCause.WRONG_ITEM:
        wrong = (line for line in ret.expected_lines if _grade(draft, line) is Grade.WRONG)
        return ", ".join(_with_what_came(line, draft, vocabulary) for line in wrong)

    def concerned(grade: Grade | None) -> bool:
        return grade is not None and vocabulary.rule(grade).review

    return ", ".join(line.sku or line.title for line in ret.expected_lines if concerned(_grade(draft, line)))


def _with_what_came(line: LineItem, draft: Draft, vocabulary: Vocabulary) -> str:
    came, name = draft.instead_of(line.line_item_id), line.sku or line.title
    return name if came is None else f"{name} (came: {described(came, vocabulary)})"


def fill(template: str, items: str, operator: str, station: str) -> str:
    """Fill a note template; unknown braces are kept, so that no text can break it."""
    filled = template.replace("{operator}", operator).replace("{station}", station)
    return filled.replace("{items}", items).strip()


def steps(actions: Sequence[Action], kind: SettlementKind) -> tuple[SettlementStep, ...]:
    """Summarize a plan for the operator, from the very actions that would be sent."""
    out: list[SettlementStep] = []
    graded = sum(1 for action in actions if action.kind is Kind.GRADE)
    if graded:
        out.append(SettlementStep(Kind.GRADE, graded))
    out.extend(
        SettlementStep(Kind.NOTE, 1, action.payload["content"])
        for action in actions
        if action.kind.spec.is_marked
    )
    for action in actions:
        if action.kind.spec.is_gated:
            count = len(action.payload.get("line_item_ids", ()))
            text = str(action.payload.get("reason", ""))
            out.append(SettlementStep(action.kind, count, text, irreversible=action.kind.spec.is_final))
    if kind is SettlementKind.SET_ASIDE:
        out.append(SettlementStep(None))
    return tuple(out)
