"""LISTEN on one connection of its own: calls what was registered for a channel, and all after a gap."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import psycopg
from psycopg import sql

from loopdesk.hub.database.connecting import cause, connect
from loopdesk.hub.database.sql import Connection
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.tasks import Tasks

log = logging.getLogger("loopdesk.hub.database")

AGAIN_SECONDS = 1.0
"""How long after a broken connection another one is tried."""


class Listener:
    """Wakes those who wait for other processes. A notification is a hint and may be missed; what it is about
    stands in the tables.
    """

    def __init__(self, url: str, clock: Clock, tasks: Tasks) -> None:
        self._url = url
        self._clock = clock
        self._tasks = tasks
        self._calls: dict[str, list[Callable[[str], None]]] = {}
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def is_listening(self) -> bool:
        """Whether notifications arrive, as far as this process knows."""
        return not self._calls or self._connection is not None

    def on(self, channel: str, call: Callable[[str], None]) -> None:
        """Call something with the payload of each notification of a channel, and with "" after a gap.

        Raises:
            RuntimeError: It listens already.
        """
        if self._task is not None:
            raise RuntimeError("channels are named before listening begins")
        self._calls.setdefault(channel, []).append(call)

    async def begin(self) -> None:
        """Listen, if anything was registered.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        if self._calls:
            await self._connect()
            self._task = self._tasks.spawn(self._listen(), name="hub listener")

    async def end(self) -> None:
        """Stop."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        await self._drop()

    async def _connect(self) -> None:
        connection = await connect(self._url)
        try:
            for channel in self._calls:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        except BaseException:
            await connection.close()
            raise
        self._connection = connection

    async def _listen(self) -> None:
        while True:
            try:
                if self._connection is None:
                    await self._connect()
                    log.warning("listens_again")
                    self._call_all()
                assert self._connection is not None
                async for told in self._connection.notifies():
                    for call in self._calls.get(told.channel, ()):
                        call(told.payload)
            except (psycopg.Error, DatabaseUnusable) as failure:
                log.warning("listening_ended why=%s", cause(failure))
            await self._drop()
            await self._clock.sleep(AGAIN_SECONDS)

    def _call_all(self) -> None:
        for calls in self._calls.values():
            for call in calls:
                call("")

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
