"""The outbox by returns: a page of them whatever their number, and those that were finished last."""

from __future__ import annotations

from functools import partial
from typing import Any

import apsw

from loopdesk.domain.outbox.ladder import Standing
from loopdesk.services.ports.overview import Finished, LanePage
from loopdesk.store.codecs import text_operator, text_time
from loopdesk.store.database import Database
from loopdesk.store.outbox.entries import lane_of
from loopdesk.store.returns import drafts
from loopdesk.store.sql import fetch, queries

_SQL = queries("overview")


class Overview:
    """Reads the outbox one return at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, standing: Standing | None, *, skip: int, most: int) -> LanePage:
        """Return some returns: what needs a person first, then what is held, then the oldest.

        Only the entries of these returns are read; the others are counted by an index.
        """
        return await self._database.read(partial(_page, standing=standing, skip=skip, most=most))

    async def finished(self, most: int) -> tuple[Finished, ...]:
        """Return the returns that were finished last, latest first."""
        return await self._database.read(partial(_finished, most=most))


def _page(connection: apsw.Connection, *, standing: Standing | None, skip: int, most: int) -> LanePage:
    counts = {Standing(name): number for name, number in fetch(connection, _SQL["counts"])}
    if standing is Standing.ENDED:
        ended = _ended(connection, skip + most + 1)
        counts[Standing.ENDED] = len(ended)
        wanted = ended[skip : skip + most]
    else:
        values = {"standing": standing, "skip": skip, "most": most}
        wanted = [return_id for (return_id,) in fetch(connection, _SQL["unfinished"], values)]
    return LanePage(tuple(lane_of(connection, return_id) for return_id in wanted), counts)


def _ended(connection: apsw.Connection, most: int) -> list[str]:
    """Return the returns with nothing unfinished, latest first; what lies behind these is not read."""
    found: dict[str, None] = {}
    for (return_id,) in connection.execute(_SQL["ended"]):
        found[return_id] = None
        if len(found) >= most:
            break
    return list(found)


def _finished(connection: apsw.Connection, *, most: int) -> tuple[Finished, ...]:
    found: dict[str, Finished] = {}
    for row in connection.execute(_SQL["settled"]):
        if row[1] not in found:
            found[row[1]] = _finished_of(connection, row)
        if len(found) >= most:
            break
    return tuple(found.values())


def _finished_of(connection: apsw.Connection, row: tuple[Any, ...]) -> Finished:
    settlement_id, return_id, order_name, kind, operator, station, decided_at, draft = row
    return Finished(
        settlement_id=settlement_id,
        return_id=return_id,
        order_name=order_name,
        kind=kind,
        operator=text_operator(operator),
        station=station,
        decided_at=text_time(decided_at),
        draft=drafts.read(draft),
        entries=lane_of(connection, return_id),
    )
