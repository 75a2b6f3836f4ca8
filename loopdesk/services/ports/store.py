"""What the services need of the store, as Protocols, and the values that cross it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from loopdesk.domain.labels.scans import Candidate, Scan
from loopdesk.domain.outbox.actions import Action
from loopdesk.domain.outbox.stages import Attempt, Entry, Move, Stage
from loopdesk.domain.returns.arrivals import Arrival, ArrivalCount, LabelState
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.parcels import SeenParcel
from loopdesk.domain.returns.returns import Fingerprint, Parcel, Return, ReturnState
from loopdesk.services.ports.loop import AsnRow, Fetched
from loopdesk.services.ports.station import Station


@dataclass(frozen=True, slots=True)
class Stored:
    """A return as this station last saw it.

    Attributes:
        fetched_at: When Loop said so (wall clock of this station).
    """

    ret: Return
    fetched_at: datetime
    has_details: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A stored return that a code leads to, and the rule that led there."""

    return_id: str
    order_name: str
    state: ReturnState
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Indexed:
    """How many returns of an older file the search can order by age, of how many."""

    done: int
    total: int

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to do."""
        return self.done >= self.total


class ReturnCache(Protocol):
    """Loop's answers, kept here. Rows change only from Loop's answers."""

    async def save(self, fetched: Sequence[Fetched], fetched_at: datetime) -> None:
        """Keep answers and index every code in them; an older answer never replaces a newer one."""
        ...

    async def get(self, return_id: str) -> Stored | None:
        """Return what is known of a return."""
        ...

    async def find(self, candidates: Sequence[Candidate]) -> tuple[Hit, ...]:
        """Look candidates up in their order; all hits of the first candidate that hits."""
        ...

    async def search(self, text: str, most: int = 50) -> tuple[Stored, ...]:
        """Find returns by any words: order, shopper, SKU, title, number fragment."""
        ...

    async def latest(self, most: int = 50) -> tuple[Stored, ...]:
        """The returns that changed last at Loop, newest first."""
        ...

    async def add_codes(self, codes: Sequence[tuple[str, str, str]]) -> None:
        """Index further codes: (code, candidate kind, return id)."""
        ...

    async def return_of_line(self, line_item_id: str) -> str | None:
        """Return the id of the return that has this line."""
        ...

    async def count(self) -> int:
        """How many returns are known."""
        ...

    async def indexed(self) -> Indexed:
        """How far an older file's words are."""
        ...

    async def index_some(self) -> bool:
        """Index a piece of what the search does not know yet. False when nothing waits."""
        ...

    async def mark(self, name: str, value: str) -> None:
        """Keep a watermark of the synchronization."""
        ...

    async def marked(self, name: str) -> str:
        """Return a watermark, "" when there is none."""
        ...


class Arrivals(Protocol):
    """What is on its way to the dock: filled by every answer of Loop and by its advance notice.

    Parcels whose label has not moved for 60 days are not in it. Loop tells no day of arrival: what is
    out for delivery is expected today, what is in transit within days.
    """

    async def arrivals(
        self,
        since: datetime,
        *,
        labels: Collection[LabelState] = frozenset(LabelState),
        carriers: Collection[str] | None = None,
        unseen: bool = False,
        most: int = 5000,
    ) -> tuple[Arrival, ...]:
        """Return parcels whose label came into one of these states since then, latest first.

        Args:
            carriers: Only theirs, by the names that ``counts`` gives; None for all.
            unseen: Only those that are not ``is_seen``; with ``LabelState.DELIVERED`` what lies unscanned.
        """
        ...

    async def counts(self, since: datetime) -> tuple[ArrivalCount, ...]:
        """Count all parcels whose label moved since then by carrier, state and whether seen, most first."""
        ...

    async def announce(self, rows: Sequence[AsnRow]) -> int:
        """Take over the codes and places of an advance notice; return how many rows are of known returns."""
        ...

    async def to_fetch(
        self, since: datetime, labels: Collection[LabelState], most: int
    ) -> tuple[tuple[str, str], ...]:
        """Return returns with a parcel in one of these states whose details are not known as they are now.

        Returns:
            Return id and what tells its age (changes when Loop's answer does), soonest to arrive first.
        """
        ...

    async def forget(self, before: datetime) -> None:
        """Drop parcels whose label has not moved since then."""
        ...


@dataclass(frozen=True, slots=True)
class KeepRequest:
    """A settlement on its way into the outbox.

    Attributes:
        draft: The draft it was made from; restored exactly by undo.
        seen: What the operator saw; stored with every entry of the settlement.
        kind: A ``SettlementKind`` value, for the audit log and the queue.
    """

    return_id: str
    order_name: str
    kind: str
    actions: tuple[Action, ...]
    seen: Fingerprint
    draft: Draft
    operator: str
    station: str
    key_fingerprint: str
    hold_seconds: float
    decided_at: datetime

    @property
    def clock_detail(self) -> dict[str, list[str]]:
        """What the audit row says of the clock: the lines whose ``inspected_at`` only this machine knows."""
        local = [x.line_item_id for x in self.draft.inspections if x.is_local_time]
        return {"local_time": local} if local else {}


@dataclass(frozen=True, slots=True)
class LaneHead:
    """A return with unfinished entries, by its oldest one."""

    return_id: str
    first_seq: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Entries by where they stand, for the status strip; each counts returns, not entries.

    Attributes:
        kept: Returns with an entry held or ready.
        sent: Returns with an entry sending, uncertain or settling and none parked.
        attention: Returns with a parked entry.
    """

    kept: int = 0
    sent: int = 0
    attention: int = 0
    oldest_attention_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HeldSettlement:
    """A settlement of which nothing was sent.

    Attributes:
        is_held: Its undo window runs; else it waits to be sent.
    """

    settlement_id: str
    return_id: str
    order_name: str
    kind: str
    hold_seconds: float
    is_held: bool = True


class Outbox(Protocol):
    """The kept actions. Each method is one transaction that also writes the audit log."""

    async def keep(self, request: KeepRequest) -> tuple[Entry, ...]:
        """Append a settlement as held entries and empty the draft, in one commit.

        Raises:
            RuleBroken: ``closed_for_changes`` or ``already_settling`` for this return.
            DiskFull: Nothing was kept.
        """
        ...

    async def held(self) -> tuple[HeldSettlement, ...]:
        """Return the settlements that are held, oldest first."""
        ...

    async def unsent(self) -> tuple[HeldSettlement, ...]:
        """Return the settlements that ``withdraw`` would still take, oldest first."""
        ...

    async def release(self, settlement_id: str) -> bool:
        """End the undo window: held becomes ready. False when it no longer is held."""
        ...

    async def withdraw(self, settlement_id: str, by: str, at: datetime) -> Draft | None:
        """Withdraw a whole settlement and restore its draft, if nothing of it was sent.

        Returns:
            The draft restored, or None when it is too late.
        """
        ...

    async def lanes(self, stages: Sequence[Stage], most: int = 200) -> tuple[LaneHead, ...]:
        """Return the lanes that have entries in these stages, oldest entry first."""
        ...

    async def lane(self, return_id: str) -> tuple[Entry, ...]:
        """Return all entries of a return in order."""
        ...

    async def waived(self, return_id: str) -> frozenset[str]:
        """Return ids of parked entries that a person allowed the finalizer to leave behind."""
        ...

    async def waive(self, entry_id: str, by: str, at: datetime) -> None:
        """Allow the finalizer to go without this parked entry, by name."""
        ...

    async def claim(self, batch: Sequence[Entry], before: str, at: datetime) -> bool:
        """Commit ``sending`` and one attempt row an entry. False (nothing written) if any moved meanwhile."""
        ...

    async def apply(
        self,
        moves: Sequence[Move],
        *,
        at: datetime,
        evidence: str = "",
        http_status: int | None = None,
        code: str = "",
        saw: Fetched | None = None,
        event: str = "moved",
    ) -> None:
        """Write moves, the end of their open attempts, and Loop's answer, in one commit.

        Args:
            moves: Each is conditional on its source stage.
            evidence: When given, closes the open attempt of each moved entry with it.
            saw: What Loop showed; replaces the stored copy in the same commit.
            event: First word of the audit rows.

        Raises:
            StageMoved: One entry was not in its source stage; nothing was written.
        """
        ...

    async def remark(self, entry: Entry, words: str, *, at: datetime, saw: Fetched | None = None) -> None:
        """Write what Loop shows so far as ``last_error``; ``saw`` as in ``apply``. Raises ``StageMoved``."""
        ...

    async def recover(self, at: datetime) -> int:
        """At start: every ``sending`` entry becomes ``uncertain``. Returns how many."""
        ...

    async def entries(self, stage: Stage | None = None, most: int = 1000) -> tuple[Entry, ...]:
        """Return entries, newest settlement first for the queue view; unfinished before finished."""
        ...

    async def attempts(self, entry_id: str) -> tuple[Attempt, ...]:
        """Return the attempts of an entry in order."""
        ...

    async def counts(self) -> Counts:
        """Return the figures of the status strip."""
        ...

    async def payload_is_whole(self, entry: Entry) -> bool:
        """Check an entry's stored payload against its stored hash."""
        ...

    async def key_fingerprints(self) -> frozenset[str]:
        """Return the fingerprints of the keys that unfinished entries were made with."""
        ...


class Drafts(Protocol):
    """What is entered and not settled."""

    async def get(self, return_id: str) -> Draft:
        """Return the draft of a return; an empty one when there is none."""
        ...

    async def save(self, draft: Draft) -> None:
        """Keep a draft; an empty one is deleted."""
        ...

    async def parked(self) -> tuple[Draft, ...]:
        """Return the drafts that were put aside, latest first."""
        ...


class SeenParcels(Protocol):
    """Which parcels were scanned at this station; they stand in the audit log."""

    async def add(self, seen: SeenParcel) -> bool:
        """Keep that a parcel was seen. False when it was known already; the first time stays."""
        ...

    async def of_return(self, return_id: str) -> tuple[SeenParcel, ...]:
        """Return the parcels of a return that were seen, in the order in which they were."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """All that is held here of one return, in one picture; ``settled`` are the drafts of what was settled."""

    stored: Stored
    draft: Draft
    entries: tuple[Entry, ...]
    seen: tuple[SeenParcel, ...]
    siblings: tuple[Hit, ...]
    settled: tuple[Draft, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A scan on disk; its hits, None when not looked up; the one return hit, and its parcel seen by that."""

    seq: int
    hits: tuple[Hit, ...] | None = None
    known: Known | None = None
    parcel: Parcel | None = None


class Openings(Protocol):
    """The way from a scan to an open return, in one turn of the store."""

    async def take(self, scan: Scan, where: Station, candidates: Sequence[Candidate] = ()) -> Taken:
        """Commit a raw scan, with the parcel that is seen by it, and look its candidates up."""
        ...

    async def known(self, return_id: str) -> Known | None:
        """Return all that is known of a return; None when it is not in the store."""
        ...


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit log; ``detail`` holds JSON values."""

    seq: int
    at: datetime
    event: str
    operator: str
    station: str
    return_id: str
    entry_id: str
    detail: Mapping[str, Any]


class AuditLog(Protocol):
    """Append-only, chained by hash."""

    async def write(
        self,
        event: str,
        at: datetime,
        *,
        operator: str = "",
        station: str = "",
        return_id: str = "",
        entry_id: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> int:
        """Append one row. Returns its sequence number."""
        ...

    async def of_return(self, return_id: str, most: int = 200) -> tuple[AuditRow, ...]:
        """Return the rows about a return, oldest first."""
        ...

    async def rows(self, event: str = "", most: int = 1000) -> tuple[AuditRow, ...]:
        """Return the latest rows, oldest first, of one event or of all."""
        ...

    async def verify(self) -> int | None:
        """Check the hash chain. Returns the first broken sequence number, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Mystery:
    """A parcel that no return was found for.

    Attributes:
        code: As it was scanned, "" for a parcel without a readable one.
        photo: Name of a kept picture, "" without one.
        linked_return_id: The return it turned out to be, "" while unknown.
    """

    number: int
    code: str
    found_at: datetime
    operator: str
    station: str
    words: str = ""
    shelf: str = ""
    photo: str = ""
    linked_return_id: str = ""
    linked_by: str = ""
    closed: bool = False


class Mysteries(Protocol):
    """Numbered records of parcels without a return; every change also writes the audit log, in one commit."""

    async def add(self, mystery: Mystery) -> Mystery:
        """Keep a record; the number given is ignored and a new one assigned. One open record a code."""
        ...

    async def get(self, number: int) -> Mystery | None:
        """Return the record with that number."""
        ...

    async def open(self) -> tuple[Mystery, ...]:
        """Return those without a return, oldest first."""
        ...

    async def all(self, most: int = 500) -> tuple[Mystery, ...]:
        """Return all, newest first."""
        ...

    async def change(
        self, mystery: Mystery, event: str, at: datetime, *, operator: str = "", station: str = ""
    ) -> None:
        """Replace the record with that number.

        Args:
            event: The audit log's word for what was done.
            operator: Who did it, "" for the program.

        Raises:
            RuleBroken: ``no_such_mystery``, or ``mystery_already_open`` when reopening it would make a
                second open record of its code.
        """
        ...
