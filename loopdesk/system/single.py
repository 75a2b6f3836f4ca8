"""One running copy a profile, by a lock of the operating system that ends with its process."""

from __future__ import annotations

from types import TracebackType

from filelock import FileLock, Timeout

from loopdesk.domain.errors import AlreadyRunning, SettingsWrong
from loopdesk.system.paths import Profile


class ProfileLock:
    """Says that this process is the one that works with a profile.

    The lock is the kernel's, on a file of its own: no lease, no clock, nothing left behind by a crash.
    The file stays; only the lock on it means something.
    """

    def __init__(self, profile: Profile) -> None:
        self._file = profile.lock_file
        # A lock made of a file's mere existence would outlive a crash, so there is no falling back to it.
        self._lock = FileLock(self._file, timeout=0, mode=0o600, thread_local=False, fallback_to_soft=False)

    def acquire(self) -> None:
        """Take the lock at once.

        Raises:
            AlreadyRunning: Another process has it.
            SettingsWrong: The folder cannot hold a lock at all.
        """
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise AlreadyRunning(str(self._file.parent)) from None
        except (OSError, NotImplementedError) as error:
            raise SettingsWrong(
                "the profile folder cannot be locked; choose a folder on this machine's own disk",
                file=str(self._file),
                key="profile",
            ) from error

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        self._lock.release(force=True)

    def __enter__(self) -> ProfileLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
