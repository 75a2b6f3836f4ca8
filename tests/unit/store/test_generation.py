"""An older copy put back in place is noticed, and what it calls ready is asked about first."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from loopdesk.domain.actions import Kind
from loopdesk.domain.outbox import Move, ParkReason, Stage
from loopdesk.store.generation import Generation, GenerationFile, is_restored
from loopdesk.store.store import Store, open_store
from tests.builders import AT, RETURN_ID, a_keep_request, rebuild


async def opened(folder: Path) -> Store:
    """Open the store of a folder."""
    return await open_store(folder, rebuild)


async def a_lane_of_every_stage(store: Store) -> None:
    """Fill a store: one return each that is held, ready, sending, settling, parked and done."""
    outbox = store.outbox
    for n, last in enumerate((None, Stage.READY, Stage.SENDING, Stage.SETTLING, Stage.PARKED, Stage.DONE)):
        kept = await outbox.keep(a_keep_request(Kind.FLAG, return_id=f"7000000{n}"))
        if last is None:
            continue
        await outbox.release(kept[0].settlement_id)
        if last is Stage.READY:
            continue
        await outbox.claim(await outbox.lane(f"7000000{n}"), "", AT)
        if last is not Stage.SENDING:
            reason = ParkReason.REFUSED if last is Stage.PARKED else None
            await outbox.apply((Move(kept[0].entry_id, Stage.SENDING, last, reason=reason),), at=AT)


async def stages(store: Store) -> list[Stage]:
    """The stages of all entries, in the order kept."""
    return [entry.stage for entry in sorted(await store.outbox.entries(), key=lambda entry: entry.seq)]


@pytest.mark.parametrize(
    ("seen", "own", "verdict"),
    [
        (Generation("a", 5), Generation("a", 5), False),
        (Generation("a", 4), Generation("a", 5), False),
        (Generation("a", 6), Generation("a", 5), True),
        (Generation("b", 1), Generation("a", 5), True),
        (None, Generation("a", 0), False),
        (None, Generation("a", 1), True),
    ],
)
def test_a_database_behind_its_file_is_an_older_copy(
    seen: Generation | None, own: Generation, verdict: bool
) -> None:
    assert is_restored(seen, own) is verdict


def test_the_file_tells_what_was_written_last_and_nothing_when_it_is_torn(tmp_path: Path) -> None:
    file = GenerationFile(tmp_path / "x.generation")
    assert file.read() is None
    file.write(Generation("a" * 32, 9))
    file.write(Generation("a" * 32, 10))
    assert file.read() == Generation("a" * 32, 10)
    (tmp_path / "x.generation").write_bytes(b"\xff\0torn")
    assert file.read() is None


async def test_every_change_of_the_outbox_is_counted_in_both_places(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    file = GenerationFile(tmp_path / "loopdesk.generation")
    before = file.read()
    kept = await store.outbox.keep(a_keep_request())
    await store.outbox.release(kept[0].settlement_id)
    after = file.read()
    assert before is not None
    assert after == Generation(before.store_id, before.number + 2)
    await store.close()


async def test_a_plain_restart_is_no_restored_copy(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await a_lane_of_every_stage(store)
    before = await stages(store)
    await store.close()
    store = await opened(tmp_path)
    assert not store.database.report.restored
    assert await stages(store) == before
    await store.close()


@pytest.mark.fault(68)
async def test_after_a_restore_everything_that_may_have_been_sent_is_uncertain(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await a_lane_of_every_stage(store)
    await store.close()
    copy = shutil.copy(tmp_path / "loopdesk.db", tmp_path / "copy.db")
    store = await opened(tmp_path)
    await store.outbox.release((await store.outbox.held())[0].settlement_id)
    await store.close()
    shutil.move(copy, tmp_path / "loopdesk.db")

    store = await opened(tmp_path)
    assert store.database.report.restored
    await store.close()  # the program dies before it dealt with it
    store = await opened(tmp_path)
    assert store.database.report.restored
    assert not await store.outbox.claim(await store.outbox.lane("70000001"), "", AT), "ask before sending"
    assert await store.outbox.recover(AT) == 4
    assert await stages(store) == [Stage.UNCERTAIN] * 4 + [Stage.PARKED, Stage.DONE]
    assert all(x.unresolved == 1 for x in await store.outbox.entries(Stage.UNCERTAIN))
    assert len(await store.audit.rows("restored")) == 3
    assert len(await store.audit.rows("recovered")) == 1
    assert await store.outbox.recover(AT) == 0
    await store.close()
    store = await opened(tmp_path)
    assert not store.database.report.restored
    await store.close()


@pytest.mark.fault(68)
async def test_a_log_that_was_deleted_makes_an_older_copy(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.outbox.keep(a_keep_request(Kind.FLAG))
    await store.close()
    other = tmp_path / "other"
    other.mkdir()
    store = await opened(tmp_path)
    await store.outbox.release((await store.outbox.held())[0].settlement_id)
    for name in ("loopdesk.db", "loopdesk.generation"):  # as a back-up program copies, without the log
        shutil.copy(tmp_path / name, other / name)
    await store.close()
    store = await opened(other)
    assert store.database.report.restored
    await store.outbox.recover(AT)
    (entry,) = await store.outbox.lane(RETURN_ID)
    assert entry.stage is Stage.UNCERTAIN
    await store.close()


async def test_a_store_that_was_deleted_is_noticed(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.outbox.keep(a_keep_request())
    await store.close()
    (tmp_path / "loopdesk.db").unlink()
    store = await opened(tmp_path)
    assert store.database.report.lost
    assert not store.database.report.restored
    await store.close()
    store = await opened(tmp_path)
    assert not store.database.report.lost
    await store.close()
