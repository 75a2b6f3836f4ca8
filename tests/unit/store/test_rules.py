"""What the database itself forbids, whatever the program asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import apsw
import apsw.ext
import pytest

from loopdesk.domain.errors import StoreError
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import END_STAGES, LEGAL_MOVES, Entry, Stage
from loopdesk.store import sql as store_sql
from loopdesk.store.sql import fetch, queries
from loopdesk.store.store import Store
from tests.builders import AT, LINE_ID, RETURN_ID, a_keep_request, a_mystery, an_action

GATES = (Kind.FLAG, Kind.PROCESS, Kind.REMOVE, Kind.CANCEL, Kind.CLOSE)

COPY = """
INSERT INTO entry (entry_id, settlement, return_id, kind, target, payload, payload_sha, marker, stage)
SELECT 'other', settlement, return_id, ?, ?, payload, payload_sha, '', ? FROM entry LIMIT 1
"""


async def change(store: Store, sql: str, *values: Any) -> None:
    """Run one SQL statement."""
    await store.database.write(lambda db: fetch(db, sql, values))


async def keep(store: Store, kind: Kind, return_id: str = RETURN_ID) -> Entry:
    """Keep one entry."""
    (entry,) = await store.outbox.keep(a_keep_request(kind, return_id=return_id))
    return entry


async def put_into(store: Store, entry: Entry, stage: Stage) -> None:
    """Put an entry into a stage, bypassing the trigger."""

    def force(connection: apsw.Connection) -> None:
        (trigger,) = fetch(connection, "SELECT sql FROM sqlite_schema WHERE name = 'entry_moves_legally'")
        connection.execute("DROP TRIGGER entry_moves_legally")
        values = (stage.value, entry.seq, entry.entry_id)
        fetch(connection, "UPDATE entry SET stage = ?, batch = ? WHERE entry_id = ?", values)
        connection.execute(trigger[0])

    await store.database.write(force)


async def test_the_table_of_moves_is_the_one_of_the_program(store: Store) -> None:
    rows = await store.database.read(lambda db: fetch(db, "SELECT a, b FROM legal"))
    assert {(Stage(a), Stage(b)) for a, b in rows} == LEGAL_MOVES


@pytest.mark.parametrize("source", list(Stage))
async def test_only_legal_moves_can_be_written(store: Store, source: Stage) -> None:
    entry = await keep(store, Kind.NOTE)
    for target in Stage:
        await put_into(store, entry, source)
        move = ("UPDATE entry SET stage = ?, batch = seq WHERE entry_id = ?", target.value, entry.entry_id)
        if (source, target) in LEGAL_MOVES:
            await change(store, *move)
        else:
            with pytest.raises(StoreError, match="illegal move"):
                await change(store, *move)


@pytest.mark.parametrize("column", ["return_id", "kind", "target", "payload", "payload_sha", "marker"])
async def test_what_left_held_is_frozen(store: Store, column: str) -> None:
    entry = await keep(store, Kind.NOTE)
    sql = f"UPDATE entry SET {column} = {column} WHERE entry_id = ?"
    await change(store, sql, entry.entry_id)
    await store.outbox.release(entry.settlement_id)
    with pytest.raises(StoreError, match="frozen"):
        await change(store, sql, entry.entry_id)


@pytest.mark.parametrize("column", ["seq", "entry_id", "settlement"])
async def test_an_entry_keeps_its_name_even_while_held(store: Store, column: str) -> None:
    await keep(store, Kind.NOTE)
    with pytest.raises(StoreError, match="keeps its name"):
        await change(store, f"UPDATE entry SET {column} = {column}")


async def test_an_entry_begins_held(store: Store) -> None:
    await keep(store, Kind.NOTE)
    with pytest.raises(StoreError, match="begins held"):
        await change(store, COPY, "grade", "1", "ready")
    await change(store, COPY, "grade", "1", "held")


@pytest.mark.parametrize("stage", list(Stage))
async def test_no_entry_can_be_deleted_and_an_ended_one_only_by_the_purge(store: Store, stage: Stage) -> None:
    entry = await keep(store, Kind.NOTE)
    await put_into(store, entry, stage)
    with pytest.raises(StoreError, match="never deleted"):
        await change(store, "DELETE FROM entry")

    def purge(connection: apsw.Connection) -> None:
        connection.execute("UPDATE store SET purging = 1; DELETE FROM entry; UPDATE store SET purging = 0")

    if stage in END_STAGES:
        await store.database.write(purge)
    else:
        with pytest.raises(StoreError, match="never deleted"):
            await store.database.write(purge)


@pytest.mark.fault(75)
@pytest.mark.parametrize("kind", GATES)
async def test_a_return_has_one_unfinished_flag_or_finalizer(store: Store, kind: Kind) -> None:
    entry = await keep(store, kind)
    for second in GATES:
        with pytest.raises(StoreError, match="UNIQUE"):
            await change(store, COPY, second.value, "", "held")
    await put_into(store, entry, Stage.WITHDRAWN)
    await change(store, COPY, Kind.PROCESS.value, "", "held")


async def test_a_lane_has_one_call_under_way(store: Store) -> None:
    several = tuple(an_action(Kind.GRADE, str(n)) for n in (1, 2))
    kept = await store.outbox.keep(a_keep_request(actions=several))
    await store.outbox.release(kept[0].settlement_id)
    sending = "UPDATE entry SET stage = 'sending', batch = ? WHERE seq = ?"
    await change(store, sending, kept[0].seq, kept[0].seq)
    with pytest.raises(StoreError, match="UNIQUE"):
        await change(store, sending, kept[1].seq, kept[1].seq)
    await change(store, sending, kept[0].seq, kept[1].seq)


async def test_a_line_has_one_call_of_a_kind_under_way(store: Store) -> None:
    twice = (an_action(Kind.GRADE), an_action(Kind.GRADE))
    kept = await store.outbox.keep(a_keep_request(actions=twice))
    await store.outbox.release(kept[0].settlement_id)
    with pytest.raises(StoreError, match="UNIQUE"):
        await change(store, "UPDATE entry SET stage = 'sending', batch = ?", kept[0].seq)
    assert kept[0].target == LINE_ID


async def test_nothing_is_sent_without_its_batch(store: Store) -> None:
    entry = await keep(store, Kind.NOTE)
    await store.outbox.release(entry.settlement_id)
    with pytest.raises(StoreError, match="CHECK"):
        await change(store, "UPDATE entry SET stage = 'sending'")


@pytest.mark.parametrize("sql", ["UPDATE audit SET event = 'x'", "DELETE FROM audit"])
async def test_the_audit_log_only_grows(store: Store, sql: str) -> None:
    await store.audit.write("seen", AT)
    with pytest.raises(StoreError, match="never"):
        await change(store, sql)


async def test_a_code_has_one_open_mystery(store: Store) -> None:
    await store.mysteries.add(a_mystery("A"))
    await store.mysteries.add(a_mystery("B"))
    with pytest.raises(StoreError, match="UNIQUE"):
        await change(store, "UPDATE mystery SET code = 'A'")


async def test_sequence_numbers_are_never_used_again(store: Store) -> None:
    first = await keep(store, Kind.NOTE)
    await put_into(store, first, Stage.DONE)

    def purge(connection: apsw.Connection) -> None:
        connection.execute("UPDATE store SET purging = 1; DELETE FROM entry; UPDATE store SET purging = 0")

    await store.database.write(purge)
    assert (await keep(store, Kind.NOTE)).seq == first.seq + 1


SUBJECTS = tuple(sorted(file.stem for file in (Path(store_sql.__file__).parent / "queries").glob("*.sql")))


@pytest.mark.parametrize("subject", SUBJECTS)
async def test_every_named_statement_fits_the_tables(store: Store, subject: str) -> None:
    statements = queries(subject)
    assert statements
    for name, sql in statements.items():
        info = await store.database.read(partial(apsw.ext.query_info, query=sql))
        assert info.query_remaining is None, f"{name} holds more than one statement"


SMALL = frozenset(
    {
        "store",
        "tally",
        "t",
        "draft",
        "d",
        "mystery",
        "site_mystery",
        "mystery_series",
        "sqlite_sequence",
        "audit_upload",
        "people_list",
        "published",
        "share_site",
        "share_mark",
        "shared_presence",
        "legal",
        "waiver",
        "w",
        "wanted",
        "part",
        "sqlite_master",
        "CONSTANT",
    }
)
"""Tables, by name or alias, that stay small however many returns are known, and what a question brings."""

IN_ORDER = {
    ("outbox", "finished"): "the newest settlements, until the screen is full",
    ("overview", "ended"): "the newest settlements, until a page is full",
    ("overview", "settled"): "the newest settlements, until ten returns are found",
    ("audit", "last"): "the newest row",
    ("audit", "rows"): "the newest rows, until the screen is full",
    ("photos", "newest_stored"): "the newest row",
    ("shared_drafts", "latest"): "the newest that are told and did not end, until the list is full",
    ("sharing", "forget_draft"): "all, on purpose",
    ("search", "newest"): "the newest returns, until enough were read",
}
"""Questions that walk a large table along its own order and stop at a limit."""

WHOLE = frozenset({"going_back", "salvage"})
"""Subjects that read whole tables on purpose: all entries of a copy, what is left of a damaged file."""


def walked(steps: Sequence[str]) -> list[str]:
    """Return which large tables a plan walks from one end to the other."""
    scans = [step.split()[1] for step in steps if step.startswith("SCAN ") and "VIRTUAL TABLE" not in step]
    partial_index = (
        "INDEX entry_unfinished",
        "INDEX entry_one_gate",
        "INDEX photo_waiting",
        "INDEX photo_lost",
        "INDEX grade_link_owed",
    )
    cheap = [step.split()[1] for step in steps if any(name in step for name in partial_index)]
    given = [step.split()[1] for step in steps if step.startswith("MATERIALIZE ")]  # rows of the question
    few = {*SMALL, *cheap, *given}
    return [name for name in scans if name not in few and not name.startswith("(")]


def _questions() -> list[tuple[str, str]]:
    return [(x, name) for x in SUBJECTS if x not in WHOLE for name in queries(x)]


@pytest.mark.parametrize(("subject", "name"), _questions())
async def test_no_question_walks_a_whole_large_table(store: Store, subject: str, name: str) -> None:
    """With a million returns a walk takes seconds; prefetch, purge, search and screens may not have one."""
    sql = queries(subject)[name]
    first = next(line for line in sql.splitlines() if not line.startswith("--"))
    if first.split()[0].upper() not in {"SELECT", "DELETE", "UPDATE"}:
        return
    info = await store.database.read(partial(apsw.ext.query_info, query=sql, explain_query_plan=True))
    names = [] if (subject, name) in IN_ORDER else walked(list(_details(info.query_plan)))
    assert names == []


def _details(plan: Any) -> Iterator[str]:
    yield plan.detail
    for one in plan.sub or ():
        yield from _details(one)


async def test_a_walk_through_a_large_table_would_be_noticed(store: Store) -> None:
    sql = "SELECT count(*) FROM return WHERE state = 'open'"
    info = await store.database.read(partial(apsw.ext.query_info, query=sql, explain_query_plan=True))
    assert walked(list(_details(info.query_plan))) == ["return"]
