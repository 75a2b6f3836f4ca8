"""Entries of the outbox: their stages, the legal moves, and a lane's next step.

A lane is all entries of one return in the order decided. Nothing here knows the wall clock.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.returns.returns import Fingerprint


class Stage(StrEnum):
    """The stage of an entry."""

    HELD = "held"  # kept; the undo window is open
    READY = "ready"  # may be sent when order and back-off allow it
    SENDING = "sending"  # committed before the first byte
    UNCERTAIN = "uncertain"  # may or may not have happened
    SETTLING = "settling"  # Loop accepted; not read back yet
    PARKED = "parked"  # needs a person
    DONE = "done"
    SUPERSEDED = "superseded"  # Loop is in the requested state, and nothing proves that this entry did it
    WITHDRAWN = "withdrawn"


END_STAGES = frozenset({Stage.DONE, Stage.SUPERSEDED, Stage.WITHDRAWN})


class ParkReason(StrEnum):
    """Why an entry needs a person."""

    REFUSED = "refused"
    CONFLICT = "conflict"
    UNDECIDED = "undecided"
    DEPENDENCY = "dependency"  # an earlier entry of the return parked
    DAMAGED = "damaged"  # the payload no longer matches its hash


class Why(StrEnum):
    """The codes of a ``Cause``; a rule's code of ``RuleBroken`` is one too."""

    NO_EFFECT = "no_effect"  # the limit passed and Loop shows no effect
    PARTIAL = "partial"  # the lines are gone but the return is not closed
    TARGETS_REMAIN = "targets_remain"  # closed, but with the lines that were to be removed
    CLOSED_WITH_OUTCOMES = "closed_with_outcomes"  # money or goods moved although it was to be closed without
    OTHER_STATE = "other_state"  # another final state than the one asked for
    CHANGED = "changed"  # differs from what the operator saw
    NOT_FOUND = "not_found"  # Loop does not know the return
    TWICE = "twice"  # Loop has the note twice
    WAITS = "waits"  # waits for an earlier entry that is parked
    DAMAGED = "damaged"  # the stored payload no longer matches its hash
    OVERTAKEN = "overtaken"  # a newer value of the same line was sent; this one must not follow it
    SAID_DONE = "said_done"  # done on a person's word; Loop did not show it
    MORE_PARCELS = "more_parcels"  # Loop names a parcel that was unknown when lines were graded missing
    LINE_GONE = "line_gone"  # Loop no longer shows the line: its value cannot be verified
    UNREADABLE = "unreadable"  # Loop refused to show the return
    UNPAID = "unpaid"  # closed at Loop, but not shown as paid yet
    NO_WITNESS = "no_witness"  # the limit passed and nothing shows that it was paid
    RESTORED = "restored"  # it may have been sent since the older copy of the store that was put back
    REFUSED = "refused"  # Loop said no; the value is what it said
    FAILED_LATER = "failed_later"  # Loop accepted it and could not do it; the value is what it said
    CLAIMED = "claimed"  # another station finishes the return; the value is its name
    CLAIMED_AT_HUB = "claimed_at_hub"  # the same, by the hub's word; the value is a ``HubClaim``
    FINISHED_AT_HUB = "finished_at_hub"  # another station finished it; the value is a ``HubClaim``
    DROPPED = "dropped"  # a person dropped it; the value is what they gave as reason
    CATEGORY_UNNAMED = "category_unnamed"  # this API version needs two names for the grade in the value


AT_HUB = frozenset({Why.CLAIMED_AT_HUB, Why.FINISHED_AT_HUB})
"""The causes that say which other bench of the hub has a return."""

ELSEWHERE = AT_HUB | {Why.CLAIMED}
"""The causes that say that another station has a return."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an entry is where it is; false if there is nothing to say.

    Attributes:
        code: One of ``Why``, or a rule's code.
        value: What fills its words and is none of ours: Loop's text, a station's name, a person's reason.
        is_doubted: Loop refused it, and may have done so because an earlier request came true.
    """

    code: str = ""
    value: str = ""
    is_doubted: bool = False

    def __bool__(self) -> bool:
        return bool(self.code)

    @property
    def plain(self) -> dict[str, str | bool]:
        """The cause as a JSON object, without what says nothing; empty if there is nothing to say."""
        plain: dict[str, str | bool] = {"code": str(self.code)} if self else {}
        if self.value:
            plain["value"] = self.value
        return plain | ({"doubted": True} if self.is_doubted else {})

    @staticmethod
    def of(plain: Mapping[str, Any]) -> Cause:
        """Read what ``plain`` gave."""
        code, value = str(plain.get("code", "")), str(plain.get("value", ""))
        return Cause(code, value, bool(plain.get("doubted")))


NO_CAUSE = Cause()


LEGAL_MOVES: frozenset[tuple[Stage, Stage]] = frozenset(
    {
        (Stage.HELD, Stage.READY),
        (Stage.HELD, Stage.WITHDRAWN),
        (Stage.READY, Stage.SENDING),
        (Stage.READY, Stage.SUPERSEDED),
        (Stage.READY, Stage.PARKED),
        (Stage.READY, Stage.WITHDRAWN),
        (Stage.SENDING, Stage.DONE),
        (Stage.SENDING, Stage.SETTLING),
        (Stage.SENDING, Stage.READY),
        (Stage.SENDING, Stage.SUPERSEDED),
        (Stage.SENDING, Stage.PARKED),
        (Stage.SENDING, Stage.UNCERTAIN),
        (Stage.UNCERTAIN, Stage.DONE),
        (Stage.UNCERTAIN, Stage.READY),
        (Stage.UNCERTAIN, Stage.SUPERSEDED),
        (Stage.UNCERTAIN, Stage.PARKED),
        (Stage.SETTLING, Stage.DONE),
        (Stage.SETTLING, Stage.SUPERSEDED),
        (Stage.SETTLING, Stage.PARKED),
        (Stage.PARKED, Stage.READY),
        (Stage.PARKED, Stage.DONE),
        (Stage.PARKED, Stage.SUPERSEDED),
        (Stage.PARKED, Stage.WITHDRAWN),
    }
)
"""The complete table of moves; the database holds the same table and aborts any other."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One action in the outbox.

    Attributes:
        seq: Order of keeping; never reused.
        entry_id: 32 hex characters.
        settlement_id: Its settlement, which is held and undone as a whole.
        target: Line id for grade and assess, else "".
        payload: See ``Action.payload``; frozen once the entry has left ``held``.
        payload_sha: Hash of the canonical payload.
        marker: ``[ld:XXXXXX]`` for notes, "" otherwise.
        reason: Why it is parked, else None.
        seen: What the operator saw at Loop when deciding; only for gated kinds.
        hold_seconds: The undo window of its settlement.
        tries: Attempts that may have reached Loop (proven unsent ones do not count).
        unresolved: Attempts whose outcome was never learned.
        cause: Why it does not move, or ended as it did.
        found: What Loop showed when the entry was parked as a conflict, else None.
    """

    seq: int
    entry_id: str
    settlement_id: str
    return_id: str
    order_name: str
    kind: Kind
    target: str
    payload: Mapping[str, Any]
    payload_sha: str
    marker: str
    stage: Stage
    reason: ParkReason | None
    seen: Fingerprint | None
    found: Fingerprint | None
    operator: Operator
    station: str
    key_fingerprint: str
    hold_seconds: float
    decided_at: datetime
    tries: int = 0
    unresolved: int = 0
    cause: Cause = NO_CAUSE
    due_at: datetime | None = None
    moved_at: datetime | None = None

    @property
    def is_finished(self) -> bool:
        """Whether the entry is in an end stage."""
        return self.stage in END_STAGES

    @property
    def repeats(self) -> str:
        """For a grade that says once more what an earlier one said, now with the links of its photos: the id
        of that one; "" for everything else.
        """
        return str(self.payload.get("repeats", ""))

    @property
    def may_have_left(self) -> bool:
        """Whether an earlier request with it reached Loop, or may have."""
        return self.tries > 0 or self.unresolved > 0


def agreed(entry: Entry) -> Fingerprint | None:
    """Return the state that a person last agreed to for an entry.

    That is what the operator saw when deciding, or, if a person looked at a conflict and resent the entry
    anyway, the state shown then.
    """
    return entry.found or entry.seen


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to send an entry, committed before its first byte.

    Attributes:
        before: What Loop showed just before sending (fingerprint as JSON text), "" if not read.
        evidence: Class of the outcome (``not_sent, accepted, refused, key, claimed, ambiguous``), "" while in
            flight.
        asked_as: How a hub knows it, a ``HubKey`` as text; "" if it went to Loop itself.
    """

    entry_id: str
    n: int
    before: str
    evidence: str
    http_status: int | None
    code: str
    began_at: datetime
    ended_at: datetime | None
    asked_as: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One change of stage, written only if the entry is still in ``source``.

    Attributes:
        by: The person who decided it, or the program. For the audit log.
        counts: Change of the number of tries: whether the attempt that led here counts as one, or -1 if one
            that was counted is proven not to have been sent.
        unresolved: Change of the number of attempts with unknown outcome (+1, 0; -1 settles them all).
        belief: Why a return was believed to be processed, a code; for the audit log only.
    """

    entry_id: str
    source: Stage
    target: Stage
    reason: ParkReason | None = None
    cause: Cause = NO_CAUSE
    by: Operator = PROGRAM
    found: Fingerprint | None = None
    counts: int = 0
    unresolved: int = 0
    belief: str = ""


def move(
    entry: Entry,
    target: Stage,
    *,
    source: Stage = Stage.SENDING,
    cause: Cause = NO_CAUSE,
    reason: ParkReason | None = None,
    found: Fingerprint | None = None,
    counts: int = 0,
    unresolved: int = 0,
    belief: str = "",
) -> Move:
    """Make the move of an entry; it keeps Loop's state of a conflict unless ``found`` replaces it."""
    return Move(
        entry.entry_id,
        source,
        target,
        reason=reason,
        cause=cause,
        found=found if found is not None else entry.found,
        counts=counts,
        unresolved=unresolved,
        belief=belief,
    )


def marker_of(entry_id: str) -> str:
    """Derive a note's marker from its entry id: six characters that can be read aloud."""
    digest = hashlib.sha256(entry_id.encode()).digest()
    return f"[ld:{base64.b32encode(digest[:5]).decode()[:6]}]"


@dataclass(frozen=True, slots=True)
class Send:
    """Send these entries in one call; several only for grade or assess."""

    batch: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Read these entries back; nothing of the lane is sent until their outcome is known."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class ParkBehind:
    """Park this entry: it needs ``needs``, which are parked."""

    entry: Entry
    needs: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Resume:
    """Move this entry back to ready: what it waited for is settled or waived."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do for this lane now."""


Step = Send | ReadBack | ParkBehind | Resume | Rest


def next_step(lane: Sequence[Entry], waived: frozenset[str] = frozenset()) -> Step:
    """Decide a lane's next step.

    Args:
        lane: All unfinished entries of one return, optionally with the finished ones of their settlements, in
            ``seq`` order.
        waived: Ids of parked entries that a person allowed the finalizer to leave behind.

    Returns:
        ``Send``, ``ReadBack``, ``ParkBehind``, ``Resume`` or ``Rest``; at most one call per lane is in
            flight.
    """
    open_entries = [entry for entry in lane if not entry.is_finished]
    if any(entry.stage is Stage.SENDING for entry in open_entries):
        return Rest()
    unsure = tuple(entry for entry in open_entries if entry.stage in (Stage.UNCERTAIN, Stage.SETTLING))
    if unsure:
        return ReadBack(unsure)
    for at, entry in enumerate(open_entries):
        needs = tuple(x for x in open_entries[:at] if x.stage is Stage.PARKED and x.entry_id not in waived)
        if entry.stage is Stage.PARKED:
            if entry.reason is ParkReason.DEPENDENCY and not needs:
                return Resume(entry)
            continue
        if entry.stage is not Stage.READY:
            return Rest()
        if entry.kind.spec.is_gated and needs:
            return ParkBehind(entry, needs)
        return Send(_batch(entry, open_entries[at:]))
    return Rest()


def _batch(first: Entry, rest: Sequence[Entry]) -> tuple[Entry, ...]:
    """Collect the adjacent ready entries of the same kind and settlement that may be sent in one call."""
    if not first.kind.spec.sets_value or first.unresolved or first.reason is not None or first.cause:
        return (first,)  # after a refusal or a doubt an entry is sent alone, so that only the bad one parks
    batch: list[Entry] = []
    targets: set[str] = set()
    for entry in rest:
        if entry.stage is Stage.PARKED:
            continue
        same = (entry.kind, entry.settlement_id, entry.key_fingerprint, bool(entry.repeats)) == (
            first.kind,
            first.settlement_id,
            first.key_fingerprint,
            bool(first.repeats),
        )
        fits = same and entry.stage is Stage.READY and not entry.cause and not entry.unresolved
        if not fits or entry.target in targets or len(batch) == first.kind.spec.entries_most:
            break
        batch.append(entry)
        targets.add(entry.target)
    return tuple(batch)


def is_closed_for_changes(lane: Sequence[Entry]) -> bool:
    """Whether a finalizer of the return has left ``held``: then nothing more is accepted for it here.

    One that was withdrawn, or that Loop had done before us, does not count.
    """
    harmless = (Stage.HELD, Stage.WITHDRAWN, Stage.SUPERSEDED)
    return any(entry.kind.spec.is_final and entry.stage not in harmless for entry in lane)


def has_open_gate(lane: Sequence[Entry]) -> bool:
    """Whether a flag or finalizer of the return is unfinished; a second one cannot be kept."""
    return any(entry.kind.spec.is_gated and not entry.is_finished for entry in lane)


def gate_to_check(batch: Sequence[Entry], lane: Sequence[Entry]) -> Entry | None:
    """Return the flag or finalizer that must be compared with Loop before this batch is sent.

    That is a gated entry itself, and for the first entry of a settlement the one that ends it: what the
    operator saw must still be true before anything at all is sent. None if nothing needs to be compared, for
    example if the gate is parked and a person sends the rest without it.

    Args:
        batch: What would be sent now.
        lane: All entries of the return, including finished ones.
    """
    first = batch[0]
    if first.kind.spec.is_gated:
        return first
    own = [entry for entry in lane if entry.settlement_id == first.settlement_id]
    if any(entry.tries or entry.stage in _BEGUN for entry in own):
        return None
    return next((entry for entry in own if entry.kind.spec.is_gated and entry.stage is Stage.READY), None)


_BEGUN = frozenset({Stage.SENDING, Stage.UNCERTAIN, Stage.SETTLING, Stage.DONE})


def newer_values(entry: Entry, lane: Sequence[Entry]) -> tuple[Entry, ...]:
    """List the later entries that set the same value of the same line; nothing for other kinds."""
    if not entry.kind.spec.sets_value:
        return ()
    return tuple(x for x in lane if x.seq > entry.seq and (x.kind, x.target) == (entry.kind, entry.target))


def overtaken_by(entry: Entry, lane: Sequence[Entry]) -> Entry | None:
    """Return the newest grade or assessment of the same line that was sent, or may have been; None for none.

    In a restored copy of the store everything may have been sent before. An older value must not be resent
    then: it would overwrite the latest decision at Loop.
    """
    return next((x for x in reversed(newer_values(entry, lane)) if _may_have_left(x)), None)


def _may_have_left(entry: Entry) -> bool:
    if entry.stage is Stage.PARKED:
        return entry.may_have_left
    return entry.stage in _BEGUN or entry.stage is Stage.SUPERSEDED


def came_true(entry: Entry) -> bool:
    """Whether Loop was seen, or said, to be as the entry wished."""
    is_left_out = entry.cause.code == Why.OVERTAKEN
    return entry.stage is Stage.DONE or (entry.stage is Stage.SUPERSEDED and not is_left_out)


def ended_elsewhere(settlement: Sequence[Entry]) -> Entry | None:
    """Return the flag or finalizer of a settlement that Loop shows, though nothing proves it was done here.

    None where this bench may have done it, and for a settlement without either.
    """
    shown = (x for x in settlement if x.kind.spec.is_gated and x.stage is Stage.SUPERSEDED)
    return next((x for x in shown if came_true(x)), None)


def has_ended_well(settlement: Sequence[Entry]) -> bool:
    """Whether a settlement is confirmed: all of it has ended, and its flag or finalizer came true.

    A note that a person dropped does not spoil it; a dropped finalizer does. Links of photos that came late
    are not waited for.
    """
    settlement = [entry for entry in settlement if not entry.repeats]
    gates = [entry for entry in settlement if entry.kind.spec.is_gated]
    good = [came_true(entry) for entry in gates or settlement]
    return all(entry.is_finished for entry in settlement) and (all(good) if gates else any(good))
