"""A second copy notifies the first one's window, so that the person finds it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal

FILE = "knock"
"""What a second copy writes, in the profile's folder: only the same user can."""


class Door(QObject):
    """Notices knocks.

    It watches a file: a local socket of Qt's costs what all of its network costs, three megabytes as long as
    the program runs.
    """

    knocked = Signal()

    def __init__(self, profile: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = profile / FILE
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._answer)
        with suppress(OSError):  # a full disk: the window opens all the same
            self._file.touch(mode=0o600)
            self._watcher.addPath(str(self._file))

    def close(self) -> None:
        """Notice no more."""
        if watched := self._watcher.files():
            self._watcher.removePaths(watched)
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _answer(self, _: str) -> None:
        self.knocked.emit()


def knock(profile: Path) -> bool:
    """Ask the copy that runs on this profile to show its window. False when nobody is there to notice."""
    try:
        with (profile / FILE).open("r+b") as file:  # never made here: then nobody would notice
            file.write(b"!")
    except OSError:
        return False
    return True
