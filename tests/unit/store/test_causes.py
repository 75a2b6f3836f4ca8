"""Why an entry is where it is: kept as a code and its value, and read from what version 4 kept in words.

``version_4.db.gz`` was written by the program that kept version 4: one return for each form that there was.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import apsw
import pytest

from loopdesk.domain.errors import StoreTooNew
from loopdesk.domain.outbox.stages import NO_CAUSE, Cause, Stage, Why
from loopdesk.store.codecs import cause_text, text_cause
from loopdesk.store.database import FILE_NAME, Database
from loopdesk.store.recovery.restore import go_back
from loopdesk.store.recovery.salvage import replace_damaged
from loopdesk.store.sql import fetch, migrations
from loopdesk.store.store import Store, store_of
from tests.builders import rebuild

VERSION_4 = gzip.decompress((Path(__file__).parent / "version_4.db.gz").read_bytes())
BEFORE = tuple(step for step in migrations() if step.version < 5)

CAUSES = (
    Cause(Why.CLAIMED, "dock 3"),
    Cause(Why.REFUSED, "Return is closed.", is_doubted=True),
    Cause(Why.REFUSED, "items.0 “größer” is {wrong}: 'no'"),
    Cause(Why.NO_EFFECT),
    Cause(Why.DROPPED, "went back"),
    Cause("bad_id"),
    Cause(Why.CATEGORY_UNNAMED, "grade_b"),
    Cause(Why.CATEGORY_UNNAMED, "grade_b", is_doubted=True),
    Cause(Why.REFUSED, is_doubted=True),
    Cause(Why.NOT_FOUND),
    Cause(Why.RESTORED),
    Cause(Why.OVERTAKEN),
    Cause(Why.SAID_DONE),
    Cause(Why.REFUSED, '{"code":"E7","message":"no"}'),
    Cause(Why.UNPAID),
    NO_CAUSE,
)
"""What is in the file, in the order of its entries."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / FILE_NAME).write_bytes(VERSION_4)
    return tmp_path


async def opened(folder: Path, **fields: Any) -> Store:
    return store_of(await Database.open(folder / FILE_NAME, reserve_bytes=4096, **fields), rebuild)


async def causes(store: Store) -> tuple[Cause, ...]:
    entries = await store.outbox.entries()
    return tuple(entry.cause for entry in sorted(entries, key=lambda entry: entry.seq))


def audit_of(file: Path) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return fetch(connection, "SELECT * FROM audit ORDER BY seq")
    finally:
        connection.close()


@pytest.mark.fault(137)
async def test_what_version_4_kept_in_words_is_a_code_and_its_value_now(folder: Path) -> None:
    written = audit_of(folder / FILE_NAME)
    store = await opened(folder)
    assert store.database.report.backup is not None
    assert await causes(store) == CAUSES
    rows = await store.database.read(lambda db: fetch(db, "SELECT last_error FROM entry ORDER BY seq"))
    assert [json.loads(text) if text else {} for (text,) in rows] == [cause.plain for cause in CAUSES]
    assert await store.audit.verify() is None, "the chain goes on as it was"
    assert await store.database.integrity() == ()
    await store.close()
    assert audit_of(folder / FILE_NAME) == written, "no row of the audit log was written again"


async def test_an_old_row_of_the_audit_log_is_read_as_a_code(folder: Path) -> None:
    store = await opened(folder)
    for number, cause in enumerate(CAUSES, 70000001):
        rows = await store.audit.of_return(str(number))
        told = [Cause.of(row.detail["cause"]) for row in rows if row.detail.get("cause")]
        assert told[-1:] == ([cause] if cause else [])
        assert not any({"error", "why"} & row.detail.keys() for row in rows)
    await store.close()


@pytest.mark.fault(55, 137)
async def test_the_program_before_leaves_a_migrated_store_alone_and_takes_its_copy(folder: Path) -> None:
    store = await opened(folder)
    backup = store.database.report.backup
    assert backup is not None
    await store.close()
    with pytest.raises(StoreTooNew, match=f"version={len(migrations())} known=4"):
        await opened(folder, steps=BEFORE)
    go_back(folder / FILE_NAME, backup, leave_behind=False, steps=BEFORE)
    store = await opened(folder, steps=BEFORE)
    rows = await store.database.read(lambda db: fetch(db, "SELECT last_error FROM entry ORDER BY seq"))
    assert rows[0] == ("claimed: dock 3",)
    await store.close()


async def test_what_is_saved_from_a_damaged_store_of_version_4_has_codes(folder: Path) -> None:
    replace_damaged(folder / FILE_NAME, migrations())
    store = await opened(folder)
    assert await causes(store) == CAUSES
    rows = await store.database.read(
        lambda db: fetch(db, "SELECT last_error FROM entry WHERE last_error <> ''")
    )
    assert all(json.loads(text)["code"] for (text,) in rows)
    ended = {Stage.DONE, Stage.SUPERSEDED, Stage.WITHDRAWN, Stage.PARKED}
    assert {entry.stage for entry in await store.outbox.entries()} == ended
    await store.close()


@pytest.mark.parametrize(
    "cause", [*CAUSES, Cause(Why.DROPPED, '{"code":"refused"}'), Cause(Why.REFUSED, "\ud800")]
)
def test_a_cause_is_read_as_it_was_written(cause: Cause) -> None:
    again = text_cause(cause_text(cause))
    assert (again.code, again.is_doubted) == (cause.code, cause.is_doubted)
    assert again.value == cause.value.replace("\ud800", "\ufffd")
