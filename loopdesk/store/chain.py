"""Appends rows to the audit log, each chained to the previous one by its hash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import apsw

from loopdesk.domain.audit_chain import SHA_MOST, ChainLink, ChainRow, chained, line_of
from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.store.codecs import operator_text, time_text, to_json
from loopdesk.store.codes import storable
from loopdesk.store.sql import fetch, queries

_SQL = queries("audit")


def append(
    connection: apsw.Connection,
    event: str,
    at: datetime,
    *,
    operator: Operator = PROGRAM,
    station: str = "",
    return_id: str = "",
    entry_id: str = "",
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Append a row inside the caller's transaction. Returns its sequence number."""
    last, previous = fetch(connection, _SQL["last"])[0]
    texts = (event, operator_text(operator), station, return_id, entry_id)
    row = (last + 1, time_text(at), *(storable(text) for text in texts), to_json(dict(detail or {})))
    connection.execute(_SQL["add"], (*row, chained(previous, line_of(row))))
    return int(last) + 1


def rows_after(connection: apsw.Connection, place: ChainLink, most: int) -> Iterator[ChainRow]:
    """Read the rows after a place as they are hashed, at most so many."""
    for row in fetch(connection, _SQL["chain"], {"after": place.seq, "most": most}):
        *values, sha = row
        yield ChainRow(values[0], line_of(values), bytes(sha)[:SHA_MOST])
