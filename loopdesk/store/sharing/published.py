"""What IT gave to this bench through the hub."""

from __future__ import annotations

import json
from typing import Any

import apsw

from loopdesk.domain.publishing import Published
from loopdesk.services.ports.publishing import GivenVersion, Wrong
from loopdesk.store.codecs import to_json
from loopdesk.store.codes import storable
from loopdesk.store.database import Database
from loopdesk.store.share_marks import mark, took
from loopdesk.store.sql import fetch, queries

USE = ("use", "all")
"""The mark of what this bench works by: the hub is to be told of it."""

_SQL = queries("published")


class KeptGiven:
    """Implements ``services.ports.publishing.GivenShelf``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> tuple[GivenVersion, ...]:
        """Return everything that was given and not taken back."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["all"]))
        return tuple(_given(row) for row in rows)

    async def put(self, given: GivenVersion, seq: int) -> bool:
        """Keep what an event told. See the port."""
        return await self._write("put", _values(given), seq)

    async def drop(self, kind: Published, scope: str, seq: int) -> bool:
        """Forget what was taken back. See the port."""
        return await self._write("drop", {"kind": kind.value, "scope": scope}, seq)

    async def say_use(self) -> None:
        """Note that the hub is to be told what this bench works by."""
        await self._database.write(lambda db: mark(db, *USE))

    async def _write(self, statement: str, values: dict[str, Any], seq: int) -> bool:
        def work(connection: apsw.Connection) -> bool:
            if not took(connection, seq):
                return False
            connection.execute(_SQL[statement], values)
            mark(connection, *USE)
            return True

        return await self._database.write(work)


def _values(given: GivenVersion) -> dict[str, Any]:
    wrong = given.wrong
    return {
        "kind": given.kind.value,
        "scope": storable(given.scope),
        "version": given.version,
        "mark": given.mark,
        "text": given.text,
        "given_by": storable(given.by),
        "given_at": storable(given.at),
        "refused": wrong.version if wrong else 0,
        "refused_at": storable(wrong.at) if wrong else "",
        "wrong": to_json([wrong.why, dict(wrong.values)]) if wrong else "",
    }


def _given(row: tuple[Any, ...]) -> GivenVersion:
    kind, scope, version, mark_, text, by, at, refused, refused_at, why = row
    wrong = Wrong(refused, refused_at, *json.loads(why)) if refused else None
    return GivenVersion(Published(kind), scope, version, mark_, text, by, at, wrong)
