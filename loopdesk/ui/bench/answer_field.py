"""The field in which a question is answered in words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from loopdesk.ui.bench.arrangement import TOUCH
from loopdesk.ui.theme import look


class AnswerField(QPlainTextEdit):
    """Takes plain words; Enter answers, Shift+Enter begins a new line, Tab goes on.

    Signals:
        answered(): Enter was pressed.
        left(): Esc was pressed.
        entered(): It has the focus now.
    """

    answered = Signal()
    left = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.setAcceptDrops(False)  # what is dropped is a picture for the window, never its path as words
        self.rows = 3

    def event(self, event: QEvent) -> bool:
        """Leave a picture in the clipboard to the window: it cannot be written here."""
        key = event if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) else None
        if key is not None and key.matches(QKeySequence.StandardKey.Paste) and not self.canPaste():
            event.ignore()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Answer with Enter, leave with Esc."""
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shifted:
            self.answered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Report the focus."""
        super().focusInEvent(event)
        self.entered.emit()

    def needed(self) -> int:
        """Return the height of the rows that the answer may need."""
        return max(look().px(TOUCH), self.rows * self.fontMetrics().lineSpacing() + look().px(28))
