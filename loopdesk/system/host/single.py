"""One running copy per profile, by a kernel lock that ends with its process."""

from __future__ import annotations

import os
import sys
from types import TracebackType

from loopdesk.domain.errors import AlreadyRunning, SettingsWrong
from loopdesk.system.host.paths import Profile

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class ProfileLock:
    """Proves that this process owns a profile.

    It is a kernel lock on a file of its own: no lease, no clock, nothing left behind by a crash. The file
    stays; only the lock on it means something. Closing the file releases the lock.
    """

    def __init__(self, profile: Profile) -> None:
        self._file = profile.lock_file
        self._handle: int | None = None

    def acquire(self) -> None:
        """Acquire the lock without waiting.

        Raises:
            AlreadyRunning: Another process has it.
            SettingsWrong: The folder cannot hold a lock at all.
        """
        try:
            handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)  # not inherited by child processes
        except OSError as error:
            raise self._unlockable() from error
        try:
            _take(handle)
        except (BlockingIOError, PermissionError):  # how POSIX and Windows report that it is taken
            os.close(handle)
            raise AlreadyRunning(str(self._file.parent)) from None
        except OSError as error:
            os.close(handle)
            raise self._unlockable() from error
        self._handle = handle

    def release(self) -> None:
        """Release the lock. Idempotent."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _unlockable(self) -> SettingsWrong:
        return SettingsWrong("folder_unlockable", file=str(self._file), key="profile")

    def __enter__(self) -> ProfileLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
