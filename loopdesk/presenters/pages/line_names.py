"""The names of lines for lists of many returns, read from the store once each."""

from __future__ import annotations

from collections.abc import Iterable

from loopdesk.domain.returns.returns import LineItem
from loopdesk.services.ports.store import ReturnCache
from loopdesk.services.station.events import ReturnChanged

MOST_RETURNS = 2000
"""Maximum number of returns cached; more than a queue view shows."""


class LineNames:
    """Caches the lines of recently needed returns."""

    def __init__(self, cache: ReturnCache) -> None:
        self._cache = cache
        self._lines: dict[str, dict[str, LineItem]] = {}

    async def learn(self, return_ids: Iterable[str]) -> None:
        """Read the lines of returns that are not cached yet."""
        for return_id in dict.fromkeys(return_ids):
            if return_id not in self._lines:
                stored = await self._cache.get(return_id)
                found = stored.ret.lines if stored else ()
                self._lines[return_id] = {line.line_item_id: line for line in found}
        while len(self._lines) > MOST_RETURNS:
            del self._lines[next(iter(self._lines))]

    def line(self, return_id: str, line_item_id: str) -> LineItem | None:
        """Return a cached line, or None."""
        return self._lines.get(return_id, {}).get(line_item_id)

    def forget(self, event: ReturnChanged) -> None:
        """Drop a return from the cache."""
        self._lines.pop(event.return_id, None)
