"""What opens under the selected line: the grades with their digits, and below them where the item goes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import CommandButton, LineRow
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import ButtonGrid, KeyCapButton
from loopdesk.ui.widgets.picture import PictureView

_PICTURE, _WITH_PICTURE = 124, 640
"""Edge of the picture, and the least width at which there is room for it beside the grades."""


class GradePanel(QWidget):
    """The decision for one line.

    Signals:
        requested(str): A grade or disposition was pressed; carries its command.
    """

    requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grades = ButtonGrid(least=78, most=7, variant="grade", height=60, parent=self)
        self.dispositions = ButtonGrid(least=150, most=4, height=56, parent=self)
        self.grades.requested.connect(self.requested)
        self.dispositions.requested.connect(self.requested)
        self.picture = PictureView(self)
        self.picture.hide()
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout()
        self._column.addWidget(self.grades)
        self._column.addWidget(self.dispositions)
        self._row.addLayout(self._column, 1)
        self._is_pictured = False
        self._space()
        self.retranslate()

    def retranslate(self) -> None:
        """Set the panel\'s own texts in the window\'s language."""
        self.setAccessibleName(_("Decision for the selected line"))
        self.grades.setAccessibleName(_("Grade"))
        self.dispositions.setAccessibleName(_("Where the item goes"))
        self.picture.retranslate()

    def show_buttons(self, grades: Sequence[CommandButton], dispositions: Sequence[CommandButton]) -> None:
        """Show these grades and dispositions."""
        self.grades.show_buttons(grades)
        self.dispositions.show_buttons(dispositions)

    def show_line(self, row: LineRow | None) -> None:
        """Show the picture of this line; a line that may get one later keeps its place free."""
        self._is_pictured = row is not None and bool(row.picture.key)
        if row is not None and self._is_pictured:
            self.picture.show_picture(row.picture, row.title)
        self.picture.setVisible(self._has_picture(self.width()))

    def _has_picture(self, width: int) -> bool:
        return self._is_pictured and width >= look().px(_WITH_PICTURE)

    def buttons(self) -> list[KeyCapButton]:
        """Return all buttons in tab order."""
        return [*self.grades.buttons(), *self.dispositions.buttons()]

    def height_at(self, width: int) -> int:
        """Return the height at a width, 0 when there is nothing to decide."""
        has_picture = self._has_picture(width)
        inner = width - self._row.contentsMargins().left() - self._row.contentsMargins().right()
        if has_picture:
            inner -= look().px(_PICTURE) + self._row.spacing()
        heights = [grid.heightForWidth(inner) for grid in (self.grades, self.dispositions) if grid.buttons()]
        if not heights:
            return 0
        height = sum(heights) + look().px(8) * (len(heights) - 1)
        return max(height, look().px(_PICTURE) if has_picture else 0) + look().px(2 + 12)

    def sizeHint(self) -> QSize:
        """Return the size at the present width."""
        return QSize(max(1, self.width()), self.height_at(max(1, self.width())))

    def minimumSizeHint(self) -> QSize:
        """Return nothing: the line gives the panel its place."""
        return QSize(0, 0)

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self._row.setContentsMargins(now.px(14), now.px(2), now.px(12), now.px(12))
        self._row.setSpacing(now.px(12))
        self._column.setSpacing(now.px(8))
        self.picture.setFixedSize(now.px(_PICTURE), now.px(_PICTURE))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the picture up where the buttons need its place."""
        super().resizeEvent(event)
        self.picture.setVisible(self._has_picture(self.width()))

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take presses between the buttons: they are no selection of a line."""
        event.accept()
