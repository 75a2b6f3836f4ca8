"""Keeps every version of what IT gives to the benches, and what each bench says it works by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from loopdesk.domain.publishing import SITE, Published, Use, mark_of
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, row, rows
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.sharing.feed import append
from loopdesk.system.settings.pushed import checked_settings
from loopdesk.system.settings.toml import read_text
from loopdesk.system.settings.vocabulary import checked_vocabulary

LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """One version.

    Attributes:
        text: As it was given; None for one that takes back what was given before.
        by: Who gave it.
        at: When, aware UTC.
    """

    number: int
    text: str | None
    by: str
    at: datetime

    @property
    def mark(self) -> str:
        """By what it is known besides its number."""
        return mark_of(self.text) if self.text is not None else ""


def read_checked(kind: Published, file: Path) -> str:
    """Read a file as every bench will.

    Raises:
        SettingsWrong: With the line and the key of the first mistake.
    """
    text = read_text(file)
    if kind is Published.VOCABULARY:
        checked_vocabulary(text, file)
    else:
        checked_settings(text, file)
    return text


class Publications:
    """What was given, by kind and scope: a shop's id, or ``SITE``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def give(self, kind: Published, scope: str, text: str | None, by: str) -> int:
        """Give benches another version; None takes back what they have. Returns its number.

        Args:
            text: As ``read_checked`` returned it.
            by: Who does it.

        Raises:
            HubFailure: ``shop_unknown`` or ``giver_name``.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        async with self._database.transaction() as connection:
            return await self._give(connection, kind, scope, text, by)

    async def give_again(self, kind: Published, scope: str, number: int, by: str) -> int:
        """Give an older version again, under a new number, which is returned.

        Raises:
            HubFailure: ``no_such_version``, ``shop_unknown`` or ``giver_name``.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        async with self._database.transaction() as connection:
            found = await rows(connection, "publishing.versions", kind=kind, scope=scope)
            text = next((each["text"] for each in found if each["version"] == number), None)
            if text is None:
                raise HubFailure(why="no_such_version", n=number)
            return await self._give(connection, kind, scope, text, by)

    async def versions(self, kind: Published, scope: str) -> tuple[KeptVersion, ...]:
        """Return every version, newest first.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        found = await self._database.read("publishing.versions", kind=kind, scope=scope)
        return tuple(
            KeptVersion(each["version"], each["text"], each["given_by"], each["given_at"]) for each in found
        )

    async def say_uses(self, bench: UUID, uses: Sequence[Use]) -> None:
        """Keep what a bench works by, in place of what it said before.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        async with self._database.transaction() as connection:
            await rows(connection, "publishing.lock_bench", bench=bench)
            await rows(connection, "publishing.end_uses", bench=bench)
            await rows(
                connection,
                "publishing.add_uses",
                bench=bench,
                kinds=[use.kind for use in uses],
                scopes=[use.scope for use in uses],
                versions=[use.version for use in uses],
                marks=[use.mark for use in uses],
                are_own=[use.is_own for use in uses],
                refused=[use.refused for use in uses],
                refused_at=[use.refused_at for use in uses],
            )

    async def uses(self) -> dict[UUID, tuple[Use, ...]]:
        """Return what each bench works by, as of its last word.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        told: dict[UUID, tuple[Use, ...]] = {}
        for each in await self._database.read("publishing.uses"):
            use = Use(
                kind=Published(each["kind"]),
                scope=each["scope"],
                version=each["version"],
                mark=each["mark"],
                is_own=each["is_own"],
                refused=each["refused"],
                refused_at=each["refused_at"],
            )
            told[each["bench_id"]] = (*told.get(each["bench_id"], ()), use)
        return told

    async def _give(
        self, connection: Connection, kind: Published, scope: str, text: str | None, by: str
    ) -> int:
        name = by.strip()
        if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise HubFailure(why="giver_name", n=LONGEST_NAME)
        if scope != SITE and await row(connection, "publishing.is_shop", scope=scope) is None:
            raise HubFailure(why="shop_unknown", shop=scope)
        await rows(connection, "publishing.lock", kind=kind, scope=scope)
        [made] = await rows(connection, "publishing.add", kind=kind, scope=scope, text=text, given_by=name)
        await append(connection, kind, [scope], shop=None if scope == SITE else scope)
        return int(made["version"])


async def told_vocabularies(database: Database, scopes: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return what benches are told of the vocabularies in force, by scope."""
    return await _told(database, Published.VOCABULARY, scopes)


async def told_settings(database: Database, scopes: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return what benches are told of the site's settings, by scope."""
    return await _told(database, Published.SETTINGS, scopes)


async def _told(
    database: Database, kind: Published, scopes: Sequence[str]
) -> Mapping[str, Mapping[str, Any]]:
    found = await database.read("publishing.told", kind=kind, scopes=list(scopes))
    return {
        each["scope"]: {
            "version": each["version"],
            "mark": mark_of(each["text"]),
            "text": each["text"],
            "by": each["given_by"],
            "at": each["given_at"].isoformat(),
        }
        for each in found
        if each["text"] is not None
    }
