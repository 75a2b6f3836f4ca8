"""The people of the site: one list from each that keeps one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import apsw

from loopdesk.domain.operators import Role
from loopdesk.domain.people import PeopleList, PeopleSource, Person, counting
from loopdesk.services.ports.following import SharedEvent
from loopdesk.store.codecs import optional_text_time, optional_time_text, text_time, time_text
from loopdesk.store.database import Database
from loopdesk.store.share_marks import took
from loopdesk.store.sql import fetch, queries

_SQL = queries("people")


class People:
    """Implements ``services.ports.people.People``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def people(self) -> PeopleList:
        """Return the list that counts. See the port."""
        return await self._database.read(_counting)

    async def replace(
        self, source: PeopleSource, people: Sequence[Person], heard_at: datetime | None
    ) -> None:
        """Let a list replace the one of the same source."""
        await self._database.write(lambda db: _replace(db, source, people, heard_at))

    async def take(self, event: SharedEvent, people: Sequence[Person], at: datetime) -> bool:
        """Let the hub's list replace the one before. See the port."""

        def work(connection: apsw.Connection) -> bool:
            if not took(connection, event.seq):
                return False
            _replace(connection, PeopleSource.HUB, people, at)
            return True

        return await self._database.write(work)

    async def heard(self, source: PeopleSource, at: datetime) -> None:
        """Record that whoever keeps a list was heard."""
        values = {"source": source.value, "heard_at": time_text(at)}
        await self._database.write(lambda db: fetch(db, _SQL["heard"], values))


def _counting(connection: apsw.Connection) -> PeopleList:
    lists = [
        PeopleList(PeopleSource(source), optional_text_time(heard_at))
        for source, heard_at in fetch(connection, _SQL["lists"])
    ]
    found = counting(lists)
    rows = fetch(connection, _SQL["of_list"], {"source": found.source.value})
    return PeopleList(found.source, found.heard_at, tuple(_person(row) for row in rows))


def _replace(
    connection: apsw.Connection, source: PeopleSource, people: Sequence[Person], heard_at: datetime | None
) -> None:
    connection.execute(_SQL["remove"], {"source": source.value})
    connection.execute(_SQL["begin"], {"source": source.value, "heard_at": optional_time_text(heard_at)})
    connection.executemany(_SQL["add"], [_values(source, each) for each in people])


def _values(source: PeopleSource, person: Person) -> tuple[str, ...]:
    return (
        source.value,
        person.id,
        person.name,
        person.role.value,
        time_text(person.changed_at),
        person.email,
        person.language,
        person.badge,
        person.pin,
    )


def _person(row: tuple[Any, ...]) -> Person:
    person_id, name, role, changed_at, email, language, badge, pin = row
    return Person(person_id, name, Role(role), text_time(changed_at), email, language, badge, pin)
