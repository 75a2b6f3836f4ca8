"""What becomes of an attempt at each of its steps. Everything here decides; nothing reads or writes.

Each function takes the facts as read under the locks of the entry and its return, and answers with what is
said and what is written in that same transaction. The exhaustive model in ``tests/hub`` plays these very
functions against two benches, two processes and Loop.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from loopdesk.hub.ledger.claims import (
    claim_in_the_way,
    claim_of_another,
    claims_taken,
    ended_without_effect,
    looked_for,
    own_claim,
)
from loopdesk.hub.ledger.stages import (
    ActionKey,
    ActionRequest,
    ActionStage,
    ClaimEnd,
    HubOutcome,
    LedgerFacts,
    LedgerRow,
    Proof,
    Ruling,
    StoredAnswer,
)

RESTORED: Final = "restored"
"""Why nothing is sent that finishes a return: an older copy does not know what is under way at Loop."""

_NOTHING = Ruling()


def on_request(ask: ActionRequest, facts: LedgerFacts, *, owner: int, exchange: str) -> Ruling:
    """Decide what becomes of a request to act.

    A key is taken at most once: whatever is refused here is refused for good, so that a copy of the request
    which arrives later changes nothing. Trying again is the next attempt.

    Args:
        owner: The process that has the request.
        exchange: Names the request among all of that process.

    Returns:
        A ruling without an outcome reserves the attempt: it may go on to Loop.
    """
    if _is_strange(ask.bench_id, ask.generation, facts, is_repeat=ask.key.n > 1):
        return _unknown(ask.key, facts)
    row = facts.row(ask.key.n)
    if row is not None:
        is_other = bool(row.payload_sha) and row.payload_sha != ask.payload_sha
        return Ruling(HubOutcome.UNSENT, 422) if is_other else _on_known(row, facts)
    fresh = LedgerRow(
        key=ask.key,
        bench_id=ask.bench_id,
        shop_id=ask.shop_id,
        return_id=ask.return_id,
        kind=ask.kind,
        payload_sha=ask.payload_sha,
        stage=ActionStage.RESERVED,
        owner=owner,
        exchange=exchange,
        person=ask.person,
        reserved_at=facts.now,
    )
    refused = replace(fresh, stage=ActionStage.UNSENT, owner=0, exchange="", ended_at=facts.now)
    if any(each.key.n > ask.key.n for each in facts.rows):
        return _unsent(row=refused)
    wait = _wait_for_earlier(facts)
    if wait is not None:
        return _unsent(row=refused, retry_after=wait)
    claim = claim_in_the_way(ask, facts)
    if claim is not None:
        return Ruling(HubOutcome.CLAIMED, 409, row=refused, claim=claim)
    if ask.claims and facts.seconds_to_wait:
        return replace(_unsent(row=refused, retry_after=math.ceil(facts.seconds_to_wait)), why=RESTORED)
    return Ruling(row=fresh, claims=claims_taken(ask, facts))


def on_question(key: ActionKey, bench_id: str, generation: str, facts: LedgerFacts) -> Ruling:
    """Decide what a bench is told that asks "did you get this?".

    Who asks has given the request up, so what has not left stays here for good: a tombstone refuses the
    request if it still arrives, and a reservation does not become a request any more. Where nobody here knows
    what became of it, the bench is told who else finishes the return, or has: what Loop shows may be theirs.
    """
    if _is_strange(bench_id, generation, facts, is_repeat=True):
        return _unknown(key, facts)
    row = facts.row(key.n)
    if row is None:
        tombstone = LedgerRow(key, bench_id, "", "", None, "", ActionStage.UNSENT, ended_at=facts.now)
        return _unsent(row=tombstone)
    if row.stage is ActionStage.RESERVED:
        return replace(_stays(row, facts), outcome=HubOutcome.UNSENT, status=503)
    return _on_known(row, facts)


def _on_known(row: LedgerRow, facts: LedgerFacts) -> Ruling:
    """Answer a key that is known."""
    match row.stage:
        case ActionStage.ANSWERED if row.answer is None:
            return _unknown(row.key, facts)  # its words are not kept any more
        case ActionStage.ANSWERED:
            return Ruling(HubOutcome.STORED, answer=row.answer)
        case ActionStage.UNSENT:
            return _unsent()
        case ActionStage.UNKNOWN:
            return _unknown(row.key, facts)
        case ActionStage.SENDING | ActionStage.RESERVED if row.owner in facts.living:
            return Ruling(HubOutcome.IN_PROGRESS, 409, retry_after=1.0)
        case ActionStage.SENDING:
            return replace(on_abandoned(row, facts), outcome=HubOutcome.UNKNOWN, status=502)
        case ActionStage.RESERVED:
            return replace(on_abandoned(row, facts), outcome=HubOutcome.UNSENT, status=503)


def _wait_for_earlier(facts: LedgerFacts) -> int | None:
    """Return for how many seconds an earlier attempt may still act, None if none may."""
    return math.ceil(facts.seconds_on_the_way) or None


def _is_strange(bench_id: str, generation: str, facts: LedgerFacts, *, is_repeat: bool) -> bool:
    """Whether this ledger cannot know what became of the entry: another bench's, or rows may be missing."""
    if any(row.bench_id != bench_id for row in facts.rows):
        return True
    return generation != facts.generation and (bool(generation) or is_repeat)


def on_headers(key: ActionKey, exchange: str, facts: LedgerFacts) -> Ruling:
    """Decide as the first byte is about to leave; without a row in the ruling nothing may be sent.

    A process that was stopped and woken finds its reservation too old: nobody waits for it any more.
    """
    row = _own(key, exchange, facts, ActionStage.RESERVED)
    if row is None or row.reserved_at is None or facts.now - row.reserved_at >= facts.limits.deadline:
        return _NOTHING
    if row.kind is not None and row.kind.spec.is_final and row.return_id and own_claim(row, facts) is None:
        return _NOTHING
    return Ruling(row=replace(row, stage=ActionStage.SENDING, sent_at=facts.now))


def on_answer(
    key: ActionKey, exchange: str, answer: StoredAnswer, proof: Proof, facts: LedgerFacts
) -> Ruling:
    """Store Loop's answer, as often as it takes; a refusal that changed nothing ends the claim with it."""
    row = _own(key, exchange, facts, ActionStage.SENDING, ActionStage.UNKNOWN)
    if row is None:
        return _NOTHING
    told = replace(row, stage=ActionStage.ANSWERED, answer=answer, proof=proof, ended_at=facts.now)
    if proof is Proof.REFUSED:
        return Ruling(row=told, claims=ended_without_effect(row, ClaimEnd.REFUSED, facts))
    return Ruling(row=told, claims=looked_for(row, facts, is_accepted=proof is Proof.ACCEPTED))


def on_lost(key: ActionKey, exchange: str, facts: LedgerFacts) -> Ruling:
    """Store that the answer is lost."""
    row = _own(key, exchange, facts, ActionStage.SENDING)
    if row is None:
        return _NOTHING
    lost = replace(row, stage=ActionStage.UNKNOWN, ended_at=facts.now)
    return Ruling(row=lost, claims=looked_for(row, facts))


def on_unsent(key: ActionKey, exchange: str, facts: LedgerFacts) -> Ruling:
    """Store what only the process that has the request can know: that no byte left.

    The stage may be ``sending`` all the same: its commit came through and nobody learned it.
    """
    stages = (ActionStage.RESERVED, ActionStage.SENDING, ActionStage.UNKNOWN)
    row = _own(key, exchange, facts, *stages)
    if row is None:
        return _NOTHING
    return _stays(row, facts)


def on_abandoned(row: LedgerRow, facts: LedgerFacts) -> Ruling:
    """Decide what became of an attempt whose process is gone.

    A restart of the database frees the locks of living processes. So a free lock proves of a reservation that
    it will not be sent, since it is taken away here, and of a request that was sent nothing.
    """
    if row.owner in facts.living:
        return _NOTHING
    if row.stage is ActionStage.RESERVED:
        return _stays(row, facts)
    if row.stage is ActionStage.SENDING:
        unknown = replace(row, stage=ActionStage.UNKNOWN, ended_at=facts.now)
        return Ruling(row=unknown, claims=looked_for(row, facts))
    return _NOTHING


def _stays(row: LedgerRow, facts: LedgerFacts) -> Ruling:
    """An attempt that did not leave, and never will, ends its claim in the same transaction."""
    unsent = replace(row, stage=ActionStage.UNSENT, sent_at=None, ended_at=facts.now)
    return Ruling(row=unsent, claims=ended_without_effect(row, ClaimEnd.UNSENT, facts))


def _own(key: ActionKey, exchange: str, facts: LedgerFacts, *stages: ActionStage) -> LedgerRow | None:
    row = facts.row(key.n)
    return row if row is not None and row.exchange == exchange and row.stage in stages else None


def _unsent(row: LedgerRow | None = None, retry_after: float | None = None) -> Ruling:
    return Ruling(HubOutcome.UNSENT, 503, row=row, retry_after=retry_after)


def _unknown(key: ActionKey, facts: LedgerFacts) -> Ruling:
    """Say that only Loop can tell what became of an attempt; or, of one that was to finish a return, that
    another entry has it.
    """
    is_final = all(row.kind is None or row.kind.spec.is_final for row in facts.rows)
    claim = claim_of_another(key.entry_id, facts) if is_final else None
    if claim is not None:
        return Ruling(HubOutcome.CLAIMED, 409, claim=claim)
    return Ruling(HubOutcome.UNKNOWN, 502)
