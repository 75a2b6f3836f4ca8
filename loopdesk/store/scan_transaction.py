"""From a scan to its open return in one transaction: store, look up, read.

Each transaction costs a trip to the store's thread and back, and a commit waits for the disk; one scan used
to take eight, which delayed its display.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import apsw

from loopdesk.domain.errors import StoreError
from loopdesk.domain.labels.scans import Candidate, CandidateKind, Scan
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.parcels import SeenParcel, parcel_with
from loopdesk.domain.returns.shared_drafts import NOWHERE, Elsewhere
from loopdesk.services.ports.station import Station
from loopdesk.services.ports.store import Hit, Known, Taken
from loopdesk.store.chain import append
from loopdesk.store.database import Database
from loopdesk.store.outbox.entries import lane_of, settled_drafts_of
from loopdesk.store.returns import drafts, parcels
from loopdesk.store.returns.returns import Rebuild, siblings_of, stored_of
from loopdesk.store.returns.search import find_hits
from loopdesk.store.share_marks import own_bench

log = logging.getLogger("loopdesk.store")


class ScanTransactions:
    """Takes scans and reads what is known about a return, each on one snapshot of the store.

    Args:
        database: The store.
        rebuild: Makes a return from a body that was saved.
    """

    def __init__(self, database: Database, rebuild: Rebuild) -> None:
        self._database = database
        self._rebuild = rebuild

    async def take(
        self, scan: Scan, where: Station, candidates: Sequence[Candidate] = (), aside: Draft | None = None
    ) -> Taken:
        """Commit a raw scan, whatever characters it holds, and look up its candidates.

        Args:
            aside: What is entered for the open return; kept as put aside if the scan opens another one.

        Raises:
            StoreError: The scan was not stored. A failure to read only leaves it without hits.
        """
        return await self._database.write(lambda db: self._take(db, scan, where, candidates, aside))

    async def known(self, return_id: str) -> Known | None:
        """Return everything known about a return; None if it is not in the store."""
        return await self._database.read(lambda db: self._known(db, return_id))

    def _take(
        self,
        connection: apsw.Connection,
        scan: Scan,
        where: Station,
        candidates: Sequence[Candidate],
        aside: Draft | None,
    ) -> Taken:
        detail = {"raw": scan.raw, "source": scan.source}
        who, station = where.operator, where.station
        seq = append(connection, "scan", scan.at, detail=detail, operator=who, station=station)
        taken = Taken(seq)
        if not candidates:
            return taken
        try:
            with connection:  # a savepoint: a failure inside it does not lose the scan
                hits = find_hits(connection, candidates)
                seen = SeenParcel("", "", scan.at, who, station)
                taken = self._open(connection, replace(taken, hits=hits), hits, seen)
                taken = _change_over(connection, taken, aside)
        except (StoreError, ValueError, apsw.CorruptError):
            log.exception("unlooked seq=%s", seq)
        return taken

    def _open(
        self, connection: apsw.Connection, taken: Taken, hits: Sequence[Hit], seen: SeenParcel
    ) -> Taken:
        """Read the one return that a scan led to, and record the parcel whose label it was.

        Args:
            connection: Inside the caller's transaction.
            taken: The scan.
            hits: Its hits.
            seen: Who scanned, and when.
        """
        if len({hit.return_id for hit in hits}) != 1:
            return taken
        hit = hits[0]
        known = self._known(connection, hit.return_id)
        if known is None or hit.candidate.kind is not CandidateKind.TRACKING:
            return replace(taken, known=known)
        parcel = parcel_with(known.stored.ret, hit.candidate.code)
        if parcel is not None:
            one = replace(seen, return_id=hit.return_id, tracking_number=parcel.tracking_number)
            if parcels.add_seen(connection, one, known.seen):
                known = replace(known, seen=(*known.seen, one))
        return replace(taken, known=known, parcel=parcel)

    def _known(self, connection: apsw.Connection, return_id: str) -> Known | None:
        stored = stored_of(connection, return_id, self._rebuild)
        if stored is None:
            return None
        entries, draft = lane_of(connection, return_id), drafts.of_return(connection, return_id)
        return Known(
            stored=stored,
            draft=draft,
            entries=entries,
            seen=parcels.seen_of_return(connection, return_id),
            siblings=siblings_of(connection, stored.ret),
            settled=settled_drafts_of(connection, return_id) if entries else (),
            elsewhere=_elsewhere(connection, draft),
        )


def _elsewhere(connection: apsw.Connection, draft: Draft) -> Elsewhere:
    bench_id = own_bench(connection)
    if bench_id is None:
        return NOWHERE
    from loopdesk.store.sharing.drafts import elsewhere_of  # noqa: PLC0415 - for a bench with a hub alone

    return elsewhere_of(connection, draft, bench_id)


def _change_over(connection: apsw.Connection, taken: Taken, aside: Draft | None) -> Taken:
    """Put the open return aside for another one that a scan found, and take that one up again."""
    known = taken.known
    if known is None:
        return taken
    if known.draft.parked:
        known = replace(known, draft=replace(known.draft, parked=False))
        drafts.put(connection, known.draft)
    if aside is None or aside.return_id == known.draft.return_id:
        return replace(taken, known=known)
    drafts.put(connection, aside)
    return replace(taken, known=known, left=aside.return_id)
