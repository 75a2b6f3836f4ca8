"""Numbered records of parcels for which no return was found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import apsw

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.services.ports.store import Mystery
from loopdesk.store.chain import append
from loopdesk.store.codecs import operator_text, text_operator, text_time, time_text
from loopdesk.store.codes import storable
from loopdesk.store.database import Database
from loopdesk.store.share_marks import mark
from loopdesk.store.sql import fetch, queries

KIND = "mystery"

_SQL = queries("mysteries")

_PROGRAM_BEFORE = "synchronization"
"""What older stores hold in ``linked_by`` where the program linked a record; a person's name is as before."""


class Mysteries:
    """Mystery records; numbers are never reused. Every change is marked for the hub in its own commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, mystery: Mystery) -> Mystery:
        """Store a record under a new number; if an open record already has the code, return that instead."""
        return await self._database.write(lambda db: _add(db, mystery))

    async def open(self) -> tuple[Mystery, ...]:
        """Return those without a return, oldest first."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["open"]))
        return tuple(mystery_of(row) for row in rows)

    async def all(self, most: int = 500) -> tuple[Mystery, ...]:
        """Return all, newest first."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["all"], (most,)))
        return tuple(mystery_of(row) for row in rows)

    async def get(self, number: int) -> Mystery | None:
        """Return the record with that number."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["get"], (number,)))
        return mystery_of(rows[0]) if rows else None

    async def change(
        self, mystery: Mystery, event: str, at: datetime, *, operator: Operator = PROGRAM, station: str = ""
    ) -> None:
        """Replace the record with that number and audit the change.

        Raises:
            RuleBroken: ``no_such_mystery``, or ``mystery_already_open`` if reopening it would make a second
                open record of its code.
        """

        def work(connection: apsw.Connection) -> None:
            _change(connection, mystery, operator, station)
            _tell(connection, mystery, event, at, operator=operator, station=station)

        await self._database.write(work)


def _add(connection: apsw.Connection, mystery: Mystery) -> Mystery:
    values = values_of(mystery)
    known = fetch(connection, _SQL["open_with"], {"code": values["code"]})
    if known:
        return mystery_of(known[0])
    [(number,)] = fetch(connection, _SQL["add"], values)
    added = mystery_of(fetch(connection, _SQL["get"], (number,))[0])
    _mark(connection, number)
    _tell(
        connection,
        added,
        "mystery_kept",
        added.found_at,
        operator=added.operator,
        station=added.station,
    )
    return added


def _tell(
    connection: apsw.Connection, about: Mystery, event: str, at: datetime, *, operator: Operator, station: str
) -> None:
    append(
        connection,
        event,
        at,
        operator=operator,
        station=station,
        return_id=about.linked_return_id,
        detail={"number": about.number},
    )


def _change(connection: apsw.Connection, mystery: Mystery, operator: Operator, station: str) -> None:
    before = fetch(connection, _SQL["get"], (mystery.number,))
    try:
        changed = fetch(connection, _SQL["change"], values_of(mystery))
    except apsw.ConstraintError as failure:
        raise RuleBroken("mystery_already_open") from failure
    if not changed:
        raise RuleBroken("no_such_mystery")
    was, number = mystery_of(before[0]), {"number": mystery.number}
    if was.photo != mystery.photo:
        connection.execute(_SQL["note_photo"], number)
    if (was.linked_return_id, was.closed) != (mystery.linked_return_id, mystery.closed):
        by = mystery.linked_by if mystery.linked_return_id else operator
        ended = {"ended_by": operator_text(by), "ended_station": storable(station)}
        connection.execute(_SQL["note_end"], {**number, **ended})
    _mark(connection, mystery.number)


def _mark(connection: apsw.Connection, number: int) -> None:
    """Note that the hub is to be told, if there is one."""
    for (uid,) in fetch(connection, _SQL["uid"], {"number": number}):
        mark(connection, KIND, uid)


def values_of(mystery: Mystery) -> dict[str, Any]:
    """Return the values of a record as they are stored."""
    return {
        "number": mystery.number,
        "code": storable(mystery.code),
        "found_at": time_text(mystery.found_at),
        "operator": operator_text(mystery.operator),
        "station": storable(mystery.station),
        "words": storable(mystery.words),
        "shelf": storable(mystery.shelf),
        "photo": storable(mystery.photo),
        "linked_return_id": mystery.linked_return_id,
        "linked_by": operator_text(mystery.linked_by),
        "closed": int(mystery.closed),
    }


def mystery_of(row: tuple[Any, ...]) -> Mystery:
    """Read a record, with its place among those of the site."""
    number, code, found_at, *texts, closed, series, in_series, photo_at, ended_station = row
    operator, station, words, shelf, photo, linked_return_id, linked_by = texts
    return Mystery(
        number=number,
        code=code,
        found_at=text_time(found_at),
        operator=text_operator(operator),
        station=station,
        words=words,
        shelf=shelf,
        photo=photo,
        linked_return_id=linked_return_id,
        linked_by=PROGRAM if linked_by == _PROGRAM_BEFORE else text_operator(linked_by),
        closed=bool(closed),
        series=series or "",
        in_series=0 if number > 0 else in_series,
        photo_at=photo_at or "",
        ended_station=ended_station or "",
    )
