"""Recovers what can be read from a damaged store. The damaged file itself is only moved, never changed."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw

from loopdesk.domain.outbox.actions import canonical, payload_sha
from loopdesk.domain.outbox.stages import END_STAGES, ParkReason, Stage
from loopdesk.domain.returns.grading import Draft
from loopdesk.store.chain import append
from loopdesk.store.codecs import cause_text, draft_json, optional_text_time, text_cause
from loopdesk.store.open_database import last_written, open_checked, prepare_folder
from loopdesk.store.recovery.restore import LOGS, free_name, fresh_of, move_log
from loopdesk.store.sql import Migration, fetch, queries

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

_BESIDE = (
    "attempt",
    "hub_attempt",
    "draft",
    "mystery",
    "site_mystery",
    "label_print",
    "photo",
    "grade_link",
)
"""What is copied as it was. Without its prints a label could come out by itself a second time; without the
queue of photos a grade that is owed its links would never get them. The letters of this store's numbers are
not: records that were lost may have had the next ones."""

Row = tuple[Any, ...]


def replace_damaged(path: Path, steps: Sequence[Migration]) -> tuple[Path, int]:
    """Replace a damaged store with a fresh one that holds everything still readable.

    The fresh one is completed under another name before the damaged one is moved, so that a crash at any
    moment leaves either the damaged file in place or a complete replacement next to it.

    Returns:
        Where the damaged file is now, and how many unfinished entries were recovered.
    """
    fresh_path = fresh_of(path)
    for tail in ("", *LOGS):
        fresh_path.with_name(fresh_path.name + tail).unlink(missing_ok=True)
    prepare_folder(fresh_path)
    fresh, _ = open_checked(fresh_path, steps)
    try:
        aside = free_name(path)
        salvaged = _salvage(path, aside.name, fresh)
    finally:
        fresh.close()
    path.rename(aside)
    move_log(path, aside)
    fresh_of(path).rename(path)
    return aside, salvaged


def _salvage(damaged: Path, name: str, fresh: apsw.Connection) -> int:
    """Copy the entries, drafts, mystery records, prints of labels and photos' queue that can still be read.

    Every unfinished entry arrives parked with the reason ``damaged``: none of it is sent until a person says
    so. Finished ones keep their stage, so that no return is settled twice.
    """
    found = _read_all(damaged)
    _take_out_missing_links(found)
    entries = [_parked(row) for row in found["entry"]]
    fresh.execute("BEGIN IMMEDIATE")
    fresh.execute(_STORE["begin_restoring"])
    for row in _with_stand_ins(found["settlement"], entries):
        _put(fresh, "settlement", row)
    saved = [row for row in entries if _put(fresh, "entry", row)]
    for table in _BESIDE:
        for row in found[table]:
            _put(fresh, table, row)
    fresh.execute(_STORE["end_restoring"])
    unfinished = [row[1] for row in saved if row[9] == Stage.PARKED.value]
    refused = [row[1] for row in entries if row not in saved]
    detail = {"file": name, "entries": unfinished, "not_saved": refused, "drafts": len(found["draft"])}
    append(fresh, "damaged", last_written(damaged), detail=detail)
    fresh.execute("COMMIT")
    return len(unfinished)


def _put(fresh: apsw.Connection, table: str, row: Row) -> bool:
    """Write one row. False if corruption made it violate a constraint."""
    try:
        fetch(fresh, _SQL[f"put_{table}"], row)
    except (apsw.ConstraintError, UnicodeEncodeError):
        log.warning("not salvaged table=%s key=%s", table, row[0])
        return False
    return True


def _read_all(path: Path) -> dict[str, list[Row]]:
    tables = ("settlement", "entry", *_BESIDE)
    try:
        damaged = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    except apsw.Error:
        return {table: [] for table in tables}
    try:
        damaged.pragma("writable_schema", 1)  # makes SQLite skip definitions that it cannot read
        return {table: _readable(damaged, table) for table in tables}
    finally:
        damaged.close(True)


def _readable(damaged: apsw.Connection, table: str) -> list[Row]:
    """Read a table from both ends up to where it is damaged."""
    upwards, is_whole = _until_broken(damaged, _SQL[table])
    if is_whole:
        return upwards
    downwards, _ = _until_broken(damaged, _SQL[f"{table}_backwards"])
    log.warning("salvaged table=%s upwards=%d downwards=%d", table, len(upwards), len(downwards))
    return list(dict.fromkeys([*upwards, *reversed(downwards)]))


def _until_broken(damaged: apsw.Connection, sql: str) -> tuple[list[Row], bool]:
    rows: list[Row] = []
    try:
        rows.extend(tuple(map(_text, row)) for row in damaged.execute(_with_bytes(sql)))
    except apsw.Error:
        return rows, False
    return rows, True


def _with_bytes(sql: str) -> str:
    """Select every text as bytes: corrupted text would end the reading, and its row would be lost."""
    columns, rest = sql.split("SELECT", 1)[1].split("FROM", 1)
    asked = (
        f"CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END"
        for name in map(str.strip, columns.split(","))
    )
    return f"SELECT {', '.join(asked)} FROM{rest}"


def _text(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _take_out_missing_links(found: dict[str, list[Row]]) -> None:
    """Leave in held grades the links of photos that are there, and note what is owed, as a release does.

    They arrive parked, and a person may send them before their photos are at their place.
    """
    there = {link for link, *_, stored_at, _ in found["photo"] if stored_at is not None}
    named: dict[str, list[str]] = {}
    for entry_id, _, link, _ in sorted(found["grade_link"], key=lambda row: row[:2]):
        named.setdefault(entry_id, []).append(link)
    owed = set()
    for place, row in enumerate(found["entry"]):
        values = dict(zip(_ENTRY, row, strict=True))
        links = named.get(values["entry_id"], [])
        is_whole = payload_sha(values["payload"]) == values["payload_sha"]
        if values["stage"] == Stage.HELD and is_whole and not there.issuperset(links):
            images = [link for link in links if link in there]
            values["payload"] = canonical({**json.loads(values["payload"]), "images": images})
            values["payload_sha"] = payload_sha(values["payload"])
            found["entry"][place] = tuple(values.values())
            owed.add(values["entry_id"])
    found["grade_link"] = [(*row[:3], 1) if row[0] in owed else row for row in found["grade_link"]]


def _parked(row: Row) -> Row:
    values = dict(zip(_ENTRY, row, strict=True))
    if values["stage"] not in END_STAGES:
        values |= {"stage": Stage.PARKED.value, "reason": ParkReason.DAMAGED.value}
    is_dropped = values["stage"] == Stage.WITHDRAWN
    values["last_error"] = cause_text(text_cause(str(values["last_error"]), is_dropped=is_dropped))
    return tuple(values.values())


def _with_stand_ins(settlements: Sequence[Row], entries: Sequence[Row]) -> list[Row]:
    """Give entries with an unreadable settlement an empty one, so that they are not lost with it."""
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
