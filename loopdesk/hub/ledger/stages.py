"""What the ledger knows of an action: one row an attempt, one claim an entry, as values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from loopdesk.domain.outbox.actions import Kind


@dataclass(frozen=True, slots=True)
class LedgerLimits:
    """After which times the ledger changes its mind, by the database's clock.

    Attributes:
        deadline: A request that left longer ago is no longer on its way, nor at work at Loop's door. No bench
            waits as long for an answer.
        stale_after: A claim without an effect is left to a person.
        restored_wait: After an older copy was restored nothing leaves for so long that finishes a return:
            Loop may still be at work at what the ledger has lost.
    """

    deadline: timedelta = timedelta(seconds=60)
    stale_after: timedelta = timedelta(minutes=15)
    restored_wait: timedelta = timedelta(minutes=15)

    def seconds_to_wait(self, now: datetime, since: datetime | None) -> float:
        """Return for how many seconds more nothing may leave that finishes a return.

        Args:
            since: When the ledger came to its generation, None if it is the first one.
        """
        if since is None:
            return 0.0
        left = min(self.restored_wait, since + self.restored_wait - now)  # its clock may have been set back
        return max(0.0, left.total_seconds())


LIMITS: Final = LedgerLimits()


class ActionStage(StrEnum):
    """Where one attempt stands. Only ``sending``, ``answered`` and ``unknown`` may have reached Loop.

    What a bench was told, or may be told, to be unsent stays so: a request that comes late, or twice, finds
    its row and goes nowhere. A row that was unsent from the beginning is a tombstone.
    """

    RESERVED = "reserved"  # its key and its claim are taken; no byte has left
    SENDING = "sending"  # committed as the headers begin
    ANSWERED = "answered"  # Loop's answer is stored, verbatim
    UNSENT = "unsent"  # proven: no byte left, nor will one
    UNKNOWN = "unknown"  # it may have reached Loop, and its answer is lost


LEGAL: Final = frozenset(
    {
        (ActionStage.RESERVED, ActionStage.SENDING),
        (ActionStage.RESERVED, ActionStage.UNSENT),
        (ActionStage.SENDING, ActionStage.ANSWERED),
        (ActionStage.SENDING, ActionStage.UNKNOWN),
        (ActionStage.SENDING, ActionStage.UNSENT),  # only by the process that has it
        (ActionStage.UNKNOWN, ActionStage.ANSWERED),  # the same: its lock was free although it lived
        (ActionStage.UNKNOWN, ActionStage.UNSENT),
    }
)
"""The moves of an attempt; the database holds the same table and aborts any other."""


class HubOutcome(StrEnum):
    """What ``X-Loopdesk-Outcome`` says of an action."""

    LOOP = "loop"  # Loop's answer, just now
    STORED = "stored"  # Loop's answer to the same key, earlier
    UNSENT = "unsent"  # this request did not go to Loop
    IN_PROGRESS = "in_progress"  # the same key is on its way
    CLAIMED = "claimed"  # another entry finishes, or has finished, the return
    UNKNOWN = "unknown"  # it may have happened: read back


class Proof(StrEnum):
    """What Loop's answer proves."""

    ACCEPTED = "accepted"  # a yes, or the effect that is queued for it
    REFUSED = "refused"  # nothing happened: refused, throttled, or the key is not accepted
    UNCLEAR = "unclear"  # anything else


_KEY: Final = re.compile(r"(?P<entry>[0-9a-f]{32})\.(?P<n>[1-9][0-9]{0,5})\Z", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class ActionKey:
    """Names one attempt: a bench's entry, and which attempt of it, from 1."""

    entry_id: str
    n: int

    def __str__(self) -> str:
        return f"{self.entry_id}.{self.n}"

    @staticmethod
    def of(text: str) -> ActionKey | None:
        """Read an ``Idempotency-Key``; None if it is none of ours."""
        found = _KEY.match(text)
        return ActionKey(found["entry"], int(found["n"])) if found is not None else None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """Loop's answer as it came. Its repr shows nobody's data.

    Attributes:
        headers: Those that judging it needs, by lower-case name.
        body: Verbatim.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """A bench's request to act, before anything was decided.

    Attributes:
        return_id: "" where neither path nor query names a return (grades and assessments).
        payload_sha: Hash over method, path, query and body.
        station: The bench's name; who has claimed a return is told by it.
        person: Who works there, "" if the bench did not say.
        generation: The ledger's generation as the bench was last told, "" if it was not.
        takes_over: A person wants to finish the return although a stale claim is on it.
    """

    key: ActionKey
    bench_id: str
    shop_id: str
    return_id: str
    kind: Kind
    payload_sha: str
    station: str = ""
    person: str = ""
    generation: str = ""
    takes_over: bool = False

    @property
    def claims(self) -> bool:
        """Whether it needs a claim on its return."""
        return self.kind.spec.is_final and bool(self.return_id)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One attempt.

    Attributes:
        owner: Number of the process that has it, 0 if none.
        exchange: Which of the process's requests has it: a newer reservation of the same key is another one.
        reserved_at: When it was reserved, by the database's clock, as all times here.
        sent_at: When the headers began.
        ended_at: When it was last answered or given up.
        proof: What the answer proves, None without one.
        answer: None without one, and once it has been kept for long enough.
    """

    key: ActionKey
    bench_id: str
    shop_id: str
    return_id: str
    kind: Kind | None
    payload_sha: str
    stage: ActionStage
    owner: int = 0
    exchange: str = ""
    person: str = ""
    reserved_at: datetime | None = None
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    proof: Proof | None = None
    answer: StoredAnswer | None = None

    @property
    def may_have_acted(self) -> bool:
        """Whether Loop may have done, or may still do, what it asked."""
        if self.stage is ActionStage.ANSWERED:
            return self.proof is not Proof.REFUSED
        return self.stage in (ActionStage.SENDING, ActionStage.UNKNOWN)


class ClaimEnd(StrEnum):
    """Why a claim is over."""

    UNSENT = "unsent"  # nothing left
    REFUSED = "refused"  # Loop said no
    EFFECT = "effect"  # the hub saw the return as the entry wished it
    MOOT = "moot"  # the hub saw it ended in another way: nothing can finish it any more
    TAKEN_OVER = "taken_over"  # a person took it over


@dataclass(frozen=True, slots=True)
class ReturnClaim:
    """Who finishes a return, or has finished it. At most one claim of a return is open.

    Attributes:
        ended_by: The person who took it over, "" otherwise.
        stale_at: Since when it is open without an effect for too long; only then a person may take it over.
        look_at: When the return is to be read at Loop, unless somebody does before.
        looks: How often it was seen without the effect.
    """

    shop_id: str
    return_id: str
    entry_id: str
    bench_id: str
    station: str
    person: str
    kind: Kind
    taken_at: datetime
    look_at: datetime
    ended_at: datetime | None = None
    end: ClaimEnd | None = None
    ended_by: str = ""
    stale_at: datetime | None = None
    looks: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it still keeps others from finishing the return."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """Everything that one decision is made from, read under the locks of the entry and of its return.

    Attributes:
        now: By the database's clock.
        generation: Of the ledger: another one means that rows may have been lost.
        since: When it came to that generation, None if it is the first one.
        rows: All attempts of the entry, by number.
        claims: All claims of the return.
        living: Numbers of the processes that are alive. A living one may be missing after a restart of the
            database, a dead one is never in it.
    """

    now: datetime
    generation: str
    rows: tuple[LedgerRow, ...] = ()
    claims: tuple[ReturnClaim, ...] = ()
    living: frozenset[int] = frozenset()
    limits: LedgerLimits = LIMITS
    since: datetime | None = None

    def row(self, n: int) -> LedgerRow | None:
        """Return one attempt of the entry."""
        return next((each for each in self.rows if each.key.n == n), None)

    @property
    def seconds_on_the_way(self) -> float:
        """For how many seconds more an attempt of the entry may be on its way, or at work at Loop."""
        return max(map(self._seconds_of, self.rows), default=0.0)

    def _seconds_of(self, row: LedgerRow) -> float:
        is_running = row.owner in self.living and row.stage in (ActionStage.RESERVED, ActionStage.SENDING)
        is_open = row.may_have_acted and row.proof in (None, Proof.UNCLEAR)
        left = 0.0
        if is_open and row.sent_at is not None:
            left = max(0.0, (row.sent_at + self.limits.deadline - self.now).total_seconds())
        return max(1.0, left) if is_running else left

    @property
    def seconds_to_wait(self) -> float:
        """For how many seconds more nothing may leave that finishes a return, for rows may be missing."""
        return self.limits.seconds_to_wait(self.now, self.since)

    @property
    def open_claim(self) -> ReturnClaim | None:
        """Return the claim that is not over."""
        return next((each for each in self.claims if each.is_open), None)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision: what is said, and what is written in the same transaction.

    Attributes:
        outcome: What the bench is told; None if the request goes on to Loop, or nobody is told.
        status: HTTP status of what the hub says by itself.
        row: The attempt as it is from now on; None if it stays as it is.
        claims: The claims that change.
        answer: What is told again.
        claim: Whose claim is told.
        retry_after: Seconds after which asking again makes sense.
        why: A code of why it was not sent, for the answer's body.
    """

    outcome: HubOutcome | None = None
    status: int = 0
    row: LedgerRow | None = None
    claims: tuple[ReturnClaim, ...] = ()
    answer: StoredAnswer | None = None
    claim: ReturnClaim | None = None
    retry_after: float | None = None
    why: str = ""
