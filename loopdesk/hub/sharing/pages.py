"""Reads the feed of what benches share, with each key's value as it is at that moment."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Row
from loopdesk.hub.index.positions import SITE, Extent
from loopdesk.hub.index.tail import ChangePage, ToldChange

Told: TypeAlias = Callable[[Database, Sequence[str]], Awaitable[Mapping[str, Mapping[str, Any]]]]
"""Reads the values of some keys of a kind, as benches are told them; a key without a value is left out."""


class SharedPages:
    """Implements ``index.tail.SiteFeed``.

    Args:
        readers: Of each kind.
    """

    def __init__(self, database: Database, readers: Mapping[str, Told]) -> None:
        self._database = database
        self._readers = readers

    async def extent(self) -> tuple[Extent, str]:
        """Return what the feed holds, and the generation of its numbers."""
        [found] = await self._database.read("sharing.extent")
        return Extent(found["last"], found["dropped"]), found["generation"]

    async def page(self, after: int, most: int) -> ChangePage:
        """Return the changes that follow a number."""
        found = await self._database.read("sharing.page", after=after, most=most)
        changes = [row for row in found if row["seq"] is not None]
        values = await self._values(changes)
        events = [_event(row, values.get((row["kind"], row["key"]))) for row in changes]
        upto = events[-1].seq if len(events) >= most else found[0]["last"]
        return ChangePage(events, upto, found[0]["generation"])

    async def _values(self, changes: Sequence[Row]) -> dict[tuple[str, str], Mapping[str, Any]]:
        """Read what is told of changes: after their commit, so it is at least as new as they are."""
        wanted: defaultdict[str, list[str]] = defaultdict(list)
        for row in changes:
            if not row["is_gone"] and row["kind"] in self._readers:
                wanted[row["kind"]].append(row["key"])
        return {
            (kind, key): value
            for kind, keys in wanted.items()
            for key, value in (await self._readers[kind](self._database, keys)).items()
        }


def _event(row: Row, value: Mapping[str, Any] | None) -> ToldChange:
    data = json.dumps({"seq": row["seq"], "key": row["key"], "value": value})
    text = f"id: {SITE}:{row['seq']}\nevent: {row['kind']}\ndata: {data}\n\n"
    return ToldChange(SITE, row["seq"], text.encode(), row["shop"])
