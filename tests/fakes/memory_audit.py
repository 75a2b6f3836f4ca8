"""The audit log in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from loopdesk.domain.operators import PROGRAM, Operator
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
