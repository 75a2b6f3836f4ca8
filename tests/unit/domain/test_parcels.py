"""Which parcels a return comes in, and which are still awaited."""

from __future__ import annotations

from typing import Any

import pytest

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.operators import Operator
from loopdesk.domain.projection import project
from loopdesk.domain.returns.grading import Draft, Grade
from loopdesk.domain.returns.parcels import (
    SeenParcel,
    awaited,
    expected_parcels,
    is_same_number,
    lines_of,
    parcel_pictures,
    parcel_with,
)
from loopdesk.domain.returns.returns import LineOutcome, Parcel, Return, ReturnState
from loopdesk.domain.settlement import SettlementKind, plan, propose
from tests.bench_rig import VOCABULARY
from tests.builders import AT, RETURN_ID, a_line, a_parcel, a_return, an_inspection

ONE, TWO, THREE = "1Z0001", "1Z0002", "1Z0003"
LINES = (a_line("80000001"), a_line("80000002"), a_line("80000003"))


def in_three(**fields: Any) -> Return:
    parcels = tuple(
        a_parcel(number, line_item_ids=(line.line_item_id,))
        for number, line in zip((ONE, TWO, THREE), LINES, strict=True)
    )
    return a_return(lines=LINES, parcels=parcels, **fields)


def seen(*numbers: str) -> tuple[SeenParcel, ...]:
    return tuple(SeenParcel(RETURN_ID, number, AT) for number in numbers)


def waited_for(ret: Return, *numbers: str) -> list[str]:
    return [x.tracking_number for x in awaited(parcel_pictures(ret, seen(*numbers)))]


def test_every_parcel_that_was_not_seen_is_waited_for() -> None:
    assert waited_for(in_three()) == [ONE, TWO, THREE]
    assert waited_for(in_three(), TWO) == [ONE, THREE]
    assert waited_for(in_three(), TWO, ONE, THREE) == []


def test_a_return_in_one_parcel_waits_for_none() -> None:
    assert waited_for(a_return()) == []
    assert waited_for(a_return(parcels=())) == []


def test_case_and_spaces_make_no_other_number() -> None:
    assert is_same_number("1z 0001\t", ONE)
    assert is_same_number("1Z-0001", ONE)
    assert not is_same_number("", "")
    assert waited_for(in_three(), "1z0001", " 1Z0002", THREE) == []
    assert parcel_with(in_three(), "1z 0002") == in_three().parcels[1]
    assert parcel_with(in_three(), "1Z9") is None


def test_a_parcel_is_known_by_each_number_in_its_field() -> None:
    ret = a_return(parcels=(a_parcel("D10011342332145, 1Z879E930346834440"),))
    for number in ("D10011342332145", "1Z879E930346834440"):
        assert parcel_with(ret, number) == ret.parcels[0]
    assert parcel_with(ret, "D10011342332146") is None


@pytest.mark.parametrize("status", ["cancelled", "Canceled"])
def test_a_cancelled_label_brings_nothing(status: str) -> None:
    ret = a_return(parcels=(a_parcel(ONE), a_parcel(TWO, status=status)))
    assert [x.tracking_number for x in expected_parcels(ret)] == [ONE]
    assert waited_for(ret, ONE) == []


def test_a_label_for_what_the_shopper_keeps_brings_nothing() -> None:
    kept = a_line("80000002", outcome=LineOutcome.KEEP)
    parcels = (a_parcel(ONE), a_parcel(TWO, line_item_ids=("80000002",)))
    assert [
        x.tracking_number for x in expected_parcels(a_return(lines=(LINES[0], kept), parcels=parcels))
    ] == [ONE]


def test_a_number_that_stands_there_twice_is_one_parcel_and_none_is_no_parcel() -> None:
    ret = a_return(parcels=(a_parcel(ONE), a_parcel(ONE.lower()), Parcel("ups", "")))
    assert len(expected_parcels(ret)) == 1


def test_a_label_names_its_own_lines() -> None:
    ret = in_three()
    assert lines_of(ret, ret.parcels[1]) == ("80000002",)
    assert lines_of(ret, a_parcel(ONE)) == ()
    unknown = a_parcel(ONE, line_item_ids=("80000003", "9", "80000003"))
    assert lines_of(ret, unknown) == ("80000003",)


def decided(**fields: Any) -> Draft:
    found = tuple(an_inspection(line.line_item_id) for line in LINES)
    return Draft(RETURN_ID, found, **fields)


@pytest.mark.parametrize(
    "state", [ReturnState.OPEN, ReturnState.CLOSED, ReturnState.EXPIRED, ReturnState.REVIEW]
)
def test_nothing_is_proposed_before_every_parcel_was_seen(state: ReturnState) -> None:
    ret = in_three(state=state)
    missing = project(ret, (), decided(), seen(ONE, TWO)).awaited
    proposal = propose(ret, decided(), VOCABULARY, missing)
    assert (proposal.kind, proposal.blocked) == (None, "parcels")
    every = project(ret, (), decided(), seen(ONE, TWO, THREE)).awaited
    assert propose(ret, decided(), VOCABULARY, every).kind is not None


def test_nothing_can_be_planned_before_every_parcel_was_seen() -> None:
    ret = in_three()
    for kind in (SettlementKind.PROCESS, SettlementKind.GRADE_ONLY, SettlementKind.CLOSE):
        with pytest.raises(RuleBroken, match="parcels"):
            plan(
                ret,
                decided(),
                kind,
                VOCABULARY,
                ret.parcels[:1],
                operator=Operator(name="Kim"),
                station="dock 1",
            )


def test_a_person_may_say_not_to_wait() -> None:
    proposal = propose(in_three(), decided(not_waiting=True), VOCABULARY, in_three().parcels[2:])
    assert proposal.kind is SettlementKind.PROCESS
    left = Draft(RETURN_ID, (an_inspection("80000001"),), not_waiting=True)
    assert propose(in_three(), left, VOCABULARY, in_three().parcels[1:]).blocked == "undecided"


def test_a_person_may_be_called_before_every_parcel_was_seen() -> None:
    draft = decided(chosen="flag", flag_reason="looks odd")
    assert propose(in_three(), draft, VOCABULARY, in_three().parcels[2:]).kind is SettlementKind.FLAG


def test_a_cancelled_return_is_set_aside_whatever_came() -> None:
    ret = in_three(state=ReturnState.CANCELLED)
    assert propose(ret, Draft(RETURN_ID), VOCABULARY, ret.parcels).kind is SettlementKind.SET_ASIDE


def test_saying_not_to_wait_makes_a_draft() -> None:
    assert Draft(RETURN_ID).is_empty
    assert not Draft(RETURN_ID, not_waiting=True).is_empty
    assert Grade.A in {x.grade for x in decided().inspections}
