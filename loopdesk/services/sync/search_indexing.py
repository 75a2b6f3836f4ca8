"""Updates the search index in the background, in batches small enough that no scan waits."""

from __future__ import annotations

import asyncio

from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import ReturnCache
from loopdesk.services.station.events import Feed, OutboxChanged

FIRST_SECONDS = 5.0
"""After startup: the window and the first scans come first."""

PAUSE_SECONDS = 0.05
"""Between two batches, for scans that arrived in the meantime."""


class SearchIndexing:
    """Indexes notes after each settlement, and the words of an older file after an update.

    Args:
        cache: What is indexed; its progress survives a restart.
    """

    def __init__(self, *, cache: ReturnCache, clock: Clock, feed: Feed) -> None:
        self._cache = cache
        self._clock = clock
        self._kept = asyncio.Event()
        feed.on(OutboxChanged, self._on_outbox)

    async def run(self) -> None:
        """Index whatever is pending, until canceled.

        Raises:
            StoreError: The store cannot be written now.
        """
        await self._clock.sleep(FIRST_SECONDS)
        while True:
            self._kept.clear()
            while await self._cache.index_some():
                await self._clock.sleep(PAUSE_SECONDS)
            await self._kept.wait()

    def _on_outbox(self, _: OutboxChanged) -> None:
        self._kept.set()
