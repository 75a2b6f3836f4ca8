"""What the operator sees of a return: a function of Loop's answer, the entries and the draft alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import END_STAGES, Stage
from loopdesk.domain.projection import project
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.returns import LineOutcome, ReturnState
from tests.builders import AT, LINE_ID, RETURN_ID, a_draft, a_line, a_return, an_entry, an_inspection, lines
from tests.kinds import GATED

EMPTY = Draft(RETURN_ID)
LATER = AT + timedelta(minutes=1)


def test_without_entries_and_draft_the_picture_is_loops_answer() -> None:
    picture = project(a_return(), (), EMPTY)
    assert picture.ret == a_return()
    assert [(x.line, x.found, x.units_seen, x.stages) for x in picture.lines] == [(a_line(), None, 0, ())]
    assert (picture.pending, picture.held, picture.gate) == ((), (), None)
    assert not picture.closed_for_changes


def test_a_line_shows_the_decision_and_the_units_that_were_scanned() -> None:
    (line,) = project(a_return(), (), a_draft()).lines
    assert line.found == an_inspection()
    assert line.units_seen == 1


def test_a_settled_line_shows_when_its_unit_was_seen_until_it_is_decided_anew() -> None:
    settled = a_draft(seen=((LINE_ID, AT), (LINE_ID, LATER)))
    (line,) = project(a_return(), (), EMPTY, (), (settled,)).lines
    assert line.seen_at == LATER
    (line,) = project(a_return(), (), EMPTY).lines
    assert line.seen_at is None
    (line,) = project(a_return(), (), a_draft(seen=()), (), (settled,)).lines
    assert line.seen_at is None
    (line,) = project(a_return(), (), a_draft(seen=((LINE_ID, AT),)), (), (settled,)).lines
    assert line.seen_at == AT


def test_a_line_shows_the_stage_of_its_own_grades_and_dispositions_oldest_first() -> None:
    entries = (
        an_entry(1, Kind.GRADE, Stage.DONE),
        an_entry(2, Kind.ASSESS, Stage.READY),
        an_entry(3, Kind.GRADE, Stage.HELD, target="80000002"),
        an_entry(4, Kind.NOTE, Stage.HELD),
    )
    picture = project(a_return(lines=lines(2)), entries, EMPTY)
    assert [x.stages for x in picture.lines] == [(Stage.DONE, Stage.READY), (Stage.HELD,)]


@pytest.mark.parametrize("stage", sorted(Stage))
def test_pending_is_what_has_not_ended(stage: Stage) -> None:
    entry = an_entry(1, Kind.NOTE, stage)
    picture = project(a_return(), (entry,), EMPTY)
    assert picture.pending == (() if stage in END_STAGES else (entry,))
    assert picture.held == ((entry,) if stage is Stage.HELD else ())


@pytest.mark.parametrize("kind", sorted(GATED))
def test_the_gate_is_the_unfinished_flag_or_finalizer(kind: Kind) -> None:
    entries = (an_entry(1), an_entry(2, kind))
    assert project(a_return(), entries, EMPTY).gate == entries[1]
    done = (an_entry(1), an_entry(2, kind, Stage.DONE))
    assert project(a_return(), done, EMPTY).gate is None


def test_after_a_finalizer_left_held_the_picture_is_closed_for_changes() -> None:
    held, ready = (an_entry(1, Kind.PROCESS, x) for x in (Stage.HELD, Stage.READY))
    assert not project(a_return(), (held,), EMPTY).closed_for_changes
    assert project(a_return(), (ready,), EMPTY).closed_for_changes


def test_a_line_that_the_shopper_keeps_is_not_expected_in_the_parcel() -> None:
    kept = a_line(outcome=LineOutcome.KEEP, outcome_raw="keep")
    (line,) = project(a_return(lines=(kept,)), (), EMPTY).lines
    assert not line.is_expected
    assert project(a_return(), (), EMPTY).lines[0].is_expected


def test_what_loop_says_is_not_changed_by_what_is_on_its_way() -> None:
    entries = (an_entry(1, Kind.GRADE, Stage.SENDING), an_entry(2, Kind.PROCESS, Stage.SETTLING))
    picture = project(a_return(), entries, a_draft())
    assert picture.ret == a_return()
    assert picture.lines[0].line.line_item_id == LINE_ID
    assert picture.lines[0].line.condition is None


def test_a_line_is_no_better_than_the_worse_of_its_two_halves() -> None:
    refused = (an_entry(1, Kind.GRADE, Stage.PARKED), an_entry(2, Kind.ASSESS, Stage.DONE))
    assert project(a_return(), refused, EMPTY).lines[0].stands is Stage.PARKED
    anew = (*refused, an_entry(3, Kind.GRADE, Stage.DONE))
    assert project(a_return(), anew, EMPTY).lines[0].stands is Stage.DONE


def test_what_was_withdrawn_is_not_shown_on_its_line() -> None:
    (line,) = project(a_return(), (an_entry(1, Kind.GRADE, Stage.WITHDRAWN),), EMPTY).lines
    assert (line.stages, line.sent, line.stands) == ((), "", None)


@pytest.mark.parametrize("state", sorted(ReturnState))
def test_a_return_is_settled_when_it_came_to_an_end_and_nothing_new_was_entered(state: ReturnState) -> None:
    ret = a_return(state=state)
    done = (an_entry(1, Kind.GRADE, Stage.DONE),)
    ended = state not in (ReturnState.OPEN, ReturnState.UNKNOWN)
    assert project(ret, done, EMPTY).settled is ended
    assert not project(ret, done, a_draft()).settled
    assert not project(ret, (), EMPTY).settled
    assert not project(ret, (*done, an_entry(2, Kind.ASSESS, Stage.READY)), EMPTY).settled
