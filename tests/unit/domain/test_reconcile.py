"""What Loop's answers prove: before sending, right after it, and when read back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    KeyRefused,
    NotFound,
    Refused,
    ScopeMissing,
    Throttled,
    Unreachable,
)
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.effects import Belief, stamp_of
from loopdesk.domain.outbox.reconcile import (
    Again,
    AlreadyTrue,
    Conflict,
    Done,
    Evidence,
    Go,
    Park,
    Patience,
    Superseded,
    Verdict,
    Wait,
    after,
    before,
    evidence_of,
    move_of,
    picture_text,
    verdict,
)
from loopdesk.domain.outbox.stages import LEGAL_MOVES, Cause, Entry, Move, ParkReason, Stage, Why
from loopdesk.domain.returns.returns import (
    HeldCondition,
    HeldDisposition,
    Note,
    Outcome,
    Return,
    ReturnState,
    fingerprint,
)
from tests.builders import (
    AT,
    LINE_ID,
    OPERATOR,
    a_line,
    a_money,
    a_paid_return,
    a_return,
    an_entry,
    an_exchange,
    lines,
)
from tests.kinds import FINALIZERS, GATED, PAYING, VALUES

NO = Cause(Why.REFUSED, "No.")
UNCERTAIN, SETTLING, PARKED = Stage.UNCERTAIN, Stage.SETTLING, Stage.PARKED
LIMIT = {
    Kind.PROCESS: 900.0,
    Kind.REMOVE: 900.0,
    Kind.CANCEL: 120.0,
    Kind.CLOSE: 120.0,
    Kind.FLAG: 60.0,
    Kind.NOTE: 30.0,
    Kind.GRADE: 5.0,
    Kind.ASSESS: 5.0,
}
SENDS = {Kind.FLAG: 3, Kind.NOTE: 2, Kind.GRADE: 5, Kind.ASSESS: 5}
TWO = lines(2)
BOTH = a_return(lines=TWO)
DOUBTS = (UNCERTAIN, SETTLING)


def doubtful(kind: Kind, stage: Stage = UNCERTAIN, **fields: Any) -> Entry:
    """Build an entry whose one attempt has an unknown outcome."""
    if kind is Kind.REMOVE:
        fields.setdefault("payload", {"line_item_ids": [TWO[1].line_item_id]})
        fields.setdefault("seen", fingerprint(BOTH))
    unresolved = 1 if stage is UNCERTAIN else 0
    return an_entry(1, kind, stage, **{"tries": 1, "unresolved": unresolved, **fields})


def judged(
    entry: Entry,
    seen: Return | None = None,
    elapsed: float = 0.0,
    notes: tuple[Note, ...] | None = None,
    **kwargs: Any,
) -> Verdict:
    patience = Patience(LIMIT[entry.kind], SENDS.get(entry.kind, 1))
    return verdict(entry, seen, notes, elapsed, patience, **kwargs)


def a_note(text: str) -> Note:
    return Note("1", text, AT)


# --- the table: process ---------------------------------------------------------------------------


@pytest.mark.parametrize("stage", DOUBTS)
def test_process_is_done_once_loop_shows_the_return_closed_and_paid(stage: Stage) -> None:
    assert judged(doubtful(Kind.PROCESS, stage), a_paid_return()) == Done(belief=Belief.PROCESSED)


@pytest.mark.fault(25, 37)
@pytest.mark.parametrize("stage", DOUBTS)
def test_process_without_an_effect_waits_fifteen_minutes_and_then_asks_a_person(stage: Stage) -> None:
    entry = doubtful(Kind.PROCESS, stage)
    assert judged(entry, a_return(), 899.9) == Wait()
    assert judged(entry, a_return(), 900.0) == Park(ParkReason.UNDECIDED, Cause(Why.NO_EFFECT))


@pytest.mark.fault(27)
@pytest.mark.parametrize("state", [ReturnState.CANCELLED, ReturnState.EXPIRED, ReturnState.REVIEW])
@pytest.mark.parametrize("stage", DOUBTS)
def test_process_of_a_return_that_ended_otherwise_is_a_conflict_at_once(
    stage: Stage, state: ReturnState
) -> None:
    seen = a_return(state=state)
    conflict = Park(ParkReason.CONFLICT, Cause(Why.OTHER_STATE), fingerprint(seen))
    assert judged(doubtful(Kind.PROCESS, stage), seen) == conflict


def test_a_state_that_we_do_not_know_proves_nothing_before_the_limit() -> None:
    seen = a_return(state=ReturnState.UNKNOWN)
    assert judged(doubtful(Kind.PROCESS), seen, 100.0) == Wait()


# --- remove ---------------------------------------------------------------------------------------


def test_remove_is_done_when_the_return_is_closed_and_paid_without_the_removed_lines() -> None:
    assert judged(doubtful(Kind.REMOVE), a_paid_return(lines=TWO[:1])) == Done(belief=Belief.PROCESSED)


def test_remove_is_a_conflict_when_the_return_is_closed_with_the_lines_still_in_it() -> None:
    seen = a_return(lines=TWO, state=ReturnState.CLOSED)
    found = judged(doubtful(Kind.REMOVE), seen)
    assert found == Park(ParkReason.CONFLICT, Cause(Why.TARGETS_REMAIN), fingerprint(seen))


@pytest.mark.fault(24, 40)
def test_a_partial_removal_parks_at_once_and_is_never_processed_by_itself() -> None:
    seen = a_return(lines=TWO[:1])
    found = judged(doubtful(Kind.REMOVE), seen, 0.0)
    assert found == Park(ParkReason.UNDECIDED, Cause(Why.PARTIAL), fingerprint(seen))


def test_a_removal_of_which_only_some_lines_are_gone_parks_as_partial() -> None:
    three = lines(3)
    entry = doubtful(
        Kind.REMOVE,
        payload={"line_item_ids": [x.line_item_id for x in three[1:]]},
        seen=fingerprint(a_return(lines=three)),
    )
    found = judged(entry, a_return(lines=three[:2]))
    assert isinstance(found, Park)
    assert found.cause == Cause(Why.PARTIAL)


def test_remove_with_everything_as_before_waits_fifteen_minutes_and_then_asks_a_person() -> None:
    assert judged(doubtful(Kind.REMOVE), BOTH, 899.0) == Wait()
    assert judged(doubtful(Kind.REMOVE), BOTH, 900.0) == Park(ParkReason.UNDECIDED, Cause(Why.NO_EFFECT))


def test_an_answer_without_any_lines_does_not_prove_that_the_removed_ones_are_gone() -> None:
    assert judged(doubtful(Kind.REMOVE), a_return(lines=(), state=ReturnState.CLOSED)) == Wait()
    assert judged(doubtful(Kind.REMOVE), a_return(lines=())) == Wait()


@pytest.mark.parametrize("state", [ReturnState.CANCELLED, ReturnState.EXPIRED, ReturnState.REVIEW])
def test_remove_of_a_return_that_ended_otherwise_is_a_conflict(state: ReturnState) -> None:
    found = judged(doubtful(Kind.REMOVE), a_return(lines=TWO, state=state))
    assert isinstance(found, Park)
    assert found.reason is ParkReason.CONFLICT


# --- cancel, close --------------------------------------------------------------------------------


def test_cancel_is_done_when_cancelled_and_asks_a_person_after_two_minutes() -> None:
    assert judged(doubtful(Kind.CANCEL), a_return(state=ReturnState.CANCELLED)) == Done()
    assert judged(doubtful(Kind.CANCEL), a_return(), 119.0) == Wait()
    assert judged(doubtful(Kind.CANCEL), a_return(), 120.0) == Park(
        ParkReason.UNDECIDED, Cause(Why.NO_EFFECT)
    )


@pytest.mark.fault(41)
@pytest.mark.parametrize("state", [ReturnState.CLOSED, ReturnState.EXPIRED])
def test_cancel_of_a_return_that_closed_or_expired_is_a_conflict(state: ReturnState) -> None:
    found = judged(doubtful(Kind.CANCEL), a_return(state=state))
    assert isinstance(found, Park)
    assert found.reason is ParkReason.CONFLICT


def test_close_is_done_only_when_closed_without_any_outcome() -> None:
    assert judged(doubtful(Kind.CLOSE), a_return(state=ReturnState.CLOSED)) == Done()
    assert judged(doubtful(Kind.CLOSE), a_return(), 119.0) == Wait()
    assert judged(doubtful(Kind.CLOSE), a_return(), 120.0) == Park(ParkReason.UNDECIDED, Cause(Why.NO_EFFECT))


@pytest.mark.fault(42)
@pytest.mark.parametrize(
    "outcome", [{"refunds_paid": 1}, {"exchange_order_ids": ("5",)}, {"gift_card_order_ids": ("6",)}]
)
def test_close_is_a_conflict_when_money_or_goods_moved(outcome: dict[str, Any]) -> None:
    seen = a_return(state=ReturnState.CLOSED, **outcome)
    conflict = Park(ParkReason.CONFLICT, Cause(Why.CLOSED_WITH_OUTCOMES), fingerprint(seen))
    assert judged(doubtful(Kind.CLOSE), seen) == conflict


@pytest.mark.fault(163)
@pytest.mark.parametrize("elapsed", [0.0, 500.0])
def test_a_close_that_only_an_older_copy_of_the_store_may_have_sent_is_never_called_done(
    elapsed: float,
) -> None:
    """Somebody at Loop may have closed it, and paid: that no payment shows proves nothing."""
    seen = a_return(state=ReturnState.CLOSED)
    restored = doubtful(Kind.CLOSE, tries=0, cause=Cause(Why.RESTORED))
    asked = Park(ParkReason.UNDECIDED, Cause(Why.RESTORED), fingerprint(seen))
    assert judged(restored, seen, elapsed) == asked
    assert not isinstance(judged(replace(restored, stage=PARKED), seen, elapsed), Done)


def test_close_of_a_cancelled_return_is_a_conflict() -> None:
    found = judged(doubtful(Kind.CLOSE), a_return(state=ReturnState.CANCELLED))
    assert isinstance(found, Park)
    assert found.reason is ParkReason.CONFLICT


def test_a_row_of_the_list_cannot_prove_that_a_return_was_closed_without_outcomes() -> None:
    seen = a_return(state=ReturnState.CLOSED)
    assert judged(doubtful(Kind.CLOSE), seen, is_details=False) == Wait()


# --- flag -----------------------------------------------------------------------------------------


def test_flag_is_done_when_in_review_and_sent_again_after_a_minute_at_most_three_times() -> None:
    assert judged(doubtful(Kind.FLAG), a_return(state=ReturnState.REVIEW)) == Done()
    assert judged(doubtful(Kind.FLAG), a_return(), 59.0) == Wait()
    assert judged(doubtful(Kind.FLAG, tries=2), a_return(), 60.0) == Again()
    assert judged(doubtful(Kind.FLAG, tries=3), a_return(), 60.0) == Park(
        ParkReason.UNDECIDED, Cause(Why.NO_EFFECT)
    )


def test_an_accepted_flag_without_an_effect_is_not_sent_again_but_shown() -> None:
    found = judged(doubtful(Kind.FLAG, SETTLING), a_return(), 60.0)
    assert found == Park(ParkReason.UNDECIDED, Cause(Why.NO_EFFECT))


@pytest.mark.parametrize("state", [ReturnState.CLOSED, ReturnState.CANCELLED])
def test_flag_of_a_closed_or_cancelled_return_is_a_conflict(state: ReturnState) -> None:
    found = judged(doubtful(Kind.FLAG), a_return(state=state))
    assert isinstance(found, Park)
    assert found.reason is ParkReason.CONFLICT


# --- note -----------------------------------------------------------------------------------------


def test_a_note_is_done_when_its_marker_stands_at_loop() -> None:
    note = doubtful(Kind.NOTE)
    assert judged(note, notes=(a_note("older"), a_note(f"Box was wet. {note.marker}"))) == Done()


def test_a_note_that_stands_there_twice_is_done_and_remembered_as_twice() -> None:
    note = doubtful(Kind.NOTE)
    text = f"Box was wet. {note.marker}"
    assert judged(note, notes=(a_note(text), a_note(text))) == Done(twice=True)


def test_a_marker_counts_only_as_a_word_of_its_own() -> None:
    note = doubtful(Kind.NOTE)
    assert judged(note, notes=(a_note(f"x{note.marker}"), a_note(note.marker[:-1]))) == Wait()


def test_a_note_without_its_marker_is_sent_once_more_after_thirty_seconds_and_then_shown() -> None:
    assert judged(doubtful(Kind.NOTE), notes=(), elapsed=29.0) == Wait()
    assert judged(doubtful(Kind.NOTE), notes=(), elapsed=30.0) == Again()
    second = doubtful(Kind.NOTE, tries=2, unresolved=2)
    assert judged(second, notes=(), elapsed=30.0) == Park(ParkReason.UNDECIDED, Cause(Why.NO_EFFECT))


# --- grade, assess --------------------------------------------------------------------------------


def held(**fields: Any) -> HeldCondition:
    return replace(HeldCondition("grade_a", "As new, complete", "", OPERATOR.name, AT), **fields)


def graded(condition: HeldCondition | None) -> Return:
    return a_return(lines=(a_line(condition=condition),))


def test_a_grade_is_done_when_loop_holds_the_very_same() -> None:
    assert judged(doubtful(Kind.GRADE), graded(held())) == Done()


@pytest.mark.parametrize(
    "other",
    [
        {"grade": "grade_b"},
        {"description": "Worn"},
        {"processor": "Ben"},
        {"inspected_at": AT + timedelta(seconds=1)},
    ],
)
def test_a_grade_that_differs_in_word_text_processor_or_time_is_not_ours(other: dict[str, Any]) -> None:
    assert judged(doubtful(Kind.GRADE), graded(held(**other))) == Wait()


def test_what_loop_does_not_carry_is_not_compared() -> None:
    assert judged(doubtful(Kind.GRADE), graded(held(description="", processor="", inspected_at=None))) == (
        Done()
    )


def test_a_grade_whose_word_loop_does_not_carry_is_known_by_its_time_only() -> None:
    assert judged(doubtful(Kind.GRADE), graded(held(grade=""))) == Done()
    assert judged(doubtful(Kind.GRADE), graded(held(grade="", inspected_at=None))) == Wait()


def test_an_assess_is_done_when_loop_holds_the_same_disposition() -> None:
    put = HeldDisposition("back_to_stock", "", OPERATOR.name, AT)
    assert judged(doubtful(Kind.ASSESS), a_return(lines=(a_line(disposition=put),))) == Done()
    other = replace(put, disposition="recycle")
    assert judged(doubtful(Kind.ASSESS), a_return(lines=(a_line(disposition=other),))) == Wait()


@pytest.mark.parametrize("kind", sorted(VALUES))
def test_a_value_is_sent_again_after_five_seconds_at_most_five_times(kind: Kind) -> None:
    assert judged(doubtful(kind), a_return(), 4.9) == Wait()
    assert judged(doubtful(kind, tries=4), a_return(), 5.0) == Again()
    assert judged(doubtful(kind, tries=5), a_return(), 5.0) == Park(
        ParkReason.UNDECIDED, Cause(Why.NO_EFFECT)
    )


def test_the_condition_of_another_line_proves_nothing() -> None:
    other = a_return(lines=(a_line(), a_line("80000002", condition=held())))
    assert judged(doubtful(Kind.GRADE), other) == Wait()


# --- what holds for every kind ----------------------------------------------------------------------


@pytest.mark.fault(37)
@pytest.mark.parametrize("kind", sorted(FINALIZERS))
@pytest.mark.parametrize("stage", DOUBTS)
@pytest.mark.parametrize("elapsed", [0.0, 1e9])
@pytest.mark.parametrize("state", sorted(ReturnState))
def test_no_finalizer_is_ever_sent_again_by_itself(
    kind: Kind, stage: Stage, elapsed: float, state: ReturnState
) -> None:
    for seen in (a_return(state=state, lines=TWO), a_return(state=state, lines=TWO[:1])):
        assert not isinstance(judged(doubtful(kind, stage), seen, elapsed), Again)


@given(
    kind=st.sampled_from(sorted(GATED)),
    state=st.sampled_from(sorted(ReturnState)),
    gone=st.booleans(),
    refunds=st.integers(0, 1),
    elapsed=st.floats(0, 1e7),
    stage=st.sampled_from([*DOUBTS, PARKED]),
)
def test_done_is_said_of_a_gated_kind_only_when_loop_shows_its_effect(
    kind: Kind, state: ReturnState, gone: bool, refunds: int, elapsed: float, stage: Stage
) -> None:
    seen = a_return(state=state, lines=TWO[:1] if gone else TWO, refunds_paid=refunds)
    effect = {
        Kind.PROCESS: state is ReturnState.CLOSED and refunds > 0,
        Kind.REMOVE: state is ReturnState.CLOSED and gone and refunds > 0,
        Kind.CANCEL: state is ReturnState.CANCELLED,
        Kind.CLOSE: state is ReturnState.CLOSED and not refunds,
        Kind.FLAG: state is ReturnState.REVIEW,
    }[kind]
    assert isinstance(judged(doubtful(kind, stage), seen, elapsed), Done) is effect


@given(
    kind=st.sampled_from(sorted(Kind)),
    state=st.sampled_from(sorted(ReturnState)),
    stage=st.sampled_from([*DOUBTS, PARKED]),
    tries=st.integers(1, 6),
    unresolved=st.integers(0, 2),
    cause=st.sampled_from([Cause(), NO, replace(NO, is_doubted=True)]),
    elapsed=st.floats(0, 1e6),
    found=st.booleans(),
)
def test_every_verdict_becomes_a_legal_move_or_none(
    kind: Kind,
    state: ReturnState,
    stage: Stage,
    tries: int,
    unresolved: int,
    cause: Cause,
    elapsed: float,
    found: bool,
) -> None:
    entry = doubtful(kind, stage, tries=tries, unresolved=unresolved, cause=cause)
    seen = a_return(state=state, lines=TWO) if found else None
    move = move_of(entry, judged(entry, seen, elapsed, () if found else None))
    assert move is None or (move.source, move.target) in LEGAL_MOVES
    assert move is None or move.source is stage


def _effect_of(kind: Kind) -> Return:
    return {
        Kind.CANCEL: a_return(state=ReturnState.CANCELLED),
        Kind.FLAG: a_return(state=ReturnState.REVIEW),
        Kind.GRADE: graded(held()),
        Kind.ASSESS: a_return(
            lines=(a_line(disposition=HeldDisposition("back_to_stock", "", OPERATOR.name, AT)),)
        ),
        Kind.PROCESS: a_paid_return(),
        Kind.REMOVE: a_paid_return(lines=TWO[:1]),
    }.get(kind, a_return(state=ReturnState.CLOSED))


UNMARKED = sorted(set(Kind) - {Kind.NOTE})


@pytest.mark.parametrize("kind", UNMARKED)
def test_a_late_observation_closes_a_parked_entry_and_nothing_else_moves_it(kind: Kind) -> None:
    entry, effect = doubtful(kind, PARKED, reason=ParkReason.UNDECIDED), _effect_of(kind)
    assert judged(entry, effect) == Done(belief=Belief.PROCESSED if kind in PAYING else None)
    unpaid = (a_return(state=ReturnState.CLOSED), a_return(state=ReturnState.CLOSED, lines=TWO[:1]))
    for other in (a_return(), a_return(state=ReturnState.EXPIRED), None, *(unpaid if kind in PAYING else ())):
        assert judged(entry, other, 1e9) == Wait()


@pytest.mark.fault(83)
@pytest.mark.parametrize("kind", sorted(set(UNMARKED) - {Kind.CLOSE}))
@pytest.mark.parametrize(
    "entry",
    [
        {"tries": 0, "reason": ParkReason.CONFLICT},
        {"tries": 0, "reason": ParkReason.DEPENDENCY},
        {"tries": 1, "reason": ParkReason.REFUSED},
        {"tries": 1, "unresolved": 1, "cause": Cause(Why.CLAIMED, "dock 3")},
        {"tries": 1, "unresolved": 1, "cause": Cause(Why.CLAIMED_AT_HUB)},
        {"tries": 1, "unresolved": 1, "cause": Cause(Why.FINISHED_AT_HUB)},
    ],
)
def test_a_parked_entry_takes_nothing_for_its_own_that_it_cannot_have_done(
    kind: Kind, entry: dict[str, Any]
) -> None:
    """Nothing of it left, or what left was refused, or another station has the return."""
    parked = doubtful(kind, PARKED, **entry)
    found = judged(parked, _effect_of(kind))
    assert found == Superseded(belief=Belief.PROCESSED if kind in PAYING else None)
    move = move_of(parked, found)
    assert move is not None
    assert (move.target, move.cause) == (Stage.SUPERSEDED, parked.cause)


def test_a_parked_note_is_known_by_its_marker_whoever_else_has_the_return() -> None:
    note = an_entry(1, Kind.NOTE, PARKED, reason=ParkReason.CONFLICT, cause=Cause(Why.CLAIMED, "dock 3"))
    assert isinstance(judged(note, notes=(a_note(f"hello {note.marker}"),)), Done)


def test_a_damaged_entry_is_compared_with_nothing() -> None:
    entry = doubtful(Kind.PROCESS, PARKED, reason=ParkReason.DAMAGED)
    assert judged(entry, a_return(state=ReturnState.CLOSED)) == Wait()


@pytest.mark.parametrize("kind", sorted(Kind))
def test_a_return_that_loop_no_longer_knows_is_shown_after_the_limit_and_not_sent_again(kind: Kind) -> None:
    entry = doubtful(kind)
    assert judged(entry, None, 59.0) == Wait()
    assert judged(entry, None, max(60.0, LIMIT[kind])) == Park(ParkReason.UNDECIDED, Cause(Why.NOT_FOUND))


@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        (doubtful(Kind.GRADE, Stage.DONE), Superseded(Cause(Why.OVERTAKEN))),
        (doubtful(Kind.GRADE, Stage.UNCERTAIN), Superseded(Cause(Why.OVERTAKEN))),
        (
            doubtful(Kind.GRADE, PARKED, reason=ParkReason.UNDECIDED),
            Park(ParkReason.UNDECIDED, Cause(Why.NO_EFFECT)),
        ),
        (None, Again()),
    ],
)
def test_an_older_value_is_not_sent_again_once_a_newer_one_has_left(
    newer: Entry | None, expected: Verdict
) -> None:
    old = doubtful(Kind.GRADE)
    patience = Patience(LIMIT[Kind.GRADE], 5)
    assert verdict(old, a_return(), None, 0.0, patience, newer=newer) == Wait()
    assert verdict(old, a_return(), None, 1e6, patience, newer=newer) == expected


@pytest.mark.parametrize("kind", sorted(VALUES))
def test_a_value_of_a_line_that_is_gone_is_a_persons_matter_and_not_sent_again(kind: Kind) -> None:
    """A copy of the store was put back: the value may have been taken before the line was removed."""
    entry = doubtful(kind)
    without = a_return(lines=tuple(x for x in TWO if x.line_item_id != entry.target))
    assert judged(entry, without, 0.0) == Wait()
    assert judged(entry, without, 1e6) == Park(ParkReason.UNDECIDED, Cause(Why.LINE_GONE))
    again = replace(
        entry, unresolved=1, cause=Cause(Why.REFUSED, "The given data was invalid.", is_doubted=True)
    )
    assert judged(again, without, 1e6) == Park(ParkReason.UNDECIDED, Cause(Why.LINE_GONE))


# --- a refusal that could not be looked into ------------------------------------------------------


def test_a_refused_entry_that_loop_shows_as_wished_is_superseded_when_read() -> None:
    entry = doubtful(
        Kind.PROCESS, unresolved=0, cause=Cause(Why.REFUSED, "Return is closed.", is_doubted=True)
    )
    assert judged(entry, a_paid_return()) == Superseded(belief=Belief.PROCESSED)


def test_a_refused_entry_without_an_effect_parks_with_loops_words_at_the_first_read() -> None:
    entry = doubtful(Kind.PROCESS, unresolved=0, cause=Cause(Why.REFUSED, "Not allowed.", is_doubted=True))
    found = judged(entry, a_return(), 0.0)
    assert found == Park(ParkReason.REFUSED, Cause(Why.REFUSED, "Not allowed."), fingerprint(a_return()))


def test_a_refusal_after_a_lost_attempt_waits_for_the_limit_before_it_parks() -> None:
    entry = doubtful(Kind.PROCESS, unresolved=1, cause=Cause(Why.REFUSED, "Not allowed.", is_doubted=True))
    assert judged(entry, a_return(), 800.0) == Wait()
    found = judged(entry, a_return(), 900.0)
    assert isinstance(found, Park)
    assert (found.reason, found.cause) == (ParkReason.REFUSED, Cause(Why.REFUSED, "Not allowed."))
    assert judged(entry, a_paid_return()) == Done(belief=Belief.PROCESSED)


def test_another_doubt_with_words_of_its_own_is_not_taken_for_a_refusal() -> None:
    entry = doubtful(Kind.NOTE, tries=0, unresolved=1, cause=Cause(Why.RESTORED))
    assert judged(entry, notes=(), elapsed=30.0) == Again()


# --- before ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(GATED))
def test_what_loop_shows_as_the_operator_saw_it_may_be_sent(kind: Kind) -> None:
    assert before(doubtful(kind), BOTH if kind is Kind.REMOVE else a_return()) == Go(
        fingerprint(BOTH if kind is Kind.REMOVE else a_return())
    )


@pytest.mark.fault(27)
@pytest.mark.parametrize(
    ("kind", "now"),
    [
        (Kind.PROCESS, a_paid_return()),
        (Kind.REMOVE, a_paid_return(lines=TWO[:1])),
        (Kind.CANCEL, a_return(state=ReturnState.CANCELLED)),
        (Kind.CLOSE, a_return(state=ReturnState.CLOSED)),  # sent before: a person sends it again
        (Kind.FLAG, a_return(state=ReturnState.REVIEW)),
    ],
)
def test_what_loop_already_shows_as_wished_is_not_sent(kind: Kind, now: Return) -> None:
    belief = Belief.PROCESSED if kind in PAYING else None
    assert before(doubtful(kind), now) == AlreadyTrue(fingerprint(now), belief)


@pytest.mark.fault(27)
@pytest.mark.parametrize(
    ("kind", "now"),
    [
        (Kind.PROCESS, a_return(state=ReturnState.CANCELLED)),
        (Kind.PROCESS, a_return(state=ReturnState.REVIEW)),
        (Kind.REMOVE, a_return(state=ReturnState.CLOSED, lines=TWO)),
        (Kind.CANCEL, a_return(state=ReturnState.CLOSED)),
        (Kind.CLOSE, a_return(state=ReturnState.CLOSED, refunds_paid=1)),
        (Kind.FLAG, a_return(state=ReturnState.CLOSED)),
    ],
)
def test_another_end_than_the_one_wished_is_a_conflict_before_sending(kind: Kind, now: Return) -> None:
    assert before(doubtful(kind), now) == Conflict(fingerprint(now))


@pytest.mark.fault(28, 29)
@pytest.mark.parametrize(
    "change",
    [
        {"lines": TWO},
        {"lines": (a_line(outcome_raw="keep"),)},
        {"lines": (a_line(exchange_variant="44"),)},
        {"outcome": Outcome.EXCHANGE},
        {"exchanges": (an_exchange(),)},
        {"edited_at": AT},
        {"totals": replace(a_return().totals, refund=a_money("12.00"))},
    ],
)
def test_any_difference_from_what_the_operator_saw_is_a_conflict(change: dict[str, Any]) -> None:
    now = a_return(**change)
    assert before(doubtful(Kind.PROCESS), now) == Conflict(fingerprint(now))


def test_grades_notes_and_the_time_of_an_update_are_no_difference() -> None:
    now = replace(graded(held()), updated_at=AT + timedelta(hours=3))
    assert isinstance(before(doubtful(Kind.PROCESS), now), Go)


def test_after_a_person_looked_at_a_conflict_that_picture_is_what_is_compared() -> None:
    edited = a_return(lines=TWO)
    entry = doubtful(Kind.PROCESS, found=fingerprint(edited))
    assert isinstance(before(entry, edited), Go)
    assert isinstance(before(entry, a_return()), Conflict)


def test_a_finalizer_without_a_picture_is_never_sent() -> None:
    assert isinstance(before(doubtful(Kind.PROCESS, seen=None), a_return()), Conflict)


def test_the_picture_in_the_attempt_row_is_json() -> None:
    assert json.loads(picture_text(fingerprint(a_return())))["state"] == "open"


# --- evidence -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "evidence"),
    [
        (None, Evidence.ACCEPTED),
        (Unreachable(), Evidence.NOT_SENT),
        (Throttled(), Evidence.NOT_SENT),
        (Refused("No."), Evidence.REFUSED),
        (NotFound(), Evidence.REFUSED),
        (KeyRefused(), Evidence.KEY),
        (ScopeMissing(), Evidence.KEY),
        (AnswerLost(), Evidence.AMBIGUOUS),
        (AnswerLost(http_status=500), Evidence.AMBIGUOUS),
        (ApiError(), Evidence.AMBIGUOUS),
        (ValueError("bug"), Evidence.AMBIGUOUS),
        (TimeoutError(), Evidence.AMBIGUOUS),
        (asyncio.CancelledError(), Evidence.AMBIGUOUS),
        (KeyboardInterrupt(), Evidence.AMBIGUOUS),
    ],
)
def test_whatever_is_not_proven_is_ambiguous(failure: BaseException | None, evidence: Evidence) -> None:
    assert evidence_of((an_entry(1, Kind.NOTE),), failure) is evidence


def test_an_answer_that_does_not_echo_every_line_is_ambiguous() -> None:
    batch = (an_entry(1, target="1"), an_entry(2, target="2"))
    assert evidence_of(batch, None, ("1", "2")) is Evidence.ACCEPTED
    assert evidence_of(batch, None, ("1",)) is Evidence.AMBIGUOUS


# --- after ----------------------------------------------------------------------------------------


def moved(kind: Kind, evidence: Evidence, seen: Return | None = None, **fields: Any) -> Move:
    (move,) = after((an_entry(1, kind, **fields),), evidence, cause=NO, seen=seen)
    assert (move.source, move.target) in LEGAL_MOVES
    return move


@pytest.mark.parametrize("kind", sorted(Kind))
@pytest.mark.parametrize("evidence", [Evidence.NOT_SENT, Evidence.KEY])
def test_what_was_not_sent_is_ready_again_and_counts_as_no_try(kind: Kind, evidence: Evidence) -> None:
    move = moved(kind, evidence)
    assert (move.target, move.counts, move.unresolved) == (Stage.READY, False, 0)


@pytest.mark.parametrize("kind", sorted(Kind))
def test_an_accepted_finalizer_or_flag_settles_and_everything_else_is_done(kind: Kind) -> None:
    move = moved(kind, Evidence.ACCEPTED)
    assert move.target is (SETTLING if kind in GATED else Stage.DONE)
    assert move.counts


@pytest.mark.parametrize("kind", sorted(Kind))
def test_what_is_ambiguous_is_uncertain_and_unresolved(kind: Kind) -> None:
    move = moved(kind, Evidence.AMBIGUOUS)
    assert (move.target, move.counts, move.unresolved) == (UNCERTAIN, True, 1)


def test_a_refused_batch_is_split_so_that_each_goes_alone() -> None:
    batch = tuple(an_entry(n, target=str(n)) for n in range(1, 21))
    moves = after(batch, Evidence.REFUSED, cause=NO)
    assert {(x.target, x.cause) for x in moves} == {(Stage.READY, NO)}


def test_a_refused_entry_parks_with_loops_words() -> None:
    move = moved(Kind.PROCESS, Evidence.REFUSED, a_return())
    assert (move.target, move.reason, move.cause) == (PARKED, ParkReason.REFUSED, NO)


@pytest.mark.fault(17)
def test_a_refused_entry_that_already_is_as_wished_is_superseded() -> None:
    move = moved(Kind.PROCESS, Evidence.REFUSED, a_paid_return())
    assert (move.target, move.belief) == (Stage.SUPERSEDED, Belief.PROCESSED)


def test_a_refused_entry_with_an_earlier_lost_attempt_stays_uncertain() -> None:
    assert moved(Kind.PROCESS, Evidence.REFUSED, a_return(), unresolved=1).target is UNCERTAIN


def test_a_refused_entry_of_which_nothing_could_be_read_stays_uncertain() -> None:
    move = moved(Kind.PROCESS, Evidence.REFUSED, None)
    assert (move.target, move.unresolved, move.cause) == (UNCERTAIN, 0, replace(NO, is_doubted=True))


def test_a_refused_note_parks_without_a_read_since_details_show_no_notes() -> None:
    assert moved(Kind.NOTE, Evidence.REFUSED).target is PARKED


def test_an_accepted_value_settles_all_its_earlier_attempts() -> None:
    assert moved(Kind.GRADE, Evidence.ACCEPTED, unresolved=2).unresolved == -1


def test_the_time_of_an_inspection_is_read_from_the_payload_as_utc() -> None:
    assert stamp_of({"inspected_at": "2026-03-02 09:30:00"}) == AT
    assert stamp_of({"inspected_at": "yesterday"}) is None
    assert stamp_of({}) is None


def test_a_line_id_that_stands_twice_in_a_return_is_found_in_either_row() -> None:
    seen = a_return(lines=(a_line(), a_line(LINE_ID, condition=held())))
    assert judged(doubtful(Kind.GRADE), seen) == Done()


@pytest.mark.fault(160)
def test_a_close_that_never_left_is_not_what_somebody_else_closed() -> None:
    """That nothing was paid cannot be seen: where it is shown late or never, they may have processed it."""
    seen = a_return(state=ReturnState.CLOSED)
    unsent = an_entry(1, Kind.CLOSE, Stage.READY)
    assert before(unsent, seen) == Conflict(fingerprint(seen))
    refused = doubtful(
        Kind.CLOSE, unresolved=0, cause=Cause(Why.REFUSED, "Return is closed.", is_doubted=True)
    )
    assert judged(refused, seen) == Park(
        ParkReason.REFUSED, Cause(Why.REFUSED, "Return is closed."), fingerprint(seen)
    )
    parked = an_entry(1, Kind.CLOSE, PARKED, reason=ParkReason.CONFLICT)
    assert judged(parked, seen) == Wait()
    assert judged(doubtful(Kind.CLOSE), seen) == Done()
