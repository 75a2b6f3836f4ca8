"""Figures in a card: each a value over its name, in as many columns as fit."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from loopdesk.ui.theme import look
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.fitted import FittedLabel

_LEAST = 168


class Figure(QWidget):
    """One value over its name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.value = FittedLabel("heading", 1, self)
        self.name = FittedLabel("secondary", 1, self)
        column.addWidget(self.value)
        column.addWidget(self.name)

    def show_figure(self, name: str, value: str) -> None:
        """Show a figure."""
        self.value.show_text(value)
        self.name.show_text(name)
        self.setAccessibleName(f"{name}: {value}")


class FiguresCard(Card):
    """A grid of figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._figures: list[Figure] = []
        self._columns = 0
        self._space()

    def show_figures(self, figures: tuple[tuple[str, str], ...]) -> None:
        """Show these (name, value)."""
        for gone in self._figures[len(figures) :]:
            gone.hide()
            gone.deleteLater()
        del self._figures[len(figures) :]
        if len(self._figures) != len(figures):
            self._columns = 0
        while len(self._figures) < len(figures):
            self._figures.append(Figure(self))
        for figure, (name, value) in zip(self._figures, figures, strict=True):
            figure.show_figure(name, value)
        self._place()

    def _place(self) -> None:
        """Choose the number of columns for the width."""
        most = max(1, min(5, self.width() // look().px(_LEAST)))
        rows = -(-max(1, len(self._figures)) // most)
        columns = -(-max(1, len(self._figures)) // rows)  # rows as even as their number allows
        if columns == self._columns:
            return
        self._columns = columns
        for figure in self._figures:
            self._grid.removeWidget(figure)
        for number, figure in enumerate(self._figures):
            self._grid.addWidget(figure, number // columns, number % columns)
        for column in range(5):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self._grid.setContentsMargins(now.px(18), now.px(14), now.px(18), now.px(14))
        self._grid.setHorizontalSpacing(now.px(16))
        self._grid.setVerticalSpacing(now.px(16))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rearrange the figures."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
            self._place()
