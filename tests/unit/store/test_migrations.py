"""Migrations from older versions of the file."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from loopdesk.domain.errors import StoreError
from loopdesk.store.database import Database
from loopdesk.store.open_database import BACKUPS_KEPT, last_written
from loopdesk.store.returns.drafts import Drafts
from loopdesk.store.sql import Migration, fetch, migrations
from tests.builders import RETURN_ID, a_draft

FIRST = migrations()


def later_steps(count: int) -> tuple[Migration, ...]:
    """Add migrations to the real ones."""
    more = [
        Migration(len(FIRST) + n, f"{n}", f"CREATE TABLE more{n} (a TEXT) STRICT")
        for n in range(1, count + 1)
    ]
    return (*FIRST, *more)


async def opened(folder: Path, steps: tuple[Migration, ...]) -> Database:
    """Open a store that knows these migrations."""
    return await Database.open(folder / "loopdesk.db", steps=steps, reserve_bytes=4096)


def test_migrations_are_numbered_from_one_without_gaps() -> None:
    assert [step.version for step in FIRST] == list(range(1, len(FIRST) + 1))
    assert all(step.script.strip() for step in FIRST)


async def test_a_new_file_needs_no_backup(tmp_path: Path) -> None:
    database = await opened(tmp_path, FIRST)
    assert database.report.is_new
    assert database.report.backup is None
    assert not (tmp_path / "backups").exists()
    await database.close()


@pytest.mark.fault(137, 138)
async def test_an_older_file_is_copied_with_its_day_before_it_is_migrated(tmp_path: Path) -> None:
    database = await opened(tmp_path, FIRST)
    await Drafts(database).save(a_draft())
    await database.close()
    day = last_written(tmp_path / "loopdesk.db").date().isoformat()
    database = await opened(tmp_path, later_steps(1))
    backup = database.report.backup
    assert backup == tmp_path / "backups" / f"loopdesk-{day}-v{len(FIRST)}.db"
    assert await Drafts(database).get(RETURN_ID) == a_draft()
    assert await database.read(lambda db: db.pragma("user_version")) == len(FIRST) + 1
    await database.close()
    copy = apsw.Connection(str(backup))
    assert fetch(copy, "SELECT return_id FROM draft") == [(RETURN_ID,)]
    assert copy.pragma("user_version") == len(FIRST)
    copy.close()


async def test_opening_again_changes_and_copies_nothing(tmp_path: Path) -> None:
    await (await opened(tmp_path, FIRST)).close()
    database = await opened(tmp_path, FIRST)
    assert database.report.backup is None
    assert not database.report.is_new
    await database.close()


async def test_three_backups_are_kept(tmp_path: Path) -> None:
    for count in range(BACKUPS_KEPT + 3):
        await (await opened(tmp_path, later_steps(count))).close()
    versions = sorted(int(file.stem.rpartition("-v")[2]) for file in (tmp_path / "backups").iterdir())
    assert versions == [len(FIRST) + n for n in range(2, BACKUPS_KEPT + 2)]


@pytest.mark.fault(55)
async def test_a_migration_that_fails_leaves_the_version_before(tmp_path: Path) -> None:
    await (await opened(tmp_path, FIRST)).close()
    script = "CREATE TABLE more (a TEXT) STRICT; INSERT INTO nowhere VALUES (1);"
    with pytest.raises(StoreError, match="nowhere"):
        await opened(tmp_path, (*FIRST, Migration(len(FIRST) + 1, "broken", script)))
    database = await opened(tmp_path, FIRST)
    assert database.report.damaged is None
    tables = await database.read(lambda db: fetch(db, "SELECT name FROM sqlite_schema WHERE name = 'more'"))
    assert tables == []
    await database.close()
