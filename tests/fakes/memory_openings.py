"""The way from a scan to an open return, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from loopdesk.domain.labels.scans import Candidate, CandidateKind, Scan
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.parcels import SeenParcel, parcel_with
from loopdesk.services.ports.station import Station
from loopdesk.services.ports.store import Known, Taken
from tests.fakes.memory_audit import MemoryAudit
from tests.fakes.memory_drafts import MemoryDrafts
from tests.fakes.memory_outbox import MemoryOutbox
from tests.fakes.memory_returns import MemoryReturns
from tests.fakes.memory_seen_parcels import MemorySeenParcels


class MemoryOpenings:
    """Fake of the scan transactions, on the other fakes."""

    def __init__(
        self,
        audit: MemoryAudit,
        returns: MemoryReturns,
        drafts: MemoryDrafts,
        outbox: MemoryOutbox,
        seen_parcels: MemorySeenParcels,
    ) -> None:
        self._audit = audit
        self._returns = returns
        self._drafts = drafts
        self._outbox = outbox
        self._seen_parcels = seen_parcels

    async def take(
        self, scan: Scan, where: Station, candidates: Sequence[Candidate] = (), aside: Draft | None = None
    ) -> Taken:
        """Keep a raw scan, then look, see the parcel, and put the open return aside."""
        detail = {"raw": scan.raw, "source": scan.source}
        seq = self._audit.append(
            "scan", scan.at, operator=where.operator, station=where.station, detail=detail
        )
        if not candidates:
            return Taken(seq)
        hits = await self._returns.find(candidates)
        ids = {hit.return_id for hit in hits}
        if len(ids) != 1:
            return Taken(seq, hits)
        (return_id,), parcel = ids, None
        stored = await self._returns.get(return_id)
        if stored is not None and hits[0].candidate.kind is CandidateKind.TRACKING:
            parcel = parcel_with(stored.ret, hits[0].candidate.code)
        if parcel is not None:
            seen = SeenParcel(return_id, parcel.tracking_number, scan.at, where.operator, where.station)
            await self._seen_parcels.add(seen)
        if stored is None:
            return Taken(seq, hits, None, parcel)
        draft = await self._drafts.get(return_id)
        if draft.parked:
            await self._drafts.save(replace(draft, parked=False))
        left = ""
        if aside is not None and aside.return_id != return_id:
            await self._drafts.save(aside)
            left = aside.return_id
        return Taken(seq, hits, await self.known(return_id), parcel, left)

    async def known(self, return_id: str) -> Known | None:
        """Return all that is known of a return."""
        stored = await self._returns.get(return_id)
        if stored is None:
            return None
        return Known(
            stored,
            await self._drafts.get(return_id),
            await self._outbox.lane(return_id),
            await self._seen_parcels.of_return(return_id),
            await self._returns.siblings(stored.ret),
            self._outbox.settled_drafts(return_id),
        )
