"""The base of the pages' views: its layout, when its presenter works, and the language it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QScrollBar, QVBoxLayout, QWidget

from loopdesk.ui.theme import look
from loopdesk.ui.widgets.fitted import FittedLabel
from loopdesk.ui.widgets.rows_view import RowsView

if TYPE_CHECKING:
    from loopdesk.presenters.pages.page import PagePresenter

# --- layout -----------------------------------------------------------------------------------------

SIDE = 316
_NARROW = 720
_MARGIN = 16
_BAR = 14
_NO_LIMIT = 16_777_215


class TwoColumns(QWidget):
    """A page that scrolls if the window is too small; the right column stays visible if possible.

    Attributes:
        work: Layout of the left column; starts with the heading.
        side: Layout of the right column.

    Args:
        with_side: Whether there is a right column.
    """

    def __init__(self, *, with_side: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(self._area)
        page = QWidget()
        page.setObjectName("page")
        self._page = QBoxLayout(QBoxLayout.Direction.LeftToRight, page)
        self._area.setWidget(page)
        left = QWidget(page)
        self.work = QVBoxLayout(left)
        self.work.setContentsMargins(0, 0, 0, 0)
        self.heading = FittedLabel("heading", 2, left)
        self.subheading = FittedLabel("secondary", 2, left)
        self.work.addWidget(self.heading)
        self.work.addWidget(self.subheading)
        self._page.addWidget(left, 1)
        self.side_column = QWidget(page)
        self.side = QVBoxLayout(self.side_column)
        self.side.setContentsMargins(0, 0, 0, 0)
        self._tables: list[RowsView[Any]] = []
        self._page.addWidget(self.side_column)
        self.side_column.setVisible(with_side)
        self._area.verticalScrollBar().valueChanged.connect(self._keep_side)
        self.space()

    def add_table(self, table: RowsView[Any]) -> None:
        """Add a table to the left column. With a right column the table scrolls instead of the page."""
        self.work.addWidget(table, 1)
        self._tables.append(table)
        table.set_roomy(self._is_stacked() and not self.side_column.isHidden())

    def add_side_table(self, table: RowsView[Any]) -> None:
        """Add a table to the right column; it scrolls instead of the page, like that of the left one."""
        self.side.addWidget(table, 1)
        self._tables.append(table)
        table.set_roomy(self._is_stacked())

    def show_heading(self, text: str, detail: str = "", tone: str = "plain") -> None:
        """Set the heading, a sentence about the current state."""
        self.heading.show_text(text, tone)
        self.subheading.show_text(detail)
        self.setAccessibleName(text)

    def space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        margin = now.px(_MARGIN)
        self._page.setContentsMargins(margin, margin, margin, margin)
        self._page.setSpacing(margin)
        self.work.setSpacing(now.px(12))
        self.side.setSpacing(now.px(12))
        self._lay_out()

    def _lay_out(self) -> None:
        """Place the right column beside or below."""
        now = look()
        stacked = self._is_stacked()
        way = QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight
        if self._page.direction() != way:
            self._page.setDirection(way)
        for table in self._tables:
            table.set_roomy(stacked and not self.side_column.isHidden())
        if stacked:
            self.side_column.setMinimumWidth(0)
            self.side_column.setMaximumWidth(_NO_LIMIT)
        else:
            self.side_column.setFixedWidth(now.px(SIDE))

    def _is_stacked(self) -> bool:
        return self.width() < self.height() or self.width() < look().px(_NARROW)

    def _keep_side(self, scrolled: int) -> None:
        """Keep the right column visible while the left one scrolls; one that is too high scrolls along."""
        if self._is_stacked():
            scrolled = 0
        else:
            width = self.side_column.width()
            before = self.side.contentsMargins().top()
            height = self.side.sizeHint().height()
            if self.side.hasHeightForWidth():
                height = self.side.totalHeightForWidth(width)
            if height - before > self._area.viewport().height() - look().px(2 * _MARGIN):
                scrolled = 0
        self.side.setContentsMargins(0, scrolled, 0, 0)

    def scroll_bar(self) -> QScrollBar:
        """Return the scroll bar of the page."""
        return self._area.verticalScrollBar()

    def work_width(self) -> int:
        """Return the width of the left column, always minus a scroll bar's width."""
        now = look()
        left = self.width() - now.px(2 * _MARGIN + _BAR)
        beside = not self.side_column.isHidden() and not self._is_stacked()
        return left - now.px(SIDE + _MARGIN) if beside else left

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the position of the right column."""
        super().resizeEvent(event)
        self._lay_out()
        self._keep_side(self._area.verticalScrollBar().value())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self.space()


# --- the base ---------------------------------------------------------------------------------------


class PageView(TwoColumns):
    """A view of two columns, or of one.

    Args:
        presenter: Reads and draws while the view is visible.
        with_side: Whether there is a right column.
    """

    def __init__(
        self, presenter: PagePresenter[Any], *, with_side: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(with_side=with_side, parent=parent)
        self._reader = presenter

    def showEvent(self, event: QShowEvent) -> None:
        """Activate the presenter."""
        super().showEvent(event)
        self._reader.show()

    def hideEvent(self, event: QHideEvent) -> None:
        """Pause the presenter."""
        super().hideEvent(event)
        self._reader.hide()

    def retranslate(self) -> None:
        """Set the view's own texts in the window's language."""
        raise NotImplementedError

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
