"""One file, one connection, one thread: the only way to the database.

``await database.write(fn)`` runs ``fn(connection)`` between BEGIN IMMEDIATE and COMMIT on the store's own
thread; ``read`` does the same in a deferred transaction. ``fn`` is a plain function, so a transaction never
waits for anything but the disk. Canceling the caller does not interrupt a function that is running.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import apsw

from loopdesk.domain.errors import DiskFull, StoreDamaged, StoreError, StoreReadOnly, StoreReplaced
from loopdesk.store.open_database import (
    abandon,
    check_all,
    check_apart,
    check_content,
    check_sqlite,
    last_written,
    open_checked,
    prepare_folder,
    sqlite_version,
)
from loopdesk.store.recovery.broken_log import BrokenLog, mend_log
from loopdesk.store.recovery.generation import FileId, Generation, Seen, Tally, is_restored
from loopdesk.store.recovery.restore import finish_replacement
from loopdesk.store.sql import Migration, ends_the_handle, fetch, migrations, queries, translated

# --- the reserve ------------------------------------------------------------------------------------

RESERVE_BYTES = 8 * 1024 * 1024

FreeBytes = Callable[[Path], int]


def free_bytes_at(folder: Path) -> int:
    """Return the free bytes on the disk of a folder."""
    return shutil.disk_usage(folder).free


class Reserve:
    """A file that only takes up space.

    Args:
        path: Its path.
        size: Its size in bytes.
        free_bytes: Returns the free space of a folder; replaced in tests.
    """

    def __init__(self, path: Path, size: int = RESERVE_BYTES, free_bytes: FreeBytes = free_bytes_at) -> None:
        self._path = path
        self._size = size
        self._free_bytes = free_bytes
        self.is_held = False

    def fill(self) -> bool:
        """Take the space if it is not taken. False if the disk has less than twice as much left."""
        try:
            self.is_held = self._path.exists() and self._path.stat().st_size == self._size
            if not self.is_held and self._free_bytes(self._path.parent) >= 2 * self._size:
                self._write()
                self.is_held = True
        except OSError:
            self._path.unlink(missing_ok=True)
            self.is_held = False
        return self.is_held

    def release(self) -> bool:
        """Free the space. Returns whether there was any."""
        was_held, self.is_held = self.is_held, False
        self._path.unlink(missing_ok=True)
        return was_held

    def _write(self) -> None:
        # Random bytes: a compressing file system would reserve nothing for zeros.
        handle = os.open(
            self._path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600
        )
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(self._size))
            file.flush()
            os.fsync(file.fileno())


# --- the database -----------------------------------------------------------------------------------

log = logging.getLogger("loopdesk.store")

FILE_NAME = "loopdesk.db"
"""Name of the database file in its folder."""

T = TypeVar("T")
Work = Callable[[apsw.Connection], T]

_SQL = queries("store")


@dataclass(frozen=True, slots=True)
class OpenReport:
    """What was found when the store was opened; anything but a normal opening is shown to the operator.

    Attributes:
        is_new: The file did not exist.
        lost: It did not exist although the tally remembers one: somebody deleted it.
        damaged: Where the damaged file was moved, else None.
        salvaged: How many unfinished entries were recovered from it; they are parked.
        restored: The file is an older copy; ``Outbox.recover`` makes everything uncertain that may have been
            sent since.
        backup: The backup made before a migration, else None.
        log: What is missing after a broken write-ahead log was repaired, else None.
        is_tallied: Changes are also counted outside the profile's folder.
    """

    is_new: bool = False
    lost: bool = False
    damaged: Path | None = None
    salvaged: int = 0
    restored: bool = False
    backup: Path | None = None
    log: BrokenLog | None = None
    is_tallied: bool = False


class Database:
    """The store's file. Created by ``open``, ended by ``close``.

    Args:
        path: The database file; its folder is created if missing.
        repair: Whether to repair a broken log and to replace a damaged file after moving it aside; False for
            a second process that only reads.
        tally: Where changes are counted outside the profile's folder; None to count beside the file.
        steps: The migrations; replaced in tests.
        free_bytes / reserve_bytes: Free disk space, and the size of the reserve; replaced in tests.
    """

    def __init__(
        self,
        path: Path,
        *,
        repair: bool = True,
        tally: Path | None = None,
        steps: Sequence[Migration] | None = None,
        free_bytes: FreeBytes = free_bytes_at,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:
        self._path = path
        self._repair = repair
        self._steps = tuple(steps or migrations())
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="loopdesk-store")
        self._connection: apsw.Connection | None = None
        self._is_closed = False
        self._file = FileId(0, 0)
        self._tally = Tally(path.with_suffix(".generation"), tally)
        self._reserve = Reserve(path.with_suffix(".reserve"), reserve_bytes, free_bytes)
        self._suspect = path.with_suffix(".suspect")
        self.report = OpenReport()

    @classmethod
    async def open(
        cls,
        path: Path,
        *,
        repair: bool = True,
        tally: Path | None = None,
        steps: Sequence[Migration] | None = None,
        free_bytes: FreeBytes = free_bytes_at,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> Database:
        """Open the store, migrated, checked and repaired; ``report`` says what was found.

        Raises:
            StoreTooNew: A newer loopdesk wrote it; nothing was written.
            StoreDamaged: It is damaged and ``repair`` is False.
            StoreBusy: Another process held it for longer than five seconds.
            StoreError: The folder is not writable, or the file is not ours.
        """
        database = cls(
            path,
            repair=repair,
            tally=tally,
            steps=steps,
            free_bytes=free_bytes,
            reserve_bytes=reserve_bytes,
        )
        try:
            database.report = await database._on_thread(database._open)
        except BaseException:
            await database.close()
            raise
        return database

    @classmethod
    def open_now(cls, path: Path, *, repair: bool = True, tally: Path | None = None) -> Database:
        """Like ``open``, but blocking: when the window starts there is no event loop yet."""
        database = cls(path, repair=repair, tally=tally)
        try:
            database.report = database._thread.submit(database._guarded, database._open).result()
        except BaseException:
            database._is_closed = True
            database._thread.submit(database._close).result()
            database._thread.shutdown()
            raise
        return database

    @property
    def path(self) -> Path:
        """The database file."""
        return self._path

    async def write(self, work: Work[T], *, drains: bool = False, counted: bool = False) -> T:
        """Run a function in its own transaction; when this returns, its changes are on disk.

        Args:
            work: Receives the connection. An exception rolls everything back and propagates.
            drains: It helps to drain the outbox, so it may use the reserve when the disk is full.
            counted: It changes the outbox, so the generation counter is incremented with it.

        Raises:
            DiskFull, StoreBusy: Nothing was written.
            StoreDamaged: The file fails its checks.
            StoreError: The disk failed; the next call reopens the file, which shows whether the commit
                survived.
        """
        return await self._on_thread(lambda: self._write(work, drains=drains, counted=counted))

    async def read(self, work: Work[T]) -> T:
        """Run a function that only reads, on one snapshot of the database."""
        return await self._on_thread(lambda: self._read(work))

    async def integrity(self) -> tuple[str, ...]:
        """Check the whole file. Returns the errors found; empty if it is sound.

        Uses its own connection and thread: a million returns take most of a minute, and scans must not wait.
        """
        import asyncio  # noqa: PLC0415 - the store is opened before there is a loop

        if self._is_closed:
            raise StoreError(why="closed")
        return await asyncio.to_thread(check_apart, self._path)

    async def close(self) -> None:
        """Finish pending work, close the file and end the thread. Idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        closing = self._thread.submit(self._close)
        try:
            await _done(closing)
        finally:
            self._thread.shutdown(wait=True)

    async def _on_thread(self, work: Callable[[], T]) -> T:
        if self._is_closed:
            raise StoreError(why="closed")
        return await _done(self._thread.submit(self._guarded, work))

    def _guarded(self, work: Callable[[], T]) -> T:
        """Run on the store's thread and translate every foreign exception."""
        try:
            return work()
        except apsw.Error as failure:
            error = translated(failure, self._connection)
            log.exception("failed error=%s", error.code)
            self._learn(failure, error)
            raise error from failure
        except StoreDamaged:
            self._suspect.touch()
            raise
        except UnicodeDecodeError as failure:
            self._suspect.touch()
            raise StoreDamaged(why="text") from failure
        except OSError as failure:
            raise StoreReadOnly(f"{type(failure).__name__}: {failure.strerror}") from failure

    def _learn(self, failure: apsw.Error, error: StoreError) -> None:
        broke_a_rule = getattr(failure, "extendedresult", 0) == apsw.SQLITE_CONSTRAINT_TRIGGER
        if isinstance(error, StoreDamaged) or broke_a_rule:
            self._suspect.touch()  # makes the next start check the whole file
        if ends_the_handle(failure):
            self._drop_connection()
        if isinstance(error, DiskFull):
            self._reserve.release()

    def _write(self, work: Work[T], *, drains: bool, counted: bool) -> T:
        if not drains and not self._reserve.is_held and not self._reserve.fill():
            raise DiskFull(why="reserve")
        try:
            return self._transact(work, counted=counted)
        except apsw.FullError as failure:
            if not (drains and self._reserve.release()):
                raise
            log.warning("reserve released error=%s", failure)
            return self._transact(work, counted=counted)

    def _transact(self, work: Work[T], *, counted: bool) -> T:
        connection = self._ready()
        self._check_file()
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
            number = fetch(connection, _SQL["bump"])[0] if counted else None
        except BaseException:
            self._roll_back(connection)
            raise
        try:
            connection.execute("COMMIT")
        except BaseException:
            # Whether the commit survived is unknown. Do not trust the handle: reopen and look.
            self._drop_connection()
            raise
        if number is not None:
            self._tally.write(Generation(*number), self._file)
        return result

    def _read(self, work: Work[T]) -> T:
        connection = self._ready()
        connection.execute("BEGIN DEFERRED")
        try:
            return work(connection)
        finally:
            self._roll_back(connection)

    def _roll_back(self, connection: apsw.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except apsw.Error:
            self._drop_connection()

    def _ready(self) -> apsw.Connection:
        """Return the connection; after a failure a new one, once the whole file has passed its checks."""
        if self._connection is None:
            connection, _ = open_checked(self._path, self._steps)
            if found := check_all(connection):
                abandon(connection)
                self._suspect.touch()
                raise StoreDamaged(found[0])
            self._connection = connection
            self._file = FileId.of(self._path)
            log.warning("reopened")
        return self._connection

    def _check_file(self) -> None:
        """Refuse to write to a file that a sync or backup program has replaced behind our back."""
        try:
            is_same = self._path.stat().st_ino == self._file.inode
        except FileNotFoundError:
            is_same = False
        if not is_same:
            raise StoreReplaced

    def _open(self) -> OpenReport:
        check_sqlite(sqlite_version())
        if self._repair and self._path.parent.exists():
            finish_replacement(self._path)
        existed = self._path.exists() and self._path.stat().st_size > 0
        seen = self._tally.read()  # before opening the database: another process may write in between
        mended = mend_log(self._path) if self._repair and self._path.exists() else None
        if mended is not None:
            self._suspect.touch()
        prepare_folder(self._path)
        aside, salvaged, backup = None, 0, None
        try:
            self._connection, backup = self._open_sound()
        except (StoreDamaged, apsw.CorruptError, apsw.NotADBError):
            if not self._repair:
                raise
            log.exception("damaged")
            # Imported late: a sound store opens before the window is painted, without loading the whole
            # domain.
            from loopdesk.store.recovery.salvage import replace_damaged  # noqa: PLC0415

            aside, salvaged = replace_damaged(self._path, self._steps)
            self._connection, _ = open_checked(self._path, self._steps)
        self._suspect.unlink(missing_ok=True)
        self._file = FileId.of(self._path)
        if mended is not None:
            self._note_mended(mended)
        is_fresh = aside is not None or not existed
        is_behind = mended is not None and mended.is_certain
        restored, is_tallied = self._settle_generation(seen, is_fresh=is_fresh, is_behind=is_behind)
        self._reserve.fill()
        lost = not existed and seen is not None and seen.generation.number > 0
        return OpenReport(
            not existed, lost, aside, salvaged, restored, backup, log=mended, is_tallied=is_tallied
        )

    def _open_sound(self) -> tuple[apsw.Connection, Path | None]:
        connection, backup = open_checked(self._path, self._steps)
        if self._suspect.exists():
            found = check_all(connection) or check_content(connection, self._steps)
            if found:
                abandon(connection)
                raise StoreDamaged(found[0])
        return connection, backup

    def _settle_generation(self, seen: Seen | None, *, is_fresh: bool, is_behind: bool) -> tuple[bool, bool]:
        """Compare the counters; record durably that the copy is an older one until that is resolved.

        Returns:
            Whether it is an older copy, and whether there is a tally outside the folder.
        """
        connection = self._ready()
        own = Generation(*fetch(connection, _SQL["self"])[0])
        if not is_fresh and (is_behind or is_restored(seen, own, self._file)):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_SQL["note_restored"], {"seen": seen.generation.number if seen else 0})
            connection.execute("COMMIT")
            own = Generation(*fetch(connection, _SQL["self"])[0])
        is_tallied = self._tally.write(own, self._file)
        return bool(connection.execute(_SQL["is_restored"]).get), is_tallied

    def _note_mended(self, mended: BrokenLog) -> None:
        """Record in the audit log that the write-ahead log was broken, and what is missing."""
        # Imported late, as above.
        from loopdesk.store.chain import append  # noqa: PLC0415

        connection = self._ready()
        connection.execute("BEGIN IMMEDIATE")
        detail = {"file": mended.aside.name, "changes_missing": mended.changes}
        append(connection, "log_mended", last_written(self._path), detail=detail)
        connection.execute("COMMIT")

    def _drop_connection(self) -> None:
        if self._connection is not None:
            abandon(self._connection)
            self._connection = None

    def _close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                connection.close()
            except apsw.Error:
                log.exception("close failed")
                abandon(connection)


async def _done(future: Future[T]) -> T:
    """Await the thread's result; canceling the caller does not interrupt the work."""
    import asyncio  # noqa: PLC0415 - the store is opened before there is a loop

    return await asyncio.wrap_future(future)
