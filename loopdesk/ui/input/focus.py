"""Takes the keyboard focus where no window manager assigns it.

An X server without a window manager gives a new window no focus, and a closing window takes it along. Where
there is a window manager, asking for the focus is redundant and harmless.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget


def show_with_focus(window: QWidget) -> None:
    """Show a window for the first time and request the focus: without it keys like 1 and F12 do nothing."""
    window.show()
    window.activateWindow()


def open_with_focus(dialog: QDialog) -> None:
    """Open a dialog with the focus, and give it back to the parent window when the dialog closes."""
    _Loan(dialog)
    dialog.open()
    dialog.activateWindow()


class _Loan(QObject):
    """The focus while a dialog is open; owned by the dialog and deleted with it."""

    def __init__(self, dialog: QDialog) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        dialog.finished.connect(self._give_back)

    def _give_back(self, _result: int) -> None:
        owner = self._dialog.parentWidget()
        if owner is not None:
            owner.window().activateWindow()
