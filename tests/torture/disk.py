"""The real store, with failpoints before every statement, run where it is called from.

The store's own thread is left out: what happens in which order is then decided by one seed alone. What a
slow disk changes is simulated by letting everything else run before and after each call.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import apsw

from loopdesk.api.translate import from_body
from loopdesk.domain.errors import StoreError
from loopdesk.store.database import FILE_NAME, Database
from loopdesk.store.open_database import abandon
from loopdesk.store.store import Store, store_of
from tests.torture.failpoints import Killed, Points

T = TypeVar("T")

CHECKPOINT_PAGES = 1000
"""From this many pages on the log is checkpointed, as SQLite does by itself without a hook."""

RESERVE = 4096
"""Bytes kept aside for a full disk; eight megabytes would only cost time here."""


def scratch() -> Path:
    """Make a folder in memory where there is such a thing: nothing here depends on a real disk."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="torture-", dir=memory if os.access(memory, os.W_OK) else None))


class Disk(Database):
    """A database that runs synchronously, in the caller's thread, and passes a failpoint at each statement.

    Attributes:
        points: Passed before each statement and after each commit.
        random: Decides how slow each call is; None for a disk that answers at once.
    """

    points: Points
    random: Random | None = None

    async def _on_thread(self, work: Callable[[], T]) -> T:
        if self._is_closed:
            raise StoreError("the store is closed")
        await self._dawdle()
        found = self._guarded(work)
        await self._dawdle()
        return found

    async def _dawdle(self) -> None:
        if self.random is not None:
            for _ in range(self.random.randint(0, 3)):
                await asyncio.sleep(0)

    def _ready(self) -> apsw.Connection:
        connection = super()._ready()
        if connection.exec_trace is None:
            connection.exec_trace = self._trace
            connection.set_wal_hook(self._committed)
        return connection

    def _trace(self, _: object, sql: str, __: object) -> bool:
        self.points.pass_by(f"sql {' '.join(sql.split())[:40]}")
        return True

    def _committed(self, connection: apsw.Connection, _: str, pages: int) -> bool:
        """Pass the place between the commit and its return: it is on disk, and nobody has been told."""
        self.points.pass_by("sql committed")
        if pages > CHECKPOINT_PAGES:
            connection.wal_checkpoint()
        return bool(apsw.SQLITE_OK)

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.exec_trace = None
        super()._drop_connection()

    def cut(self) -> None:
        """Let go of the file as a dying process does: nothing is written any more."""
        self._is_closed = True
        if self._connection is not None:
            self._connection.exec_trace = None
            abandon(self._connection)
            self._connection = None

    async def close(self) -> None:
        """Close the file."""
        if not self._is_closed:
            self._is_closed = True
            if self._connection is not None:
                self._connection.exec_trace = None
            self._close()

    # --- for looking on -----------------------------------------------------------------------------

    def peek(self, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        """Read what is committed, unseen by the failpoints; with eyes of its own when the handle is gone."""
        connection = self._connection
        if connection is None:
            looking = apsw.Connection(str(self.path))
            try:
                return looking.execute(sql, values).fetchall()
            finally:
                abandon(looking)
        trace, connection.exec_trace = connection.exec_trace, None
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.exec_trace = trace

    def limit_pages(self, more: int | None) -> None:
        """Fill the disk up to so many more pages; None makes room again."""
        connection = self._ready()
        trace, connection.exec_trace = connection.exec_trace, None
        try:
            used = int(connection.pragma("page_count"))
            connection.pragma("max_page_count", 1 << 30 if more is None else used + more)
        finally:
            connection.exec_trace = trace


def tally_of(folder: Path) -> Path:
    """The file outside a profile's folder that tells an older copy of it."""
    return folder.with_name(f"{folder.name}.tally")


async def open_disk(folder: Path, points: Points, random: Random | None = None) -> Store:
    """Open the store of a folder on such a database.

    Raises:
        StoreError: As ``Database.open``.
        Killed: The process died while it was opened.
    """
    database = Disk(folder / FILE_NAME, reserve_bytes=RESERVE, tally=tally_of(folder))
    database.points, database.random = points, random
    try:
        database.report = await database._on_thread(database._open)
    except Killed:
        database.cut()
        raise
    return store_of(database, from_body)


_TEMPLATE: list[Path] = []


def new_profile(folder: Path) -> None:
    """Put a new, empty store into a folder; made once and copied, each with a name of its own."""
    if not _TEMPLATE:
        made = scratch()
        atexit.register(shutil.rmtree, made, True)
        database = Disk(made / FILE_NAME, reserve_bytes=RESERVE)
        database.points = Points()
        database._guarded(database._open)
        database._is_closed = True
        database._connection.exec_trace = None  # type: ignore[union-attr]
        database._close()
        _TEMPLATE.append(made)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (FILE_NAME, "loopdesk.generation", "loopdesk.reserve"):
        source = _TEMPLATE[0] / name
        if source.exists():
            shutil.copy(source, folder / name)
