"""Types as a scanner does: key events to a window, one right after the other."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWindow
from PySide6.QtTest import QTest


def type_code(window: QWindow, code: str) -> None:
    """Type the characters of a code (capital letters, digits and signs), without its terminator."""
    for character in code:
        shifted = character.isupper() or character == "#"
        modifier = Qt.KeyboardModifier.ShiftModifier if shifted else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(window, character, modifier)  # type: ignore[call-overload]  # a character is a key too


def press_enter(window: QWindow) -> None:
    """Press the terminator."""
    QTest.keyClick(window, Qt.Key.Key_Return)
