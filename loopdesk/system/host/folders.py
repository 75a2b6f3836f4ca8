"""What lies in a folder, and what is in a file: on this machine, or on a share that may never answer.

Each is read in a thread that nobody waits for longer than a limit, nor at the program's end.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from loopdesk.services.ports.photos import FileState
from loopdesk.system.host.watchdog import ask_in_thread

LOOK_SECONDS = 15.0
"""A folder that does not list its files in that time is away."""

READ_SECONDS = 10.0
"""So long a whole file may take: the bench waits for the photo that was just asked for."""

T = TypeVar("T")


class WatchedFolder:
    """Reads a folder; one that hangs is not asked again until it has answered.

    Args:
        limit_seconds: How long a look may take.
    """

    def __init__(self, limit_seconds: float = LOOK_SECONDS) -> None:
        self._limit = limit_seconds
        self._looked_into: set[str] = set()

    async def within(self, folder: str) -> Mapping[str, FileState]:
        """As ``PhotoFiles``."""
        if folder in self._looked_into:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        self._looked_into.add(folder)

        def look() -> Mapping[str, FileState]:
            try:
                return _files(folder)
            finally:
                self._looked_into.discard(folder)

        return await read_in_time(look, limit_seconds=self._limit)


async def read_in_time(read: Callable[[], T], *, limit_seconds: float = READ_SECONDS) -> T:
    """Read something of a disk or a share.

    Raises:
        OSError: It cannot be read, or not in time (``TimeoutError``).
    """
    return await ask_in_thread(read, limit_seconds=limit_seconds, name="loopdesk-photo-files")


def located(written: str) -> Path:
    """Return the path of a file or folder as a person writes it. Raises ``FileNotFoundError``."""
    try:
        return Path(written).expanduser()
    except RuntimeError as failure:  # the home of somebody who is not known here
        raise FileNotFoundError(errno.ENOENT, str(failure)) from failure


def _files(folder: str) -> dict[str, FileState]:
    found: dict[str, FileState] = {}
    with os.scandir(located(folder)) as entries:
        for entry in entries:
            try:
                if entry.is_file():
                    about = entry.stat()
                    found[entry.name] = FileState(about.st_size, about.st_mtime_ns)
            except FileNotFoundError:  # it went while we looked
                continue
            except OSError:
                if not entry.is_symlink():  # a link that leads nowhere is no photo; all else is the folder's
                    raise
    return found
