"""What the pages work with that list returns by how far they got: the queue, and what was finished last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from loopdesk.presenters.pages.evidence_choice import ShowEvidence
from loopdesk.presenters.pages.queue_rows import QueueRows
from loopdesk.services.ports.overview import Overview
from loopdesk.services.ports.store import AuditLog, ReadingOutbox


@dataclass(frozen=True, slots=True)
class ReturnPageParts:
    """What both pages read, and what both do with a return.

    Attributes:
        rows: Makes the row of a return; each page has its own.
        withdraw: Withdraws a settlement by its id; returns None when it is too late.
        open_return: Opens a return at the bench.
        show_evidence: Writes and opens the evidence sheet of a return.
    """

    outbox: ReadingOutbox
    overview: Overview
    audit: AuditLog
    rows: QueueRows
    withdraw: Callable[[str], Awaitable[str | None]]
    open_return: Callable[[str], None]
    show_evidence: ShowEvidence
