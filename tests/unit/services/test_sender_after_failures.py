"""What the sender does when the store fails at the worst moment."""

from __future__ import annotations

from typing import Any

import pytest

from loopdesk.domain.errors import StageMoved, StoreBusy, StoreError
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Stage
from loopdesk.domain.returns.grading import Grade
from loopdesk.services.outbox.stage_writer import BUSY_TRIES
from tests.bench_rig import BenchRig
from tests.builders import a_return
from tests.fakes.gateway import lost_after, lost_before
from tests.unit.services.outbox_rig import Rig, running

pytestmark = pytest.mark.expects_log("halted", "recovered", "store_busy")


async def test_a_result_that_was_written_without_anyone_hearing_of_it_is_still_looked_after() -> None:
    async with running() as rig:
        sound, calls = rig.outbox.apply, []

        async def deaf(moves: Any, **kwargs: Any) -> None:
            await sound(moves, **kwargs)
            calls.append(moves)
            if len(calls) == 1:
                raise StageMoved("written by an earlier try of the same commit")

        rig.outbox.apply = deaf  # type: ignore[method-assign]
        rig.gateway.plant("note", lost_after())
        (note,) = await rig.keep(Kind.NOTE)
        await rig.clock.turn(1.0)
        assert rig.stages(note) == (Stage.UNCERTAIN,)
        await rig.clock.turn(10.0)
        assert rig.stages(note) == (Stage.DONE,)


async def test_a_result_that_a_busy_store_will_not_take_halts_the_sender_and_is_read_back() -> None:
    rig = Rig()
    sound, left = rig.outbox.apply, [BUSY_TRIES + 1]

    async def busy(moves: Any, **kwargs: Any) -> None:
        if left[0]:
            left[0] -= 1
            raise StoreBusy("held by another program")
        await sound(moves, **kwargs)

    rig.outbox.apply = busy  # type: ignore[method-assign]
    sender = rig.tasks.spawn(rig.sender.run(), name="sender")
    rig.tasks.spawn(rig.confirmer.run(), name="confirmer")
    (note,) = await rig.keep(Kind.NOTE)
    await rig.clock.until(sender.done)
    assert isinstance(sender.exception(), StoreError)
    assert rig.stages(note) == (Stage.SENDING,)
    rig.tasks.spawn(rig.sender.run(), name="sender")
    await rig.clock.turn(10.0)
    assert rig.stages(note) == (Stage.DONE,)
    assert rig.gateway.seen(Kind.NOTE) == 1
    await rig.tasks.aclose()


async def test_an_again_whose_commit_failed_and_was_kept_is_sent() -> None:
    rig = Rig()
    sound = rig.outbox.apply

    async def apply(moves: Any, **kwargs: Any) -> None:
        await sound(moves, **kwargs)
        if kwargs.get("event") == "again":
            raise StoreError("the commit failed")

    rig.outbox.apply = apply  # type: ignore[method-assign]
    rig.gateway.plant("note", lost_before())
    rig.tasks.spawn(rig.sender.run(), name="sender")
    reading = rig.tasks.spawn(rig.confirmer.run(), name="confirmer")
    (note,) = await rig.keep(Kind.NOTE)
    await rig.clock.until(reading.done)
    assert isinstance(reading.exception(), StoreError)
    await rig.clock.turn(5.0)
    assert rig.stages(note) == (Stage.DONE,)
    await rig.tasks.aclose()


async def test_a_release_whose_commit_failed_and_was_kept_is_sent_after_the_restart() -> None:
    rig = Rig()
    sound, left = rig.outbox.release, [1]

    async def release(settlement_id: str) -> bool:
        found = await sound(settlement_id)
        if left[0]:
            left[0] -= 1
            raise StoreError("the commit failed")
        return found

    rig.outbox.release = release  # type: ignore[method-assign]
    sender = rig.tasks.spawn(rig.sender.run(), name="sender")
    (note,) = await rig.keep(Kind.NOTE, hold_seconds=8.0)
    await rig.clock.until(sender.done)
    assert isinstance(sender.exception(), StoreError)
    rig.tasks.spawn(rig.sender.run(), name="sender")
    await rig.clock.turn(5.0)
    assert rig.stages(note) == (Stage.DONE,)
    await rig.tasks.aclose()


async def test_a_settlement_whose_commit_failed_and_was_kept_nevertheless_is_sent() -> None:
    ret = a_return()
    rig = BenchRig(ret)
    await rig.open()
    sound = rig.store.outbox.keep

    async def keep(request: Any) -> Any:
        await sound(request)
        raise StoreError("the commit failed")

    rig.store.outbox.keep = keep  # type: ignore[method-assign]
    known = await rig.store.openings.known(ret.return_id)
    assert known is not None
    await rig.inspection.open(known)
    await rig.inspection.grade(Grade.A, (ret.lines[0].line_item_id,))
    with pytest.raises(StoreError):
        await rig.inspection.settle()
    await rig.clock.turn(60.0)
    lane = await rig.store.outbox.lane(ret.return_id)
    assert {entry.stage for entry in lane} == {Stage.DONE}
    await rig.close()
