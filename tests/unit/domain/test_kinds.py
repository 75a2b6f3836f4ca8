"""The table of kinds: each row against what the outbox promises."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loopdesk.domain.outbox import actions
from loopdesk.domain.outbox.actions import KINDS, Carries, Kind, KindSpec, Order, Witness
from loopdesk.domain.outbox.stages import Send, Stage, next_step
from loopdesk.domain.returns.returns import ReturnState
from tests.builders import an_entry
from tests.kinds import BATCH_MOST, FINALIZERS, GATED, PAYING, VALUES

PATIENCE = {
    Kind.GRADE: (5.0, 5),
    Kind.ASSESS: (5.0, 5),
    Kind.NOTE: (30.0, 2),
    Kind.FLAG: (60.0, 3),
    Kind.PROCESS: (900.0, 1),
    Kind.REMOVE: (900.0, 1),
    Kind.CANCEL: (120.0, 1),
    Kind.CLOSE: (120.0, 1),
}
"""Seconds without an effect, and how often it is sent by itself."""


def test_every_kind_has_its_row() -> None:
    assert list(KINDS) == list(Kind)


@pytest.mark.parametrize("kind", sorted(Kind))
def test_a_kind_is_what_the_outbox_promises_of_it(kind: Kind) -> None:
    spec = kind.spec
    assert (spec.sets_value, spec.is_gated) == (kind in VALUES, kind in GATED)
    assert (spec.is_final, spec.pays) == (kind in FINALIZERS, kind in PAYING)
    assert (spec.is_marked, spec.removes_lines) == (kind is Kind.NOTE, kind is Kind.REMOVE)
    assert (spec.seconds, spec.sends) == PATIENCE[kind]


@pytest.mark.parametrize("kind", sorted(Kind))
def test_only_values_share_a_call(kind: Kind) -> None:
    assert kind.spec.entries_most == (BATCH_MOST if kind in VALUES else 1)
    assert (kind.spec.entries_most > 1) == (kind.spec.carries is Carries.ITEMS)


@pytest.mark.parametrize("kind", sorted(FINALIZERS))
def test_what_nobody_can_take_back_is_never_sent_a_second_time_by_the_program(kind: Kind) -> None:
    assert kind.spec.sends == 1


@pytest.mark.parametrize("kind", sorted(GATED))
def test_where_a_return_is_led_is_ruled_out_by_other_ends_only(kind: Kind) -> None:
    assert kind.spec.leads_to is not None
    assert kind.spec.leads_to not in kind.spec.ruled_out_by
    assert kind.spec.ruled_out_by <= set(ReturnState) - {ReturnState.OPEN, ReturnState.UNKNOWN}


@pytest.mark.parametrize("kind", sorted(set(Kind) - GATED))
def test_what_is_not_gated_leaves_the_state_alone(kind: Kind) -> None:
    assert kind.spec.leads_to is None
    assert not kind.spec.ruled_out_by


def test_the_list_shows_the_effect_of_what_changes_the_state_but_not_that_nothing_was_paid() -> None:
    assert {kind for kind in Kind if kind.spec.is_listed} == GATED - {Kind.CLOSE}
    assert {kind.spec.list_state for kind in PAYING} == {None}  # open and closed ones stand in one list
    assert Kind.CANCEL.spec.list_state is ReturnState.CANCELLED
    assert Kind.FLAG.spec.list_state is ReturnState.REVIEW


def test_a_kind_acts_as_its_row_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes that could share a call: the table's row alone decides it."""
    notes = tuple(an_entry(n, Kind.NOTE, Stage.READY, target=f"{n}") for n in (1, 2))
    assert next_step(notes) == Send(notes[:1])
    shared = replace(
        Kind.NOTE.spec, order=Order.VALUE, carries=Carries.ITEMS, witness=Witness.CONDITION, entries_most=2
    )
    rows: dict[Kind, KindSpec] = {**KINDS, Kind.NOTE: shared}
    monkeypatch.setattr(actions, "KINDS", rows)
    assert next_step(notes) == Send(notes)
