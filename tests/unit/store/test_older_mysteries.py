"""Who linked a mystery parcel, as older stores recorded it: the program by an English word, people by
name."""

from __future__ import annotations

import gzip
from pathlib import Path

import apsw

from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.store.database import FILE_NAME, Database
from loopdesk.store.store import store_of
from tests.builders import rebuild

VERSION_4 = gzip.decompress((Path(__file__).parent / "version_4.db.gz").read_bytes())
AT = "2026-05-04T10:00:00.000000+00:00"
ROW = f"INSERT INTO mystery VALUES (?, ?, '{AT}', 'Kim', 'dock 1', '', '', '', ?, ?, 0)"


async def test_a_record_that_an_older_program_linked_is_read_as_linked_by_the_program(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.write_bytes(VERSION_4)
    older = apsw.Connection(str(file))
    older.execute("DELETE FROM mystery")
    older.executemany(
        ROW,
        [
            (1, "A", "91000123", "synchronization"),
            (2, "B", "91000124", "Ada"),
            (3, "C", "", ""),
        ],
    )
    older.close()
    store = store_of(await Database.open(file, reserve_bytes=4096), rebuild)
    try:
        linked = {each.number: each.linked_by for each in await store.mysteries.all()}
    finally:
        await store.close()
    assert linked == {1: PROGRAM, 2: Operator(name="Ada"), 3: PROGRAM}
