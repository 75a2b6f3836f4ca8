"""What the hub is still to be told, and how far what it tells was taken."""

from __future__ import annotations

import apsw

from loopdesk.services.ports.sharing import Mark
from loopdesk.store.database import Database
from loopdesk.store.share_marks import mark, took
from loopdesk.store.sql import fetch, queries

_SQL = queries("sharing")


def _everything(connection: apsw.Connection) -> None:
    for name, sql in _SQL.items():
        kind = name.removeprefix("everything_")
        if kind != name:
            for (key,) in fetch(connection, sql):
                mark(connection, kind, str(key))


def _forget(connection: apsw.Connection) -> None:
    for name, sql in _SQL.items():
        if name.startswith("forget_") and name != "forget_marks":
            connection.execute(sql)


class KeptShares:
    """Implements ``services.ports.sharing.Shares``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def turn(self, *, on: bool) -> None:
        """Begin or end to share. See the port."""

        def work(connection: apsw.Connection) -> None:
            if on and fetch(connection, _SQL["on"]):
                _everything(connection)
            elif not on and fetch(connection, _SQL["off"]):
                connection.execute(_SQL["forget_marks"])
                _forget(connection)

        if on != (await self.position() is not None):
            await self._database.write(work)

    async def position(self) -> int | None:
        """Return the number of the last event that was taken; None without a hub."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["site"]))
        return int(rows[0][1]) if rows else None

    async def generation(self) -> str:
        """Return the hub's generation as last heard, "" for none."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["site"]))
        return str(rows[0][0]) if rows else ""

    async def hear(self, generation: str) -> bool:
        """Learn the hub's generation. See the port."""

        def work(connection: apsw.Connection) -> bool:
            is_other = bool(fetch(connection, _SQL["hear"], (generation,)))
            if is_other:
                _everything(connection)
            return is_other

        if not generation or generation == await self.generation():
            return False
        return await self._database.write(work)

    async def begin_anew(self) -> None:
        """Forget what was told. See the port."""

        def work(connection: apsw.Connection) -> None:
            connection.execute(_SQL["begin_anew"])
            _forget(connection)
            _everything(connection)

        await self._database.write(work)

    async def skip(self, seq: int) -> None:
        """Remember that an event was passed over."""
        await self._database.write(lambda db: took(db, seq))

    async def pending(self, most: int = 50) -> tuple[Mark, ...]:
        """Return what is to be said, oldest first; without what is held."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["pending"], (most,)))
        return tuple(Mark(*row) for row in rows)

    async def said(self, mark: Mark) -> None:
        """Remember that it was said. See the port."""
        await self._database.write(lambda db: fetch(db, _SQL["said"], (mark.version,)))

    async def hold(self, mark: Mark) -> None:
        """Say it no more until it changes."""
        await self._database.write(lambda db: fetch(db, _SQL["hold"], (mark.version,)))
