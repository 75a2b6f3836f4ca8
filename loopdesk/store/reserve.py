"""Eight megabytes kept in reserve, so that the outbox can drain when the disk is full."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

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
