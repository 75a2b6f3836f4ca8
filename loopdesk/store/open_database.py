"""Opens the database file: permissions, version, pragmas, migrations, and a check of the vital tables."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import apsw

from loopdesk.domain.errors import EngineTooOld, StoreDamaged, StoreError, StoreForeign, StoreTooNew
from loopdesk.store.sql import Migration, queries

APPLICATION_ID = 0x4C445348
"""Marks the file as ours ("LDSH")."""

SQLITE_LEAST = (3, 51, 3)
"""Older versions can damage a database when its write-ahead log is reset."""

BUSY_MILLISECONDS = 5000
STATEMENTS_KEPT = 300
"""Size of the statement cache: above the number of statements, so that rare ones do not evict each other."""
BACKUPS_KEPT = 3
WAL_BYTES = 64 * 1024 * 1024

_PRAGMAS: tuple[tuple[str, int | str, int | str], ...] = (
    ("journal_mode", "wal", "wal"),
    ("synchronous", "full", 2),
    ("fullfsync", 1, 1),
    ("checkpoint_fullfsync", 1, 1),
    ("foreign_keys", 1, 1),
    ("trusted_schema", 0, 0),
    ("secure_delete", 1, 1),
    ("busy_timeout", BUSY_MILLISECONDS, BUSY_MILLISECONDS),
    ("journal_size_limit", WAL_BYTES, WAL_BYTES),
)
"""Name, value to set, value that must be read back."""

_VITAL = ("store", "settlement", "entry", "attempt", "draft", "mystery", "waiver")
"""The tables that hold unsent work; checked at every start. Loop's answers can be read again."""

_SQL = queries("store")


def sqlite_version() -> str:
    """Return the version of the bundled SQLite."""
    return apsw.sqlite_lib_version()


def check_sqlite(version: str) -> None:
    """Reject a SQLite version that can damage the store.

    Raises:
        EngineTooOld: It is older than 3.51.3.
    """
    if tuple(int(part) for part in version.split(".")[:3]) < SQLITE_LEAST:
        least = ".".join(str(part) for part in SQLITE_LEAST)
        raise EngineTooOld(why="version", version=version, least=least)


def prepare_folder(path: Path) -> None:
    """Create the folder and an empty file, both accessible to this user only (where the system supports it).

    A folder that already holds other things keeps its permissions. An existing file is not opened: closing it
    would drop the locks of a connection that this process may have.
    """
    folder = path.parent
    is_ours = not folder.exists() or path.exists() or not any(folder.iterdir())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    if os.name == "posix":
        path.chmod(0o600)
        if is_ours:
            folder.chmod(0o700)


def open_checked(path: Path, steps: Sequence[Migration]) -> tuple[apsw.Connection, Path | None]:
    """Open the file and migrate it to the newest version.

    Returns:
        The connection, and the backup made before migrating, if any.

    Raises:
        StoreTooNew: A newer loopdesk wrote the file; nothing was written.
        StoreDamaged: A check failed.
        apsw.Error: Raised by SQLite; the caller translates it.
    """
    connection = apsw.Connection(str(path), statementcachesize=STATEMENTS_KEPT)
    try:
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        version = _check_identity(connection, steps)
        _set_pragmas(connection, is_new=version == 0)
        backup = _back_up(connection, path, version) if 0 < version < steps[-1].version else None
        _migrate(connection, steps)
        check_tables(connection, _VITAL)
    except BaseException:
        abandon(connection)
        raise
    return connection, backup


def abandon(connection: apsw.Connection) -> None:
    """Close a connection that must not be used again, leaving the files untouched."""
    try:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.close(True)
    except apsw.Error:
        return


def check_tables(connection: apsw.Connection, tables: Iterable[str]) -> None:
    """Check these tables for damage.

    Raises:
        StoreDamaged: With SQLite's message.
    """
    for table in tables:
        found = [row[0] for row in connection.execute(f"PRAGMA quick_check({table})")]
        if found != ["ok"]:
            raise StoreDamaged(f"{table}: {found[0]}")


def check_all(connection: apsw.Connection) -> tuple[str, ...]:
    """Check the whole file for damage. Returns SQLite's messages and codes of ours; empty if it is sound."""
    found = tuple(str(row[0]) for row in connection.execute("PRAGMA quick_check(20)"))
    keys = tuple(
        f"foreign_key {row[0]} {row[1]} {row[2]}" for row in connection.execute("PRAGMA foreign_key_check")
    )
    return (() if found == ("ok",) else found) + keys


def check_apart(path: Path) -> tuple[str, ...]:
    """Like ``check_all``, on a separate connection; a failure to check is returned as a message too."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            connection.set_busy_timeout(BUSY_MILLISECONDS)
            connection.pragma("query_only", 1)
            return check_all(connection)
        finally:
            abandon(connection)
    except apsw.Error as failure:
        return (str(failure),)


def check_content(connection: apsw.Connection, steps: Sequence[Migration]) -> tuple[str, ...]:
    """Look for damage that SQLite's own checks miss: rules and definitions, and invalid text.

    Only a store that has failed before is checked this thoroughly.
    """
    sound = apsw.Connection(":memory:")
    try:
        _migrate(sound, steps)
        for sql in ("SELECT a, b FROM legal NOT INDEXED", "SELECT name, sql FROM sqlite_schema"):
            if set(sound.execute(sql)) != set(connection.execute(sql)):
                return ("altered_schema",)
    except UnicodeDecodeError:
        return ("unreadable_schema",)
    finally:
        sound.close()
    for table in _VITAL:
        try:
            for _ in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608 - names of our own
                pass
        except UnicodeDecodeError:
            return (f"altered_text {table}",)
    return ()


def last_written(path: Path) -> datetime:
    """Return when the store was last written, by the file system; for a missing one, when its folder was."""
    files = (path, path.with_name(path.name + "-wal"))
    newest = max((file.stat().st_mtime for file in files if file.exists()), default=0.0)
    return datetime.fromtimestamp(newest or path.parent.stat().st_mtime, UTC)


def _check_identity(connection: apsw.Connection, steps: Sequence[Migration]) -> int:
    version = int(connection.pragma("user_version"))
    mark = int(connection.pragma("application_id"))
    if mark == APPLICATION_ID and version > steps[-1].version:
        raise StoreTooNew(why="version", version=version, known=steps[-1].version)
    tables = connection.execute(_SQL["any_table"]).get
    if mark != APPLICATION_ID and (mark, version, tables) != (0, 0, 0):
        raise StoreForeign
    return version


def _set_pragmas(connection: apsw.Connection, *, is_new: bool) -> None:
    if is_new:
        connection.pragma("auto_vacuum", "incremental")  # so that the space of purged rows can be reclaimed
    for name, value, expected in _PRAGMAS:
        connection.pragma(name, value)
        told = connection.pragma(name)
        if told != expected:
            raise StoreError(why="pragma", name=name, told=str(told), expected=str(expected))


def _migrate(connection: apsw.Connection, steps: Sequence[Migration]) -> None:
    for step in steps:
        connection.execute("BEGIN IMMEDIATE")
        try:
            if int(connection.pragma("user_version")) < step.version:
                connection.execute(step.script)
                connection.pragma("user_version", step.version)
                connection.pragma("application_id", APPLICATION_ID)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _back_up(connection: apsw.Connection, path: Path, version: int) -> Path:
    """Copy the store before a migration; the newest three copies are kept."""
    folder = path.parent / "backups"
    folder.mkdir(exist_ok=True, mode=0o700)
    day = last_written(path).date().isoformat()
    target = folder / f"{path.stem}-{day}-v{version}{path.suffix}"
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_RDWR, 0o600))
    copy = apsw.Connection(str(part))
    try:
        with copy.backup("main", connection, "main") as backup:
            while not backup.done:
                backup.step(4096)
    finally:
        copy.close()
    part.replace(target)
    copies = sorted(folder.glob(f"{path.stem}-*{path.suffix}"), key=lambda x: (x.stat().st_mtime, x.name))
    for old in copies[:-BACKUPS_KEPT]:
        old.unlink()
    return target
