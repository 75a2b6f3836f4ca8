"""The keyboard focus, also without a window manager, and the focused text field with its state before a
scan.

An X server without a window manager gives a new window no focus, and a closing window takes it along. Where
there is a window manager, asking for the focus is redundant and harmless.
"""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)


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


class FocusLoan(QObject):
    """The focus while a panel is open over something else, given back where it came from when it closes."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self._panel = panel
        self._before: QWidget | None = None

    def take(self) -> None:
        """Remember who has the focus; called before the panel takes it."""
        self._before = QApplication.focusWidget()

    def end(self) -> None:
        """Give the focus back, if the panel has it still; called before the panel is hidden.

        It goes back at the end of this turn: what had it may be shown again only then.
        """
        focused = QApplication.focusWidget()
        if focused is None:
            return
        if focused is self._panel or self._panel.isAncestorOf(focused):
            QTimer.singleShot(0, self._give_back)

    def _give_back(self) -> None:
        before = self._before
        self._before = None
        if before is not None and shiboken6.isValid(before) and before.isVisible() and before.isEnabled():
            before.setFocus(Qt.FocusReason.OtherFocusReason)


Field = QLineEdit | QPlainTextEdit | QTextEdit


class WordsSecond(QWidget):
    """Where digits act, and every other sign begins words in a field that has no focus yet."""

    def words_field(self) -> Field | None:
        """Return the field; None where nothing can be written now."""
        return None


def field_with_focus() -> Field | None:
    """Return the text field that receives keys now; None where keys act."""
    widget = _focus_widget()
    return widget.words_field() if isinstance(widget, WordsSecond) else _field_of(widget)


def is_written(text: str, *, is_pending: bool) -> bool:
    """Whether a key that types this text goes to a text field.

    Where digits act they do not, nor does what follows one that is not decided yet: together they may be a
    scanner's.

    Args:
        is_pending: Keys wait that will act unless they are a scanner's.
    """
    if isinstance(_focus_widget(), WordsSecond) and (is_pending or text.isdigit() or not text.strip()):
        return False
    return field_with_focus() is not None


def _focus_widget() -> QWidget | None:
    if not isinstance(QApplication.instance(), QApplication) or QApplication.activePopupWidget() is not None:
        return None
    return QApplication.focusWidget()


def _field_of(widget: QWidget | None) -> Field | None:
    if isinstance(widget, QAbstractSpinBox | QComboBox):
        widget = widget.lineEdit()
    if not isinstance(widget, Field) or widget.isReadOnly() or not widget.isEnabled():
        return None
    return widget


class FieldBefore:
    """A text field's state, to be restored if what was typed into it was a scanner's."""

    def __init__(self, field: Field) -> None:
        self._field = field
        if isinstance(field, QLineEdit):
            self._text = field.text()
            start, length = field.selectionStart(), len(field.selectedText())
            self._cursor = field.cursorPosition()
            self._anchor = self._cursor if start < 0 else start + (length if self._cursor == start else 0)
        else:
            cursor = field.textCursor()
            self._text = field.toPlainText()
            self._cursor, self._anchor = cursor.position(), cursor.anchor()

    def put_back(self) -> None:
        """Undo what was typed; the field emits its signals as for an edit."""
        field = self._field
        if not shiboken6.isValid(field):
            return
        if isinstance(field, QLineEdit):
            field.selectAll()
            field.insert(self._text)
            if self._anchor != self._cursor:
                field.setSelection(self._anchor, self._cursor - self._anchor)
            else:
                field.setCursorPosition(self._cursor)
            return
        cursor = field.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(self._text)
        cursor.setPosition(self._anchor)
        cursor.setPosition(self._cursor, QTextCursor.MoveMode.KeepAnchor)
        field.setTextCursor(cursor)
