"""A row of filters of which exactly one is chosen; it wraps onto as many rows as it needs."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from loopdesk.ui import texts
from loopdesk.ui.theme import look

_HEIGHT = 56
_GAP = 8


class FilterRow(QWidget):
    """The filters as buttons.

    Signals:
        chosen(str): A filter was pressed; carries its id.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filters: tuple[tuple[str, str], ...] = ()
        self._buttons: list[QPushButton] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_filters(self, filters: tuple[tuple[str, str], ...], chosen: str) -> None:
        """Show these filters and which one is chosen."""
        if filters != self._filters:
            is_same = [key for key, _ in filters] == [key for key, _ in self._filters]
            self._filters = filters
            if is_same:  # another number in a caption: the button in hand stays the button in hand
                self._rename()
            else:
                self._rebuild()
        for button, (key, _) in zip(self._buttons, filters, strict=True):
            button.setChecked(key == chosen)

    def _rebuild(self) -> None:
        for gone in self._buttons:
            gone.hide()
            gone.deleteLater()
        self._buttons = [self._button(key, text) for key, text in self._filters]
        self._place()
        self.updateGeometry()

    def _rename(self) -> None:
        for button, (_key, text) in zip(self._buttons, self._filters, strict=True):
            button.setText(texts.caption(text))
            button.setAccessibleName(texts.clean(text))
        self._place()
        self.updateGeometry()

    def _button(self, key: str, text: str) -> QPushButton:
        """Make one filter."""
        button = QPushButton(texts.caption(text), self)
        button.setProperty("filter", key)
        button.setAccessibleName(texts.clean(text))
        button.setCheckable(True)
        button.setAutoDefault(False)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(self._press)
        button.show()
        button.ensurePolished()  # its size is asked for before it is painted, in its own font
        return button

    def _press(self) -> None:
        """Emit the pressed filter; the next screen decides which one is chosen."""
        button = self.sender()
        if isinstance(button, QPushButton):
            button.setChecked(not button.isChecked())
            self.chosen.emit(str(button.property("filter")))

    def button(self, key: str) -> QPushButton:
        """Return the button of a filter."""
        return next(x for x in self._buttons if x.property("filter") == key)

    def _boxes(self, width: int) -> list[QRect]:
        """Return the rectangle of each button at a width."""
        now = look()
        gap, height = now.px(_GAP), now.px(_HEIGHT)
        x = y = 0
        boxes: list[QRect] = []
        for button in self._buttons:
            wide = min(button.sizeHint().width(), max(1, width))
            if x and x + wide > width:
                x, y = 0, y + height + gap
            boxes.append(QRect(x, y, wide, height))
            x += wide + gap
        return boxes

    def _place(self) -> None:
        """Position the buttons."""
        for button, box in zip(self._buttons, self._boxes(self.width()), strict=True):
            button.setGeometry(box)

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows."""
        boxes = self._boxes(width)
        return boxes[-1].y() + boxes[-1].height() if boxes else 0

    def sizeHint(self) -> QSize:
        """Return the size of one row."""
        wide = sum(button.sizeHint().width() + look().px(_GAP) for button in self._buttons)
        return QSize(wide, self.heightForWidth(wide))

    def minimumSizeHint(self) -> QSize:
        """Return the size of one button."""
        return QSize(look().px(100), look().px(_HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rearrange the buttons."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Rearrange the buttons for another scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._place()
            self.updateGeometry()
