"""Which parcels were seen, in memory."""

from __future__ import annotations

from loopdesk.domain.returns.parcels import SeenParcel, is_same_number
from tests.fakes.memory_arrivals import MemoryArrivals
from tests.fakes.memory_audit import MemoryAudit


class MemorySeenParcels:
    """Fake of the seen parcels: rows of the fake audit log."""

    def __init__(self, audit: MemoryAudit, arrivals: MemoryArrivals) -> None:
        self._audit = audit
        self._arrivals = arrivals

    async def add(self, seen: SeenParcel) -> bool:
        """Keep that a parcel was seen, the first time only."""
        known = await self.of_return(seen.return_id)
        if any(is_same_number(x.tracking_number, seen.tracking_number) for x in known):
            return False
        self._audit.append(
            "parcel_seen",
            seen.seen_at,
            operator=seen.operator,
            station=seen.station,
            return_id=seen.return_id,
            detail={"tracking": seen.tracking_number},
        )
        self._arrivals.saw(seen.return_id, seen.tracking_number, seen.seen_at)
        return True

    async def of_return(self, return_id: str) -> tuple[SeenParcel, ...]:
        """Return the parcels of a return that were seen."""
        rows = [x for x in self._audit.kept if (x.event, x.return_id) == ("parcel_seen", return_id)]
        return tuple(SeenParcel(return_id, x.detail["tracking"], x.at, x.operator, x.station) for x in rows)
