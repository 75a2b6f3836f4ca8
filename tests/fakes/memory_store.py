"""The whole store in memory: the fakes, wired as the real ones are."""

from __future__ import annotations

from tests.fakes.memory_arrivals import MemoryArrivals
from tests.fakes.memory_audit import MemoryAudit, MemoryAuditUploads
from tests.fakes.memory_drafts import MemoryDrafts
from tests.fakes.memory_label_prints import MemoryLabelPrints
from tests.fakes.memory_mysteries import MemoryMysteries
from tests.fakes.memory_openings import MemoryOpenings
from tests.fakes.memory_outbox import MemoryOutbox
from tests.fakes.memory_overview import MemoryOverview
from tests.fakes.memory_photo_queue import MemoryPhotoQueue
from tests.fakes.memory_returns import MemoryReturns
from tests.fakes.memory_seen_parcels import MemorySeenParcels
from tests.fakes.memory_told import MemoryTold


class MemoryStore:
    """Fake of the store; nothing outlives it."""

    def __init__(self) -> None:
        self.returns = MemoryReturns()
        self.drafts = MemoryDrafts()
        self.audit = MemoryAudit()
        self.audit_uploads = MemoryAuditUploads(self.audit)
        self.mysteries = MemoryMysteries(self.audit)
        self.outbox = MemoryOutbox(self.returns, self.drafts, self.audit)
        self.overview = MemoryOverview(self.outbox)
        self.photo_queue = MemoryPhotoQueue()
        self.arrivals = MemoryArrivals(self.returns, self._is_worked_on)
        self.seen_parcels = MemorySeenParcels(self.audit, self.arrivals)
        self.hub_told = MemoryTold(self.returns, self.arrivals)
        self.label_prints = MemoryLabelPrints()
        self.openings = MemoryOpenings(self.audit, self.returns, self.drafts, self.outbox, self.seen_parcels)

    def _is_worked_on(self, return_id: str) -> bool:
        has_entry = any(entry.return_id == return_id for entry in self.outbox.kept.values())
        return has_entry or return_id in self.drafts.kept

    async def close(self) -> None:
        """End; there is nothing to end."""
