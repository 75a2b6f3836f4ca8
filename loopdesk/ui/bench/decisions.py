"""What can be decided about the item in hand: grades, exceptions, and where it goes. Nothing here moves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import CommandButton
from loopdesk.ui.bench.arrangement import shares
from loopdesk.ui.bench.grade_button import GradeButton
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton


class ButtonRow(QWidget):
    """Buttons of equal width beside each other, as high as the row.

    Args:
        is_grades: They are grades, with a meaning.
        has_even_caps: Their key caps are shown together or not at all.

    Signals:
        requested(str): A button was pressed; carries its command.
    """

    requested = Signal(str)

    def __init__(
        self, parent: QWidget | None = None, *, is_grades: bool = False, has_even_caps: bool = False
    ) -> None:
        super().__init__(parent)
        self._is_grades, self._has_even_caps = is_grades, has_even_caps
        self._buttons: list[KeyCapButton] = []

    def show_buttons(self, wanted: Sequence[CommandButton]) -> None:
        """Show these commands; a button that stays keeps its focus."""
        if len(wanted) != len(self._buttons):
            self._rebuild(len(wanted))
        is_other = False
        for button, one in zip(self._buttons, wanted, strict=True):
            button.command = one.command
            if isinstance(button, GradeButton):
                button.show_button(one)
            else:
                is_other |= button.show_words(one.text, one.key, chosen=one.chosen, enabled=one.enabled)
        if is_other:  # fitting captions is most of what a scan costs here
            self._even_caps()

    def _rebuild(self, count: int) -> None:
        while len(self._buttons) > count:
            gone = self._buttons.pop()
            gone.hide()
            gone.deleteLater()
        while len(self._buttons) < count:
            made = GradeButton(self) if self._is_grades else KeyCapButton(parent=self)
            made.requested.connect(self.requested)
            self._buttons.append(made)
            made.show()
        self._place()

    def buttons(self) -> list[KeyCapButton]:
        """Return the buttons in order."""
        return list(self._buttons)

    def _place(self) -> None:
        cells = shares(self.width(), max(1, len(self._buttons)), look().px(8))
        for button, (left, width) in zip(self._buttons, cells, strict=False):
            button.setGeometry(left, 0, width, self.height())
        self._even_caps()

    def _even_caps(self) -> None:
        """Show the keys of all buttons or of none."""
        if self._has_even_caps:
            for button in self._buttons:
                button.leave_cap(False)
            if any(button.is_capless for button in self._buttons):
                for button in self._buttons:
                    button.leave_cap(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new size."""
        super().resizeEvent(event)
        self._place()


class Decisions(QWidget):
    """Three rows of buttons.

    Signals:
        requested(str): A grade, an exception or a disposition was pressed; carries its command.
    """

    requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grades = ButtonRow(self, is_grades=True)
        self.exceptions = ButtonRow(self)
        self.dispositions = ButtonRow(self, has_even_caps=True)
        for row in self._rows():
            row.requested.connect(self.requested)
        self.retranslate()

    def _rows(self) -> tuple[ButtonRow, ...]:
        return self.grades, self.exceptions, self.dispositions

    def show_buttons(
        self,
        grades: Sequence[CommandButton],
        exceptions: Sequence[CommandButton],
        dispositions: Sequence[CommandButton],
    ) -> None:
        """Show what can be decided."""
        for row, buttons in zip(self._rows(), (grades, exceptions, dispositions), strict=True):
            row.show_buttons(buttons)

    def place(self, room: QRect, heights: tuple[int, int, int], gap: int) -> None:
        """Stand in this room, with rows of these heights and this gap between them."""
        self.setGeometry(room)
        top = 0
        for row, height in zip(self._rows(), heights, strict=True):
            row.setGeometry(0, top, room.width(), height)
            top += height + gap

    def buttons(self) -> list[KeyCapButton]:
        """Return all buttons in tab order."""
        return [button for row in self._rows() for button in row.buttons()]

    def retranslate(self) -> None:
        """Set the own texts in the window's language."""
        self.setAccessibleName(_("Decision for the selected line"))
        self.grades.setAccessibleName(_("Grade"))
        self.exceptions.setAccessibleName(_("Exceptions"))
        self.dispositions.setAccessibleName(_("Where the item goes"))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
