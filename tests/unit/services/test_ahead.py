"""Details of what is due to arrive, read before it comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

import pytest

from loopdesk.domain.errors import ApiError, NotFound, Unreachable
from loopdesk.services.ports.loop import Fetched, Priority, ReadingGateway
from loopdesk.services.station.tasks import Tasks
from loopdesk.services.sync.arriving import DetailPrefetch
from tests.builders import AT, a_fetched, a_parcel, a_return
from tests.fakes.clock import HandClock
from tests.fakes.memory_store import MemoryStore


class Rig:
    """A reader ahead, and a Loop that knows every return.

    Attributes:
        asked: The returns that Loop was asked for.
        failure: What Loop answers instead, None for details.
    """

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = HandClock()
        self.asked: list[str] = []
        self.failure: ApiError | None = None
        self.faults: list[BaseException] = []
        self.tasks = Tasks(lambda name, failure: self.faults.append(failure))
        self.ahead = DetailPrefetch(
            arrivals=self.store.arrivals,
            gateway=cast("ReadingGateway", self),
            clock=self.clock,
            tasks=self.tasks,
            keep=self.keep,
        )

    async def keep(self, fetched: Sequence[Fetched]) -> None:
        """Store answers."""
        await self.store.returns.save(fetched, self.clock.now())

    async def details(self, return_id: str, *, priority: int) -> Fetched:
        """Answer as Loop does."""
        assert priority == Priority.BACKGROUND
        self.asked.append(return_id)
        if self.failure is not None:
            raise self.failure
        known = await self.store.returns.get(return_id)
        assert known is not None
        return a_fetched(known.ret)

    async def known(self, *states: str) -> None:
        """Let the list tell of one return a state."""
        many = [
            a_return(str(70_000_000 + n), parcels=(a_parcel(f"1Z{n}", status=state),))
            for n, state in enumerate(states)
        ]
        await self.store.returns.save([a_fetched(x, is_details=False) for x in many], AT)


async def test_what_is_under_way_is_read_once_the_soonest_first() -> None:
    rig = Rig()
    await rig.known("in_transit", "pre_transit", "delivered", "out_for_delivery", "new")
    await rig.ahead.read_all()
    await rig.ahead.read_all()
    assert rig.asked == ["70000003", "70000002", "70000000"]
    stored = await rig.store.returns.get("70000000")
    assert stored is not None
    assert stored.has_details
    assert rig.ahead.read == 3


async def test_more_than_one_batch_is_read_to_the_end() -> None:
    rig = Rig()
    await rig.known(*["in_transit"] * 70)
    await rig.ahead.read_all()
    assert len(rig.asked) == len(set(rig.asked)) == 70


async def test_a_return_that_loop_does_not_show_is_asked_for_once_until_it_changes() -> None:
    rig = Rig()
    await rig.known("in_transit")
    rig.failure = NotFound("gone")
    await rig.ahead.read_all()
    await rig.ahead.read_all()
    assert len(rig.asked) == 1
    changed = a_return(
        "70000000",
        parcels=(a_parcel("1Z0", status="delivered"),),
        updated_at=AT + timedelta(hours=1),
    )
    await rig.store.returns.save([a_fetched(changed, is_details=False)], AT)
    rig.failure = None
    await rig.ahead.read_all()
    assert len(rig.asked) == 2


async def test_a_line_that_is_down_ends_the_reading_and_loses_nothing() -> None:
    rig = Rig()
    await rig.known("in_transit", "in_transit")
    rig.failure = Unreachable("no route")
    with pytest.raises(Unreachable):
        await rig.ahead.read_all()
    rig.failure = None
    await rig.ahead.read_all()
    assert sorted(set(rig.asked)) == ["70000000", "70000001"]


async def test_it_reads_after_each_synchronization_and_survives_a_broken_line() -> None:
    rig = Rig()
    rig.tasks.spawn(rig.ahead.run(), name="ahead")
    await rig.known("in_transit")
    await rig.clock.settle()
    assert rig.asked == []
    rig.failure = Unreachable("no route")
    rig.ahead.wake()
    await rig.clock.settle()
    rig.failure = None
    rig.ahead.wake()
    await rig.clock.settle()
    assert rig.asked == ["70000000", "70000000"]
    assert rig.faults == []
    await rig.tasks.aclose()
