"""What the search does not know yet is indexed in the background."""

from __future__ import annotations

import asyncio

from loopdesk.services.station.events import Feed, OutboxChanged
from loopdesk.services.sync.prefetch import INDEXING_FIRST_SECONDS as FIRST_SECONDS
from loopdesk.services.sync.prefetch import INDEXING_PAUSE_SECONDS as PAUSE_SECONDS
from loopdesk.services.sync.prefetch import SearchIndexing
from tests.fakes.clock import HandClock
from tests.fakes.faults import unexpected
from tests.fakes.memory_store import MemoryStore


class Counted:
    """A store's index with so many pieces left."""

    def __init__(self, pieces: int) -> None:
        self.left = pieces
        self.asked = 0

    async def index_some(self) -> bool:
        """Index one piece."""
        self.asked += 1
        self.left, had = max(0, self.left - 1), self.left > 0
        return had


async def test_pieces_wait_for_the_start_and_pause_between_each_other() -> None:
    clock, feed, store = HandClock(), Feed(unexpected), MemoryStore()
    pieces = Counted(3)
    store.returns.index_some = pieces.index_some  # type: ignore[method-assign]
    running = asyncio.create_task(SearchIndexing(cache=store.returns, clock=clock, feed=feed).run())
    await clock.turn(0)
    assert pieces.asked == 0
    await clock.turn(FIRST_SECONDS)
    assert pieces.asked == 1
    for asked in (2, 3, 4):
        await clock.turn(PAUSE_SECONDS)
        assert pieces.asked == asked
    await clock.turn(60)
    assert pieces.asked == 4, "nothing waits, so nothing is asked"
    pieces.left = 1
    feed.tell(OutboxChanged("1"))
    await clock.turn(1)
    assert (pieces.asked, pieces.left) == (6, 0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
