"""The only access to the file: transactions, threads, failures."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from pathlib import Path

import apsw
import pytest

from loopdesk.domain.errors import (
    DiskFull,
    StageMoved,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreForeign,
    StoreTooNew,
)
from loopdesk.store import open_database
from loopdesk.store.database import Database
from loopdesk.store.open_database import APPLICATION_ID, check_sqlite
from loopdesk.store.sql import Migration, fetch, migrations
from loopdesk.store.store import Store, open_store
from tests.builders import AT, a_draft, rebuild


def count(connection: apsw.Connection) -> int:
    """Count the watermarks, which stand for any row here."""
    return int(fetch(connection, "SELECT count(*) FROM mark")[0][0])


def add(connection: apsw.Connection, name: str = "a") -> None:
    """Write one row."""
    fetch(connection, "INSERT INTO mark VALUES (?, '')", (name,))


async def test_the_pragmas_are_what_power_loss_asks_for(store: Store) -> None:
    names = (
        "journal_mode",
        "synchronous",
        "fullfsync",
        "checkpoint_fullfsync",
        "foreign_keys",
        "trusted_schema",
        "secure_delete",
        "busy_timeout",
        "application_id",
        "user_version",
        "auto_vacuum",
    )
    told = await store.database.read(lambda db: [db.pragma(name) for name in names])
    assert told == ["wal", 2, 1, 1, 1, 0, 1, 5000, APPLICATION_ID, len(migrations()), 2]


@pytest.mark.fault(71)
@pytest.mark.parametrize("version", ["3.51.2", "3.9.0", "3.46.1"])
def test_an_sqlite_that_can_damage_the_store_is_refused(version: str) -> None:
    with pytest.raises(StoreError, match=version):
        check_sqlite(version)
    check_sqlite("3.51.3")
    check_sqlite("3.100.0")


async def test_what_fails_in_the_middle_changes_nothing(store: Store) -> None:
    def half(connection: apsw.Connection) -> None:
        add(connection)
        raise StageMoved("half")

    with pytest.raises(StageMoved):
        await store.database.write(half)
    assert await store.database.read(count) == 0


@pytest.mark.fault(82)
async def test_everything_runs_on_one_thread_that_ends_with_the_store(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    store = await open_store(tmp_path, rebuild)
    used = {await store.database.read(lambda _: threading.current_thread()) for _ in range(5)}
    assert len(used) == 1
    assert threading.current_thread() not in used
    await store.close()
    await store.close()
    assert set(threading.enumerate()) == before


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = await open_store(tmp_path, rebuild)
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await store.drafts.save(a_draft())


async def test_closing_finishes_what_was_asked_before(tmp_path: Path) -> None:
    store = await open_store(tmp_path, rebuild)
    pending = [asyncio.create_task(store.audit.write("seen", AT)) for _ in range(20)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*pending) == list(range(1, 21))


async def test_a_caller_that_is_cancelled_does_not_break_the_transaction(store: Store) -> None:
    began, may_go_on = threading.Event(), threading.Event()

    def slow(connection: apsw.Connection) -> None:
        add(connection, "first")
        began.set()
        may_go_on.wait()
        add(connection, "second")

    writing = asyncio.create_task(store.database.write(slow))
    await asyncio.to_thread(began.wait)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    may_go_on.set()
    assert await store.database.read(count) == 2


async def test_writes_of_many_callers_follow_one_another(store: Store) -> None:
    await asyncio.gather(*(store.database.write(partial(add, name=str(n))) for n in range(50)))
    assert await store.database.read(count) == 50


async def test_a_check_of_the_whole_file_lets_scans_through(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, may_go_on = threading.Event(), threading.Event()
    real = open_database.check_all

    def slow(connection: apsw.Connection) -> tuple[str, ...]:
        began.set()
        may_go_on.wait()
        return real(connection)

    monkeypatch.setattr(open_database, "check_all", slow)
    checking = asyncio.create_task(store.database.integrity())
    await asyncio.to_thread(began.wait)
    await store.database.write(add)
    assert await store.database.read(count) == 1
    assert not checking.done()
    may_go_on.set()
    assert await checking == ()


async def test_a_check_of_a_damaged_file_says_so_in_words(store: Store) -> None:
    def harm(connection: apsw.Connection) -> None:
        connection.pragma("writable_schema", 1)
        connection.execute("UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'line_by_return'")
        connection.pragma("writable_schema", 0)

    await store.database.write(harm)
    assert await store.database.integrity() != ()


async def test_a_reader_changes_nothing(store: Store) -> None:
    await store.database.read(add)
    assert await store.database.read(count) == 0


@pytest.mark.fault(65)
async def test_a_failed_commit_ends_the_handle_and_the_next_write_reopens(store: Store) -> None:
    def refuse(connection: apsw.Connection) -> None:
        connection.set_commit_hook(lambda: True)

    handles = {await store.database.read(id)}
    await store.database.read(refuse)
    with pytest.raises(StoreError):
        await store.database.write(add)
    assert await store.database.read(count) == 0
    await store.database.write(add)
    assert await store.database.read(count) == 1
    handles.add(await store.database.read(id))
    assert await store.database.integrity() == ()


@pytest.mark.fault(63)
async def test_a_full_disk_keeps_nothing_and_says_so(store: Store) -> None:
    def fill(connection: apsw.Connection) -> None:
        connection.pragma("max_page_count", connection.pragma("page_count"))

    await store.database.read(fill)
    with pytest.raises(DiskFull):
        await store.returns.mark("big", "x" * 100_000)
    assert await store.returns.marked("big") == ""


@pytest.mark.fault(63)
async def test_the_reserve_is_given_up_when_the_disk_is_full_and_then_only_draining_goes_on(
    tmp_path: Path,
) -> None:
    room = [10**9]
    path = tmp_path / "loopdesk.db"
    reserve = tmp_path / "loopdesk.reserve"
    database = await Database.open(path, free_bytes=lambda _: room[0], reserve_bytes=50_000)
    assert reserve.stat().st_size == 50_000

    def full_once(connection: apsw.Connection) -> None:
        add(connection)
        if reserve.exists():
            raise apsw.FullError("database or disk is full")

    room[0] = 0
    await database.write(full_once, drains=True)
    assert not reserve.exists()
    with pytest.raises(DiskFull):
        await database.write(lambda db: add(db, "kept"))
    await database.write(lambda db: add(db, "drained"), drains=True)
    room[0] = 10**9
    await database.write(lambda db: add(db, "kept"))
    assert reserve.exists()
    assert await database.read(count) == 3
    await database.close()


@pytest.mark.fault(81)
async def test_a_writer_elsewhere_makes_the_store_busy(store: Store) -> None:
    await store.database.read(lambda db: db.set_busy_timeout(10))
    other = apsw.Connection(str(store.database.path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy):
        await store.database.write(add)
    other.execute("ROLLBACK")
    other.close()
    await store.database.write(add)


@pytest.mark.fault(69)
async def test_a_file_that_was_swapped_while_open_is_not_written(store: Store) -> None:
    path = store.database.path
    path.rename(path.with_name("gone.db"))
    with pytest.raises(StoreError, match="replaced"):
        await store.drafts.save(a_draft())
    path.write_bytes(b"")
    with pytest.raises(StoreError, match="replaced"):
        await store.drafts.save(a_draft())


@pytest.mark.fault(139, 140)
async def test_a_newer_store_is_refused_and_not_touched(tmp_path: Path) -> None:
    newer = Migration(len(migrations()) + 1, "next", "CREATE TABLE more (a TEXT) STRICT")
    database = await Database.open(tmp_path / "loopdesk.db", steps=(*migrations(), newer))
    await database.close()
    before = (tmp_path / "loopdesk.db").read_bytes()
    with pytest.raises(StoreTooNew):
        await open_store(tmp_path, rebuild)
    assert (tmp_path / "loopdesk.db").read_bytes() == before


@pytest.mark.fault(67)
async def test_a_file_of_another_program_is_refused_and_not_touched(tmp_path: Path) -> None:
    other = apsw.Connection(str(tmp_path / "loopdesk.db"))
    other.execute("CREATE TABLE theirs (a)")
    other.close()
    before = (tmp_path / "loopdesk.db").read_bytes()
    with pytest.raises(StoreForeign):
        await open_store(tmp_path, rebuild)
    assert (tmp_path / "loopdesk.db").read_bytes() == before


async def test_damage_met_while_running_is_looked_into_at_the_next_start(tmp_path: Path) -> None:
    store = await open_store(tmp_path, rebuild)

    def break_down(_: apsw.Connection) -> None:
        raise apsw.CorruptError("database disk image is malformed")

    with pytest.raises(StoreDamaged):
        await store.database.read(break_down)
    assert (tmp_path / "loopdesk.suspect").exists()
    await store.drafts.save(a_draft())
    await store.close()
    store = await open_store(tmp_path, rebuild)
    assert store.database.report.damaged is None
    assert not (tmp_path / "loopdesk.suspect").exists()
    await store.close()


async def test_two_processes_may_have_the_store_open(tmp_path: Path) -> None:
    window = await open_store(tmp_path, rebuild)
    await window.drafts.save(a_draft())
    command_line = await open_store(tmp_path, rebuild, repair=False)
    assert await command_line.drafts.get(a_draft().return_id) == a_draft()
    await command_line.close()
    await window.drafts.save(a_draft("70000002"))
    await window.close()
