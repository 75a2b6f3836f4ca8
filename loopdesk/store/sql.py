"""Named SQL: every statement lives in ``queries/*.sql`` under a name, every migration in ``migrations``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import apsw

_HERE = Path(__file__).parent
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class Step(NamedTuple):
    """One migration: the version it migrates to, and its script."""

    version: int
    name: str
    script: str


def queries(subject: str) -> Mapping[str, str]:
    """Read the statements of one file, by name."""
    text = (_HERE / "queries" / f"{subject}.sql").read_text("utf-8")
    _, *parts = _NAME.split(text)
    return {name: sql.strip() for name, sql in zip(parts[::2], parts[1::2], strict=True)}


def migrations() -> tuple[Step, ...]:
    """Read the migrations, oldest first; they are numbered consecutively from 1."""
    scripts = sorted((_HERE / "migrations").glob("*.sql"))
    return tuple(Step(int(x.name[:4]), x.name, x.read_text("utf-8")) for x in scripts)


def fetch(connection: apsw.Connection, sql: str, values: Any = None) -> list[tuple[Any, ...]]:
    """Run one statement to completion and return its rows, including those of RETURNING."""
    return connection.execute(sql, values).fetchall()
