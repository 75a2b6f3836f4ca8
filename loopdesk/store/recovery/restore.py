"""Puts another file in the store's place: a salvaged one, or a newer store's backup. Nothing is deleted.

The backup lacks everything kept after it was made. So a store with unfinished actions that the backup does
not know stays in place, unless they are left behind explicitly.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import apsw

from loopdesk.domain.errors import BackupUnusable, LeftBehind, LeftUnknown
from loopdesk.store.open_database import APPLICATION_ID, check_all, last_written
from loopdesk.store.recovery.broken_log import mend_log
from loopdesk.store.sql import Migration, fetch, migrations, queries

# --- files ------------------------------------------------------------------------------------------

LOGS = ("-wal", "-shm")
"""Suffixes of the files that SQLite puts next to a database."""


def finish_replacement(path: Path) -> None:
    """Put a complete replacement in place, including one that a crash left behind.

    Log files of the previous database are moved aside first: SQLite would apply them to the new one.
    """
    if path.exists():
        return
    if any(path.with_name(path.name + tail).exists() for tail in LOGS):
        moved = sorted(path.parent.glob(f"damaged-*{path.suffix}"), key=lambda file: file.stat().st_mtime)
        without = [file for file in moved if not file.with_name(file.name + "-wal").exists()]
        move_log(path, without[-1] if without else free_name(path))
    if fresh_of(path).exists():
        fresh_of(path).rename(path)


def move_log(path: Path, aside: Path) -> None:
    """Move a database's log files to where the database was moved."""
    for tail in LOGS:
        file = path.with_name(path.name + tail)
        if file.exists():
            file.rename(aside.with_name(aside.name + tail))


def fresh_of(path: Path) -> Path:
    """Return the path at which a replacement is built."""
    return path.with_name(f"{path.stem}-fresh{path.suffix}")


def free_name(path: Path) -> Path:
    """Choose ``damaged-<day>-<n>.db``; its log files may already lie there, the database not."""
    day = last_written(path).date().isoformat()
    taken = {file.name for file in path.parent.iterdir()}
    number = next(n for n in range(1, len(taken) + 2) if f"damaged-{day}-{n}{path.suffix}" not in taken)
    return path.with_name(f"damaged-{day}-{number}{path.suffix}")


# --- going back to a backup -------------------------------------------------------------------------

_SQL = queries("going_back")


def go_back(
    path: Path, backup: Path, *, leave_behind: bool, steps: Sequence[Migration] | None = None
) -> tuple[Path | None, int]:
    """Use a backup as the store. The program must be closed: the caller holds its lock.

    Args:
        path: The store's file.
        backup: A complete copy, such as the one made before each migration.
        leave_behind: Go back although unfinished actions are not in the backup.
        steps: The migrations that this program knows; replaced in tests.

    Returns:
        Where the newer file is now (None if there was none), and how many unfinished actions it holds that
            the backup does not.

    Raises:
        BackupUnusable, LeftBehind, LeftUnknown: Nothing was changed.
    """
    finish_replacement(path)
    if path.exists():
        mend_log(path)  # unfinished entries may be behind a broken frame
    known = (steps or migrations())[-1].version
    in_backup = _look_into(backup, known)
    left = len(_unfinished(path) - in_backup) if path.exists() else 0
    if left and not leave_behind:
        raise LeftBehind(why="count", count=left)
    _copy_durably(backup, fresh_of(path))
    aside = _move_aside(path) if path.exists() else None
    fresh_of(path).rename(path)
    return aside, left


def _look_into(backup: Path, known: int) -> set[str]:
    """Check a backup. Returns the ids of all its actions."""
    if not backup.is_file():
        raise BackupUnusable(why="missing")
    try:
        copy = apsw.Connection(str(backup), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            version = int(copy.pragma("user_version"))
            if copy.pragma("application_id") != APPLICATION_ID:
                raise BackupUnusable(why="foreign")
            if version > known:
                raise BackupUnusable(why="version", version=version, known=known)
            if found := check_all(copy):
                raise BackupUnusable(found[0])
            return {row[0] for row in fetch(copy, _SQL["all"])}
        finally:
            copy.close()
    except apsw.Error as failure:
        raise BackupUnusable(type(failure).__name__) from failure


def _unfinished(path: Path) -> set[str]:
    """Read the unfinished actions of a newer store, whatever its schema; closing it checkpoints its log."""
    try:
        newer = apsw.Connection(str(path))
        try:
            return {row[0] for row in fetch(newer, _SQL["unfinished"])}
        finally:
            newer.close()
    except apsw.Error as failure:
        raise LeftUnknown(type(failure).__name__) from failure


def _move_aside(path: Path) -> Path:
    folder = path.parent / "backups"
    folder.mkdir(exist_ok=True, mode=0o700)
    day = last_written(path).date().isoformat()
    names = (f"{path.stem}-{day}-newer-{number}{path.suffix}" for number in range(1, 1000))
    aside = next(folder / name for name in names if not (folder / name).exists())
    path.rename(aside)
    move_log(path, aside)
    return aside


def _copy_durably(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o600)
    handle = os.open(target, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
