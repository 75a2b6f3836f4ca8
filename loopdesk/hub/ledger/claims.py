"""Who may finish a return: claims are contested, ended by what is proven or seen, never by time alone.

A claim keeps two benches from finishing one return. It ends with the request that proved to change nothing,
or when the hub itself sees the return ended. Time alone makes it stale: then a person may take it over, by
name.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from loopdesk.domain.returns.returns import ReturnState
from loopdesk.hub.ledger.stages import (
    ActionRequest,
    ClaimEnd,
    LedgerFacts,
    LedgerRow,
    ReturnClaim,
)

LOOKS: Final = (timedelta(seconds=2), timedelta(seconds=10), timedelta(seconds=60))
"""Pauses between the looks at a return; the last one repeats."""
LISTED_LOOK: Final = timedelta(seconds=75)
"""When a return is looked at that Loop accepted to finish. By then a list that is read each minute anyway,
or the bench's own look, has shown it, and no request was spent for the claim.
"""
STALE_LOOK: Final = timedelta(minutes=15)
OVER: Final = frozenset({ReturnState.CLOSED, ReturnState.CANCELLED, ReturnState.EXPIRED})
"""States that Loop never leaves again."""


def claim_in_the_way(ask: ActionRequest, facts: LedgerFacts) -> ReturnClaim | None:
    """Return the claim that forbids a request, None if it may be reserved.

    A return whose end the hub saw is finished once and for all, for the entry that did it too. A stale claim
    gives way to a person's name.
    """
    if not ask.claims:
        return None
    done = next((each for each in facts.claims if each.end is ClaimEnd.EFFECT), None)
    if done is not None:
        return done
    held = facts.open_claim
    if held is None or held.entry_id == ask.key.entry_id:
        return None
    gives_way = held.stale_at is not None and ask.takes_over and bool(ask.person)
    return None if gives_way else held


def claim_of_another(entry_id: str, facts: LedgerFacts) -> ReturnClaim | None:
    """Return the claim of another entry that finishes, or has finished, the return; None if there is none, or
    if the entry itself does.

    It tells whose an effect may be that Loop shows, where nothing is known of the entry's own request.
    """
    held = [each for each in facts.claims if each.end in (None, ClaimEnd.EFFECT)]
    if any(each.entry_id == entry_id for each in held):
        return None
    return min(held, key=lambda each: each.is_open, default=None)


def claims_taken(ask: ActionRequest, facts: LedgerFacts) -> tuple[ReturnClaim, ...]:
    """Return the claims that change when a request is reserved: its own, and a stale one that it takes over.

    A claim that its own entry takes again is as new: nobody takes it over while that attempt is on its way.
    """
    if not ask.claims:
        return ()
    held = facts.open_claim
    is_mine = held is not None and held.entry_id == ask.key.entry_id
    over = () if held is None or is_mine else (taken_over(held, ask.person, facts.now),)
    mine = ReturnClaim(
        shop_id=ask.shop_id,
        return_id=ask.return_id,
        entry_id=ask.key.entry_id,
        bench_id=ask.bench_id,
        station=ask.station,
        person=ask.person,
        kind=ask.kind,
        taken_at=facts.now,
        look_at=facts.now + LOOKS[-1],
    )
    return (*over, mine)


def on_word(claim: ReturnClaim, person: str, facts: LedgerFacts) -> ReturnClaim | None:
    """End a claim by a person's word; None while it may still end by itself."""
    return taken_over(claim, person, facts.now) if claim.stale_at is not None else None


def taken_over(claim: ReturnClaim, person: str, now: datetime) -> ReturnClaim:
    """End a stale claim by a person's name."""
    return replace(claim, ended_at=now, end=ClaimEnd.TAKEN_OVER, ended_by=person)


def ended_without_effect(row: LedgerRow, end: ClaimEnd, facts: LedgerFacts) -> tuple[ReturnClaim, ...]:
    """End the claim of an attempt that changed nothing, unless another attempt of the entry may have.

    A refusal that follows a lost answer may be there because the lost one came true. A return that was seen
    ended before the refusal came was ended by somebody else: then the claim does not say who did it any more.
    """
    others = (each for each in facts.rows if each.key != row.key)
    if any(each.may_have_acted for each in others):
        return ()
    held = [x for x in facts.claims if x.entry_id == row.key.entry_id and x.end in (None, ClaimEnd.EFFECT)]
    return tuple(replace(each, ended_at=each.ended_at or facts.now, end=end) for each in held)


def looked_for(row: LedgerRow, facts: LedgerFacts, *, is_accepted: bool = False) -> tuple[ReturnClaim, ...]:
    """Begin to look for the effect of an attempt that may have had one."""
    held, pause = own_claim(row, facts), LISTED_LOOK if is_accepted else LOOKS[0]
    return () if held is None else (replace(held, look_at=facts.now + pause, looks=0),)


def own_claim(row: LedgerRow, facts: LedgerFacts) -> ReturnClaim | None:
    """Return the open claim of an attempt's entry."""
    held = facts.open_claim
    return held if held is not None and held.entry_id == row.key.entry_id else None


def on_sight(claim: ReturnClaim, state: ReturnState, facts: LedgerFacts) -> ReturnClaim | None:
    """Decide what a look at Loop means for an open claim.

    Args:
        state: What Loop shows. It never opens an ended return again, so an older answer proves as much.
        facts: Of the claim's entry.

    Returns:
        The claim as it is from now on; None if nothing of its entry was sent: then the request that has it
        ends it.
    """
    now = facts.now
    if not any(row.may_have_acted for row in facts.rows):
        return None
    if state is claim.kind.spec.leads_to:
        return replace(claim, ended_at=now, end=ClaimEnd.EFFECT)
    if state in OVER:
        return replace(claim, ended_at=now, end=ClaimEnd.MOOT)
    is_old = now - claim.taken_at >= facts.limits.stale_after and not facts.seconds_on_the_way
    is_stale = claim.stale_at is not None or is_old
    pause = STALE_LOOK if is_stale else LOOKS[min(claim.looks + 1, len(LOOKS) - 1)]
    stale_at = claim.stale_at or (now if is_stale else None)
    return replace(claim, looks=claim.looks + 1, look_at=now + pause, stale_at=stale_at)


def on_revoked(claim: ReturnClaim, facts: LedgerFacts) -> ReturnClaim | None:
    """Let the claim of a revoked bench be taken over once nothing of it is on its way."""
    is_kept = claim.stale_at is not None or facts.seconds_on_the_way > 0
    return None if is_kept else replace(claim, stale_at=facts.now)
