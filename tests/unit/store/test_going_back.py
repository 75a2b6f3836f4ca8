"""From a newer version back to an older one, with the copy that was made before the migration."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopdesk.domain.errors import BackupUnusable, LeftBehind, StoreTooNew
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Entry, Move, Stage
from loopdesk.store.database import FILE_NAME, Database
from loopdesk.store.recovery.restore import go_back
from loopdesk.store.sql import Migration, migrations
from loopdesk.store.store import Store, store_of
from tests.builders import AT, a_keep_request, rebuild

OLD = migrations()
NEW = (*OLD, Migration(len(OLD) + 1, "newer", "CREATE TABLE newer (a TEXT) STRICT"))


async def opened(folder: Path, steps: tuple[Migration, ...]) -> Store:
    """Open a store that knows these migrations."""
    return store_of(await Database.open(folder / FILE_NAME, steps=steps, reserve_bytes=4096), rebuild)


async def kept(store: Store, return_id: str) -> Entry:
    """Keep a flag that may be sent."""
    (entry,) = await store.outbox.keep(a_keep_request(Kind.FLAG, return_id=return_id))
    await store.outbox.release(entry.settlement_id)
    return entry


async def updated(folder: Path) -> tuple[Entry, Path]:
    """Work with the older version, then open with the newer one. Returns what waits, and the back-up."""
    store = await opened(folder, OLD)
    entry = await kept(store, "70000001")
    await store.close()
    store = await opened(folder, NEW)
    backup = store.database.report.backup
    assert backup is not None
    await store.outbox.claim(await store.outbox.lane(entry.return_id), "", AT)
    await store.outbox.apply((Move(entry.entry_id, Stage.SENDING, Stage.SETTLING),), at=AT)
    await store.close()
    return entry, backup


@pytest.mark.fault(68, 137)
async def test_after_going_back_what_was_unfinished_is_uncertain(tmp_path: Path) -> None:
    entry, backup = await updated(tmp_path)
    with pytest.raises(StoreTooNew):
        await opened(tmp_path, OLD)
    aside, left = go_back(tmp_path / FILE_NAME, backup, leave_behind=False, steps=OLD)
    assert left == 0, "the one unfinished action is in the back-up too"
    assert aside is not None
    assert aside.exists()
    store = await opened(tmp_path, OLD)
    assert store.database.report.restored
    await store.outbox.recover(AT)
    (now,) = await store.outbox.entries()
    assert (now.entry_id, now.stage) == (entry.entry_id, Stage.UNCERTAIN)
    await store.close()


async def test_what_only_the_newer_store_holds_is_not_left_behind_by_accident(tmp_path: Path) -> None:
    _, backup = await updated(tmp_path)
    store = await opened(tmp_path, NEW)
    await kept(store, "70000002")
    await store.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(LeftBehind, match="count=1"):
        go_back(tmp_path / FILE_NAME, backup, leave_behind=False, steps=OLD)
    assert (tmp_path / FILE_NAME).read_bytes() == before
    aside, left = go_back(tmp_path / FILE_NAME, backup, leave_behind=True, steps=OLD)
    assert left == 1
    assert aside is not None
    assert aside.read_bytes() == before


@pytest.mark.parametrize("damage", ["missing", "foreign", "newer", "torn"])
async def test_a_back_up_that_cannot_be_used_changes_nothing(tmp_path: Path, damage: str) -> None:
    _, backup = await updated(tmp_path)
    before = (tmp_path / FILE_NAME).read_bytes()
    match damage:
        case "missing":
            backup = tmp_path / "nowhere.db"
        case "foreign":
            backup.write_bytes(b"this is no database, but long enough to be looked at" * 40)
        case "newer":
            backup = tmp_path / "copy.db"
            backup.write_bytes(before)
        case _:
            whole = backup.read_bytes()
            backup.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BackupUnusable):
        go_back(tmp_path / FILE_NAME, backup, leave_behind=True, steps=OLD)
    assert (tmp_path / FILE_NAME).read_bytes() == before


async def test_a_lost_store_may_be_replaced_by_its_back_up(tmp_path: Path) -> None:
    entry, backup = await updated(tmp_path)
    (tmp_path / FILE_NAME).unlink()
    assert go_back(tmp_path / FILE_NAME, backup, leave_behind=False, steps=OLD) == (None, 0)
    store = await opened(tmp_path, OLD)
    assert [each.entry_id for each in await store.outbox.entries()] == [entry.entry_id]
    await store.close()
