"""Gathers the evidence of a return from the store and writes its sheet."""

from __future__ import annotations

import os
from datetime import tzinfo
from pathlib import Path

from loopdesk.app.runtime import Runtime
from loopdesk.domain.labels.classify import classify
from loopdesk.domain.returns.returns import Return
from loopdesk.presenters.evidence import EvidenceSheet, SheetSource, evidence_sheet
from loopdesk.services.ports.store import AuditRow

ROWS_MOST, SCANS_MOST = 5000, 20_000
"""Of so many audit rows and scans, the latest, the sheet is written."""


async def sheet_of(runtime: Runtime, return_id: str, *, zone: tzinfo, station: str) -> EvidenceSheet | None:
    """Write the evidence sheet of a return; None if this station knows none with that id.

    Raises:
        StoreError: The store cannot be read.
    """
    store = runtime.store
    known = await store.openings.known(return_id)
    if known is None:
        return None
    entries = [entry.entry_id for entry in known.entries]
    found = SheetSource(
        known=known,
        rows=await store.audit.of_return(return_id, ROWS_MOST),
        scans=tuple(
            row for row in await store.audit.rows("scan", SCANS_MOST) if _is_of(row, known.stored.ret)
        ),
        attempts={entry_id: await store.outbox.attempts(entry_id) for entry_id in entries},
        sealed=await store.audit.sealed(return_id),
    )
    return evidence_sheet(
        found,
        vocabulary=runtime.vocabulary,
        photo_path=lambda name: str(runtime.profile.photo(name)),
        zone=zone,
        now=runtime.clock.now(),
        station=station,
    )


def _is_of(row: AuditRow, ret: Return) -> bool:
    """Whether a scan may stand for the return or for an item of it."""
    raw = str(row.detail.get("raw", ""))
    own = {ret.return_id, ret.order_name, ret.package_reference}
    own |= {parcel.tracking_number for parcel in ret.parcels}
    own |= {code for line in ret.lines for code in (line.barcode, line.sku)}
    codes = {raw, *(candidate.code for candidate in classify(raw).candidates)}
    return bool((own - {""}) & codes)


def write_sheet(path: Path, sheet: EvidenceSheet) -> None:
    """Write a sheet as a PDF, also where no window and no screen is. Raises ``OSError``."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before the first import of Qt's windows
    from PySide6.QtGui import QGuiApplication

    from loopdesk.ui.evidence_pdf import write_evidence

    app = QGuiApplication.instance() or QGuiApplication([])
    write_evidence(path, sheet)
    del app
