"""What a hub is asked about an action, and what its word proves. Pure functions.

An action that a hub may have passed on is asked about there before anything is read back: the hub knows
whether it was sent, and with which answer. Read back first, two benches could each take the same effect for
their own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    KeyRefused,
    NotFound,
    Refused,
    ReturnClaimed,
    Unreachable,
)
from loopdesk.domain.outbox.reconcile import Evidence, after
from loopdesk.domain.outbox.stages import NO_CAUSE, Attempt, Cause, Entry, Move, Stage, Why
from loopdesk.domain.returns.returns import Return


def to_ask(entry: Entry, attempts: Sequence[Attempt]) -> str:
    """Return the key about which the hub is to be asked before an entry is read back; "" for none.

    That is the last attempt's, if its answer was lost and it went through a hub. In a restored copy of the
    store a later one may have been sent, of which nothing is known here; the hub refuses to send it again.
    """
    last = attempts[-1] if attempts else None
    if entry.stage is not Stage.UNCERTAIN or last is None or last.evidence != Evidence.AMBIGUOUS:
        return ""
    return last.asked_as


def is_unasked(failure: ApiError) -> bool:
    """Whether asking the hub failed, so that it has not said anything about the action yet."""
    match failure:
        case Unreachable():
            return True
        case KeyRefused(why=why):
            return why.startswith("hub_")
        case AnswerLost(http_status=status, why=why):
            return status is None or why == "hub_stranger"
    return False


def told(
    batch: Sequence[Entry],
    evidence: Evidence,
    *,
    cause: Cause = NO_CAUSE,
    seen: Return | None = None,
    tells: bool = True,
) -> tuple[Move, ...]:
    """Turn the hub's word about a lost answer into moves; empty where only a read-back can tell.

    It proves what became of one attempt. Earlier attempts of unknown outcome keep their doubt. What was
    accepted still has to be seen at Loop where a return is finished or flagged. That another bench has the
    return proves nothing of the attempt: what Loop shows from then on may be the other's doing, and a person
    is told.

    Args:
        batch: The uncertain entries of that one call.
        evidence: What the hub's word, or Loop's stored answer, proves.
        cause: Why Loop refused it, or who claimed it.
        seen: As in ``reconcile.after``.
        tells: As in ``effects.belief_of``.
    """
    if evidence is Evidence.AMBIGUOUS:
        return ()
    if evidence is Evidence.CLAIMED:
        return tuple(replace(each, source=Stage.UNCERTAIN) for each in after(batch, evidence, cause=cause))
    sent = [_as_sending(entry) for entry in batch]
    moves = after(sent, evidence, cause=cause, seen=seen, tells=tells)
    return tuple(
        _from_doubt(entry, move)
        for entry, move in zip(batch, moves, strict=True)
        if move.target not in (Stage.UNCERTAIN, Stage.SETTLING)
        and (entry.unresolved <= 1 or move.target is Stage.DONE)
    )


def _as_sending(entry: Entry) -> Entry:
    """Undo what the lost answer counted."""
    return replace(
        entry,
        stage=Stage.SENDING,
        tries=max(0, entry.tries - 1),
        unresolved=max(0, entry.unresolved - 1),
    )


def _from_doubt(entry: Entry, move: Move) -> Move:
    was_counted = 1 if entry.tries else 0
    return replace(move, source=Stage.UNCERTAIN, counts=int(move.counts) - was_counted, unresolved=-1)


# --- a claim ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HubClaim:
    """Who finishes, or finished, a return at another bench of the hub; the value of a ``Cause``.

    Attributes:
        at: ISO 8601, "" if unknown.
    """

    station: str
    person: str = ""
    at: str = ""

    @property
    def text(self) -> str:
        """As it is stored."""
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    @staticmethod
    def of(text: str) -> HubClaim:
        """Read what ``text`` gave; damaged text is taken for a station's name."""
        try:
            plain: Any = json.loads(text)
        except ValueError:
            plain = None
        if not isinstance(plain, dict):
            return HubClaim(text)
        return HubClaim(*(str(plain.get(name, "")) for name in ("station", "person", "at")))


def failure_cause(failure: BaseException | None) -> Cause:
    """Why a call did not act: what Loop said, who claimed the return, or a reason of our own."""
    match failure:
        case ReturnClaimed(station=station, person=person, at=at, is_ended=is_ended):
            code = Why.FINISHED_AT_HUB if is_ended else Why.CLAIMED_AT_HUB
            return Cause(code, HubClaim(station, person, at).text)
        case Refused(why=why) if why:
            return Cause(why, " ".join(map(str, failure.values.values())))
        case NotFound(detail=""):
            return Cause(Why.NOT_FOUND)
        case Refused() | NotFound():
            return Cause(Why.REFUSED, failure.detail)
        case _:
            return NO_CAUSE
