"""Gathers the evidence of a return from the store and writes its sheet."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from datetime import tzinfo
from pathlib import Path

from loopdesk.app.runtime import Runtime
from loopdesk.domain.labels.classify import classify
from loopdesk.domain.returns.returns import Return
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.presenters.evidence import EvidenceSheet, SheetSource, evidence_sheet
from loopdesk.presenters.pages.evidence_choice import EvidenceShown
from loopdesk.services.ports.station import Station
from loopdesk.services.ports.store import AuditRow

ROWS_MOST, SCANS_MOST = 5000, 20_000
"""Of so many audit rows and scans, the latest, the sheet is written."""


async def sheet_of(
    runtime: Runtime, return_id: str, *, vocabularies: Vocabularies, zone: tzinfo, station: str
) -> EvidenceSheet | None:
    """Write the evidence sheet of a return; None if this station knows none with that id.

    Raises:
        StoreError: The store cannot be read.
    """
    store = runtime.store
    known = await store.openings.known(return_id)
    if known is None:
        return None
    entries = [entry.entry_id for entry in known.entries]
    scans = await store.audit.rows("scan", SCANS_MOST)
    found = SheetSource(
        known=known,
        rows=await store.audit.of_return(return_id, ROWS_MOST),
        scans=await asyncio.to_thread(_scans_of, scans, known.stored.ret),
        attempts={entry_id: await store.outbox.attempts(entry_id) for entry_id in entries},
        sealed=await store.audit.sealed(return_id),
    )
    return await asyncio.to_thread(
        evidence_sheet,
        found,
        vocabulary=vocabularies.of(known.stored.shop),
        photo_path=lambda name: str(runtime.profile.photo(name)),
        zone=zone,
        now=runtime.clock.now(),
        station=station,
    )


def _scans_of(rows: Sequence[AuditRow], ret: Return) -> tuple[AuditRow, ...]:
    return tuple(row for row in rows if _is_of(row, ret))


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


class EvidenceSheets:
    """Writes the sheets that the window asks for into the profile, and opens them.

    Args:
        station: Returns who works where, now.
        vocabularies: Returns the words of each shop, now.
    """

    def __init__(
        self,
        runtime: Runtime,
        zone: tzinfo,
        station: Callable[[], Station],
        vocabularies: Callable[[], Vocabularies],
    ) -> None:
        self._runtime = runtime
        self._vocabularies = vocabularies
        self._zone = zone
        self._station = station

    async def show(self, return_id: str) -> EvidenceShown | None:
        """Write the sheet of a return and open it in the system's viewer; None if no such return is known.

        Raises:
            OSError: It cannot be written.
            StoreError: The store cannot be read.
        """
        from qasync import QThreadExecutor

        from loopdesk.ui import printing
        from loopdesk.ui.evidence_pdf import write_evidence

        station, path = self._station().station, self._runtime.profile.evidence(return_id)
        sheet = await sheet_of(
            self._runtime, return_id, vocabularies=self._vocabularies(), zone=self._zone, station=station
        )
        if sheet is None:
            return None
        await asyncio.to_thread(path.parent.mkdir, mode=0o700, exist_ok=True)
        with QThreadExecutor(1) as threads:  # laying out a text needs a thread of Qt's, with its own timers
            write = lambda: write_evidence(path, sheet)  # noqa: E731 - the executor logs what it is given
            lost = await asyncio.get_running_loop().run_in_executor(threads, write)
        return EvidenceShown(str(path), lost, is_open=printing.open_sheet(path))
