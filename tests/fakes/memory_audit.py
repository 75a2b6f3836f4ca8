"""The audit log in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from datetime import datetime
from typing import Any

from loopdesk.domain.audit_chain import BEGINNING, ChainFault, ChainLink, ChainRow, chained, line_of
from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.services.ports.audit import RefusedRow, UnsentRows
from loopdesk.services.ports.store import AuditRow


class MemoryAudit:
    """Fake of the audit log; rows are numbered from 1 and never change."""

    def __init__(self) -> None:
        self.kept: list[AuditRow] = []

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
        """Append one row."""
        return self.append(
            event,
            at,
            operator=operator,
            station=station,
            return_id=return_id,
            entry_id=entry_id,
            detail=detail,
        )

    def append(
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
        """Append one row synchronously; for the other fakes."""
        as_stored = json.loads(json.dumps(dict(detail or {})))
        row = AuditRow(len(self.kept) + 1, at, event, operator, station, return_id, entry_id, as_stored)
        self.kept.append(row)
        return row.seq

    async def of_return(self, return_id: str, most: int = 200) -> tuple[AuditRow, ...]:
        """Return the latest rows about a return, oldest first."""
        return tuple([row for row in self.kept if row.return_id == return_id][-most:])

    async def rows(self, event: str = "", most: int = 1000) -> tuple[AuditRow, ...]:
        """Return the latest rows, oldest first."""
        return tuple([row for row in self.kept if event in ("", row.event)][-most:])

    async def verify(self) -> int | None:
        """Memory does not rot."""
        return None


class MemoryAuditUploads:
    """Fake of how far the log was brought to the hub."""

    def __init__(self, audit: MemoryAudit) -> None:
        self._audit = audit
        self._place, self._anew = BEGINNING, False
        self._refused: dict[int, RefusedRow] = {}

    async def unsent(self, most: int) -> UnsentRows:
        """Return the next rows."""
        rows = [row for row in self._chain() if row.seq > self._place.seq]
        return UnsentRows("0" * 32, self._place, self._anew, tuple(rows[:most]))

    async def move(self, place: ChainLink) -> None:
        """Record that the hub has everything up to a place."""
        self._place, self._anew = place, False

    async def refuse(self, row: ChainRow, why: ChainFault, at: datetime) -> None:
        """Record that the hub refused a row."""
        self._refused[row.seq] = RefusedRow(row.seq, why, at)
        self._place, self._anew = row.link, True

    async def seek(self, ends: Sequence[ChainLink]) -> None:
        """Go back to the first place that is in the log, else to its beginning."""
        links = {BEGINNING, *(row.link for row in self._chain())}
        known = next((end for end in ends if end in links), None)
        self._place, self._anew = known or BEGINNING, known is None

    async def refusals(self) -> tuple[RefusedRow, ...]:
        """Return the refused rows."""
        return tuple(self._refused[seq] for seq in sorted(self._refused))

    def _chain(self) -> list[ChainRow]:
        rows: list[ChainRow] = []
        sha = b""
        for row in self._audit.kept:
            line = line_of(str(value) if place else value for place, value in enumerate(astuple(row)))
            sha = chained(sha, line)
            rows.append(ChainRow(row.seq, line, sha))
        return rows
