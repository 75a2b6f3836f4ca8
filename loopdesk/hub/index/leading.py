"""One process reads a shop from Loop; another takes over when it dies, or when it falls silent.

The leader holds a session advisory lock on its process's own connection, so it dies with it. A process that
was stopped keeps its lock and says nothing: after fifteen seconds without a beat the others end its
connection. It may then wake and write; so each leader has a *term*, and every write is for the term.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import psycopg

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, row, rows
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.tasks import Tasks

log = logging.getLogger("loopdesk.hub.index")

BEAT_SECONDS: Final = 2.0
"""How often a leader beats, and the others try to take over."""

SILENT_SECONDS: Final = 15.0
"""After so long without a beat a leader's connection is ended."""


class Deposed(Exception):
    """Another process leads the shop now; nothing was written."""


class Term:
    """A leader's time in office.

    Attributes:
        number: Rises with each leader of the shop.
    """

    def __init__(self, shop_id: str, number: int, owner: int) -> None:
        self.shop_id = shop_id
        self.number = number
        self._owner = owner

    async def check(self, connection: Connection) -> None:
        """Check, at the begin of a transaction and until its end, that the term goes on.

        Raises:
            Deposed: It does not.
        """
        values = {"shop": self.shop_id, "term": self.number, "owner": self._owner}
        if await row(connection, "leading.mine", **values) is None:
            raise Deposed

    async def beat(self, database: Database) -> None:
        """Say that the leader works.

        Raises:
            Deposed: The term is over.
        """
        values = {"shop": self.shop_id, "term": self.number, "owner": self._owner}
        async with database.transaction() as connection:
            if await row(connection, "leading.beat", **values) is None:
                raise Deposed


class Leader:
    """Leads one shop whenever no other process does.

    Args:
        work: What a leader does, until canceled; given its term.
        silent_seconds: After so long without a beat another one's connection is ended.

    Attributes:
        term: The current one; None while another process leads.
    """

    def __init__(
        self,
        shop_id: str,
        database: Database,
        clock: Clock,
        tasks: Tasks,
        work: Callable[[Term], Awaitable[None]],
        *,
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        self._shop_id = shop_id
        self._database = database
        self._clock = clock
        self._tasks = tasks
        self._work = work
        self._silent_seconds = silent_seconds
        self._working: asyncio.Task[None] | None = None
        self.term: Term | None = None

    async def run(self) -> None:
        """Lead, or try to, until canceled."""
        try:
            while True:
                try:
                    await self._turn()
                except Deposed:
                    log.warning("deposed shop=%s", self._shop_id)
                    await self._leave()
                except (DatabaseUnusable, psycopg.Error) as failure:
                    log.warning("leading_unsure shop=%s kind=%s", self._shop_id, type(failure).__name__)
                await self._clock.sleep(BEAT_SECONDS)
        finally:
            await self._leave()

    async def resign(self) -> None:
        """Let another process lead at once; call it when ``run`` has ended."""
        async with self._database.lock_connection() as connection:
            await rows(connection, "leading.unlock", shop=self._shop_id)

    async def _turn(self) -> None:
        async with self._database.lock_connection() as connection:
            [found] = await rows(connection, "leading.try_lock", shop=self._shop_id)
            if found["held"] and self.term is None:
                self.term = await self._take(connection)
        if not found["held"]:
            await self._end_silent()
        if self.term is None:
            return
        await self.term.beat(self._database)
        if self._working is None or self._working.done():
            self._working = self._tasks.spawn(self._lead(self.term), name=f"hub index of {self._shop_id}")

    async def _take(self, connection: Connection) -> Term:
        taken = await row(connection, "leading.take", shop=self._shop_id, owner=self._database.owner)
        assert taken is not None
        log.info("leads shop=%s term=%s", self._shop_id, taken["term"])
        return Term(self._shop_id, taken["term"], self._database.owner)

    async def _lead(self, term: Term) -> None:
        try:
            await self._work(term)
        except Deposed:
            log.warning("write_refused shop=%s term=%s", self._shop_id, term.number)
        except (DatabaseUnusable, psycopg.Error) as failure:
            log.warning("index_stopped shop=%s kind=%s", self._shop_id, type(failure).__name__)

    async def _end_silent(self) -> None:
        async with self._database.transaction() as connection:
            ended = await rows(
                connection, "leading.end_silent", shop=self._shop_id, seconds=self._silent_seconds
            )
        if ended:
            log.warning("silent_leader_ended shop=%s", self._shop_id)

    async def _leave(self) -> None:
        working, self._working, self.term = self._working, None, None
        if working is not None:
            working.cancel()
            await asyncio.wait([working])
