"""One dedicated connection for advisory locks: the one that says that this process lives, and leaders'.

An advisory lock of a session stays on its connection, so none of them may come from a pool: whoever got that
connection next would own it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psycopg

from loopdesk.hub.database.connecting import cause, connect
from loopdesk.hub.database.sql import Connection, rows
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.tasks import Tasks

log = logging.getLogger("loopdesk.hub.database")

BEAT_SECONDS = 2.0
"""How often the connection is tried; and how long after its end another is opened."""


class Living:
    """Holds the lock of this process's number, and takes it again whenever its connection broke.

    Attributes:
        generation: The ledger's, as of the last beat.
    """

    def __init__(self, url: str, owner: int, clock: Clock, tasks: Tasks) -> None:
        self._url = url
        self._owner = owner
        self._clock = clock
        self._tasks = tasks
        self.generation = ""
        self._connection: Connection | None = None
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_held(self) -> bool:
        """Whether the lock is held, as far as this process knows."""
        return self._connection is not None and not self._connection.closed

    async def begin(self) -> None:
        """Take the lock and keep it.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        await self._take()
        self._task = self._tasks.spawn(self._keep(), name="hub lock")

    async def end(self) -> None:
        """Let it go."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        if self._connection is not None:
            with suppress(psycopg.Error):  # closing frees it too, but later than we go on
                await rows(self._connection, "living.release")
        await self._drop()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """The connection, for one user at a time.

        Raises:
            DatabaseUnusable: It is broken at the moment.
        """
        async with self._turn:
            if self._connection is None:
                raise DatabaseUnusable(why="unreachable")
            yield self._connection

    async def _take(self) -> None:
        connection = await connect(self._url)
        try:
            await rows(connection, "living.take", owner=self._owner)
            await self._beat(connection)
        except BaseException:
            await connection.close()
            raise
        self._connection = connection

    async def _keep(self) -> None:
        while True:
            await self._clock.sleep(BEAT_SECONDS)
            try:
                if self._connection is None:
                    await self._take()
                    log.warning("lock_taken_again")
                async with self.connection() as connection:
                    await self._beat(connection)
            except (psycopg.Error, DatabaseUnusable) as failure:
                log.warning("lock_lost why=%s", cause(failure))
                await self._drop()

    async def _beat(self, connection: Connection) -> None:
        [told] = await rows(connection, "living.beat")
        self.generation = told["generation"]

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
