"""The ports to the store, as Protocols, and the values that cross them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from loopdesk.domain.labels.scans import Candidate, Scan
from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.domain.outbox.actions import Action
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.domain.outbox.photo_links import LinkedPhoto
from loopdesk.domain.outbox.stages import Attempt, Cause, Entry, Move, Stage
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.parcels import Arrival, ArrivalCount, LabelState, SeenParcel
from loopdesk.domain.returns.returns import Fingerprint, Parcel, Return, ReturnState
from loopdesk.domain.returns.shared_drafts import NOWHERE, Elsewhere
from loopdesk.services.ports.loop import AsnRow, Fetched
from loopdesk.services.ports.station import Station


@dataclass(frozen=True, slots=True)
class Stored:
    """A return as this station last saw it.

    Attributes:
        fetched_at: When Loop's answer arrived (wall clock of this station).
        shop: The id of its shop; "" where no hub has told it.
    """

    ret: Return
    fetched_at: datetime
    has_details: bool
    shop: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A stored return that a code leads to, and the rule that led there."""

    return_id: str
    order_name: str
    state: ReturnState
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Indexed:
    """How many returns of an older file the search can already order by age, out of how many."""

    done: int
    total: int

    @property
    def is_complete(self) -> bool:
        """Whether the indexing is finished."""
        return self.done >= self.total


class IndexedReturns(Protocol):
    """Loop's answers as those who read its lists need them. Rows change only by Loop's answers."""

    async def save(self, fetched: Sequence[Fetched], fetched_at: datetime) -> None:
        """Save answers and index every code in them; an older answer never replaces a newer one."""
        ...

    async def get(self, return_id: str) -> Stored | None:
        """Return what is known about a return."""
        ...

    async def add_codes(self, codes: Sequence[tuple[str, str, str]]) -> None:
        """Index additional codes: (code, candidate kind, return id)."""
        ...

    async def count(self) -> int:
        """Return how many returns are known."""
        ...

    async def mark(self, name: str, value: str) -> None:
        """Set a named text: a watermark of the synchronization, or what was learned once and for all."""
        ...

    async def mark_all(self, marks: Mapping[str, str]) -> None:
        """Set several at once, by name: all of them or, whatever happens meanwhile, none."""
        ...

    async def marked(self, name: str) -> str:
        """Return a named text, "" if there is none."""
        ...


class ReturnCache(IndexedReturns, Protocol):
    """Loop's answers, cached where people and scans look for them."""

    async def find(self, candidates: Sequence[Candidate]) -> tuple[Hit, ...]:
        """Look up candidates in order; all hits of the first candidate that hits."""
        ...

    async def search(self, text: str, most: int = 50) -> tuple[Stored, ...]:
        """Find returns by any words: order, shopper, SKU, title, number fragment."""
        ...

    async def latest(self, most: int = 50) -> tuple[Stored, ...]:
        """Return the returns that changed most recently at Loop, newest first."""
        ...

    async def return_of_line(self, line_item_id: str) -> str | None:
        """Return the id of the return that has this line."""
        ...

    async def indexed(self) -> Indexed:
        """Return how many words of an older file are indexed."""
        ...

    async def index_some(self) -> bool:
        """Index the next batch of what the search does not know yet. False if nothing is pending."""
        ...


class Notices(Protocol):
    """What is on its way to the dock, as those who read it from Loop need it."""

    async def announce(self, rows: Sequence[AsnRow]) -> int:
        """Store the codes and destinations of an advance notice; return how many rows belong to known
        returns.
        """
        ...

    async def to_fetch(
        self, since: datetime, labels: Collection[LabelState], most: int
    ) -> tuple[tuple[str, str], ...]:
        """Return returns with a parcel in one of these states whose current details are unknown.

        Returns:
            Return id and a version (changes when Loop's answer does), soonest to arrive first.
        """
        ...

    async def forget(self, before: datetime) -> None:
        """Delete parcels whose label has not moved since then."""
        ...


class Arrivals(Notices, Protocol):
    """What is on its way to the dock: filled by every answer of Loop and by its advance notice.

    Parcels whose label has not moved for 60 days are left out. Loop gives no day of arrival: what is out for
    delivery is expected today, what is in transit within days.
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
        """Return parcels whose label entered one of these states since then, latest first.

        Args:
            carriers: Only these, by the names that ``counts`` returns; None for all.
            unseen: Only those that are not ``is_seen``; with ``LabelState.DELIVERED``, what was delivered but
                not scanned.
        """
        ...

    async def counts(self, since: datetime) -> tuple[ArrivalCount, ...]:
        """Count all parcels whose label moved since then by carrier, state and whether seen, most first."""
        ...


@dataclass(frozen=True, slots=True)
class KeepRequest:
    """A settlement to be appended to the outbox.

    Attributes:
        draft: The draft it was made from; restored exactly by undo.
        seen: What the operator saw; stored with every entry of the settlement.
        kind: A ``SettlementKind`` value, for the audit log and the queue.
        photos: What its grades name by links; each is uploaded unless it was before.
    """

    return_id: str
    order_name: str
    kind: str
    actions: tuple[Action, ...]
    seen: Fingerprint
    draft: Draft
    operator: Operator
    station: str
    key_fingerprint: str
    hold_seconds: float
    decided_at: datetime
    photos: tuple[LinkedPhoto, ...] = ()

    @property
    def clock_detail(self) -> dict[str, list[str]]:
        """What the audit row says about the clock: the lines whose ``inspected_at`` is by this machine's
        clock.
        """
        local = [x.line_item_id for x in self.draft.inspections if x.is_local_time]
        return {"local_time": local} if local else {}


@dataclass(frozen=True, slots=True)
class LaneHead:
    """A return with unfinished entries, represented by its oldest one."""

    return_id: str
    first_seq: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Entries by stage, for the status strip; each counts returns, not entries.

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
        is_held: Its undo window is open; otherwise it waits to be sent.
    """

    settlement_id: str
    return_id: str
    order_name: str
    kind: str
    hold_seconds: float
    is_held: bool = True


class ReadingOutbox(Protocol):
    """The reading half of the outbox: all that a screen needs of it."""

    async def held(self) -> tuple[HeldSettlement, ...]:
        """Return the settlements that are held, oldest first."""
        ...

    async def unsent(self) -> tuple[HeldSettlement, ...]:
        """Return the settlements that ``withdraw`` would still accept, oldest first."""
        ...

    async def lanes(self, stages: Sequence[Stage], most: int | None = 200) -> tuple[LaneHead, ...]:
        """Return the lanes that have entries in these stages, oldest entry first; all if ``most`` is None."""
        ...

    async def lane(self, return_id: str) -> tuple[Entry, ...]:
        """Return all entries of a return in order."""
        ...

    async def waived(self, return_id: str) -> frozenset[str]:
        """Return the ids of parked entries that a person allowed the finalizer to leave behind."""
        ...

    async def entries(self, stage: Stage | None = None, most: int | None = 1000) -> tuple[Entry, ...]:
        """Return entries: unfinished before finished, newest settlement first; all if ``most`` is None."""
        ...

    async def attempts(self, entry_id: str) -> tuple[Attempt, ...]:
        """Return the attempts of an entry in order."""
        ...

    async def counts(self) -> Counts:
        """Return the counts of the status strip."""
        ...

    async def payload_is_whole(self, entry: Entry) -> bool:
        """Check an entry's stored payload against its stored hash."""
        ...

    async def key_fingerprints(self) -> frozenset[str]:
        """Return the fingerprints of the keys with which entries were made that are unfinished, or owed links
        of photos.
        """
        ...


class Outbox(ReadingOutbox, Protocol):
    """The outbox. Each method is one transaction that also writes the audit log."""

    async def keep(self, request: KeepRequest) -> tuple[Entry, ...]:
        """Append a settlement as held entries and empty the draft, in one commit.

        Raises:
            RuleBroken: ``closed_for_changes`` or ``already_settling`` for this return.
            DiskFull: Nothing was kept.
        """
        ...

    async def release(self, settlement_id: str) -> bool:
        """End the undo window: held becomes ready. False if it is no longer held."""
        ...

    async def withdraw(self, settlement_id: str, by: Operator, at: datetime) -> Draft | None:
        """Withdraw a whole settlement and restore its draft, if none of it was sent.

        Returns:
            The restored draft, or None if it is too late.
        """
        ...

    async def waive(self, entry_id: str, by: Operator, at: datetime) -> None:
        """Let the finalizer go without this parked entry, in that person's name."""
        ...

    async def claim(
        self, batch: Sequence[Entry], before: str, at: datetime, hub: str | None = None
    ) -> HubKey | None:
        """Commit ``sending`` and one attempt row per entry. None (nothing written) if any has moved.

        Args:
            hub: The generation of the hub that it goes through; None without a hub.
        """
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
        mark: tuple[str, str] | None = None,
    ) -> None:
        """Write moves, the end of their open attempts, and Loop's answer, in one commit.

        Args:
            moves: Each is conditional on its source stage.
            evidence: If given, closes the open attempt of each moved entry with it.
            saw: What Loop showed; replaces the stored copy in the same commit.
            event: First word of the audit rows.
            mark: A name and its text, as of ``IndexedReturns.mark``, that are set with it.

        Raises:
            StageMoved: One entry was not in its source stage; nothing was written.
        """
        ...

    async def remark(self, entry: Entry, cause: Cause, *, at: datetime, saw: Fetched | None = None) -> None:
        """Store what Loop shows so far as its cause; ``saw`` as in ``apply``. Raises ``StageMoved``."""
        ...

    async def recover(self, at: datetime) -> int:
        """At startup: every ``sending`` entry becomes ``uncertain``. Returns how many."""
        ...


class Drafts(Protocol):
    """What was entered but not settled."""

    async def get(self, return_id: str) -> Draft:
        """Return the draft of a return, or an empty one."""
        ...

    async def save(self, draft: Draft) -> None:
        """Keep a draft; an empty one is deleted."""
        ...

    async def parked(self) -> tuple[Draft, ...]:
        """Return the drafts that were put aside, latest first."""
        ...


class SeenParcels(Protocol):
    """Which parcels were scanned at this station, from the audit log."""

    async def add(self, seen: SeenParcel) -> bool:
        """Record that a parcel was seen. False if it was recorded already; the first time is kept."""
        ...

    async def of_return(self, return_id: str) -> tuple[SeenParcel, ...]:
        """Return the seen parcels of a return, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """Everything stored about one return, as one snapshot.

    Attributes:
        settled: The drafts of its settlements.
        elsewhere: What the other benches of the site have of it.
    """

    stored: Stored
    draft: Draft
    entries: tuple[Entry, ...]
    seen: tuple[SeenParcel, ...]
    siblings: tuple[Hit, ...]
    settled: tuple[Draft, ...] = ()
    elsewhere: Elsewhere = NOWHERE


@dataclass(frozen=True, slots=True)
class Taken:
    """A stored scan, and what was found and done with it in the same commit.

    Attributes:
        hits: None if nothing was looked up.
        known: The single return it hit; what was put aside of it has been taken up again.
        parcel: The parcel seen by it.
        left: The return that was put aside for it, "" when none was.
    """

    seq: int
    hits: tuple[Hit, ...] | None = None
    known: Known | None = None
    parcel: Parcel | None = None
    left: str = ""


class ScanTransactions(Protocol):
    """From a scan to an open return, in one transaction of the store."""

    async def take(
        self, scan: Scan, where: Station, candidates: Sequence[Candidate] = (), aside: Draft | None = None
    ) -> Taken:
        """Commit a raw scan with the parcel that was seen by it, and look up its candidates.

        Args:
            aside: What is entered for the open return; kept as put aside if the scan opens another one.
        """
        ...

    async def known(self, return_id: str) -> Known | None:
        """Return everything known about a return; None if it is not in the store."""
        ...


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the audit log; ``detail`` contains JSON values."""

    seq: int
    at: datetime
    event: str
    operator: Operator
    station: str
    return_id: str
    entry_id: str
    detail: Mapping[str, Any]


class AuditLog(Protocol):
    """Append-only and hash-chained."""

    async def write(
        self,
        event: str,
        at: datetime,
        *,
        operator: Operator = PROGRAM,
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
    """A parcel for which no return was found.

    Attributes:
        code: As scanned, "" for a parcel without a readable one.
        photo: Name of a stored photo, "" for none.
        linked_return_id: The return it turned out to be, "" while unknown.
        linked_by: Who linked it; ``PROGRAM`` when a synchronization did, and while nobody has.
        series: The letters before its number, "" where no hub has given any.
        in_series: Its number behind them, if another bench found it; then ``number`` is negative and
            never shown.
        photo_at: The station where the picture lies, "" for this one.
        ended_station: Where it was ended, "" if that is not known.
    """

    number: int
    code: str
    found_at: datetime
    operator: Operator
    station: str
    words: str = ""
    shelf: str = ""
    photo: str = ""
    linked_return_id: str = ""
    linked_by: Operator = PROGRAM
    closed: bool = False
    series: str = ""
    in_series: int = 0
    photo_at: str = ""
    ended_station: str = ""

    @property
    def is_foreign(self) -> bool:
        """Whether another bench found it."""
        return self.number < 0

    @property
    def site_number(self) -> str:
        """Its number as it is shown and written on the box."""
        return f"{self.series}{self.in_series or self.number}"


class Mysteries(Protocol):
    """Numbered records of parcels without a return; every change also writes the audit log, in one commit."""

    async def add(self, mystery: Mystery) -> Mystery:
        """Store a record; its number is ignored and a new one assigned. At most one open record per code."""
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
        self, mystery: Mystery, event: str, at: datetime, *, operator: Operator = PROGRAM, station: str = ""
    ) -> None:
        """Replace the record with that number.

        Args:
            event: The audit event for what was done.
            operator: Who did it.

        Raises:
            RuleBroken: ``no_such_mystery``, or ``mystery_already_open`` if reopening it would make a second
                open record of its code.
        """
        ...
