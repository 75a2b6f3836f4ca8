"""Which settlement fits what was found, and what it asks of Loop."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import MARKER_LENGTH, NOTE_MOST, Kind
from loopdesk.domain.returns.grading import (
    Disposition,
    Draft,
    ExtraItem,
    Grade,
    GradeRule,
    Vocabulary,
)
from loopdesk.domain.returns.photos import left_out, sent_photos
from loopdesk.domain.returns.returns import LineItem, LineOutcome, Outcome, Return, ReturnState
from loopdesk.domain.settlement import (
    FINAL_KIND,
    FlagCause,
    SettlementKind,
    fill,
    flag_text,
    plan,
    propose,
    refund_after,
    steps,
)
from tests.builders import AT, OPERATOR, RETURN_ID, STATION, a_line, a_money, a_return, an_inspection, lines
from tests.kinds import FINALIZERS, GATED, VALUES

REVIEWED = (Grade.D, Grade.WRONG, Grade.JUNK)
VOCABULARY = Vocabulary(
    grades=tuple(
        GradeRule(
            grade,
            grade.name,
            f"Found {grade.name}",
            Disposition.MISSING if grade is Grade.MISSING else Disposition.BACK_TO_STOCK,
            review=grade in REVIEWED,
        )
        for grade in Grade
    ),
    dispositions={x: x.value for x in Disposition},
    fixed_notes={
        "missing": "Missing: {items}. {operator}, {station}",
        "removed": "Removed: {items}. {operator}, {station}",
        "wrong_item": "Wrong item for {items}. {operator}, {station}",
        "extra_item": "Extra: {items}. {operator}, {station}",
        "damaged": "Damaged: {items}. {operator}, {station}",
        "empty_box": "Empty box. {operator}, {station}",
        "wrong_parcel": "Wrong parcel. {operator}, {station}",
    },
)
TWO = lines(2)


def draft_of(*grades: Grade | None, **fields: Any) -> Draft:
    """Build a draft with these grades for the lines in order; None leaves one undecided."""
    inspections = tuple(
        an_inspection(line.line_item_id, grade=grade)
        for line, grade in zip(lines(len(grades)), grades, strict=True)
        if grade is not None
    )
    return replace(Draft(RETURN_ID, inspections), **fields)


def kinds_of(ret: Return, draft: Draft, kind: SettlementKind) -> list[Kind]:
    planned = plan(ret, draft, kind, VOCABULARY, operator=OPERATOR, station=STATION)
    return [action.kind for action in planned]


# --- proposals ------------------------------------------------------------------------------------


def test_an_open_return_with_everything_there_and_acceptable_is_processed() -> None:
    assert propose(a_return(), draft_of(Grade.A), VOCABULARY).kind is SettlementKind.PROCESS


def test_while_a_line_is_undecided_nothing_is_proposed() -> None:
    proposal = propose(a_return(lines=TWO), draft_of(Grade.A, None), VOCABULARY)
    assert (proposal.kind, proposal.blocked) == (None, "undecided")
    assert proposal.undecided == TWO[1:]


@pytest.mark.parametrize("outcome", [Outcome.REFUND, Outcome.CREDIT, Outcome.CREDIT_REFUND])
def test_missing_lines_with_money_back_are_removed_and_the_rest_processed(outcome: Outcome) -> None:
    ret = a_return(lines=TWO, outcome=outcome)
    proposal = propose(ret, draft_of(Grade.A, Grade.MISSING), VOCABULARY)
    assert proposal.kind is SettlementKind.REMOVE_AND_PROCESS
    assert proposal.missing == TWO[1:]


@pytest.mark.parametrize("outcome", [Outcome.EXCHANGE, Outcome.UPSELL, Outcome.UNKNOWN])
def test_missing_lines_that_may_not_be_removed_ask_for_a_flag(outcome: Outcome) -> None:
    ret = a_return(lines=TWO, outcome=outcome)
    proposal = propose(ret, draft_of(Grade.A, Grade.MISSING), VOCABULARY)
    assert proposal.kind is SettlementKind.FLAG
    assert FlagCause.MISSING_NOT_REMOVABLE in proposal.causes
    assert SettlementKind.REMOVE_AND_PROCESS not in proposal.legal


def test_in_a_mixed_return_only_lines_with_money_of_their_own_are_removed() -> None:
    swapped = replace(TWO[1], exchange_variant="77")
    ret = a_return(lines=(TWO[0], swapped), outcome=Outcome.EXCHANGE_REFUND)
    assert propose(ret, draft_of(Grade.A, Grade.MISSING), VOCABULARY).kind is SettlementKind.FLAG
    refunded = a_return(lines=TWO, outcome=Outcome.EXCHANGE_REFUND)
    proposal = propose(refunded, draft_of(Grade.A, Grade.MISSING), VOCABULARY)
    assert proposal.kind is SettlementKind.REMOVE_AND_PROCESS


def test_never_is_every_line_removed() -> None:
    proposal = propose(a_return(lines=TWO), draft_of(Grade.MISSING, Grade.MISSING), VOCABULARY)
    assert proposal.kind is SettlementKind.FLAG
    assert FlagCause.NOTHING_PRESENT in proposal.causes
    with pytest.raises(RuleBroken):
        kinds_of(
            a_return(lines=TWO),
            draft_of(Grade.MISSING, Grade.MISSING),
            SettlementKind.REMOVE_AND_PROCESS,
        )


@pytest.mark.parametrize(
    ("found", "cause"),
    [
        ({"empty_box": True}, FlagCause.EMPTY_BOX),
        ({"wrong_parcel": True}, FlagCause.WRONG_PARCEL),
        ({"extras": (ExtraItem(AT, words="a red sock"),)}, FlagCause.EXTRA_ITEM),
        ({"flag_reason": "smells"}, FlagCause.OPERATOR),
    ],
)
def test_what_a_person_must_see_asks_for_a_flag(found: dict[str, Any], cause: FlagCause) -> None:
    proposal = propose(a_return(), draft_of(Grade.A, **found), VOCABULARY)
    assert proposal.kind is SettlementKind.FLAG
    assert proposal.causes == (cause,)
    assert not proposal.needs_reason


def test_a_wrong_item_asks_for_a_flag_and_cannot_be_processed() -> None:
    proposal = propose(a_return(), draft_of(Grade.WRONG), VOCABULARY)
    assert proposal.causes == (FlagCause.WRONG_ITEM,)
    assert SettlementKind.PROCESS not in proposal.legal


@pytest.mark.parametrize("grade", [Grade.D, Grade.JUNK])
def test_a_grade_that_the_rules_review_is_flagged_unless_the_operator_chooses_to_process(
    grade: Grade,
) -> None:
    proposal = propose(a_return(), draft_of(grade), VOCABULARY)
    assert (proposal.kind, proposal.causes) == (SettlementKind.FLAG, (FlagCause.REVIEW_GRADE,))
    chosen = propose(a_return(), draft_of(grade, chosen="process"), VOCABULARY)
    assert chosen.kind is SettlementKind.PROCESS


@pytest.mark.parametrize("state", [ReturnState.CLOSED, ReturnState.EXPIRED, ReturnState.REVIEW])
def test_a_return_that_is_closed_expired_or_in_review_is_only_graded(state: ReturnState) -> None:
    proposal = propose(a_return(state=state), draft_of(Grade.A), VOCABULARY)
    assert proposal.legal == (SettlementKind.GRADE_ONLY,)
    assert not any(
        x in GATED for x in kinds_of(a_return(state=state), draft_of(Grade.A), SettlementKind.GRADE_ONLY)
    )


def test_a_cancelled_return_is_set_aside_with_a_note_and_nothing_else() -> None:
    ret = a_return(state=ReturnState.CANCELLED)
    assert propose(ret, draft_of(None), VOCABULARY).kind is SettlementKind.SET_ASIDE
    assert kinds_of(ret, draft_of(Grade.A), SettlementKind.SET_ASIDE) == [Kind.NOTE]


@pytest.mark.fault(30)
def test_a_state_that_we_do_not_know_blocks_every_settlement() -> None:
    proposal = propose(a_return(state=ReturnState.UNKNOWN), draft_of(Grade.A), VOCABULARY)
    assert (proposal.kind, proposal.legal, proposal.blocked) == (None, (), "unknown_state")


@pytest.mark.parametrize("bad", ["12a", "", "1" * 20, "../1"])
def test_an_id_that_may_not_stand_in_a_request_blocks_every_settlement(bad: str) -> None:
    assert propose(a_return(bad), draft_of(Grade.A), VOCABULARY).blocked == "bad_id"
    assert propose(a_return(lines=(a_line(bad),)), draft_of(Grade.A), VOCABULARY).blocked == "bad_id"


def test_lines_that_the_shopper_keeps_need_no_decision() -> None:
    kept = replace(TWO[1], outcome=LineOutcome.KEEP)
    proposal = propose(a_return(lines=(TWO[0], kept)), draft_of(Grade.A), VOCABULARY)
    assert proposal.kind is SettlementKind.PROCESS


def test_a_flag_that_the_operator_chose_needs_a_reason() -> None:
    proposal = propose(a_return(), draft_of(Grade.A, chosen="flag"), VOCABULARY)
    assert proposal.needs_reason
    with pytest.raises(RuleBroken, match="flag_needs_reason"):
        kinds_of(a_return(), draft_of(Grade.A, chosen="flag"), SettlementKind.FLAG)


def test_what_is_not_legal_is_refused_by_name() -> None:
    with pytest.raises(RuleBroken, match="not_legal_in_state"):
        kinds_of(a_return(state=ReturnState.CLOSED), draft_of(Grade.A), SettlementKind.PROCESS)


# --- plans ----------------------------------------------------------------------------------------


def test_a_settlement_is_sent_as_grades_dispositions_notes_and_the_finalizer_last() -> None:
    ret = a_return(lines=TWO)
    draft = draft_of(Grade.A, Grade.B, notes=("box was wet",))
    assert kinds_of(ret, draft, SettlementKind.PROCESS) == [
        Kind.GRADE,
        Kind.GRADE,
        Kind.ASSESS,
        Kind.ASSESS,
        Kind.NOTE,
        Kind.PROCESS,
    ]


def test_all_missing_lines_are_removed_in_one_request_and_graded_first() -> None:
    three = lines(3)
    draft = draft_of(Grade.A, Grade.MISSING, Grade.MISSING)
    planned = plan(
        a_return(lines=three),
        draft,
        SettlementKind.REMOVE_AND_PROCESS,
        VOCABULARY,
        operator=OPERATOR,
        station=STATION,
    )
    assert planned[-1].payload == {"line_item_ids": [x.line_item_id for x in three[1:]]}
    graded = [x.target for x in planned if x.kind is Kind.GRADE]
    assert graded == [three[1].line_item_id, three[2].line_item_id, three[0].line_item_id]
    assert sum(x.kind is Kind.REMOVE for x in planned) == 1


def test_a_flag_goes_with_its_reason_as_a_note_since_loop_takes_none() -> None:
    draft = draft_of(Grade.A, flag_reason="smells of smoke")
    planned = plan(a_return(), draft, SettlementKind.FLAG, VOCABULARY, operator=OPERATOR, station=STATION)
    notes = [x.payload["content"] for x in planned if x.kind is Kind.NOTE]
    assert any("smells of smoke" in text for text in notes)
    assert planned[-1].kind is Kind.FLAG
    assert flag_text(draft, ()) == "smells of smoke"
    assert flag_text(draft_of(Grade.A), (FlagCause.EMPTY_BOX,)) == "empty box"


def test_grades_carry_the_time_and_name_of_the_decision_and_no_photo_of_their_own() -> None:
    draft = Draft(RETURN_ID, (an_inspection(photos=("ab12.jpg",)),))
    grade = plan(
        a_return(), draft, SettlementKind.PROCESS, VOCABULARY, operator=Operator(name="Ben"), station=STATION
    )[0]
    assert grade.payload["inspected_at"] == "2026-03-02 09:30:00"
    assert grade.payload["return_processor"] == OPERATOR.name
    assert grade.payload["images"] == []  # links come from where photos are stored


def test_a_vocabulary_with_categories_sends_them_beside_the_word() -> None:
    rules = tuple(replace(x, subject="Item condition grade", title=x.label) for x in VOCABULARY.grades)
    words = replace(VOCABULARY, grades=rules)
    grade = plan(
        a_return(), draft_of(Grade.A), SettlementKind.PROCESS, words, operator=OPERATOR, station=STATION
    )[0]
    assert (grade.payload["subject"], grade.payload["title"]) == ("Item condition grade", "A")


def test_no_text_of_a_note_can_break_a_template() -> None:
    assert fill("{items}, {operator}, {unknown}", "{station}", "Ana", "dock") == "{station}, Ana, {unknown}"
    assert fill("Missing: {items}. {operator}, {station}", "{0} %s", "Ana", "dock 1") == (
        "Missing: {0} %s. Ana, dock 1"
    )


GRADES = st.lists(st.sampled_from(sorted(Grade)), min_size=1, max_size=6)


@given(
    grades=GRADES,
    outcome=st.sampled_from(sorted(Outcome)),
    state=st.sampled_from(sorted(set(ReturnState) - {ReturnState.UNKNOWN})),
    empty=st.booleans(),
    reason=st.sampled_from(["", "smells"]),
    words=st.text(max_size=600),
)
def test_whatever_was_found_a_plan_ends_with_at_most_one_gate_and_removes_never_every_line(
    grades: list[Grade], outcome: Outcome, state: ReturnState, empty: bool, reason: str, words: str
) -> None:
    ret = a_return(lines=lines(len(grades)), outcome=outcome, state=state)
    draft = draft_of(*grades, empty_box=empty, flag_reason=reason, notes=(words,) if words.strip() else ())
    proposal = propose(ret, draft, VOCABULARY)
    assert proposal.kind is not None
    for kind in proposal.legal:
        try:
            planned = plan(ret, draft, kind, VOCABULARY, operator=OPERATOR, station=STATION)
        except RuleBroken:
            continue
        gates = [n for n, x in enumerate(planned) if x.kind in GATED]
        assert gates in ([], [len(planned) - 1])
        assert kind in FINAL_KIND or not gates
        for action in planned:
            if action.kind is Kind.REMOVE:
                assert set(action.payload["line_item_ids"]) < {x.line_item_id for x in ret.lines}
            if action.kind is Kind.NOTE:
                assert 0 < len(action.payload["content"]) <= NOTE_MOST - MARKER_LENGTH
            assert bool(action.target) is (action.kind in VALUES)


# --- words ----------------------------------------------------------------------------------------


def test_the_sentence_beside_confirm_is_made_from_the_very_actions() -> None:
    ret = a_return(lines=TWO)
    draft = draft_of(Grade.A, Grade.MISSING)
    kind = SettlementKind.REMOVE_AND_PROCESS
    planned = plan(ret, draft, kind, VOCABULARY, operator=OPERATOR, station=STATION)
    said = steps(planned, kind)
    assert [(x.kind, x.count, x.irreversible) for x in said] == [
        (Kind.GRADE, 2, False),
        (Kind.NOTE, 1, False),
        (Kind.REMOVE, 1, True),
    ]
    assert {x.kind for x in said if x.irreversible} <= FINALIZERS


def test_what_is_left_of_the_refund_is_said_only_when_it_can_be() -> None:
    ret = a_return(lines=TWO, totals=replace(a_return().totals, refund=a_money("98.68")))
    left = refund_after(ret, TWO[1:])
    assert left is not None
    assert left.amount == Decimal("49.34")
    unknown: tuple[LineItem, ...] = (replace(TWO[1], refund=None),)
    assert refund_after(ret, unknown) is None
    assert refund_after(replace(ret, totals=replace(ret.totals, refund=None)), TWO[1:]) is None


def test_a_grade_names_at_most_five_photos_the_latest_and_what_stays_here_is_said() -> None:
    photos = tuple(f"{n:032x}.jpg" for n in range(7))
    found = replace(an_inspection(), photos=photos)
    draft = Draft(RETURN_ID, inspections=(found,))
    assert sent_photos(found) == photos[2:]
    assert left_out(draft) == 2
    assert left_out(Draft(RETURN_ID, inspections=(replace(found, photos=photos[:5]),))) == 0


def test_decisions_about_many_lines_replace_earlier_ones_in_their_place_and_follow_in_their_order() -> None:
    first, second, third = (an_inspection(f"3000000{n}") for n in (1, 2, 3))
    draft = Draft(RETURN_ID, inspections=(first, second))
    other = replace(first, disposition=Disposition.DONATE)
    now = draft.with_inspections({third.line_item_id: third, first.line_item_id: other})
    assert now.inspections == (other, second, third)
    assert [now.inspection(x.line_item_id) for x in (first, second, third)] == [other, second, third]
    assert now.inspection("4") is None
    assert draft.with_inspection(third).inspections == (first, second, third)
    assert replace(now, inspections=(second,)).inspection(first.line_item_id) is None
