"""Named SQL (statements in ``queries/*.sql``, migrations in ``migrations``), and the translation of
SQLite's errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from loopdesk.domain.errors import (
    DiskFull,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreReadOnly,
    is_disk_full,
)

_HERE = Path(__file__).parent
_GROUP = re.compile(r"(?<=VALUES )\([?, ]+\)")
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class Migration(NamedTuple):
    """One migration: the version it migrates to, and its script."""

    version: int
    name: str
    script: str


def queries(subject: str) -> Mapping[str, str]:
    """Read the statements of one file, by name."""
    text = (_HERE / "queries" / f"{subject}.sql").read_text("utf-8")
    _, *parts = _NAME.split(text)
    return {name: sql.strip() for name, sql in zip(parts[::2], parts[1::2], strict=True)}


def migrations() -> tuple[Migration, ...]:
    """Read the migrations, oldest first; they are numbered consecutively from 1."""
    scripts = sorted((_HERE / "migrations").glob("*.sql"))
    return tuple(Migration(int(x.name[:4]), x.name, x.read_text("utf-8")) for x in scripts)


def fetch(connection: apsw.Connection, sql: str, values: Any = None) -> list[tuple[Any, ...]]:
    """Run one statement to completion and return its rows, including those of RETURNING."""
    return connection.execute(sql, values).fetchall()


_ROWS_A_STEP = (64, 8, 1)
"""Rows of one statement; few sizes, so that each stays prepared."""


def put(connection: apsw.Connection, sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement for many rows, many of them in one step.

    Each step gives the interpreter away and takes it back, for which it waits whenever another thread is at
    work; with a step for each row the store's thread waits for more than it works.

    Args:
        sql: With one ``VALUES (?, ...)`` that stands for all rows.
    """
    [group] = _GROUP.findall(sql)
    before, after = sql.split(group)
    done = 0
    for size in _ROWS_A_STEP:
        many = before + ", ".join([group] * size) + after
        while len(rows) - done >= size:
            connection.execute(many, [value for row in rows[done : done + size] for value in row])
            done += size


def translated(failure: apsw.Error, connection: apsw.Connection | None = None) -> StoreError:
    """Return the error that tells a person what a SQLite failure means.

    Args:
        failure: What SQLite raised.
        connection: Where it happened; its OS error code tells a full disk from a failing one.
    """
    text = f"{type(failure).__name__}: {failure}"
    match failure:
        case apsw.FullError():
            return DiskFull(text)
        case apsw.CorruptError() | apsw.NotADBError() | apsw.SQLError():  # all SQL is ours and tested
            return StoreDamaged(text)
        case apsw.BusyError() | apsw.LockedError() | apsw.ProtocolError():
            return StoreBusy(text)
        case apsw.IOError() if connection is not None and is_disk_full(connection.system_errno):
            return DiskFull(text)
        case apsw.ReadOnlyError() | apsw.CantOpenError() | apsw.PermissionsError():
            return StoreReadOnly(text)
        case _:
            return StoreError(text)


def ends_the_handle(failure: BaseException) -> bool:
    """Tell whether the connection must not be used again after this failure."""
    return isinstance(failure, apsw.IOError | apsw.CorruptError | apsw.NotADBError)
