"""Writes the feed of changes: numbers without a gap, and one notification for many commits."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import psycopg

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, rows
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.tasks import Tasks

log = logging.getLogger("loopdesk.hub.index")

CHANNEL: Final = "loopdesk_changes"

NOTICE_SECONDS: Final = 0.05
"""A process notifies at most once in this time: every notification takes one lock of the whole server."""

KEPT_DAYS: Final = 14
"""A bench that was off for longer is filled anew."""

SHORTEN_SECONDS: Final = 3600.0


class Batch:
    """A transaction that changes what benches are told.

    Attributes:
        connection: In the transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.changed: dict[str, dict[str, None]] = {}

    def note(self, shop_id: str, return_id: str) -> None:
        """Record that a return changed; the same one twice is one change."""
        self.changed.setdefault(shop_id, {})[return_id] = None


async def append(connection: Connection, shop_id: str, return_ids: Sequence[str]) -> None:
    """Give changes their numbers, as the last statement of a transaction.

    The counter's row stays locked until the commit, so that nobody commits a higher number before. With
    several shops in one transaction call it in the order of their ids.

    Raises:
        LookupError: There is no such shop.
    """
    found = await rows(connection, "changes.append", shop=shop_id, return_ids=list(return_ids))
    if len(found) != len(return_ids):
        raise LookupError(shop_id)


class ChangeFeed:
    """The writing half of the feed.

    Args:
        clock: Paces the notifications.
        tasks: Keeps the one coroutine that notifies.
    """

    def __init__(self, database: Database, clock: Clock, tasks: Tasks) -> None:
        self._database = database
        self._clock = clock
        self._tasks = tasks
        self._is_owed = False
        self._is_notifying = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Batch]:
        """A transaction, at whose end the noted changes get their numbers; readers are told of the commit.

        Raises:
            DatabaseUnusable: No connection could be had; nothing was done.
            psycopg.Error: Whatever went wrong inside, or in the commit: then it may have been committed.
        """
        batch: Batch | None = None
        try:
            async with self._database.transaction() as connection:
                batch = Batch(connection)
                yield batch
                for shop_id, return_ids in sorted(batch.changed.items()):
                    await append(connection, shop_id, list(return_ids))
        finally:
            if batch is not None and batch.changed:
                self.ring()

    def ring(self) -> None:
        """Tell readers, soon, that changes were committed. What is told too often is told once."""
        self._is_owed = True
        if not self._is_notifying:
            self._is_notifying = True
            self._tasks.spawn(self._notify(), name="hub change notice")

    async def keep_short(self) -> None:
        """Drop what is older than benches are waited for, now and then, until canceled."""
        while True:
            try:
                async with self._database.transaction() as connection:
                    await rows(connection, "changes.drop_old", days=KEPT_DAYS)
                    await rows(connection, "wishes.drop_old", days=KEPT_DAYS)  # of a shop that nobody reads
            except (DatabaseUnusable, psycopg.Error) as failure:
                log.warning("feed_not_shortened kind=%s", type(failure).__name__)
            await self._clock.sleep(SHORTEN_SECONDS)

    async def _notify(self) -> None:
        try:
            while self._is_owed:
                self._is_owed = False
                try:
                    await self._database.notify(CHANNEL)
                except DatabaseUnusable as failure:  # readers look by themselves
                    log.info("notice_lost why=%s", failure.why)
                await self._clock.sleep(NOTICE_SECONDS)
        finally:
            self._is_notifying = False
