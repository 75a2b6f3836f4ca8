"""What makes a closed return count as processed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.effects import Belief, belief_of, promises_nothing, witness_of
from loopdesk.domain.outbox.reconcile import (
    Conflict,
    Done,
    Park,
    Patience,
    Unpaid,
    Wait,
    before,
    verdict,
)
from loopdesk.domain.outbox.stages import Cause, Entry, ParkReason, Stage, Why
from loopdesk.domain.returns.returns import Return, ReturnState, Totals, fingerprint
from tests.builders import a_line, a_money, a_paid_return, a_return, an_entry, an_exchange, lines

CLOSED = a_return(state=ReturnState.CLOSED, tells_payment=True)
SEEN = fingerprint(a_return())
LIMITS = Patience(900.0, 1, 21_600.0)
TWO = lines(2)


def settling(kind: Kind = Kind.PROCESS, stage: Stage = Stage.SETTLING, **fields: Any) -> Entry:
    if kind is Kind.REMOVE:
        fields.setdefault("payload", {"line_item_ids": [TWO[1].line_item_id]})
        fields.setdefault("seen", fingerprint(a_return(lines=TWO)))
    return an_entry(1, kind, stage, **{"tries": 1, **fields})


def promising(**fields: Any) -> Any:
    return fingerprint(a_return(**fields))


@pytest.mark.fault(160, 162)
@pytest.mark.parametrize(
    ("shown", "belief"),
    [
        ({}, None),
        ({"was_processed": False}, None),
        ({"was_processed": True}, Belief.PROCESSED),
        ({"refunds_paid": 1}, Belief.REFUND),
        ({"refund_records": 1}, None),
        ({"outcomes_processed": frozenset({"return"})}, Belief.STAMP),
        ({"outcomes_processed": frozenset({"refund"})}, Belief.STAMP),
        ({"outcomes_processed": frozenset({"exchange", "gift_card"})}, None),
        ({"exchange_order_ids": ("81",)}, None),
        ({"gift_card_order_ids": ("91",)}, None),
    ],
)
def test_a_closed_return_with_a_promised_refund_needs_a_witness(
    shown: dict[str, Any], belief: Belief | None
) -> None:
    assert witness_of(SEEN, replace(CLOSED, **shown)) == belief


@pytest.mark.parametrize(
    ("promised", "shown", "belief"),
    [
        ({"exchanges": (an_exchange(),)}, {"exchange_order_ids": ("81",)}, Belief.EXCHANGE),
        ({"outcome": "exchange"}, {"exchange_order_ids": ("81",)}, Belief.EXCHANGE),
        ({"outcome": "exchange"}, {"outcomes_processed": frozenset({"exchange"})}, Belief.STAMP),
        ({"outcome": "credit"}, {"gift_card_order_ids": ("91",)}, Belief.GIFT_CARD),
        ({"outcome": "credit"}, {"outcomes_processed": frozenset({"gift_card"})}, Belief.STAMP),
        ({"outcome": "credit"}, {"outcomes_processed": frozenset({"shop_cash"})}, Belief.STAMP),
        ({"outcome": "credit"}, {"exchange_order_ids": ("81",)}, None),
    ],
)
def test_orders_and_gift_cards_are_witnesses_of_what_was_promised(
    promised: dict[str, Any], shown: dict[str, Any], belief: Belief | None
) -> None:
    assert witness_of(promising(**promised), replace(CLOSED, **shown)) == belief


@pytest.mark.fault(160)
@pytest.mark.parametrize("kind", [Kind.PROCESS, Kind.REMOVE])
@pytest.mark.parametrize("stage", [Stage.SETTLING, Stage.UNCERTAIN])
def test_closed_without_a_witness_waits_for_six_hours_and_then_asks_a_person(
    kind: Kind, stage: Stage
) -> None:
    entry = settling(kind, stage)
    shown = replace(CLOSED, lines=TWO[:1]) if kind is Kind.REMOVE else CLOSED
    for elapsed in (0.0, 900.0, 21_599.0):
        assert verdict(entry, shown, None, elapsed, LIMITS) == Unpaid()
    parked = Park(ParkReason.UNDECIDED, Cause(Why.NO_WITNESS), fingerprint(shown))
    assert verdict(entry, shown, None, 21_600.0, LIMITS) == parked


@pytest.mark.fault(161)
def test_a_witness_that_comes_hours_late_ends_it_whoever_sees_it() -> None:
    paid = a_paid_return()
    for stage in (Stage.SETTLING, Stage.UNCERTAIN, Stage.PARKED):
        for is_details in (True, False):
            found = verdict(settling(stage=stage), paid, None, 20_000.0, LIMITS, is_details=is_details)
            assert found == Done(belief=Belief.PROCESSED)
    assert verdict(settling(stage=Stage.PARKED), CLOSED, None, 1e9, LIMITS) == Wait()


@pytest.mark.fault(160)
def test_a_refusal_of_a_return_that_a_person_closed_is_in_front_of_a_person_at_once() -> None:
    entry = settling(
        stage=Stage.UNCERTAIN, unresolved=0, cause=Cause(Why.REFUSED, "Return is closed.", is_doubted=True)
    )
    found = verdict(entry, CLOSED, None, 0.0, LIMITS)
    assert found == Park(ParkReason.REFUSED, Cause(Why.REFUSED, "Return is closed."), fingerprint(CLOSED))


@pytest.mark.fault(160)
@pytest.mark.parametrize("kind", [Kind.PROCESS, Kind.REMOVE])
def test_a_return_that_a_person_closed_before_it_was_sent_is_a_conflict_and_no_wish_come_true(
    kind: Kind,
) -> None:
    entry = settling(kind, Stage.READY)
    shown = replace(CLOSED, lines=TWO[:1]) if kind is Kind.REMOVE else CLOSED
    assert before(entry, shown) == Conflict(fingerprint(shown))


@pytest.mark.fault(160)
def test_a_refund_from_before_the_decision_is_no_witness_of_it() -> None:
    then = a_return(refunds_paid=1)
    entry = settling(seen=fingerprint(then))
    closed = replace(then, state=ReturnState.CLOSED, state_raw="closed", tells_payment=True)
    assert belief_of(entry, closed, is_details=True, tells=True) is None
    assert isinstance(before(entry, closed), Conflict)
    paid = replace(closed, refunds_paid=2)
    assert belief_of(entry, paid, is_details=True, tells=True) == Belief.REFUND


def test_where_nothing_was_promised_closed_is_enough_in_details_and_not_in_a_row() -> None:
    free = a_line(refund=a_money("0.00"))
    nothing = a_return(totals=Totals(total=a_money("20.00"), refund=a_money("0.00")), lines=(free,))
    entry = settling(seen=fingerprint(nothing))
    assert belief_of(entry, CLOSED, is_details=True, tells=True) == Belief.NOTHING_PROMISED
    assert belief_of(entry, CLOSED, is_details=False, tells=True) is None


@pytest.mark.parametrize(
    ("ret", "nothing"),
    [
        (a_return(totals=Totals(), lines=(a_line(refund=a_money("0.00")),)), True),
        (a_return(totals=Totals(total=a_money("0.00")), lines=(a_line(refund=None),)), True),
        (a_return(totals=Totals(total=a_money("20.00")), lines=(a_line(refund=None),)), False),
        (a_return(totals=Totals(), lines=(a_line(refund=None),)), False),
        (a_return(totals=Totals(), lines=(a_line(refund=a_money("4.00")),)), False),
        (a_return(totals=Totals(upsell=a_money("1.00")), lines=(a_line(refund=a_money("0.00")),)), False),
        (
            a_return(totals=Totals(), lines=(a_line(refund=a_money("0.00")),), exchanges=(an_exchange(),)),
            False,
        ),
    ],
)
def test_nothing_is_promised_only_where_everything_says_so(ret: Return, nothing: bool) -> None:
    assert promises_nothing(fingerprint(ret)) is nothing


def test_sums_that_the_first_version_could_not_read_are_no_promise_of_nothing() -> None:
    free = fingerprint(a_return(totals=Totals(total=a_money("0.00")), lines=(a_line(refund=None),)))
    assert promises_nothing(free)
    assert not promises_nothing(replace(free, version=1))


def test_where_the_shop_never_tells_closed_is_enough_in_details_and_not_in_a_row() -> None:
    silent = replace(CLOSED, tells_payment=False)
    entry = settling()
    assert belief_of(entry, silent, is_details=True, tells=False) == Belief.UNTOLD
    assert belief_of(entry, silent, is_details=False, tells=False) is None
    assert belief_of(entry, silent, is_details=True, tells=True) is None
    assert belief_of(entry, CLOSED, is_details=True, tells=False) is None
