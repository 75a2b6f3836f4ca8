"""Mystery parcels in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.services.ports.store import Mystery
from tests.fakes.memory_audit import MemoryAudit


def _is_open(mystery: Mystery) -> bool:
    return not mystery.closed and not mystery.linked_return_id


class MemoryMysteries:
    """Fake of the mystery records, numbered from 1."""

    def __init__(self, audit: MemoryAudit) -> None:
        self._audit = audit
        self.kept: dict[int, Mystery] = {}

    async def add(self, mystery: Mystery) -> Mystery:
        """Keep a record, or return the open one that has the code already."""
        known = self._open_with(mystery.code)
        if known is not None:
            return known
        added = replace(mystery, number=len(self.kept) + 1)
        self.kept[added.number] = added
        self._tell(added, "mystery_kept", added.found_at, added.operator, added.station)
        return added

    async def get(self, number: int) -> Mystery | None:
        """Return the record with that number."""
        return self.kept.get(number)

    async def open(self) -> tuple[Mystery, ...]:
        """Return those without a return, oldest first."""
        return tuple(mystery for mystery in self.kept.values() if _is_open(mystery))

    async def all(self, most: int = 500) -> tuple[Mystery, ...]:
        """Return all, newest first."""
        return tuple(reversed(self.kept.values()))[:most]

    async def change(
        self, mystery: Mystery, event: str, at: datetime, *, operator: Operator = PROGRAM, station: str = ""
    ) -> None:
        """Replace the record with that number."""
        if mystery.number not in self.kept:
            raise RuleBroken("no_such_mystery")
        other = self._open_with(mystery.code)
        if _is_open(mystery) and other is not None and other.number != mystery.number:
            raise RuleBroken("mystery_already_open")
        self.kept[mystery.number] = mystery
        self._tell(mystery, event, at, operator, station)

    def _tell(self, about: Mystery, event: str, at: datetime, operator: Operator, station: str) -> None:
        detail, return_id = {"number": about.number}, about.linked_return_id
        self._audit.append(event, at, operator=operator, station=station, return_id=return_id, detail=detail)

    def _open_with(self, code: str) -> Mystery | None:
        same = (
            mystery for mystery in self.kept.values() if code and mystery.code == code and _is_open(mystery)
        )
        return next(same, None)
