"""Tells whether anything in this process opened a file, Qt included."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from pathlib import Path
from types import TracebackType

_IN_ACCESS, _IN_OPEN = 0x00000001, 0x00000020
_EVENT = struct.Struct("iIII")

_heard: list[str] = []
_listening = False


def _hook(event: str, given: tuple[object, ...]) -> None:
    if _listening and event == "open":
        _heard.append(str(given[0]))


sys.addaudithook(_hook)  # cannot be removed again; it does nothing while nobody listens


class OpenedFiles:
    """Watches one file for as long as the block lasts.

    Python's own opens are seen everywhere by an audit hook; those of Qt and other libraries by the kernel,
    on Linux.

    Attributes:
        sees_all: Whether opens outside Python are seen too.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._queue = -1
        self.sees_all = sys.platform == "linux"

    def __enter__(self) -> OpenedFiles:
        global _listening  # noqa: PLW0603 - the hook is the process's
        _heard.clear()
        _listening = True
        if self.sees_all:
            libc = ctypes.CDLL(None, use_errno=True)
            self._queue = libc.inotify_init1(os.O_NONBLOCK)
            watched = libc.inotify_add_watch(self._queue, os.fsencode(self._file), _IN_ACCESS | _IN_OPEN)
            assert self._queue >= 0 <= watched, os.strerror(ctypes.get_errno())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _listening  # noqa: PLW0603 - the hook is the process's
        _listening = False
        if self._queue >= 0:
            os.close(self._queue)

    def count(self) -> int:
        """Return how often it was opened or read since the last time."""
        name = str(self._file)
        found = sum(1 for each in _heard if each == name)
        _heard.clear()
        if not self.sees_all:
            return found
        try:
            return found + len(os.read(self._queue, 65536)) // _EVENT.size
        except BlockingIOError:
            return found
