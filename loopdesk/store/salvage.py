"""Saves what can be read from a damaged store. The damaged file itself is only moved, never changed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw

from loopdesk.domain.grading import Draft
from loopdesk.domain.outbox import END_STAGES, ParkReason, Stage
from loopdesk.store.chain import append
from loopdesk.store.codecs import draft_json, optional_text_time
from loopdesk.store.opening import last_written
from loopdesk.store.sql import queries

log = logging.getLogger("loopdesk.store")

_SQL = queries("salvage")
_STORE = queries("store")

_ENTRY = (
    "seq",
    "entry_id",
    "settlement",
    "return_id",
    "kind",
    "target",
    "payload",
    "payload_sha",
    "marker",
    "stage",
    "reason",
    "seen",
    "found",
    "tries",
    "unresolved",
    "last_error",
    "moved_at",
)
"""The columns of a salvaged entry, in the order of their statement."""

Row = tuple[Any, ...]


def move_aside(path: Path) -> Path:
    """Rename a damaged database with its log files; nothing is deleted.

    Returns:
        Its new place: ``damaged-<day it was last written>-<n>.db`` in the same folder.
    """
    day = last_written(path).date().isoformat()
    taken = {file.name for file in path.parent.iterdir()}
    number = next(n for n in range(1, len(taken) + 2) if f"damaged-{day}-{n}{path.suffix}" not in taken)
    aside = path.with_name(f"damaged-{day}-{number}{path.suffix}")
    # The log goes first: a database left beside a foreign log would be read wrongly.
    for tail in ("-wal", "-shm", ""):
        file = path.with_name(path.name + tail)
        if file.exists():
            file.rename(aside.with_name(aside.name + tail))
    return aside


def salvage(aside: Path, fresh: apsw.Connection) -> int:
    """Copy entries, drafts and mystery records that can still be read into a fresh store.

    Every unfinished entry arrives parked with the reason ``damaged``: nothing of it is sent before
    a person said so. Finished ones arrive as they were, so that no return is settled a second time.

    Returns:
        How many unfinished entries were saved.
    """
    found = _read_all(aside)
    fresh.execute("BEGIN IMMEDIATE")
    fresh.execute(_STORE["begin_restoring"])
    entries = [_parked(row) for row in found["entry"]]
    settlements = _with_stand_ins(found["settlement"], entries)
    fresh.executemany(_SQL["put_settlement"], settlements)
    fresh.executemany(_SQL["put_entry"], entries)
    known = {row[1] for row in entries}
    fresh.executemany(_SQL["put_attempt"], [row for row in found["attempt"] if row[0] in known])
    fresh.executemany(_SQL["put_draft"], found["draft"])
    fresh.executemany(_SQL["put_mystery"], found["mystery"])
    fresh.execute(_STORE["end_restoring"])
    unfinished = [row for row in entries if row[9] == Stage.PARKED.value]
    detail = {"file": aside.name, "entries": [row[1] for row in unfinished], "drafts": len(found["draft"])}
    append(fresh, "damaged", last_written(aside), detail=detail)
    fresh.execute("COMMIT")
    return len(unfinished)


def _read_all(aside: Path) -> dict[str, list[Row]]:
    tables = ("settlement", "entry", "attempt", "draft", "mystery")
    try:
        damaged = apsw.Connection(str(aside), flags=apsw.SQLITE_OPEN_READONLY)
    except apsw.Error:
        return {table: [] for table in tables}
    try:
        return {table: _readable(damaged, table) for table in tables}
    finally:
        damaged.close(True)


def _readable(damaged: apsw.Connection, table: str) -> list[Row]:
    """Read a table from both ends up to where it is broken."""
    upwards, is_whole = _until_broken(damaged, _SQL[table])
    if is_whole:
        return upwards
    downwards, _ = _until_broken(damaged, _SQL[f"{table}_backwards"])
    log.warning("salvaged table=%s upwards=%d downwards=%d", table, len(upwards), len(downwards))
    return list(dict.fromkeys([*upwards, *reversed(downwards)]))


def _until_broken(damaged: apsw.Connection, sql: str) -> tuple[list[Row], bool]:
    rows: list[Row] = []
    try:
        rows.extend(damaged.execute(sql))
    except (apsw.Error, UnicodeDecodeError):
        return rows, False
    return rows, True


def _parked(row: Row) -> Row:
    values = dict(zip(_ENTRY, row, strict=True))
    if values["stage"] not in END_STAGES:
        values |= {"stage": Stage.PARKED.value, "reason": ParkReason.DAMAGED.value}
    return tuple(values.values())


def _with_stand_ins(settlements: Sequence[Row], entries: Sequence[Row]) -> list[Row]:
    """Give entries whose settlement could not be read an empty one, so that they are not lost with it."""
    known = {row[0] for row in settlements}
    orphans: dict[int, Row] = {}
    for row in entries:
        values = dict(zip(_ENTRY, row, strict=True))
        number, return_id, moved_at = values["settlement"], values["return_id"], values["moved_at"]
        if number not in known:
            at = moved_at if optional_text_time(moved_at) else "1970-01-01T00:00:00.000000+00:00"
            draft = draft_json(Draft(return_id))
            orphans[number] = (
                number,
                f"salvaged-{number}",
                return_id,
                "",
                "",
                draft,
                None,
                "",
                "",
                "",
                0.0,
                at,
            )
    return [*settlements, *orphans.values()]
