"""Keys on the screen for codes, order names and addresses: whoever stands there with gloves has no keyboard.

They begin with capitals, as codes are printed; one key has the small letters, one the signs. They write into
a field and never take the focus: what a scanner or a keyboard types goes where it went.
"""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QHideEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.ui.theme import Look, look
from loopdesk.ui.widgets.buttons import Inks, KeyCapButton
from loopdesk.ui.widgets.fitted import draw_lines

DELETE, SPACE, ENTER, SMALL, SIGNS = "delete", "space", "enter", "small", "signs"

_WIDE_ROWS = (
    (*"1234567890", DELETE),
    (*"QWERTYUIOP", "-"),
    (*"ASDFGHJKL", "/", "#"),
    (SMALL, *"ZXCVBNM", SIGNS, SPACE, ENTER),
)
"""Eleven columns, as on a keyboard. A key that is named several times is so many columns wide."""

_SLENDER_ROWS = (
    (*"123456", DELETE),
    (*"7890-", SMALL, SIGNS),
    (*"ABCDEFG",),
    (*"HIJKLMN",),
    (*"OPQRSTU",),
    (*"VWXYZ/#",),
    (*(SPACE,) * 4, *(ENTER,) * 3),
)
"""Seven columns, for a column beside the return."""

_LETTERS = "QWERTYUIOPASDFGHJKLZXCVBNM"
_IN_PLACE = dict(zip(_LETTERS, "@._+&'()=?ÄÖÜßÉÈÅØÑ*%!:;,\"", strict=True))
"""What the letters' keys write instead once signs are wanted: first what e-mail addresses have."""

_KEY, _GAP = 56, 6
_TALLEST = 84
_SIGN = 20


class PadKey(KeyCapButton):
    """One key: its sign large and in the middle. It never takes the focus."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(name, name, parent=parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoRepeat(name == DELETE)

    def _draw_beside_cap(self, painter: QPainter, now: Look, inks: Inks) -> None:
        """Draw the sign."""
        where, font = QRectF(self.rect()), now.font(_SIGN, QFont.Weight.DemiBold)
        draw_lines(painter, where, self.shown_lines(), font, inks.text, Qt.AlignmentFlag.AlignHCenter)


class Keypad(QWidget):
    """Digits, letters, ``-``, ``/``, ``#``, space, delete and enter; the letters change to small ones and to
    signs, and are capitals again whenever the keypad is opened.

    Signals:
        typed(str): A sign.
        deleted(): The sign before the cursor is to go.
        entered(): What was written is to be taken.
    """

    typed = Signal(str)
    deleted = Signal()
    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._keys: dict[str, PadKey] = {}
        self._is_small = self._is_signs = False
        for name in dict.fromkeys(name for row in _WIDE_ROWS for name in row):
            key = PadKey(name, self)
            key.requested.connect(self._press)
            self._keys[name] = key
        self.retranslate()

    def retranslate(self) -> None:
        """Set the names of the keys that write nothing, in the window's language."""
        self.setAccessibleName(_("Keypad"))
        self._keys[DELETE].show_words("⌫", "")
        self._keys[DELETE].setAccessibleName(_("Delete"))
        self._keys[SPACE].show_words("␣", "")
        self._keys[SPACE].setAccessibleName(_("Space"))
        self._keys[ENTER].show_words("↵", "")
        self._keys[ENTER].setAccessibleName(_("Enter"))
        self._keys[SMALL].show_words("abc", "", chosen=self._is_small)
        self._keys[SMALL].setAccessibleName(_("Small letters"))
        self._keys[SIGNS].show_words("@.Ü", "", chosen=self._is_signs)
        self._keys[SIGNS].setAccessibleName(_("Signs"))
        for name in _LETTERS:
            self._keys[name].show_words(self._written(name), "")

    def key(self, name: str) -> PadKey:
        """Return a key by its sign, or by its name."""
        return self._keys[name]

    def _press(self, name: str) -> None:
        if name == DELETE:
            self.deleted.emit()
        elif name == ENTER:
            self.entered.emit()
        elif name in (SMALL, SIGNS):
            self._change(small=self._is_small != (name == SMALL), signs=self._is_signs != (name == SIGNS))
        else:
            self.typed.emit(self._written(name))

    def _written(self, name: str) -> str:
        """Return what a key writes now."""
        if name == SPACE:
            return " "
        sign = _IN_PLACE.get(name, name) if self._is_signs else name
        return sign.lower() if self._is_small else sign

    def _change(self, *, small: bool, signs: bool) -> None:
        """Change what the letters' keys write."""
        self._is_small, self._is_signs = small, signs
        self.retranslate()

    def hideEvent(self, event: QHideEvent) -> None:
        """Begin with capitals the next time."""
        super().hideEvent(event)
        self._change(small=False, signs=False)

    def needed(self, width: int) -> int:
        """Return the height of all keys at a width, each as small as a gloved finger allows."""
        now, rows = look(), len(_rows(width))
        return rows * now.px(_KEY) + (rows - 1) * now.px(_GAP)

    def sizeHint(self) -> QSize:
        """Return the size at the present width."""
        return QSize(look().px(7 * (_KEY + _GAP)), self.needed(self.width()))

    def hasHeightForWidth(self) -> bool:
        """Return True: a narrow keypad has more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all keys."""
        return self.needed(width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the keys."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._place()
            self.updateGeometry()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def _place(self) -> None:
        """Give each key its cell."""
        now, rows = look(), _rows(self.width())
        gap = now.px(_GAP)
        tall = max(now.px(_KEY), min(now.px(_TALLEST), (self.height() - (len(rows) - 1) * gap) // len(rows)))
        for number, row in enumerate(rows):
            edges = [round(place * (self.width() + gap) / len(row)) for place in range(len(row) + 1)]
            cells = list(pairwise(edges))
            for name in dict.fromkeys(row):
                own = [cell for sign, cell in zip(row, cells, strict=True) if sign == name]
                left, right = own[0][0], own[-1][1] - gap
                self._keys[name].setGeometry(left, number * (tall + gap), right - left, tall)


def _rows(width: int) -> tuple[tuple[str, ...], ...]:
    """Return the keys in rows: wide ones where each key of eleven has room for a finger."""
    now = look()
    return _WIDE_ROWS if width >= 11 * now.px(_KEY) + 10 * now.px(_GAP) else _SLENDER_ROWS


def write(field: QLineEdit | QPlainTextEdit, text: str) -> None:
    """Write a text at the field's cursor, in place of what is selected, as an edit of a person."""
    if isinstance(field, QPlainTextEdit):
        field.insertPlainText(text)
    else:
        field.insert(text)


def delete(field: QLineEdit | QPlainTextEdit) -> None:
    """Delete what is selected, or the sign before the cursor, as an edit of a person."""
    if isinstance(field, QPlainTextEdit):
        field.textCursor().deletePreviousChar()
    else:
        field.backspace()


class FieldWithKeypad(QWidget):
    """A field with a button beside it, which opens a keypad below; Enter there is Enter in the field."""

    def __init__(self, field: QLineEdit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        column, self._row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        self.button = KeyCapButton("keypad", icon="keyboard", parent=self)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.pad = Keypad(self)
        self.pad.hide()
        self._row.addWidget(field, 1)
        self._row.addWidget(self.button)
        column.addLayout(self._row)
        column.addWidget(self.pad)
        self._column = column
        self.button.requested.connect(self._toggle)
        self.pad.typed.connect(self._write)
        self.pad.deleted.connect(self._delete)
        self.pad.entered.connect(self._enter)
        self.retranslate()
        self._space()

    def leave(self) -> bool:
        """Close the keypad; False if it is not open."""
        was_open = not self.pad.isHidden()
        self.pad.hide()
        return was_open

    def _toggle(self) -> None:
        if not self.leave():
            self.pad.show()
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _write(self, text: str) -> None:
        write(self._field, text)

    def _delete(self) -> None:
        delete(self._field)

    def _enter(self) -> None:
        self._field.returnPressed.emit()

    def retranslate(self) -> None:
        """Name the button in the window's language."""
        self.button.show_words(_("Keypad"), "")

    def _space(self) -> None:
        """Set sizes and spacing for the scale."""
        now = look()
        self.button.setFixedWidth(now.px(_KEY))
        self._field.setMinimumHeight(now.px(_KEY))
        self._row.setSpacing(now.px(8))
        self._column.setSpacing(now.px(8))

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and hasattr(self, "_column"):
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
