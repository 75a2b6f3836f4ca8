"""The keyboard focus, also where nobody hands it out.

An X server without a window manager gives a new window none, and whatever closes takes it along. Where there
is a window manager, asking for what comes anyway changes nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget


def show_with_focus(window: QWidget) -> None:
    """Show a window for the first time and ask for the focus: without it keys like 1 and F12 do nothing."""
    window.show()
    window.activateWindow()


def open_with_focus(dialog: QDialog) -> None:
    """Open a dialog with the focus, which goes back to the window that it belongs to when it is closed."""
    _Loan(dialog)
    dialog.open()
    dialog.activateWindow()


class _Loan(QObject):
    """The focus that a dialog has for as long as it is open; it belongs to the dialog and goes with it."""

    def __init__(self, dialog: QDialog) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        dialog.finished.connect(self._give_back)

    def _give_back(self, _result: int) -> None:
        owner = self._dialog.parentWidget()
        if owner is not None:
            owner.window().activateWindow()
