"""The sending half of the outbox on the real store: the same promises, with transactions and triggers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Cause, Entry, ParkReason, Stage, Why
from loopdesk.domain.returns.returns import ReturnState, fingerprint
from loopdesk.services.station.events import Settled
from loopdesk.store.store import Store, open_store
from tests.builders import RETURN_ID, a_return, lines, rebuild
from tests.fakes.clock import HandClock
from tests.fakes.gateway import Fault, lost_after, lost_before, refused, swallowed, throttled, unsent
from tests.kinds import FINALIZERS
from tests.unit.services.outbox_rig import Rig, many

pytestmark = pytest.mark.expects_log("recovered", "halted")

READY, UNCERTAIN, SETTLING, PARKED = Stage.READY, Stage.UNCERTAIN, Stage.SETTLING, Stage.PARKED
DONE, SUPERSEDED, WITHDRAWN = Stage.DONE, Stage.SUPERSEDED, Stage.WITHDRAWN
WHOLE = (Kind.GRADE, Kind.ASSESS, Kind.NOTE, Kind.PROCESS)


async def stages(store: Store, *entries: Entry) -> tuple[Stage, ...]:
    """Return the stages of entries of one return, as they are on disk."""
    lane = {x.entry_id: x for x in await store.outbox.lane(entries[0].return_id)}
    return tuple(lane[entry.entry_id].stage for entry in entries)


@asynccontextmanager
async def on_disk(folder: Path, rig: Rig | None = None) -> AsyncIterator[tuple[Rig, Store]]:
    """Run a rig on a store in a folder; a rig that is given goes on as after a restart."""
    store = await open_store(folder, rebuild)
    clock = rig.clock if rig else HandClock()

    async def catch_up() -> None:
        await store.database.read(lambda connection: None)

    clock.catch_up = catch_up
    if rig is None:
        rig = Rig(outbox=store.outbox, audit=store.audit, returns=store.returns, clock=clock)
    else:
        rig.outbox, rig.audit, rig.returns = store.outbox, store.audit, store.returns
        rig.build()
    rig.start()
    try:
        yield rig, store
    finally:
        await rig.tasks.aclose()
        clock.catch_up = None
        await store.close()
    assert rig.faults == []
    assert rig.gateway.overlaps == 0


async def test_a_settlement_goes_from_held_to_confirmed_and_stands_in_the_audit(tmp_path: Path) -> None:
    async with on_disk(tmp_path) as (rig, store):
        entries = await rig.keep(*WHOLE, hold_seconds=8.0)
        await rig.clock.turn(8.1)
        assert await stages(store, *entries) == (DONE, DONE, DONE, SETTLING)
        await rig.clock.turn(2.1)
        assert await stages(store, *entries) == (DONE,) * 4
        assert rig.told(Settled) == [Settled(RETURN_ID, "#1164", "process")]
        stored = await store.returns.get(RETURN_ID)
        assert stored is not None
        assert stored.ret.state is ReturnState.CLOSED
        (attempt,) = await store.outbox.attempts(entries[3].entry_id)
        assert (attempt.evidence, attempt.http_status) == ("accepted", 200)
        events = [row.event for row in await store.audit.of_return(RETURN_ID)]
        assert [x for x in events if x in ("kept", "confirmed")] == ["kept", "confirmed"]
        assert await store.audit.verify() is None


@pytest.mark.parametrize("kind", sorted(Kind))
@pytest.mark.parametrize(
    "fault", [unsent(), throttled(2.0), lost_before(), lost_after(), refused("No."), swallowed()]
)
async def test_every_move_that_an_exchange_leads_to_is_legal_on_disk(
    tmp_path: Path, kind: Kind, fault: Fault
) -> None:
    async with on_disk(tmp_path) as (rig, store):
        rig.gateway.plant(kind.value, fault)
        (entry,) = await rig.keep(kind, ret=a_return(lines=lines(2)), target="80000002")
        await rig.clock.turn(70.0)
        (stage,) = await stages(store, entry)
        assert stage in (DONE, PARKED, UNCERTAIN, SETTLING)
        if kind in FINALIZERS:
            assert rig.gateway.seen(kind) <= 1


async def test_a_conflict_parks_the_whole_settlement_with_both_pictures(tmp_path: Path) -> None:
    async with on_disk(tmp_path) as (rig, store):
        entries = await rig.keep(*WHOLE, hold_seconds=8.0)
        rig.gateway.change(RETURN_ID, lines=lines(2))
        await rig.clock.turn(9.0)
        lane = await store.outbox.lane(RETURN_ID)
        assert {(x.stage, x.reason, x.cause) for x in lane} == {
            (PARKED, ParkReason.CONFLICT, Cause(Why.CHANGED))
        }
        found = fingerprint(rig.gateway.truth[RETURN_ID].ret)
        assert {x.found for x in lane} == {found}
        assert lane[3].seen == fingerprint(a_return())
        await rig.attention.send_again([x.entry_id for x in entries], Operator(name="Lea"))
        await rig.clock.turn(5.0)
        assert await stages(store, *entries) == (DONE,) * 4


async def test_a_refused_note_is_dropped_by_name_and_the_finalizer_goes(tmp_path: Path) -> None:
    async with on_disk(tmp_path) as (rig, store):
        rig.gateway.plant("note", refused("Too long."))
        note, process = await rig.keep(Kind.NOTE, Kind.PROCESS)
        await rig.clock.turn(1.0)
        assert await stages(store, note, process) == (PARKED, PARKED)
        await rig.attention.drop([note.entry_id], "not needed", Operator(name="Lea"))
        await rig.clock.turn(5.0)
        assert await stages(store, note, process) == (WITHDRAWN, DONE)


async def test_a_waived_note_stays_parked_and_the_finalizer_goes(tmp_path: Path) -> None:
    async with on_disk(tmp_path) as (rig, store):
        rig.gateway.plant("note", refused("Too long."))
        note, process = await rig.keep(Kind.NOTE, Kind.PROCESS)
        await rig.clock.turn(1.0)
        await rig.attention.waive(note.entry_id, Operator(name="Lea"))
        await rig.clock.turn(5.0)
        assert await stages(store, note, process) == (PARKED, DONE)


@pytest.mark.fault(51, 52, 53)
@pytest.mark.parametrize("acts", [True, False])
async def test_a_process_killed_in_the_middle_of_a_call_asks_before_it_acts(
    tmp_path: Path, acts: bool
) -> None:
    async with on_disk(tmp_path) as (rig, store):
        rig.gateway.hold("process")
        (entry,) = await rig.keep(Kind.PROCESS)
        await rig.clock.turn(1.0)
        assert await stages(store, entry) == (Stage.SENDING,)
        rig.clock.catch_up = None
        await store.close()  # what comes now is written nowhere, as after a kill
        failed = rig.faults
        await rig.tasks.aclose()
        failed.clear()
    rig.gateway.release()
    if acts:
        rig.gateway.change(RETURN_ID, state=ReturnState.CLOSED, was_processed=True)
    async with on_disk(tmp_path, rig) as (rig, store):
        await rig.clock.turn(0.1)
        assert await stages(store, entry) == (UNCERTAIN,)
        await rig.clock.turn(1000.0)
        assert await stages(store, entry) == ((DONE,) if acts else (PARKED,))
        assert rig.gateway.requests == []


async def test_several_returns_at_once_drain_in_one_call_an_entry(tmp_path: Path) -> None:
    async with on_disk(tmp_path) as (rig, store):
        entries = [x for ret in many(6) for x in await rig.keep(*WHOLE, ret=ret)]
        for _ in range(100):
            await rig.clock.turn(1.0)
            counts = await store.outbox.counts()
            if not counts.kept and not counts.sent:
                break
        for entry in entries:
            assert await stages(store, entry) == (DONE,)
        assert len(rig.gateway.requests) == 24
        assert (await store.outbox.counts()).sent == 0


async def test_draining_once_on_disk_ends_with_everything_confirmed(tmp_path: Path) -> None:
    store = await open_store(tmp_path, rebuild)
    rig = Rig(outbox=store.outbox, audit=store.audit)

    async def catch_up() -> None:
        await store.database.read(lambda connection: None)

    rig.clock.catch_up = catch_up
    for ret in many(3):
        await rig.keep(*WHOLE, ret=ret, hold_seconds=8.0)
    task = rig.tasks.spawn(rig.drain.drain_once(), name="drain")
    await rig.clock.until(task.done)
    found = task.result()
    assert (found.settled, found.needs_attention) == (3, False)
    await rig.tasks.aclose()
    await store.close()
