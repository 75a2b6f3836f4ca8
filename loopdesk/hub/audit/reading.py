"""Reads the audit logs that the hub holds, on one snapshot: meanwhile benches bring rows, and old ones go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from loopdesk.domain.audit_chain import ChainFault, ChainLink, ChainRow
from loopdesk.hub.audit.decisions import RunCause
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, rows

PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run as IT sees it.

    Attributes:
        bench: Its name.
        start: The place after which it begins.
        purged: The place up to which its rows are gone because of their age.
        end: The place after its last row.
        began_at, last_at: When its first and its last row came; aware UTC.
    """

    id: int
    bench: str
    store: str
    cause: RunCause
    start: ChainLink
    purged: ChainLink
    end: ChainLink
    began_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class KeptFault:
    """A row that was refused.

    Attributes:
        after: The number of the row that it should have followed.
        at: When it came; aware UTC.
        is_recent: It is not older than rows are kept.
    """

    bench: str
    after: int
    seq: int
    why: ChainFault
    at: datetime
    is_recent: bool


class AuditReading:
    """One snapshot.

    Args:
        connection: In a transaction of its own.
        bench: The name of the bench whose log is read; None for all.
    """

    def __init__(self, connection: Connection, bench: str | None) -> None:
        self._connection = connection
        self._bench = bench

    async def runs(self) -> tuple[KeptRun, ...]:
        """Return all runs, by bench and oldest first."""
        found = await rows(self._connection, "audit.all_runs", bench=self._bench)
        return tuple(
            KeptRun(
                id=each["id"],
                bench=each["bench"],
                store=each["store"],
                cause=RunCause(each["cause"]),
                start=ChainLink(each["from_seq"], each["from_sha"]),
                purged=ChainLink(each["purged_seq"], each["purged_sha"]),
                end=ChainLink(each["last_seq"], each["last_sha"]),
                began_at=each["began_at"],
                last_at=each["last_at"],
            )
            for each in found
        )

    async def faults(self) -> tuple[KeptFault, ...]:
        """Return all rows that were refused, by bench and oldest first."""
        found = await rows(self._connection, "audit.faults", bench=self._bench)
        return tuple(
            KeptFault(
                bench=each["bench"],
                after=each["after_seq"],
                seq=each["seq"],
                why=ChainFault(each["why"]),
                at=each["found_at"],
                is_recent=each["recent"],
            )
            for each in found
        )

    async def rows_of(self, run: KeptRun) -> AsyncIterator[ChainRow]:
        """Give the rows of a run that are not purged, in order."""
        after = run.purged.seq
        while page := await rows(self._connection, "audit.page", run_id=run.id, after=after, most=PAGE):
            for each in page:
                yield ChainRow(each["seq"], each["line"], each["sha"])
            after = page[-1]["seq"]


@asynccontextmanager
async def reading(database: Database, bench: str | None = None) -> AsyncIterator[AuditReading]:
    """Open a snapshot.

    Raises:
        DatabaseUnusable, psycopg.Error: As ``Database.transaction``.
    """
    async with database.transaction() as connection:
        await rows(connection, "audit.snapshot")
        yield AuditReading(connection, bench)
