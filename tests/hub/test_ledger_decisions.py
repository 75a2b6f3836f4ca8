"""What the ledger decides at the edges that two benches in the model do not reach."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.hub.ledger import claims, decisions
from loopdesk.hub.ledger.calls import action_call
from loopdesk.hub.ledger.stages import (
    LIMITS,
    ActionKey,
    ActionRequest,
    ActionStage,
    ClaimEnd,
    HubOutcome,
    LedgerFacts,
    LedgerRow,
    Proof,
    ReturnClaim,
    StoredAnswer,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENTRY, OTHER = "a" * 32, "b" * 32
NO = StoredAnswer(422, (), b"{}")


def a_row(n: int = 1, stage: ActionStage = ActionStage.SENDING, **more: object) -> LedgerRow:
    row = LedgerRow(
        ActionKey(ENTRY, n), "bench", "shop", "7", Kind.PROCESS, "sha", stage, 1, "x", reserved_at=NOW
    )
    sent_at = NOW if stage in (ActionStage.SENDING, ActionStage.UNKNOWN, ActionStage.ANSWERED) else None
    return replace(row, sent_at=sent_at, **more)  # type: ignore[arg-type]


def a_claim(entry_id: str = ENTRY, **more: object) -> ReturnClaim:
    claim = ReturnClaim("shop", "7", entry_id, "bench", "Dock 1", "Ada", Kind.PROCESS, NOW, NOW)
    return replace(claim, **more)  # type: ignore[arg-type]


def some_facts(*rows: LedgerRow, held: ReturnClaim | None = None, after: float = 0.0) -> LedgerFacts:
    now = NOW + timedelta(seconds=after)
    return LedgerFacts(now, "g", rows, () if held is None else (held,), frozenset({1}))


def a_request(entry_id: str = OTHER, **more: object) -> ActionRequest:
    ask = ActionRequest(
        ActionKey(entry_id, 1), "bench", "shop", "7", Kind.PROCESS, "sha", "Dock 2", "Bo", "g"
    )
    return replace(ask, **more)  # type: ignore[arg-type]


def decide(ask: ActionRequest, facts: LedgerFacts) -> HubOutcome | None:
    return decisions.on_request(ask, facts, owner=2, exchange="y").outcome


def test_a_refusal_ends_the_claim_in_the_same_transaction() -> None:
    ruling = decisions.on_answer(
        ActionKey(ENTRY, 1), "x", NO, Proof.REFUSED, some_facts(a_row(), held=a_claim())
    )
    assert [claim.end for claim in ruling.claims] == [ClaimEnd.REFUSED]


def test_a_refusal_after_a_lost_answer_ends_no_claim_because_the_lost_one_may_have_come_true() -> None:
    lost = a_row(1, ActionStage.UNKNOWN)
    facts = some_facts(lost, a_row(2), held=a_claim(), after=90)
    ruling = decisions.on_answer(ActionKey(ENTRY, 2), "x", NO, Proof.REFUSED, facts)
    assert ruling.row is not None
    assert ruling.claims == ()


def test_a_return_seen_ended_before_the_refusal_came_was_ended_by_somebody_else() -> None:
    seen = a_claim(ended_at=NOW, end=ClaimEnd.EFFECT)
    ruling = decisions.on_answer(ActionKey(ENTRY, 1), "x", NO, Proof.REFUSED, some_facts(a_row(), held=seen))
    assert [claim.end for claim in ruling.claims] == [ClaimEnd.REFUSED]


def test_an_unclear_answer_keeps_the_claim() -> None:
    facts = some_facts(a_row(), held=a_claim())
    ruling = decisions.on_answer(ActionKey(ENTRY, 1), "x", NO, Proof.UNCLEAR, facts)
    assert all(claim.is_open for claim in ruling.claims)


def test_a_reservation_that_is_too_old_is_not_sent() -> None:
    fresh = some_facts(a_row(stage=ActionStage.RESERVED), held=a_claim(), after=59)
    old = some_facts(a_row(stage=ActionStage.RESERVED), held=a_claim(), after=60)
    assert decisions.on_headers(ActionKey(ENTRY, 1), "x", fresh).row is not None
    assert decisions.on_headers(ActionKey(ENTRY, 1), "x", old).row is None


def test_a_finalizer_without_its_claim_is_not_sent() -> None:
    facts = some_facts(a_row(stage=ActionStage.RESERVED), held=a_claim(OTHER))
    assert decisions.on_headers(ActionKey(ENTRY, 1), "x", facts).row is None


def ask(facts: LedgerFacts, generation: str = "g") -> HubOutcome | None:
    return decisions.on_question(ActionKey(ENTRY, 1), "bench", generation, facts).outcome


@pytest.mark.fault(68, 83)
@pytest.mark.parametrize("end", [None, ClaimEnd.EFFECT])
def test_who_asks_about_what_nobody_knows_is_told_whose_the_return_is(end: ClaimEnd | None) -> None:
    theirs = a_claim(OTHER, end=end, ended_at=NOW if end else None)
    for row in (a_row(stage=ActionStage.UNKNOWN), a_row(stage=ActionStage.ANSWERED)):
        assert ask(some_facts(row, held=theirs)) is HubOutcome.CLAIMED
    assert ask(some_facts(held=theirs), "older") is HubOutcome.CLAIMED
    assert ask(some_facts(held=theirs), "") is HubOutcome.CLAIMED


@pytest.mark.parametrize("end", [ClaimEnd.UNSENT, ClaimEnd.REFUSED, ClaimEnd.MOOT, ClaimEnd.TAKEN_OVER])
def test_a_claim_that_ended_without_an_effect_says_nothing_about_the_return(end: ClaimEnd) -> None:
    theirs = a_claim(OTHER, end=end, ended_at=NOW)
    assert ask(some_facts(a_row(stage=ActionStage.UNKNOWN), held=theirs)) is HubOutcome.UNKNOWN


def test_who_has_the_claim_itself_is_told_that_only_loop_knows() -> None:
    assert ask(some_facts(a_row(stage=ActionStage.UNKNOWN), held=a_claim())) is HubOutcome.UNKNOWN


def test_a_note_is_read_back_whoever_has_the_return() -> None:
    note = a_row(stage=ActionStage.UNKNOWN, kind=Kind.NOTE)
    assert ask(some_facts(note, held=a_claim(OTHER))) is HubOutcome.UNKNOWN


@pytest.mark.parametrize("kind", [kind for kind in Kind if not kind.spec.is_final])
def test_what_finishes_no_return_needs_no_claim(kind: Kind) -> None:
    assert decide(a_request(kind=kind), some_facts(held=a_claim())) is None


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.spec.is_final])
def test_what_finishes_a_return_needs_its_claim(kind: Kind) -> None:
    assert decide(a_request(kind=kind), some_facts(held=a_claim())) is HubOutcome.CLAIMED


def test_a_stale_claim_gives_way_to_a_persons_name_and_to_nothing_else() -> None:
    stale = some_facts(held=a_claim(stale_at=NOW))
    assert decide(a_request(), stale) is HubOutcome.CLAIMED
    assert decide(a_request(takes_over=True, person=""), stale) is HubOutcome.CLAIMED
    assert decide(a_request(takes_over=True), some_facts(held=a_claim())) is HubOutcome.CLAIMED
    ruling = decisions.on_request(a_request(takes_over=True), stale, owner=2, exchange="y")
    before, mine = ruling.claims
    assert (before.end, before.ended_by, mine.entry_id) == (ClaimEnd.TAKEN_OVER, "Bo", OTHER)


def test_a_return_that_was_finished_is_finished_for_a_persons_name_too() -> None:
    done = a_claim(ended_at=NOW, end=ClaimEnd.EFFECT)
    assert decide(a_request(takes_over=True), some_facts(held=done)) is HubOutcome.CLAIMED
    assert decide(a_request(ENTRY), some_facts(held=done)) is HubOutcome.CLAIMED


@pytest.mark.parametrize("end", [ClaimEnd.UNSENT, ClaimEnd.REFUSED, ClaimEnd.MOOT, ClaimEnd.TAKEN_OVER])
def test_a_claim_that_ended_without_its_effect_keeps_nobody_away(end: ClaimEnd) -> None:
    assert decide(a_request(), some_facts(held=a_claim(ended_at=NOW, end=end))) is None


def test_a_return_is_looked_at_after_2_10_and_60_seconds_and_then_each_minute() -> None:
    [held] = decisions.on_lost(ActionKey(ENTRY, 1), "x", some_facts(a_row(), held=a_claim())).claims
    pauses, after = [(held.look_at - NOW).total_seconds()], 2.0
    for _ in range(4):
        facts = some_facts(a_row(1, ActionStage.UNKNOWN), held=held, after=after)
        seen = claims.on_sight(held, ReturnState.OPEN, facts)
        assert seen is not None
        pauses.append((seen.look_at - facts.now).total_seconds())
        held, after = seen, after + pauses[-1]
    assert pauses == [2.0, 10.0, 60.0, 60.0, 60.0]
    assert held.stale_at is None


@pytest.mark.parametrize(
    ("state", "end"),
    [
        (ReturnState.CLOSED, ClaimEnd.EFFECT),
        (ReturnState.CANCELLED, ClaimEnd.MOOT),
        (ReturnState.EXPIRED, ClaimEnd.MOOT),
        (ReturnState.OPEN, None),
        (ReturnState.REVIEW, None),
        (ReturnState.UNKNOWN, None),
    ],
)
def test_a_look_ends_a_claim_where_the_return_has_ended(state: ReturnState, end: ClaimEnd | None) -> None:
    facts = some_facts(a_row(1, ActionStage.ANSWERED, proof=Proof.ACCEPTED), held=a_claim(), after=5)
    seen = claims.on_sight(a_claim(), state, facts)
    assert seen is not None
    assert seen.end is end


def test_a_claim_grows_stale_after_a_quarter_of_an_hour_unless_something_is_on_its_way() -> None:
    late = LIMITS.stale_after.total_seconds()
    lost = some_facts(a_row(1, ActionStage.UNKNOWN), held=a_claim(), after=late)
    seen = claims.on_sight(a_claim(), ReturnState.OPEN, lost)
    assert seen is not None
    assert (seen.stale_at, seen.is_open) == (lost.now, True)
    sending = some_facts(a_row(), held=a_claim(), after=late)
    seen = claims.on_sight(a_claim(), ReturnState.OPEN, sending)
    assert seen is not None
    assert seen.stale_at is None


def test_what_a_claim_was_not_sent_for_ends_by_its_request_and_not_by_a_look() -> None:
    facts = some_facts(a_row(stage=ActionStage.RESERVED), held=a_claim())
    assert claims.on_sight(a_claim(), ReturnState.CLOSED, facts) is None


def test_the_claim_of_a_revoked_bench_may_be_taken_over_once_nothing_is_on_its_way() -> None:
    sending, lost = a_row(), a_row(1, ActionStage.UNKNOWN)
    assert claims.on_revoked(a_claim(), some_facts(sending, after=3600)) is None
    assert claims.on_revoked(a_claim(), some_facts(lost, after=59)) is None
    stale = claims.on_revoked(a_claim(), some_facts(lost, after=61))
    assert stale is not None
    assert stale.stale_at is not None


def test_everything_that_loop_would_see_makes_the_payload() -> None:
    path, body = "/warehouse/return/7/remove", b""
    calls = [
        action_call("v1", path, b"line_item_id=1", body),
        action_call("v1", path, b"line_item_id=2", body),
        action_call("2026-10", path, b"line_item_id=1", body),
        action_call("v1", "/warehouse/return/8/remove", b"line_item_id=1", body),
        action_call("v1", path, b"line_item_id=1", b"{}"),
    ]
    hashes = {call.sha256(shop) for call in calls if call for shop in ("one", "two")}
    assert len(hashes) == 2 * len(calls)


def test_an_id_with_leading_zeros_is_the_same_return() -> None:
    call = action_call("v1", "/warehouse/return/0042/process", b"", b"")
    assert call is not None
    assert (call.return_id, call.target) == ("42", "/warehouse/return/0042/process")
