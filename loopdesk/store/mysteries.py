"""Numbered records of parcels that no return was found for."""

from __future__ import annotations

from typing import Any

import apsw

from loopdesk.domain.errors import RuleBroken
from loopdesk.services.ports import Mystery
from loopdesk.store.codecs import text_time, time_text
from loopdesk.store.codes import storable
from loopdesk.store.database import Database
from loopdesk.store.sql import fetch, queries

_SQL = queries("mysteries")


class Mysteries:
    """Mystery records; numbers are never reused."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, mystery: Mystery) -> Mystery:
        """Keep a record under a new number; the open record that has the code already is returned instead."""
        return await self._database.write(lambda db: _add(db, mystery))

    async def open(self) -> tuple[Mystery, ...]:
        """Return those without a return, oldest first."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["open"]))
        return tuple(_mystery(row) for row in rows)

    async def all(self, most: int = 500) -> tuple[Mystery, ...]:
        """Return all, newest first."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["all"], (most,)))
        return tuple(_mystery(row) for row in rows)

    async def change(self, mystery: Mystery) -> None:
        """Replace the record with that number.

        Raises:
            RuleBroken: ``no_such_mystery``, or ``mystery_already_open`` when reopening it would make
                a second open record of its code.
        """
        await self._database.write(lambda db: _change(db, mystery))


def _add(connection: apsw.Connection, mystery: Mystery) -> Mystery:
    values = _values(mystery)
    known = fetch(connection, _SQL["open_with"], {"code": values["code"]})
    return _mystery((known or fetch(connection, _SQL["add"], values))[0])


def _change(connection: apsw.Connection, mystery: Mystery) -> None:
    try:
        changed = fetch(connection, _SQL["change"], _values(mystery))
    except apsw.ConstraintError as failure:
        raise RuleBroken("mystery_already_open") from failure
    if not changed:
        raise RuleBroken("no_such_mystery")


def _values(mystery: Mystery) -> dict[str, Any]:
    return {
        "number": mystery.number,
        "code": storable(mystery.code),
        "found_at": time_text(mystery.found_at),
        "operator": storable(mystery.operator),
        "station": storable(mystery.station),
        "words": storable(mystery.words),
        "shelf": storable(mystery.shelf),
        "photo": storable(mystery.photo),
        "linked_return_id": mystery.linked_return_id,
        "linked_by": storable(mystery.linked_by),
        "closed": int(mystery.closed),
    }


def _mystery(row: tuple[Any, ...]) -> Mystery:
    number, code, found_at, *texts, closed = row
    operator, station, words, shelf, photo, linked_return_id, linked_by = texts
    return Mystery(
        number=number,
        code=code,
        found_at=text_time(found_at),
        operator=operator,
        station=station,
        words=words,
        shelf=shelf,
        photo=photo,
        linked_return_id=linked_return_id,
        linked_by=linked_by,
        closed=bool(closed),
    )
