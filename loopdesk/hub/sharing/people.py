"""The people of the site: one list for all benches, told whole whenever something of it changes.

Told whole, it is replaced at a bench in one step: nobody who went stays there because one message was missed,
and a hub that was put back to an older copy tells its own list like any other.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from loopdesk.domain.operators import Role
from loopdesk.domain.people import (
    PEOPLE_MOST,
    PersonRow,
    TableFault,
    badge_in,
    email_fault,
    language_fault,
    name_fault,
)
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, Row, rows
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.sharing.feed import append
from loopdesk.hub.sharing.people_rules import KnownPerson, TableChanges, changes, name_key
from loopdesk.hub.shops.sealing import SealingKey

KIND: Final = "people"
KEY: Final = "site"


class HubPeople:
    """The people of the site.

    Args:
        sealing: From it comes the key by which badges are hashed; None without one.
        ring: Tells readers of the feed, after a commit.
    """

    def __init__(self, database: Database, sealing: SealingKey | None, ring: Callable[[], None]) -> None:
        self._database = database
        self._badge_key = sealing.derived("badges") if sealing is not None else None
        self._ring = ring

    async def all(self) -> tuple[tuple[KnownPerson, datetime], ...]:
        """Return everybody by name, those who went last, each with the time of the last change.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        found = await self._database.read("people.all")
        return tuple((_entry(each), each["changed_at"]) for each in found)

    async def add(self, name: str, role: Role, email: str = "", language: str = "") -> None:
        """Add somebody.

        Raises:
            HubFailure: ``person_name``, ``person_email``, ``person_language``, ``person_exists`` or
                ``people_many``.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        _check(name, email, language)
        row = PersonRow(0, name, role, email=email, language=language)
        async with self._database.transaction() as connection:
            known = await _locked(connection)
            if any(each.active and name_key(each.name) == name_key(name) for each in known):
                raise HubFailure(why="person_exists", name=name)
            found, _ = changes(known, [row], self._hashed, replace=False)
            await _write(connection, known, found)
        self._ring()

    async def give_badge(self, name: str, text: str) -> None:
        """Give somebody a badge; the one before it opens nothing any more.

        Raises:
            HubFailure: ``person_nobody``, ``person_badge``, ``person_badge_taken`` or ``no_badge_key``.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        badge = badge_in(text)
        if badge is None:
            raise HubFailure(why="person_badge")
        async with self._database.transaction() as connection:
            known = await _locked(connection)
            person = _active(known, name)
            row = PersonRow(0, person.name, person.role, id=person.id, badge=badge)
            found, faults = changes(known, [row], self._hashed, replace=False)
            if faults:
                raise HubFailure(why="person_badge_taken")
            await _write(connection, known, found)
        self._ring()

    async def deactivate(self, name: str) -> None:
        """Let somebody go; badge and PIN are forgotten.

        Raises:
            HubFailure: ``person_nobody``.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        async with self._database.transaction() as connection:
            known = await _locked(connection)
            person = _active(known, name)
            row = PersonRow(0, person.name, person.role, id=person.id, active=False)
            found, _ = changes(known, [row], self._hashed, replace=False)
            await _write(connection, known, found)
        self._ring()

    async def take_table(
        self, table: Sequence[PersonRow], *, replace: bool
    ) -> tuple[TableChanges, tuple[TableFault, ...]]:
        """Take a table of people, whole or not at all.

        Args:
            replace: Whoever is not in it goes.

        Returns:
            What changed; or the mistakes, and then nothing did.

        Raises:
            HubFailure: ``no_badge_key`` for a table with badges, or ``people_many``.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        async with self._database.transaction() as connection:
            known = await _locked(connection)
            found, faults = changes(known, table, self._hashed, replace=replace)
            if not faults:
                await _write(connection, known, found)
        if not faults:
            self._ring()
        return found, faults

    def _hashed(self, badge: str) -> bytes:
        if self._badge_key is None:
            raise HubFailure(why="no_badge_key")
        return hmac.new(self._badge_key, badge.encode("ascii"), hashlib.sha256).digest()


async def told(database: Database, keys: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return the list as benches are told it: those who are active, with hashes of badges and PINs."""
    if KEY not in keys:
        return {}
    found = await database.read("people.active")
    return {KEY: {"people": [_told(each) for each in found]}}


def _told(found: Row) -> dict[str, str]:
    return {
        "id": found["id"],
        "name": found["name"],
        "role": found["role"],
        "email": found["email"],
        "language": found["language"],
        "badge": found["badge"].hex() if found["badge"] else "",
        "pin": found["pin"],
        "changed_at": found["changed_at"].isoformat(),
    }


def _check(name: str, email: str, language: str) -> None:
    if name_fault(name):
        raise HubFailure(why="person_name")
    if email_fault(email):
        raise HubFailure(why="person_email")
    if language_fault(language):
        raise HubFailure(why="person_language")


def _active(known: Sequence[KnownPerson], name: str) -> KnownPerson:
    found = next((x for x in known if x.active and name_key(x.name) == name_key(name)), None)
    if found is None:
        raise HubFailure(why="person_nobody", name=name)
    return found


async def _locked(connection: Connection) -> list[KnownPerson]:
    """Return everybody; until the end of the transaction nobody else changes anybody."""
    await rows(connection, "people.lock")
    return [_entry(each) for each in await rows(connection, "people.all")]


async def _write(connection: Connection, known: Sequence[KnownPerson], found: TableChanges) -> None:
    """Write changes, and say that the list is another."""
    if not found.added and not found.changed:
        return
    gone = {each.id for each in found.changed if not each.active}
    back = {each.id for each in found.changed if each.active}
    active = {each.id for each in known if each.active} - gone | back
    if len(active) + len(found.added) > PEOPLE_MOST:
        raise HubFailure(why="people_many", n=PEOPLE_MOST)
    # Two may change names with each other
    await rows(connection, "people.free", ids=[each.id for each in found.changed])
    for each in found.changed:
        await rows(connection, "people.change", id=each.id, **_values(each))
    for each in found.added:
        await rows(connection, "people.add", **_values(each))
    await append(connection, KIND, [KEY])


def _values(each: KnownPerson) -> dict[str, Any]:
    return {
        "name": each.name,
        "name_key": name_key(each.name),
        "role": each.role,
        "email": each.email,
        "language": each.language,
        "badge": each.badge or None,
        "active": each.active,
    }


def _entry(found: Row) -> KnownPerson:
    return KnownPerson(
        id=found["id"],
        name=found["name"],
        role=Role(found["role"]),
        email=found["email"],
        language=found["language"],
        badge=found["badge"] or b"",
        active=found["active"],
    )
