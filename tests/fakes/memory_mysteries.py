"""Mystery parcels in memory."""

from __future__ import annotations

from dataclasses import replace

from loopdesk.domain.errors import RuleBroken
from loopdesk.services.ports import Mystery


def _is_open(mystery: Mystery) -> bool:
    return not mystery.closed and not mystery.linked_return_id


class MemoryMysteries:
    """Twin of the mystery records, numbered from 1."""

    def __init__(self) -> None:
        self.kept: dict[int, Mystery] = {}

    async def add(self, mystery: Mystery) -> Mystery:
        """Keep a record, or return the open one that has the code already."""
        known = self._open_with(mystery.code)
        if known is not None:
            return known
        added = replace(mystery, number=len(self.kept) + 1)
        self.kept[added.number] = added
        return added

    async def open(self) -> tuple[Mystery, ...]:
        """Return those without a return, oldest first."""
        return tuple(mystery for mystery in self.kept.values() if _is_open(mystery))

    async def all(self, most: int = 500) -> tuple[Mystery, ...]:
        """Return all, newest first."""
        return tuple(reversed(self.kept.values()))[:most]

    async def change(self, mystery: Mystery) -> None:
        """Replace the record with that number."""
        if mystery.number not in self.kept:
            raise RuleBroken("no_such_mystery")
        other = self._open_with(mystery.code)
        if _is_open(mystery) and other is not None and other.number != mystery.number:
            raise RuleBroken("mystery_already_open")
        self.kept[mystery.number] = mystery

    def _open_with(self, code: str) -> Mystery | None:
        same = (
            mystery for mystery in self.kept.values() if code and mystery.code == code and _is_open(mystery)
        )
        return next(same, None)
