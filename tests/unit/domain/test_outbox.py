"""Stages, legal moves, and what a lane does next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import (
    END_STAGES,
    LEGAL_MOVES,
    Cause,
    Entry,
    ParkBehind,
    ParkReason,
    ReadBack,
    Rest,
    Resume,
    Send,
    Stage,
    Why,
    gate_to_check,
    has_ended_well,
    has_open_gate,
    is_closed_for_changes,
    marker_of,
    next_step,
    overtaken_by,
)
from loopdesk.domain.settlement import settlement_kind
from tests.builders import an_entry
from tests.kinds import BATCH_MOST, FINALIZERS, GATED, VALUES

HELD, READY, SENDING, UNCERTAIN = Stage.HELD, Stage.READY, Stage.SENDING, Stage.UNCERTAIN
SETTLING, PARKED, DONE, WITHDRAWN = Stage.SETTLING, Stage.PARKED, Stage.DONE, Stage.WITHDRAWN


def lane(*what: tuple[Kind, Stage], **fields: Any) -> tuple[Entry, ...]:
    """Build a lane; each value gets its own line."""
    return tuple(
        an_entry(n, kind, stage, target=f"8000{n:04}" if kind in VALUES else "", **fields)
        for n, (kind, stage) in enumerate(what, 1)
    )


# --- stages ---------------------------------------------------------------------------------------


def test_nothing_leaves_an_end_stage() -> None:
    assert not any(source in END_STAGES for source, _ in LEGAL_MOVES)


def test_every_stage_but_the_end_stages_can_be_left_and_every_one_but_held_reached() -> None:
    assert {source for source, _ in LEGAL_MOVES} == set(Stage) - END_STAGES
    assert {target for _, target in LEGAL_MOVES} == set(Stage) - {HELD}


def test_what_was_accepted_is_never_sent_again_by_the_program() -> None:
    assert {target for source, target in LEGAL_MOVES if source is SETTLING} == {
        DONE,
        PARKED,
        Stage.SUPERSEDED,
    }


def test_only_what_is_held_or_ready_or_parked_can_be_withdrawn() -> None:
    assert {source for source, target in LEGAL_MOVES if target is WITHDRAWN} == {HELD, READY, PARKED}


def test_sending_is_reached_from_ready_alone() -> None:
    assert {source for source, target in LEGAL_MOVES if target is SENDING} == {READY}


def test_a_marker_is_six_characters_that_depend_on_the_entry_alone() -> None:
    assert marker_of("a" * 32) == marker_of("a" * 32)
    assert marker_of("a" * 32) != marker_of("b" * 32)
    marker = marker_of("a" * 32)
    assert (marker[:4], marker[-1], len(marker)) == ("[ld:", "]", 11)
    assert marker[4:-1].isalnum()


# --- order ----------------------------------------------------------------------------------------


def test_entries_go_in_the_order_decided() -> None:
    some = lane((Kind.GRADE, READY), (Kind.ASSESS, READY), (Kind.NOTE, READY), (Kind.PROCESS, READY))
    assert next_step(some) == Send(some[:1])
    assert next_step((replace(some[0], stage=DONE), *some[1:])) == Send(some[1:2])


def test_while_one_is_being_sent_nothing_else_of_the_return_is() -> None:
    assert next_step(lane((Kind.GRADE, SENDING), (Kind.NOTE, READY))) == Rest()


@pytest.mark.parametrize("stage", [UNCERTAIN, SETTLING])
def test_a_lost_answer_is_read_back_before_anything_else_is_sent(stage: Stage) -> None:
    some = lane((Kind.NOTE, READY), (Kind.GRADE, stage))
    assert next_step(some) == ReadBack(some[1:])


def test_what_is_held_holds_back_what_comes_after_it() -> None:
    assert next_step(lane((Kind.GRADE, HELD), (Kind.NOTE, READY))) == Rest()


def test_a_lane_without_anything_unfinished_rests() -> None:
    assert next_step(lane((Kind.GRADE, DONE), (Kind.NOTE, WITHDRAWN))) == Rest()
    assert next_step(()) == Rest()


@pytest.mark.parametrize("gate", sorted(GATED))
def test_a_finalizer_or_flag_waits_visibly_for_what_parked_before_it(gate: Kind) -> None:
    some = lane((Kind.GRADE, PARKED), (gate, READY))
    assert next_step(some) == ParkBehind(some[1], some[:1])


def test_a_finalizer_goes_without_what_a_person_waived() -> None:
    some = lane((Kind.GRADE, PARKED), (Kind.PROCESS, READY))
    assert next_step(some, frozenset({some[0].entry_id})) == Send(some[1:])


def test_values_and_notes_go_on_past_one_that_parked() -> None:
    some = lane((Kind.GRADE, PARKED), (Kind.ASSESS, READY), (Kind.NOTE, READY))
    assert next_step(some) == Send(some[1:2])


def test_a_finalizer_that_waited_resumes_once_nothing_before_it_is_parked() -> None:
    some = lane((Kind.GRADE, DONE), (Kind.PROCESS, PARKED))
    waiting = (some[0], replace(some[1], reason=ParkReason.DEPENDENCY))
    assert next_step(waiting) == Resume(waiting[1])
    assert next_step(some) == Rest()


def test_a_finalizer_that_waits_for_two_resumes_only_after_both() -> None:
    some = lane((Kind.GRADE, PARKED), (Kind.NOTE, PARKED), (Kind.PROCESS, PARKED))
    waiting = (*some[:2], replace(some[2], reason=ParkReason.DEPENDENCY))
    assert next_step(waiting, frozenset({some[0].entry_id})) == Rest()
    assert next_step(waiting, frozenset({some[0].entry_id, some[1].entry_id})) == Resume(waiting[2])


# --- batches --------------------------------------------------------------------------------------


def test_lines_of_one_kind_go_in_one_call() -> None:
    some = lane((Kind.GRADE, READY), (Kind.GRADE, READY), (Kind.ASSESS, READY), (Kind.ASSESS, READY))
    assert next_step(some) == Send(some[:2])


def test_a_batch_holds_at_most_twenty_lines() -> None:
    some = lane(*[(Kind.GRADE, READY)] * 45)
    assert next_step(some) == Send(some[:BATCH_MOST])


def test_the_same_line_twice_does_not_go_in_one_call() -> None:
    some = lane((Kind.GRADE, READY), (Kind.GRADE, READY))
    twice = tuple(replace(x, target="80000001") for x in some)
    assert next_step(twice) == Send(twice[:1])


def test_settlements_and_keys_do_not_mix_in_a_batch() -> None:
    some = lane((Kind.GRADE, READY), (Kind.GRADE, READY))
    assert next_step((some[0], replace(some[1], settlement_id="9" * 32))) == Send(some[:1])
    assert next_step((some[0], replace(some[1], key_fingerprint="other"))) == Send(some[:1])


@pytest.mark.parametrize(
    "doubt", [{"cause": Cause(Why.REFUSED, "items.0 is wrong")}, {"unresolved": 1, "tries": 1}]
)
def test_after_a_refusal_or_a_doubt_an_entry_goes_alone(doubt: dict[str, Any]) -> None:
    some = lane(*[(Kind.GRADE, READY)] * 3)
    first = (replace(some[0], **doubt), *some[1:])
    assert next_step(first) == Send(first[:1])
    middle = (some[0], replace(some[1], **doubt), some[2])
    assert next_step(middle) == Send(middle[:1])


@pytest.mark.parametrize("kind", sorted(set(Kind) - VALUES))
def test_notes_flags_and_finalizers_never_go_in_a_batch(kind: Kind) -> None:
    some = lane((kind, READY), (kind, READY))
    assert next_step(some) == Send(some[:1])


# --- the look before ------------------------------------------------------------------------------


def test_before_the_first_entry_of_a_settlement_its_finalizer_is_compared() -> None:
    some = lane((Kind.GRADE, READY), (Kind.NOTE, READY), (Kind.PROCESS, READY))
    assert gate_to_check(some[:1], some) == some[2]


def test_after_the_first_entry_only_the_finalizer_itself_is_compared_again() -> None:
    some = lane((Kind.GRADE, DONE), (Kind.NOTE, READY), (Kind.PROCESS, READY))
    assert gate_to_check(some[1:2], some) is None
    assert gate_to_check(some[2:], some) == some[2]


def test_a_settlement_without_flag_or_finalizer_is_not_compared() -> None:
    some = lane((Kind.GRADE, READY), (Kind.NOTE, READY))
    assert gate_to_check(some[:1], some) is None


def test_a_gate_that_is_parked_does_not_hold_the_rest_that_a_person_sends_again() -> None:
    some = lane((Kind.GRADE, READY), (Kind.PROCESS, PARKED))
    assert gate_to_check(some[:1], some) is None


def test_the_finalizer_of_another_settlement_is_not_compared() -> None:
    some = lane((Kind.GRADE, READY), (Kind.PROCESS, READY))
    assert gate_to_check(some[:1], (some[0], replace(some[1], settlement_id="9" * 32))) is None


# --- closed for changes ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(FINALIZERS))
@pytest.mark.parametrize("stage", sorted(Stage))
def test_once_a_finalizer_left_held_the_return_is_closed_for_changes(kind: Kind, stage: Stage) -> None:
    harmless = stage in (HELD, WITHDRAWN, Stage.SUPERSEDED)
    assert is_closed_for_changes(lane((Kind.GRADE, DONE), (kind, stage))) is not harmless


def test_a_flag_does_not_close_a_return_for_changes_but_bars_a_second_gate() -> None:
    some = lane((Kind.FLAG, SETTLING))
    assert not is_closed_for_changes(some)
    assert has_open_gate(some)
    assert not has_open_gate(lane((Kind.FLAG, DONE), (Kind.NOTE, READY)))


# --- how a settlement ends ------------------------------------------------------------------------


def test_a_settlement_ends_well_when_its_finalizer_came_true() -> None:
    assert has_ended_well(lane((Kind.GRADE, DONE), (Kind.NOTE, WITHDRAWN), (Kind.PROCESS, DONE)))
    assert has_ended_well(lane((Kind.GRADE, DONE), (Kind.PROCESS, Stage.SUPERSEDED)))
    assert has_ended_well(lane((Kind.GRADE, DONE), (Kind.NOTE, DONE)))


def test_a_settlement_whose_finalizer_was_dropped_or_that_still_moves_has_not_ended_well() -> None:
    assert not has_ended_well(lane((Kind.GRADE, DONE), (Kind.PROCESS, WITHDRAWN)))
    assert not has_ended_well(lane((Kind.GRADE, DONE), (Kind.PROCESS, SETTLING)))
    assert not has_ended_well(lane((Kind.GRADE, PARKED), (Kind.PROCESS, DONE)))
    assert not has_ended_well(lane((Kind.GRADE, WITHDRAWN), (Kind.NOTE, WITHDRAWN)))
    assert not has_ended_well(lane((Kind.GRADE, Stage.SUPERSEDED), cause=Cause(Why.OVERTAKEN)))


def test_a_settlement_is_named_by_what_ends_it() -> None:
    assert settlement_kind(lane((Kind.GRADE, DONE), (Kind.REMOVE, DONE))) == "remove_and_process"
    assert settlement_kind(lane((Kind.GRADE, DONE), (Kind.FLAG, DONE))) == "flag"
    assert settlement_kind(lane((Kind.GRADE, DONE), (Kind.NOTE, DONE))) == "grade_only"
    assert settlement_kind(lane((Kind.NOTE, DONE))) == "set_aside"


# --- properties -----------------------------------------------------------------------------------

LANES = st.lists(st.tuples(st.sampled_from(sorted(Kind)), st.sampled_from(sorted(Stage))), max_size=8)


@given(LANES, st.sets(st.integers(1, 8)))
def test_nothing_is_ever_sent_past_something_unfinished_that_is_not_parked(
    what: list[tuple[Kind, Stage]], waived: set[int]
) -> None:
    some = lane(*what)
    step = next_step(some, frozenset(f"{n:032x}" for n in waived))
    if not isinstance(step, Send):
        return
    first = step.batch[0]
    earlier = [x for x in some if x.seq < first.seq and not x.is_finished]
    assert all(x.stage is PARKED for x in earlier)
    assert not any(x.stage in (SENDING, UNCERTAIN, SETTLING) for x in some)
    if first.kind in GATED:
        assert all(x.seq in waived for x in earlier)


@given(LANES)
def test_a_batch_is_of_one_kind_ready_and_each_line_once(what: list[tuple[Kind, Stage]]) -> None:
    step = next_step(lane(*what))
    if isinstance(step, Send):
        assert {x.stage for x in step.batch} == {READY}
        assert len({x.kind for x in step.batch}) == 1
        assert len({x.target for x in step.batch}) == len(step.batch) or len(step.batch) == 1


# --- older than what has left -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(Kind))
@pytest.mark.parametrize("stage", sorted(Stage))
def test_only_an_older_value_is_overtaken_and_only_by_what_may_have_left(kind: Kind, stage: Stage) -> None:
    old, other = an_entry(1, kind, UNCERTAIN, target="1"), an_entry(2, kind, DONE, target="2")
    new = an_entry(3, kind, stage, target="1")
    left = stage in {SENDING, UNCERTAIN, SETTLING, DONE, Stage.SUPERSEDED}
    assert overtaken_by(old, (old, other, new)) == (new if kind in VALUES and left else None)
    tried = replace(new, tries=1)
    assert overtaken_by(old, (old, other, tried)) == (
        tried if kind in VALUES and (left or stage is PARKED) else None
    )
    assert overtaken_by(new, (old, other, new)) is None
