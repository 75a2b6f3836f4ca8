"""How far the audit log has been told to the hub.

The position stands in the log's own file: an older copy of the file that is put back has the older position
with it, so what was written since then is brought again, and the hub sees where the two go apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import apsw

from loopdesk.domain.audit_chain import ChainFault, ChainLink, ChainRow
from loopdesk.services.ports.audit import RefusedRow, UnsentRows
from loopdesk.store.chain import rows_after
from loopdesk.store.codecs import text_time, time_text
from loopdesk.store.database import Database
from loopdesk.store.sql import fetch, queries

CHARACTERS_MOST = 500_000
"""A batch ends with the row that brings it beyond this."""

_SQL = queries("audit_upload")


class AuditUploads:
    """Implements ``services.ports.audit.AuditUploads``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def unsent(self, most: int) -> UnsentRows:
        """Return the next rows for the hub. See the port."""
        return await self._database.read(lambda db: _unsent(db, most))

    async def move(self, place: ChainLink) -> None:
        """Record that the hub has everything up to a place."""
        await self._database.write(lambda db: _move(db, place, anew=False))

    async def refuse(self, row: ChainRow, why: ChainFault, at: datetime) -> None:
        """Record that the hub refused a row, and go on after it."""

        def work(connection: apsw.Connection) -> None:
            values = {"seq": row.seq, "why": why.value, "at": time_text(at)}
            connection.execute(_SQL["refuse"], values)
            _move(connection, row.link, anew=True)

        await self._database.write(work)

    async def seek(self, ends: Sequence[ChainLink]) -> None:
        """Go back to the first of these places that is in the log, else to its beginning."""

        def work(connection: apsw.Connection) -> None:
            known = next((end for end in ends if _has(connection, end)), None)
            if known is not None:
                _move(connection, known, anew=False)
            else:
                _move(connection, _anchor(connection), anew=True)

        await self._database.write(work)

    async def refusals(self) -> tuple[RefusedRow, ...]:
        """Return the refused rows that are not purged, in order."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["refusals"]))
        return tuple(RefusedRow(seq, ChainFault(why), text_time(at)) for seq, why, at in rows)


def _unsent(connection: apsw.Connection, most: int) -> UnsentRows:
    store_id, from_seq, from_sha, seq, sha, anew = fetch(connection, _SQL["position"])[0]
    place, begins = ChainLink(seq, sha), bool(anew)
    if seq < from_seq:  # what comes next was purged before it was told
        place, begins = ChainLink(from_seq, from_sha), True
    rows: list[ChainRow] = []
    characters = 0
    for row in rows_after(connection, place, most):
        rows.append(row)
        characters += len(row.line)
        if characters > CHARACTERS_MOST:
            break
    return UnsentRows(store_id, place, begins, tuple(rows))


def _move(connection: apsw.Connection, place: ChainLink, *, anew: bool) -> None:
    connection.execute(_SQL["move"], {"seq": place.seq, "sha": place.sha, "anew": int(anew)})


def _anchor(connection: apsw.Connection) -> ChainLink:
    _, from_seq, from_sha, *_ = fetch(connection, _SQL["position"])[0]
    return ChainLink(from_seq, from_sha)


def _has(connection: apsw.Connection, place: ChainLink) -> bool:
    return bool(fetch(connection, _SQL["has"], {"seq": place.seq, "sha": place.sha})[0][0])
