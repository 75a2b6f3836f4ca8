"""The database of a hub process: transactions and reads from a pool, and who of all processes lives."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from loopdesk.hub.database.connecting import connect, parameters, reason
from loopdesk.hub.database.listening import Listener
from loopdesk.hub.database.living import Living
from loopdesk.hub.database.migrate import check_direct, check_version, migrate
from loopdesk.hub.database.sql import Connection, Row, rows
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.tasks import Tasks

MOST_CONNECTIONS = 10
"""Of the pool of one process; two more are its own, for locks and for notifications."""

WAIT_SECONDS = 5.0
"""How long a request waits for a free connection before the database counts as unreachable."""


class Database:
    """PostgreSQL, as one process of a hub uses it.

    Args:
        url: ``postgresql://user@host/database``.
        clock: Paces the reconnecting; the database's own clock stamps everything else.
        tasks: Keeps the coroutines that hold the lock and listen.
        most: Connections in the pool.

    Attributes:
        owner: This process's random number, positive and below 2 ** 63. It holds the session advisory lock of
            that number on a connection of its own, so that others can tell whether it still lives.
        listener: Registers what is called when a channel is notified; before ``open``.
    """

    def __init__(self, url: str, clock: Clock, tasks: Tasks, *, most: int = MOST_CONNECTIONS) -> None:
        self.url = url
        self.owner = secrets.randbits(62) + 1
        self.listener = Listener(url, clock, tasks)
        self._living = Living(url, self.owner, clock, tasks)
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            connection_class=AsyncConnection[Row],
            kwargs={**parameters(url), "autocommit": True, "row_factory": dict_row},
            min_size=1,
            max_size=most,
            timeout=WAIT_SECONDS,
            open=False,
            name="loopdesk hub",
        )

    @property
    def is_whole(self) -> bool:
        """Whether this process holds its lock and hears notifications at this moment."""
        return self._living.is_held and self.listener.is_listening

    @property
    def generation(self) -> str:
        """The ledger's generation: another one means that entries may have been lost since."""
        return self._living.generation

    async def open(self, *, migrating: bool = False) -> None:
        """Connect, take this process's lock, and begin to listen.

        Args:
            migrating: Run the migrations that are missing; else the database must be up to date.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached, a pooler stands before it, or the database is none
                for this version.
        """
        connection = await connect(self.url)
        try:
            await check_direct(connection)
            if migrating:
                await migrate(connection)
            else:
                await check_version(connection)
        finally:
            await connection.close()
        await self._pool.open()
        try:
            await self._living.begin()
            await self.listener.begin()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Give everything back. The lock goes last: until then nobody takes this process for dead."""
        await self.listener.end()
        await self._pool.close()
        await self._living.end()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction: committed at the end of the block, rolled back if it raises, never repeated.

        Only a connection that turns out to be dead before the block begins is replaced.

        Raises:
            DatabaseUnusable: No connection could be had; nothing was done.
            psycopg.Error: Whatever went wrong inside, or in the commit: then it may have been committed.
        """
        async with self._connection() as connection:
            yield connection

    async def read(self, name: str, /, **values: Any) -> list[Row]:
        """Run one named statement that changes nothing; once more if its connection was dead.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        for last in (False, True):
            try:
                async with self._pool.connection() as connection:
                    return await rows(connection, name, **values)
            except PoolTimeout as failure:
                raise DatabaseUnusable(why="unreachable") from failure
            except psycopg.OperationalError as failure:
                if last:
                    raise DatabaseUnusable(reason(failure), why="unreachable") from failure
                await self._pool.check()
        raise AssertionError  # both turns ended above

    async def notify(self, channel: str, payload: str = "") -> None:
        """Notify the listeners of a channel, in all processes. Call it after the commit, not inside it: a
        notification inside a transaction takes one lock of the whole server.
        """
        await self.read("living.notify", channel=channel, payload=payload)

    async def is_alive(self, owner: int) -> bool:
        """Whether the process of that number holds its lock. If not, it may still live: a restart of
        PostgreSQL frees all locks until they are taken again.
        """
        [found] = await self.read("living.is_alive", owner=owner)
        return bool(found["alive"])

    @asynccontextmanager
    async def lock_connection(self) -> AsyncIterator[Connection]:
        """This process's dedicated connection, for advisory locks of the session and nothing slow.

        Raises:
            DatabaseUnusable: It is broken at the moment.
        """
        async with self._living.connection() as connection:
            yield connection

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        for last in (False, True):
            begun = False
            try:
                async with self._pool.connection() as connection, connection.transaction():
                    begun = True
                    yield connection
                    return
            except PoolTimeout as failure:
                if begun:
                    raise
                raise DatabaseUnusable(why="unreachable") from failure
            except psycopg.OperationalError as failure:
                if begun:
                    raise
                if last:
                    raise DatabaseUnusable(reason(failure), why="unreachable") from failure
                await self._pool.check()
