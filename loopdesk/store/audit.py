"""The audit log: what happened and who did it, hash-chained so that tampering shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import apsw

from loopdesk.domain.audit_chain import ChainCheck, ChainLink, ChainRow
from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.services.ports.store import AuditRow
from loopdesk.store.chain import append, rows_after
from loopdesk.store.codecs import text_cause, text_operator, text_time
from loopdesk.store.codes import storable
from loopdesk.store.database import Database
from loopdesk.store.sql import fetch, queries

VERIFIED_AT_ONCE = 5000
"""Rows verified in one transaction, so that scans do not wait for the store's thread."""

_SQL = queries("audit")


class Audit:
    """Append-only by trigger, hash-chained."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(
        self,
        event: str,
        at: datetime,
        *,
        operator: Operator = PROGRAM,
        station: str = "",
        return_id: str = "",
        entry_id: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> int:
        """Append one row. Returns its sequence number."""

        def add(connection: apsw.Connection) -> int:
            return append(
                connection,
                event,
                at,
                operator=operator,
                station=station,
                return_id=return_id,
                entry_id=entry_id,
                detail=detail,
            )

        return await self._database.write(add)

    async def of_return(self, return_id: str, most: int = 200) -> tuple[AuditRow, ...]:
        """Return the latest rows about a return, oldest first."""
        values = {"return_id": storable(return_id), "most": most}
        return await self._database.read(lambda db: _rows(db, "of_return", values))

    async def rows(self, event: str = "", most: int = 1000) -> tuple[AuditRow, ...]:
        """Return the latest rows, oldest first, of one event or of all."""
        name = "rows_of_event" if event else "rows"
        values = {"event": event, "most": most} if event else {"most": most}
        return await self._database.read(lambda db: _rows(db, name, values))

    async def sealed(self, return_id: str) -> tuple[int, str] | None:
        """Return the number of the latest row about a return and its hash, in hex; None without any."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["sealed"], (storable(return_id),)))
        return (rows[0][0], bytes(rows[0][1]).hex()) if rows else None

    async def verify(self) -> int | None:
        """Verify the chain from its first row to its last.

        Returns:
            The first sequence number that is missing or changed, or None if the chain is intact.
        """
        check = ChainCheck(await self._database.read(partial(_place, name="anchor")))
        while rows := await self._database.read(partial(_chain, place=check.place)):
            for row in rows:
                check.take(row)
            if check.broken is not None:
                return check.broken
        return check.end(await self._database.read(partial(_place, name="last")))


def _place(connection: apsw.Connection, *, name: str) -> ChainLink:
    seq, sha = fetch(connection, _SQL[name])[0]
    return ChainLink(seq, sha)


def _chain(connection: apsw.Connection, *, place: ChainLink) -> list[ChainRow]:
    return list(rows_after(connection, place, VERIFIED_AT_ONCE))


def _rows(connection: apsw.Connection, name: str, values: dict[str, Any]) -> tuple[AuditRow, ...]:
    found = fetch(connection, _SQL[name], values)
    return tuple(_row(row) for row in reversed(found))


def _row(row: tuple[Any, ...]) -> AuditRow:
    seq, at, event, operator, station, return_id, entry_id, detail = row
    return AuditRow(
        seq,
        text_time(at),
        event,
        text_operator(operator),
        station,
        return_id,
        entry_id,
        _with_cause(json.loads(detail), event),
    )


def _with_cause(detail: dict[str, Any], event: str) -> dict[str, Any]:
    """Give the cause of a move as a code; rows from before version 5 stay as they are, in words."""
    text = detail.pop("error", None) or detail.pop("why", None)
    if isinstance(text, str):
        detail["cause"] = text_cause(text, is_dropped=event == "dropped").plain
    return detail
