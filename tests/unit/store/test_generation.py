"""A restored older copy is noticed, and what it calls ready is read back before it is sent."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Move, ParkReason, Stage
from loopdesk.store.recovery.generation import FileId, Generation, Seen, Tally, is_restored
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


HERE = FileId(8, 100)


@pytest.mark.parametrize(
    ("seen", "own", "verdict"),
    [
        (Seen(Generation("a", 5)), Generation("a", 5), False),
        (Seen(Generation("a", 4)), Generation("a", 5), False),
        (Seen(Generation("a", 6)), Generation("a", 5), True),
        (Seen(Generation("b", 1)), Generation("a", 5), True),
        (None, Generation("a", 0), False),
        (None, Generation("a", 1), True),
        (Seen(Generation("a", 5), HERE), Generation("a", 5), False),
        (Seen(Generation("a", 5), FileId(8, 101)), Generation("a", 5), True),
        (Seen(Generation("a", 5), FileId(9, 100)), Generation("a", 5), True),
        (Seen(Generation("a", 5), FileId(0, 100)), Generation("a", 5), False),
        (Seen(Generation("a", 0), FileId(8, 101)), Generation("a", 0), False),
    ],
)
def test_a_database_behind_its_tally_or_another_file_is_an_older_copy(
    seen: Seen | None, own: Generation, verdict: bool
) -> None:
    assert is_restored(seen, own, HERE) is verdict


@pytest.mark.parametrize("name", [None, "far/away/x.tally"])
def test_the_tally_tells_what_was_written_last_and_nothing_when_it_is_torn(
    tmp_path: Path, name: str | None
) -> None:
    outside = tmp_path / name if name else None
    tally = Tally(tmp_path / "x.generation", outside)
    assert tally.read() is None
    for number in (9, 10):
        assert tally.write(Generation("a" * 32, number), HERE) is bool(outside)
    assert tally.read() == Seen(Generation("a" * 32, 10), HERE if outside else None)
    (outside or tmp_path / "x.generation").write_bytes(b"\xff\0torn")
    assert tally.read() is None


def test_what_older_versions_wrote_beside_the_store_is_believed_until_it_is_written_outside(
    tmp_path: Path,
) -> None:
    beside, outside = tmp_path / "x.generation", tmp_path / "state" / "x"
    beside.write_text(f"{'a' * 32} {7:020d}\n")
    tally = Tally(beside, outside)
    assert tally.read() == Seen(Generation("a" * 32, 7))
    assert tally.write(Generation("a" * 32, 8), HERE)
    assert not beside.exists()
    assert Tally(beside, outside).read() == Seen(Generation("a" * 32, 8), HERE)


@pytest.mark.fault(163)
def test_where_the_systems_place_cannot_be_written_the_counter_lies_beside_the_store(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    tally = Tally(tmp_path / "x.generation", tmp_path / "file" / "state" / "x")
    assert tally.write(Generation("a" * 32, 3), HERE) is False
    assert tally.read() == Seen(Generation("a" * 32, 3))


async def test_every_change_of_the_outbox_is_counted_in_both_places(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    tally = Tally(tmp_path / "loopdesk.generation")
    before = tally.read()
    kept = await store.outbox.keep(a_keep_request())
    await store.outbox.release(kept[0].settlement_id)
    after = tally.read()
    assert before is not None
    assert after == Seen(Generation(before.generation.store_id, before.generation.number + 2))
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


@pytest.mark.fault(163)
@pytest.mark.parametrize("what", ["the whole folder", "every place, as of the same moment"])
async def test_a_folder_put_back_as_a_whole_is_noticed(tmp_path: Path, what: str) -> None:
    """The second time the tally is restored too: then another file is where the store was."""
    folder, tally = tmp_path / "profile" / "store", tmp_path / "state" / "tally"
    store = await open_store(folder, rebuild, tally=tally)
    await a_lane_of_every_stage(store)
    await store.close()
    shutil.copytree(folder, tmp_path / "copy")
    if what != "the whole folder":
        shutil.copy(tally, tmp_path / "tally")
    store = await open_store(folder, rebuild, tally=tally)
    assert store.database.report.is_tallied
    assert not store.database.report.restored, "a plain restart"
    await store.outbox.release((await store.outbox.held())[0].settlement_id)
    await store.close()
    folder.rename(tmp_path / "what was there")
    shutil.copytree(tmp_path / "copy", folder)
    if what != "the whole folder":
        shutil.copy(tmp_path / "tally", tally)

    store = await open_store(folder, rebuild, tally=tally)
    assert store.database.report.restored
    assert await store.outbox.recover(AT) == 4
    assert await stages(store) == [Stage.UNCERTAIN] * 4 + [Stage.PARKED, Stage.DONE]
    await store.close()


@pytest.mark.fault(163)
async def test_a_folder_of_the_store_that_was_deleted_is_noticed(tmp_path: Path) -> None:
    folder, tally = tmp_path / "profile" / "store", tmp_path / "state" / "tally"
    store = await open_store(folder, rebuild, tally=tally)
    await store.outbox.keep(a_keep_request())
    await store.close()
    shutil.rmtree(folder)
    store = await open_store(folder, rebuild, tally=tally)
    assert store.database.report.lost
    await store.close()
    store = await open_store(folder, rebuild, tally=tally)
    assert not store.database.report.lost
    await store.close()


@pytest.mark.fault(163)
async def test_a_profile_that_was_moved_loses_nothing_and_asks_before_it_sends(tmp_path: Path) -> None:
    store = await open_store(tmp_path / "old", rebuild, tally=tmp_path / "state" / "old")
    await a_lane_of_every_stage(store)
    await store.close()
    (tmp_path / "old").rename(tmp_path / "new")
    store = await open_store(tmp_path / "new", rebuild, tally=tmp_path / "state" / "new")
    assert store.database.report.restored
    await store.outbox.recover(AT)
    assert await stages(store) == [Stage.UNCERTAIN] * 4 + [Stage.PARKED, Stage.DONE]
    await store.close()
