"""Which labels were given to the printer, recorded before they are sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import apsw

from loopdesk.services.ports.labels import LabelPrint, LabelSubject, PrintStage
from loopdesk.store.codecs import text_time, time_text
from loopdesk.store.codes import storable
from loopdesk.store.database import Database
from loopdesk.store.sql import fetch, queries

_SQL = queries("label_prints")


class LabelPrints:
    """Prints of labels; one by itself for each subject, and the database allows no second of one content."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, subjects: Sequence[LabelSubject], at: datetime, *, by_itself: bool
    ) -> tuple[LabelPrint | None, ...]:
        """Record that labels are about to be sent, in one commit; None for what must not be printed again."""
        return await self._database.write(
            lambda db: tuple(_begin(db, subject, at, by_itself=by_itself) for subject in subjects)
        )

    async def end(self, numbers: Sequence[int], stage: PrintStage) -> None:
        """Record what became of labels that were begun."""
        await self._database.write(
            lambda db: db.executemany(_SQL["end"], [{"number": n, "stage": stage.value} for n in numbers])
        )

    async def doubt(self) -> int:
        """After a start: what was begun may have been printed. Returns how many labels that is."""

        def work(connection: apsw.Connection) -> int:
            connection.execute(_SQL["doubt"])
            return connection.changes()

        return await self._database.write(work)

    async def unsure(self) -> tuple[LabelPrint, ...]:
        """Return what may not have been printed and was not sent since, oldest first."""
        rows = await self._database.read(lambda db: fetch(db, _SQL["unsure"]))
        return tuple(_print(row) for row in rows)

    async def latest(self, prefix: str) -> dict[str, str]:
        """Return what the latest label that may have come out says, by subjects that start like this."""
        beyond = f"{prefix[:-1]}{chr(ord(prefix[-1]) + 1)}"
        rows = await self._database.read(
            lambda db: fetch(db, _SQL["latest"], {"first": storable(prefix), "beyond": storable(beyond)})
        )
        return {subject: content for subject, content, _ in rows}


def purge(connection: apsw.Connection, before: str) -> int:
    """Delete what ended before a time, inside the caller's transaction. Returns how many rows."""
    connection.execute(_SQL["purge"], (before,))
    return connection.changes()


def _begin(
    connection: apsw.Connection, subject: LabelSubject, at: datetime, *, by_itself: bool
) -> LabelPrint | None:
    values = {
        "subject": storable(subject.subject),
        "content": storable(subject.content),
        "name": storable(subject.name),
        "by_itself": int(by_itself),
        "began_at": time_text(at),
    }
    rows = fetch(connection, _SQL["begin"], values)
    return LabelPrint(rows[0][0], subject, at, by_itself=by_itself) if rows else None


def _print(row: tuple[Any, ...]) -> LabelPrint:
    number, subject, content, name, by_itself, began_at, stage = row
    about = LabelSubject(subject, content, name)
    return LabelPrint(number, about, text_time(began_at), by_itself=bool(by_itself), stage=PrintStage(stage))
