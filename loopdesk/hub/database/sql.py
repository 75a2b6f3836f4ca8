"""Named SQL: statements in ``queries/*.sql``, migrations in ``migrations/*.sql``.

A statement is called by its subject and its name, such as ``benches.by_token``, and its values by theirs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from psycopg import AsyncConnection

Row: TypeAlias = dict[str, Any]
"""One row, by the names of its columns."""

Connection: TypeAlias = AsyncConnection[Row]

_HERE = Path(__file__).parent

EMPTYING = _HERE / "emptying.sql"
"""A script that removes everything of ours, for psql."""

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class Migration(NamedTuple):
    """One migration: the version it migrates to, and its script."""

    version: int
    name: str
    script: str

    @property
    def sha256(self) -> bytes:
        """The checksum by which a changed file is noticed."""
        return hashlib.sha256(self.script.encode()).digest()


@cache
def queries(subject: str) -> Mapping[str, bytes]:
    """Read the statements of one file, by name, as the driver takes them."""
    text = (_HERE / "queries" / f"{subject}.sql").read_text("utf-8")
    _, *parts = _NAME.split(text)
    return {name: sql.strip().encode() for name, sql in zip(parts[::2], parts[1::2], strict=True)}


@cache
def migrations() -> tuple[Migration, ...]:
    """Read the migrations, oldest first; their numbers rise."""
    scripts = sorted((_HERE / "migrations").glob("*.sql"))
    return tuple(Migration(int(x.name[:4]), x.name, x.read_text("utf-8")) for x in scripts)


def statement(name: str) -> bytes:
    """Return a statement by its subject and its name: ``benches.by_token``."""
    subject, _, of_subject = name.partition(".")
    return queries(subject)[of_subject]


async def rows(connection: Connection, name: str, /, **values: Any) -> list[Row]:
    """Run a named statement, in whatever transaction the connection has, and return its rows."""
    cursor = await connection.execute(statement(name), values or None)
    return await cursor.fetchall() if cursor.description is not None else []


async def row(connection: Connection, name: str, /, **values: Any) -> Row | None:
    """Run a named statement and return its first row, None without one."""
    found = await rows(connection, name, **values)
    return found[0] if found else None
