"""Named SQL: every statement lives in ``queries/*.sql`` under a name, every migration in ``migrations``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, NamedTuple

import apsw

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class Step(NamedTuple):
    """One migration: the version that the file has afterwards, and the script that leads there."""

    version: int
    name: str
    script: str


def queries(subject: str) -> Mapping[str, str]:
    """Read the statements of one file, by name."""
    text = files("loopdesk.store").joinpath("queries", f"{subject}.sql").read_text("utf-8")
    _, *parts = _NAME.split(text)
    return {name: sql.strip() for name, sql in zip(parts[::2], parts[1::2], strict=True)}


def migrations() -> tuple[Step, ...]:
    """Read the migrations, oldest first; their numbers follow one another from 1."""
    folder = files("loopdesk.store").joinpath("migrations")
    scripts = sorted((x for x in folder.iterdir() if x.name.endswith(".sql")), key=lambda x: x.name)
    return tuple(Step(int(x.name[:4]), x.name, x.read_text("utf-8")) for x in scripts)


def fetch(connection: apsw.Connection, sql: str, values: Any = None) -> list[tuple[Any, ...]]:
    """Run one statement to its end and return its rows; statements with RETURNING included."""
    return connection.execute(sql, values).fetchall()
