"""What one exchange with Loop proves about its entries: their moves out of ``sending``. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from loopdesk.domain.errors import KeyRefused, NotFound, Refused, ScopeMissing, Throttled, Unreachable
from loopdesk.domain.outbox.effects import belief_of, has_effect, is_ended
from loopdesk.domain.outbox.stages import Entry, Move, ParkReason, Stage, move
from loopdesk.domain.returns.returns import Return, fingerprint

REFUSED_WORDS = "refused: "
"""Prefix of the ``last_error`` of an entry that Loop refused while it may already have been in the requested
state; Loop's words follow.
"""


class Evidence(StrEnum):
    """What one HTTP exchange proves."""

    NOT_SENT = "not_sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    KEY = "key"
    AMBIGUOUS = "ambiguous"


def evidence_of(
    batch: Sequence[Entry], failure: BaseException | None, echoed: Sequence[str] = ()
) -> Evidence:
    """Classify an exchange. Everything not proven otherwise is ambiguous.

    Args:
        batch: What was sent.
        failure: What the call raised, None if it returned.
        echoed: The line ids that a grade or assess answer repeated.
    """
    match failure:
        case None:
            wanted = {entry.target for entry in batch if entry.target}
            return Evidence.ACCEPTED if wanted <= set(echoed) else Evidence.AMBIGUOUS
        case Unreachable() | Throttled():
            return Evidence.NOT_SENT
        case Refused() | NotFound():
            return Evidence.REFUSED
        case KeyRefused() | ScopeMissing():
            return Evidence.KEY
        case _:
            return Evidence.AMBIGUOUS


def after(
    batch: Sequence[Entry],
    evidence: Evidence,
    *,
    words: str = "",
    seen: Return | None = None,
    tells: bool = True,
) -> tuple[Move, ...]:
    """Turn the evidence of one exchange into moves out of ``sending``.

    Args:
        batch: The entries that were sent in one call.
        evidence: What the exchange proves.
        words: Loop's words for a refusal.
        seen: After the refusal of a single entry: what Loop showed then; None if it could not be read, and
            for notes, which details do not show.
        tells: As ``witness.belief_of``.
    """
    match evidence:
        case Evidence.NOT_SENT | Evidence.KEY:
            return tuple(move(x, Stage.READY, error=x.last_error, found=x.found) for x in batch)
        case Evidence.ACCEPTED:
            return tuple(_accepted(x) for x in batch)
        case Evidence.AMBIGUOUS:
            return tuple(move(x, Stage.UNCERTAIN, unresolved=1, counts=True) for x in batch)
    if len(batch) > 1:
        return tuple(move(x, Stage.READY, error=words, found=x.found, counts=True) for x in batch)
    return (_refused(batch[0], words, seen, tells=tells),)


def unsendable(batch: Sequence[Entry], rule: str) -> tuple[Move, ...]:
    """Park what our own validation keeps from being sent (an invalid id); proven unsent, permanently.

    Args:
        rule: The rule's name.
    """
    return tuple(move(x, Stage.PARKED, reason=ParkReason.REFUSED, error=rule, found=x.found) for x in batch)


def _accepted(entry: Entry) -> Move:
    if entry.kind.spec.is_gated:
        return move(entry, Stage.SETTLING, counts=True)
    return move(entry, Stage.DONE, counts=True, unresolved=-1)


def _refused(entry: Entry, words: str, seen: Return | None, *, tells: bool) -> Move:
    """Decide a refusal of one entry: already true, still uncertain, or parked for a person.

    A return that is closed but not shown as paid may be so because of an earlier attempt.
    """
    if seen is not None and has_effect(entry, seen, tells=tells):
        belief = belief_of(entry, seen, tells=tells) or ""
        return move(entry, Stage.SUPERSEDED, error=words, counts=True, belief=belief)
    may_be_ours = seen is not None and is_ended(entry, seen) and entry.tries > 0
    if entry.unresolved or may_be_ours or (seen is None and not entry.kind.spec.is_marked):
        return move(entry, Stage.UNCERTAIN, error=REFUSED_WORDS + words, counts=True)
    found = fingerprint(seen) if seen is not None and entry.kind.spec.is_gated else None
    return move(entry, Stage.PARKED, reason=ParkReason.REFUSED, error=words, found=found, counts=True)
