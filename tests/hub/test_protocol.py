"""Bench, hub and Loop as a model over the ledger's own decisions: explored whole, and mutants are found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from loopdesk.domain.returns.returns import ReturnState
from loopdesk.hub.ledger import claims, decisions
from loopdesk.hub.ledger.stages import (
    ActionKey,
    ActionRequest,
    ActionStage,
    ClaimEnd,
    LedgerFacts,
    LedgerRow,
    Proof,
    ReturnClaim,
    Ruling,
    StoredAnswer,
)
from tests.hub.protocol import Broken, Budget, Hub, explore
from tests.torture import figures

SHORT = (
    Budget(crashes=1),
    Budget(frees=1),
    Budget(losses=1, resends=1),
    Budget(doubles=1),
    Budget(cuts=1, refusals=1),
    Budget(restores=1),
)
FULL = (
    *SHORT,
    Budget(cuts=1, resends=1),
    Budget(crashes=1, cuts=1),
    Budget(crashes=1, losses=1),
    Budget(crashes=1, resends=1),
    Budget(frees=1, cuts=1),
    Budget(frees=1, losses=1, resends=1),
    Budget(doubles=1, cuts=1, resends=1),
    Budget(losses=1, refusals=1, resends=2),
    Budget(crashes=1, cuts=1, losses=1, resends=1),
    Budget(crashes=1, frees=1, doubles=1, losses=1),
    Budget(restores=1, resends=1),
    Budget(restores=1, cuts=1, resends=1),
    Budget(restores=1, losses=1, resends=1),
)
"""One of each kind of mishap alone, in pairs, and three at once; every order of everything else."""


@pytest.mark.fault(201, 203, 204)
def test_no_history_of_two_benches_two_hubs_and_one_return_breaks_a_promise() -> None:
    found = figures.begin("hub protocol, every state")
    for budget in FULL if figures.is_full() else SHORT:
        if not figures.has_time(found):
            break
        explored = explore(Hub(), budget)
        found.trials += 1
        found.steps += explored.states
        assert ("done", "superseded") in explored.outcomes, "one settles, and the other sees it settled"
    found.end()


def _question_without_tombstone(key: ActionKey, bench: str, generation: str, facts: LedgerFacts) -> Ruling:
    ruling = decisions.on_question(key, bench, generation, facts)
    return replace(ruling, row=None) if facts.row(key.n) is None else ruling


def _unsent_is_taken_again(ask: ActionRequest, facts: LedgerFacts, *, owner: int, exchange: str) -> Ruling:
    others = tuple(row for row in facts.rows if row.stage is not ActionStage.UNSENT or row.key != ask.key)
    return decisions.on_request(ask, replace(facts, rows=others), owner=owner, exchange=exchange)


def _free_lock_is_unsent(row: LedgerRow, facts: LedgerFacts) -> Ruling:
    if row.stage is ActionStage.SENDING and row.owner not in facts.living:
        return decisions.on_unsent(row.key, row.exchange, facts)
    return decisions.on_abandoned(row, facts)


def _headers_of_anybody(key: ActionKey, _exchange: str, facts: LedgerFacts) -> Ruling:
    row = facts.row(key.n)
    assert row is not None
    return Ruling(row=replace(row, stage=ActionStage.SENDING, sent_at=facts.now))


def _claim_by_a_look(claim: ReturnClaim, state: ReturnState, facts: LedgerFacts) -> ReturnClaim | None:
    seen = claims.on_sight(claim, state, facts)
    return seen and replace(seen, ended_at=facts.now, end=seen.end or ClaimEnd.UNSENT)


def _claim_that_stays(
    key: ActionKey, exchange: str, answer: StoredAnswer, proof: Proof, facts: LedgerFacts
) -> Ruling:
    return replace(decisions.on_answer(key, exchange, answer, proof, facts), claims=())


def _no_claims(ask: ActionRequest, facts: LedgerFacts, *, owner: int, exchange: str) -> Ruling:
    return decisions.on_request(ask, replace(facts, claims=()), owner=owner, exchange=exchange)


def _late_request_is_new(ask: ActionRequest, facts: LedgerFacts, *, owner: int, exchange: str) -> Ruling:
    earlier = tuple(row for row in facts.rows if row.key.n <= ask.key.n)
    return decisions.on_request(ask, replace(facts, rows=earlier), owner=owner, exchange=exchange)


def _earlier_is_over(ask: ActionRequest, facts: LedgerFacts, *, owner: int, exchange: str) -> Ruling:
    later = replace(facts, now=facts.now + timedelta(hours=1), living=frozenset())
    return decisions.on_request(ask, later, owner=owner, exchange=exchange)


def _restored_waits_for_nothing(
    ask: ActionRequest, facts: LedgerFacts, *, owner: int, exchange: str
) -> Ruling:
    return decisions.on_request(ask, replace(facts, since=None), owner=owner, exchange=exchange)


MUTANTS: dict[str, tuple[Hub, Budget]] = {
    "the hub retries by itself": (Hub(retries=True), Budget(losses=1)),
    "the answer is stored before the effect": (Hub(stores_early=True), Budget(crashes=1)),
    "a claim is taken without a lock": (Hub(has_lock=False), Budget()),
    "no claims": (Hub(on_request=_no_claims), Budget()),
    "asking leaves no tombstone": (Hub(on_question=_question_without_tombstone), Budget(cuts=1)),
    "what was unsent may be taken again": (Hub(on_request=_unsent_is_taken_again), Budget(doubles=1)),
    "a free lock proves unsent": (Hub(on_abandoned=_free_lock_is_unsent), Budget(frees=1)),
    "anybody's reservation is sent": (Hub(on_headers=_headers_of_anybody), Budget(cuts=1)),
    "a late request is a new one": (Hub(on_request=_late_request_is_new), Budget(cuts=1, resends=1)),
    "a resend does not wait": (Hub(on_request=_earlier_is_over), Budget(cuts=1, crashes=1, resends=1)),
    "a claim ends when a look shows nothing": (Hub(on_sight=_claim_by_a_look), Budget()),
    "who waits for another takes its effect for its own": (Hub(calls_own=lambda _: True), Budget()),
    "who is in doubt asks nobody whose it is": (Hub(asks_whose=False), Budget(losses=1, resends=1)),
    "a restored ledger sends at once": (Hub(on_request=_restored_waits_for_nothing), Budget(restores=1)),
    "a refusal ends no claim": (Hub(on_answer=_claim_that_stays), Budget(refusals=1)),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_of_the_protocol_breaks_it(mutant: str) -> None:
    hub, budget = MUTANTS[mutant]
    explore(Hub(), Budget())  # the harness itself is sound
    with pytest.raises(Broken) as found:
        explore(hub, budget)
    assert " / " in str(found.value), "the history that leads there is told"
