"""The application object of the window: whether there is a display, and a second copy that asks for it."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import (
    QFileSystemWatcher,
    QMessageLogContext,
    QObject,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication

import loopdesk
from loopdesk.domain.errors import NoDisplay
from loopdesk.ui.assets import add_search_paths
from loopdesk.ui.theme import STYLE

_ON_A_DISPLAY = ("xcb", "wayland")
"""Prefixes of the names of Qt's platforms that need one; without a name Qt takes one of them."""


def require_display(environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> None:
    """Check for a display where one may be missing.

    Raises:
        NoDisplay: The window cannot be shown.
    """
    environ = os.environ if environ is None else environ
    wanted = environ.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    needs_none = bool(wanted) and not wanted.startswith(_ON_A_DISPLAY)
    if platform != "linux" or needs_none or _has_wayland(environ):
        return
    display = environ.get("DISPLAY", "")
    if not display:
        raise NoDisplay(why="unset")
    if not _answers(display):
        raise NoDisplay(why="silent", display=display)


def _has_wayland(environ: Mapping[str, str]) -> bool:
    name = environ.get("WAYLAND_DISPLAY", "")
    return bool(name) and (Path(environ.get("XDG_RUNTIME_DIR", "")) / name).exists()


def _answers(display: str) -> bool:
    """Connect to an X server and disconnect; without its library, leave it to Qt to say what is missing."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed


QtMessage = Callable[[QtMsgType, QMessageLogContext, str], None]
"""Receives Qt's own messages: their kind, origin, and text."""


def make_app(argv: Sequence[str], messages: QtMessage | None = None) -> QApplication:
    """Return the application, made once, without a window and without a theme.

    Args:
        argv: The command line, program name first; Qt takes its own arguments.
        messages: Receives Qt's warnings from now on (the program's one fault path).

    Raises:
        NoDisplay: There is no display.
    """
    if messages is not None:
        qInstallMessageHandler(messages)
    there = QApplication.instance()
    app = there if isinstance(there, QApplication) else _styled(argv)
    app.setApplicationName("loopdesk")
    # No display name: Qt would append it to every window title, which IT tools read.
    app.setApplicationVersion(loopdesk.__version__)
    app.setOrganizationName("loopdesk")
    app.setDesktopFileName("loopdesk")
    # The program shuts down in order, by its own decision, never because a window was closed.
    app.setQuitOnLastWindowClosed(False)
    add_search_paths()
    return app


def _styled(argv: Sequence[str]) -> QApplication:
    """Make the application with our style from the start."""
    require_display()
    app = QApplication([*argv, "-style", STYLE])
    app.setProperty("style", STYLE)
    return app


# --- a second copy ----------------------------------------------------------------------------------

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
        """Stop watching for knocks."""
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
