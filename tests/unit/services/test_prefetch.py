"""Reading Loop's list: once for all who wait, and on from where it broke."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from loopdesk.domain.errors import Unreachable
from loopdesk.services.events import Feed
from loopdesk.services.ports import Fetched, Page, ReturnsGateway
from loopdesk.services.prefetch import PASSES, WATERMARK, Prefetch
from tests.fakes.clock import HandClock
from tests.fakes.memory_returns import MemoryReturns


class SlowList:
    """Lists nothing, and only when it is let.

    Attributes:
        asked: How many pages were asked for.
        failure: What the next pages end in; None for a good answer.
    """

    def __init__(self) -> None:
        self.asked = 0
        self.failure: Unreachable | None = None
        self.may_answer = asyncio.Event()

    async def list_page(self, **_: Any) -> Page:
        """Answer with an empty page."""
        self.asked += 1
        await self.may_answer.wait()
        if self.failure is not None:
            raise self.failure
        return Page((), "")


class Rig:
    """A prefetch with what it hangs on."""

    def __init__(self) -> None:
        self.cache = MemoryReturns()
        self.list = SlowList()
        self.synced = 0
        self.prefetch = Prefetch(
            cache=self.cache,
            gateway=cast("ReturnsGateway", self.list),
            clock=HandClock(),
            feed=Feed(),
            observe=self._observe,
            after_sync=self._after,
        )

    async def _observe(self, _fetched: Fetched) -> None:
        raise AssertionError("nothing is listed")

    async def _after(self) -> None:
        self.synced += 1

    async def many(self, count: int) -> list[asyncio.Task[None]]:
        """Let so many catch up at once, and let them begin."""
        waiting = [asyncio.ensure_future(self.prefetch.catch_up()) for _ in range(count)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return waiting


async def test_all_who_wait_share_one_more_reading() -> None:
    rig = Rig()
    first = await rig.many(1)
    waiting = await rig.many(50)
    rig.list.may_answer.set()
    await asyncio.gather(*first, *waiting)
    assert rig.list.asked == 2 * len(PASSES)
    assert rig.synced == 2


async def test_who_comes_later_reads_again() -> None:
    rig = Rig()
    rig.list.may_answer.set()
    await rig.prefetch.catch_up()
    await rig.prefetch.catch_up()
    assert rig.list.asked == 2 * len(PASSES)


async def test_all_who_wait_learn_of_one_failure() -> None:
    rig = Rig()
    first = await rig.many(1)
    waiting = await rig.many(3)
    rig.list.failure = Unreachable("no route")
    rig.list.may_answer.set()
    ended = await asyncio.gather(*first, *waiting, return_exceptions=True)
    assert [type(each) for each in ended] == [Unreachable] * 4
    assert rig.list.asked == 2
    assert rig.synced == 0
    assert WATERMARK not in rig.cache.marks


async def test_a_reading_that_was_given_up_is_nobodys_answer() -> None:
    rig = Rig()
    (first,) = await rig.many(1)
    (second,) = await rig.many(1)
    first.cancel()
    rig.list.may_answer.set()
    await second
    with pytest.raises(asyncio.CancelledError):
        await first
    assert rig.synced == 1
    assert rig.cache.marks[WATERMARK]
