"""Rows of the audit log, each chained to the previous one by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import apsw

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
    connection.execute(_SQL["add"], (*row, chained(previous, row)))
    return int(last) + 1


def chained(previous: bytes, row: Iterable[Any]) -> bytes:
    """Return the hash of a row: SHA-256 over the previous hash and the row as JSON."""
    return hashlib.sha256(previous + to_json(list(row)).encode("ascii")).digest()
