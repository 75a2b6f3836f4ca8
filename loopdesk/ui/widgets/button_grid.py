"""Buttons of equal width in as many columns as fit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from loopdesk.presenters.screens.returns import CommandButton
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton


class ButtonGrid(QWidget):
    """A grid of command buttons, with rows as even as their number allows.

    Args:
        least: Minimum width of a button in px at 100 %.
        most: Maximum number of columns.
        variant, height: As of ``KeyCapButton``.

    Signals: requested(str): A button was pressed; carries its command.
    """

    requested = Signal(str)

    def __init__(
        self,
        *,
        least: int,
        most: int,
        variant: str = "plain",
        height: int = 56,
        gap: int = 8,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._least, self._most, self._gap = least, most, gap
        self._variant, self._height = variant, height
        self._buttons: list[KeyCapButton] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_buttons(self, wanted: Sequence[CommandButton]) -> None:
        """Show these commands; a button whose command stays keeps its focus."""
        if [button.command for button in self._buttons] != [one.command for one in wanted]:
            self._rebuild(wanted)
        for button, one in zip(self._buttons, wanted, strict=True):
            button.show_words(one.text, one.key, chosen=one.chosen, enabled=one.enabled)
        self.setVisible(bool(wanted))

    def _rebuild(self, wanted: Sequence[CommandButton]) -> None:
        """Reuse existing buttons, make missing ones, delete the others."""
        while len(self._buttons) > len(wanted):
            gone = self._buttons.pop()
            gone.hide()
            gone.deleteLater()
        while len(self._buttons) < len(wanted):
            made = KeyCapButton(variant=self._variant, height=self._height, parent=self)
            made.requested.connect(self.requested)
            self._buttons.append(made)
            made.show()
        for button, one in zip(self._buttons, wanted, strict=True):
            button.command = one.command
        self._place()
        self.updateGeometry()

    def set_most(self, most: int) -> None:
        """Set the maximum number of columns."""
        if most != self._most:
            self._most = most
            self._place()
            self.updateGeometry()

    def buttons(self) -> list[KeyCapButton]:
        """Return the buttons in order."""
        return list(self._buttons)

    def _columns(self, width: int) -> int:
        """Return the number of columns at a width."""
        now = look()
        gap = now.px(self._gap)
        room = max(1, min(self._most, (width + gap) // (now.px(self._least) + gap)))
        count = max(1, len(self._buttons))
        rows = -(-count // room)
        return -(-count // rows)

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows."""
        if not self._buttons:
            return 0
        now = look()
        rows = -(-len(self._buttons) // self._columns(width))
        return rows * now.px(self._height) + (rows - 1) * now.px(self._gap)

    def sizeHint(self) -> QSize:
        """Return the size with the preferred number of columns."""
        now = look()
        width = self._most * now.px(self._least) + (self._most - 1) * now.px(self._gap)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return the size of one column; the height depends on the width."""
        now = look()
        return QSize(now.px(self._least), now.px(self._height) if self._buttons else 0)

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

    def _place(self) -> None:
        """Give each button its cell."""
        if not self._buttons:
            return
        now = look()
        gap, height = now.px(self._gap), now.px(self._height)
        columns = self._columns(self.width())
        cell = (self.width() - gap * (columns - 1)) / columns
        for number, button in enumerate(self._buttons):
            row, column = divmod(number, columns)
            left, right = round(column * (cell + gap)), round(column * (cell + gap) + cell)
            button.setGeometry(left, row * (height + gap), right - left, height)
