"""Statements for many rows."""

from __future__ import annotations

import apsw
import pytest

from loopdesk.store.sql import put


@pytest.mark.parametrize("count", [0, 1, 7, 9, 64, 137])
def test_many_rows_are_each_written_once(count: int) -> None:
    rows = [(n, f"text {n}\0", b"\0") for n in range(count)]
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE TABLE kept (number INTEGER, text TEXT, body BLOB) STRICT")
    put(connection, "INSERT INTO kept (number, text, body) VALUES (?, ?, ?);", rows)
    assert connection.execute("SELECT * FROM kept ORDER BY number").fetchall() == rows
    put(
        connection,
        "UPDATE kept SET text = m.column1 FROM (VALUES (?, ?)) AS m WHERE number = m.column2",
        [("x", 0)],
    )
    assert connection.execute("SELECT number FROM kept WHERE text = 'x'").fetchall() == [(0,)][:count]
