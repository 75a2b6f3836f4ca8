"""What Loop answers and shows, and what that proves about an entry. Pure functions.

Three decisions:

* ``before`` compares what the operator saw with what Loop shows now.
* ``after`` reads what one exchange proves: the moves out of ``sending``.
* ``verdict`` decides about an entry that waits to be read back.

An observed effect is the only way to ``done`` for a flag or finalizer. A limit counts only if Loop was really
read: hours without an answer prove nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from loopdesk.domain.errors import (
    HubUnsent,
    KeyRefused,
    NotFound,
    Refused,
    ReturnClaimed,
    ScopeMissing,
    Throttled,
    Unreachable,
)
from loopdesk.domain.outbox.actions import Witness, canonical
from loopdesk.domain.outbox.effects import (
    Belief,
    Left,
    belief_of,
    has_effect,
    has_outcomes,
    is_ended,
    left_of_targets,
    marker_count,
)
from loopdesk.domain.outbox.stages import (
    ELSEWHERE,
    NO_CAUSE,
    Cause,
    Entry,
    Move,
    ParkReason,
    Stage,
    Why,
    agreed,
    move,
)
from loopdesk.domain.returns.returns import Fingerprint, Note, Return, ReturnState, fingerprint, has_changed

# --- the exchange itself ----------------------------------------------------------------------------


class Evidence(StrEnum):
    """What one HTTP exchange proves."""

    NOT_SENT = "not_sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    KEY = "key"
    CLAIMED = "claimed"
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
        case Unreachable() | Throttled() | HubUnsent():
            return Evidence.NOT_SENT
        case ReturnClaimed():
            return Evidence.CLAIMED
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
    cause: Cause = NO_CAUSE,
    seen: Return | None = None,
    tells: bool = True,
) -> tuple[Move, ...]:
    """Turn the evidence of one exchange into moves out of ``sending``.

    Args:
        batch: The entries that were sent in one call.
        evidence: What the exchange proves.
        cause: Why it was refused, or who claimed it.
        seen: After the refusal of a single entry: what Loop showed then; None if it could not be read, and
            for notes, which details do not show.
        tells: As ``effects.belief_of``.
    """
    match evidence:
        case Evidence.NOT_SENT | Evidence.KEY:
            return tuple(move(x, Stage.READY, cause=x.cause, found=x.found) for x in batch)
        case Evidence.ACCEPTED:
            return tuple(_accepted(x) for x in batch)
        case Evidence.CLAIMED:
            return tuple(
                move(x, Stage.PARKED, reason=ParkReason.CONFLICT, cause=cause, found=x.found) for x in batch
            )
        case Evidence.AMBIGUOUS:
            return tuple(move(x, Stage.UNCERTAIN, unresolved=1, counts=True) for x in batch)
        case Evidence.REFUSED if len(batch) > 1:
            return tuple(move(x, Stage.READY, cause=cause, found=x.found, counts=True) for x in batch)
        case Evidence.REFUSED:
            return (_refused(batch[0], cause, seen, tells=tells),)


def unsendable(batch: Sequence[Entry], rule: str) -> tuple[Move, ...]:
    """Park what our own validation keeps from being sent (an invalid id); proven unsent, permanently.

    Args:
        rule: The rule's name.
    """
    return tuple(
        move(x, Stage.PARKED, reason=ParkReason.REFUSED, cause=Cause(rule), found=x.found) for x in batch
    )


def _accepted(entry: Entry) -> Move:
    if entry.kind.spec.is_gated:
        return move(entry, Stage.SETTLING, counts=True)
    return move(entry, Stage.DONE, counts=True, unresolved=-1)


def _refused(entry: Entry, cause: Cause, seen: Return | None, *, tells: bool) -> Move:
    """Decide a refusal of one entry: already true, still uncertain, or parked for a person.

    A return that is closed but not shown as paid may be so because of an earlier attempt.
    """
    if seen is not None and has_effect(entry, seen, tells=tells):
        belief = belief_of(entry, seen, tells=tells) or ""
        return move(entry, Stage.SUPERSEDED, cause=cause, counts=True, belief=belief)
    may_be_ours = seen is not None and is_ended(entry, seen) and entry.tries > 0
    if entry.unresolved or may_be_ours or (seen is None and not entry.kind.spec.is_marked):
        return move(entry, Stage.UNCERTAIN, cause=replace(cause, is_doubted=True), counts=True)
    found = fingerprint(seen) if seen is not None and entry.kind.spec.is_gated else None
    return move(entry, Stage.PARKED, reason=ParkReason.REFUSED, cause=cause, found=found, counts=True)


# --- what Loop shows --------------------------------------------------------------------------------

MISSING_SECONDS = 60.0
"""How long Loop may say "no such return" about a known one before that is believed (replication lag)."""


# --- before -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Go:
    """Loop shows what the operator saw: it may be sent."""

    found: Fingerprint


@dataclass(frozen=True, slots=True)
class AlreadyTrue:
    """Loop already is in the requested state: nothing needs to be sent.

    Attributes:
        belief: Why it counts as processed; None for kinds that pay nothing.
    """

    found: Fingerprint
    belief: Belief | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Loop shows something other than the operator saw; ``found`` is Loop's state."""

    found: Fingerprint


Before = Go | AlreadyTrue | Conflict


def before(entry: Entry, now: Return, *, tells: bool = True) -> Before:
    """Decide whether a flag or finalizer may be sent, from details at most 10 s old.

    A return that somebody else closed and that shows no payment is a conflict, not a success.

    Args:
        entry: The gated entry.
        now: What Loop shows.
        tells: As ``effects.belief_of``.
    """
    found, wanted = fingerprint(now), agreed(entry)
    if has_effect(entry, now, tells=tells):
        return AlreadyTrue(found, belief_of(entry, now, tells=tells))
    return Conflict(found) if wanted is None or has_changed(wanted, found) else Go(found)


def picture_text(found: Fingerprint) -> str:
    """Serialize a fingerprint as JSON text for the attempt row."""
    return canonical(asdict(found))


# --- read back --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a kind may show no effect, and how often it may be sent in total.

    Attributes:
        seconds: Until then "no effect" proves nothing.
        sends: Maximum attempts by the program itself; 1 for kinds that are never resent.
        witness_seconds: How long a return may be closed without a witness that it was paid.
    """

    seconds: float
    sends: int = 1
    witness_seconds: float = 21_600.0


@dataclass(frozen=True, slots=True)
class Done:
    """The effect is there.

    Attributes:
        twice: A note is there more than once.
        belief: Why a return counts as processed; None for kinds that pay nothing.
    """

    twice: bool = False
    belief: Belief | None = None


@dataclass(frozen=True, slots=True)
class Superseded:
    """Nothing is left to send: Loop is in the requested state, though perhaps by somebody else's doing, or a
    newer decision of the same was sent.

    Attributes:
        cause: None of its own if Loop refused it for that reason.
        belief: As in ``Done``.
    """

    cause: Cause = NO_CAUSE
    belief: Belief | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """It may be resent: it had no effect, and it is idempotent."""


@dataclass(frozen=True, slots=True)
class Park:
    """A person must decide.

    Attributes:
        found: Loop's state if it contradicts the wish.
    """

    reason: ParkReason
    cause: Cause
    found: Fingerprint | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing is proven yet."""


@dataclass(frozen=True, slots=True)
class Unpaid:
    """Closed at Loop as wished, but not shown as paid yet: wait, and say so."""


Verdict = Done | Superseded | Again | Park | Wait | Unpaid


def verdict(
    entry: Entry,
    seen: Return | None,
    notes: Sequence[Note] | None,
    elapsed_seconds: float,
    patience: Patience,
    *,
    is_details: bool = True,
    tells: bool = True,
    newer: Entry | None = None,
) -> Verdict:
    """Decide about an entry from one successful read of Loop.

    Args:
        entry: Uncertain, settling, or parked (then the result is only ``Done``, ``Superseded`` or ``Wait``).
        seen: What Loop shows; None if Loop does not know the return (for a note: unused).
        notes: The return's notes; None if Loop does not know the return, and for other kinds.
        elapsed_seconds: Monotonic time from the start of the doubt to the start of the read.
        patience: The limits of the entry's kind.
        is_details: False if ``seen`` is a row of the list.
        tells: As ``effects.belief_of``.
        newer: What ``stages.overtaken_by`` returned.
    """
    if entry.reason is ParkReason.DAMAGED:
        return Wait()  # its own payload cannot be trusted, so it cannot be compared
    known = notes is not None if entry.kind.spec.is_marked else seen is not None
    found = _effect(entry, seen, notes, is_details=is_details, tells=tells)
    was_refused = entry.stage is Stage.UNCERTAIN and entry.cause.is_doubted
    was_first = was_refused and not entry.unresolved and entry.tries <= 1
    if found is not None and not (was_first and entry.kind.spec.witness is Witness.NO_OUTCOMES):
        return found if _may_be_ours(entry) else Superseded(belief=found.belief)
    if entry.stage is Stage.PARKED:
        return Wait()
    if not known:
        late = elapsed_seconds >= max(patience.seconds, MISSING_SECONDS)
        return Park(ParkReason.UNDECIDED, Cause(Why.NOT_FOUND)) if late else Wait()
    if seen is not None and is_ended(entry, seen) and not was_first:
        return _unpaid(seen, elapsed_seconds, patience)
    if was_refused and not entry.unresolved:
        return _refusal(entry, seen)
    contradiction = _contradiction(entry, seen) if seen is not None else None
    if contradiction is not None:
        return contradiction
    if elapsed_seconds >= patience.seconds and _is_line_gone(entry, seen):
        return Park(ParkReason.UNDECIDED, Cause(Why.LINE_GONE))
    if was_refused and elapsed_seconds >= patience.seconds:
        return _refusal(entry, seen)
    judged = _without_effect(entry, elapsed_seconds, patience)
    return judged if newer is None or isinstance(judged, Wait) else _overtaken(newer)


def _may_be_ours(entry: Entry) -> bool:
    """Whether what Loop shows may be what this entry did, and not only what another station or a person did.

    Not if nothing of it can have had an effect: nothing left, or all that did was refused. Nor if it waits
    because another station finishes the return. A note's marker tells by itself whose it is.
    """
    if entry.kind.spec.is_marked:
        return True
    if entry.stage is Stage.PARKED and entry.cause.code in ELSEWHERE:
        return False
    was_refused = entry.reason is ParkReason.REFUSED or (
        entry.stage is Stage.UNCERTAIN and entry.cause.is_doubted
    )
    return bool(entry.unresolved) or (entry.tries > 0 and not was_refused)


def _overtaken(newer: Entry) -> Superseded | Park:
    """Drop what was decided again later; if a person must decide about the newer one, then about this one
    too.
    """
    if newer.stage is Stage.PARKED:
        return Park(ParkReason.UNDECIDED, Cause(Why.NO_EFFECT))
    return Superseded(Cause(Why.OVERTAKEN))


def _refusal(entry: Entry, seen: Return | None) -> Park:
    """Park with Loop's words: its latest attempt was refused, and no earlier one shows an effect."""
    shown = fingerprint(seen) if seen is not None and entry.kind.spec.is_gated else None
    return Park(ParkReason.REFUSED, replace(entry.cause, is_doubted=False), shown)


def _unpaid(seen: Return, elapsed_seconds: float, patience: Patience) -> Park | Unpaid:
    """Decide a return closed as wished, but without a witness: it may come hours late."""
    if elapsed_seconds < patience.witness_seconds:
        return Unpaid()
    return Park(ParkReason.UNDECIDED, Cause(Why.NO_WITNESS), fingerprint(seen))


def _effect(
    entry: Entry, seen: Return | None, notes: Sequence[Note] | None, *, is_details: bool, tells: bool
) -> Done | None:
    if entry.kind.spec.is_marked:
        count = marker_count(entry, notes or ())
        return Done(twice=count > 1) if count else None
    if seen is None or not has_effect(entry, seen, is_details=is_details, tells=tells):
        return None
    return Done(belief=belief_of(entry, seen, is_details=is_details, tells=tells))


def _contradiction(entry: Entry, seen: Return) -> Park | None:
    """What Loop shows that contradicts the wish, decided immediately and without any limit."""
    shown, spec = fingerprint(seen), entry.kind.spec
    if spec.removes_lines:
        found = _contradicts_removal(entry, seen, shown)
        if found is not None:
            return found
    if spec.witness is Witness.NO_OUTCOMES and seen.state is spec.leads_to:
        if has_outcomes(seen):
            return Park(ParkReason.CONFLICT, Cause(Why.CLOSED_WITH_OUTCOMES), shown)
        if not entry.tries:  # who closed it, this station before its store was put back or somebody else?
            return Park(ParkReason.UNDECIDED, Cause(Why.RESTORED), shown)
    if seen.state in spec.ruled_out_by:
        return Park(ParkReason.CONFLICT, Cause(Why.OTHER_STATE), shown)
    return None


def _contradicts_removal(entry: Entry, seen: Return, shown: Fingerprint) -> Park | None:
    lines = left_of_targets(entry, seen)
    if seen.state is ReturnState.CLOSED and lines in (Left.ALL, Left.SOME):
        return Park(ParkReason.CONFLICT, Cause(Why.TARGETS_REMAIN), shown)
    if seen.state in (ReturnState.OPEN, ReturnState.REVIEW) and lines in (Left.GONE, Left.SOME):
        return Park(ParkReason.UNDECIDED, Cause(Why.PARTIAL), shown)
    return None


def _is_line_gone(entry: Entry, seen: Return | None) -> bool:
    return entry.kind.spec.sets_value and seen is not None and seen.line(entry.target) is None


def _without_effect(entry: Entry, elapsed_seconds: float, patience: Patience) -> Verdict:
    """No effect and no contradiction: wait, resend if idempotent, or ask a person."""
    if elapsed_seconds < patience.seconds:
        return Wait()
    may_repeat = not entry.kind.spec.is_final and entry.stage is Stage.UNCERTAIN
    if may_repeat and entry.tries < patience.sends:
        return Again()
    return Park(ParkReason.UNDECIDED, Cause(Why.NO_EFFECT))


def move_of(entry: Entry, found: Verdict) -> Move | None:
    """Turn a verdict into the move that records it; None if there is nothing to write."""
    at = entry.stage
    match found:
        case Done(twice=twice, belief=belief):
            cause = Cause(Why.TWICE) if twice else NO_CAUSE
            return move(entry, Stage.DONE, source=at, cause=cause, unresolved=-1, belief=belief or "")
        case Superseded(cause=cause, belief=belief):
            cause = cause or replace(entry.cause, is_doubted=False)
            return move(entry, Stage.SUPERSEDED, source=at, cause=cause, belief=belief or "")
        case Again():
            return move(entry, Stage.READY, source=at)
        case Park(reason=reason, cause=cause, found=shown):
            return move(entry, Stage.PARKED, source=at, reason=reason, cause=cause, found=shown)
        case Wait() | Unpaid():
            return None
