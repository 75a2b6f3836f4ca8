"""The application object of the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

import loopdesk
from loopdesk.ui.assets import add_search_paths
from loopdesk.ui.display import require_display
from loopdesk.ui.theme import STYLE

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
