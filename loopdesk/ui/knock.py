"""A second copy knocks at the first one's window, so that the person finds it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

KNOCK_MS = 1000
"""How long the second copy waits for the first one to hear."""


def door_of(profile: Path) -> str:
    """Name the local socket of a profile; short enough for every system's limit."""
    return f"loopdesk-{hashlib.sha256(str(profile.resolve()).encode()).hexdigest()[:16]}"


class Door(QObject):
    """Listens for knocks. Only the same user can reach it."""

    knocked = Signal()

    def __init__(self, profile: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        name = door_of(profile)
        QLocalServer.removeServer(name)  # what a killed copy left behind; the profile's lock is ours
        self._server.listen(name)

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _answer(self) -> None:
        visitor = self._server.nextPendingConnection()
        if visitor is not None:
            visitor.disconnectFromServer()
            visitor.deleteLater()
        self.knocked.emit()


def knock(profile: Path) -> bool:
    """Ask the copy that runs on this profile to show its window. False when nobody heard."""
    socket = QLocalSocket()
    socket.connectToServer(door_of(profile))
    heard = socket.waitForConnected(KNOCK_MS)
    socket.disconnectFromServer()
    return heard
