"""The base of the pages' views: its layout, when its presenter works, and the language it speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QScrollBar, QVBoxLayout, QWidget

from loopdesk.ui.theme import look
from loopdesk.ui.widgets.fitted import FittedLabel
from loopdesk.ui.widgets.rows_view import RowsView
from loopdesk.ui.widgets.scroll_room import ScrollRoom

if TYPE_CHECKING:
    from loopdesk.presenters.pages.page import PagePresenter

# --- layout -----------------------------------------------------------------------------------------

_SIDE, _BROAD_SIDE, _SIDE_SHARE = 316, 480, 0.27
"""The least and the greatest width of the right column, in px at 100 %, and its share of a wide window."""

_NARROW = 720
_MARGIN = 16
_BAR = 14


class TwoColumns(QWidget):
    """A list or form at the left, and at the right what is chosen; below it in a narrow window.

    Beside each other either scrolls by itself and leaves the other where it is. Nothing scrolls within what
    scrolls: a table scrolls while its column fits, and stands whole in a column that must scroll.

    Attributes:
        work: Layout of the left column; starts with the heading.
        side: Layout of the right column.

    Args:
        with_side: Whether there is a right column.
    """

    def __init__(self, *, with_side: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page = QWidget()
        page.setObjectName("page")
        self._page = QVBoxLayout(page)
        self._area.setWidget(page)
        self._room = ScrollRoom(self)
        self._frame = QVBoxLayout()
        self._frame.addWidget(self._room)
        outer.addWidget(self._area, 1)
        outer.addLayout(self._frame)
        left = QWidget(page)
        self.work = QVBoxLayout(left)
        self.work.setContentsMargins(0, 0, 0, 0)
        self.heading = FittedLabel("heading", 2, left)
        self.subheading = FittedLabel("secondary", 2, left)
        self.work.addWidget(self.heading)
        self.work.addWidget(self.subheading)
        self._page.addWidget(left, 1)
        self.side_column = self._room.sheet
        self.side = QVBoxLayout(self.side_column)
        self.side.setContentsMargins(0, 0, 0, 0)
        self._tables: list[RowsView[Any]] = []
        self._side_tables: list[RowsView[Any]] = []
        self._has_side = with_side
        self.side_column.installEventFilter(self)
        self.space()

    def add_table(self, table: RowsView[Any]) -> None:
        """Add a table to the left column. With a right column the table scrolls instead of the page."""
        self.work.addWidget(table, 1)
        self._tables.append(table)
        table.set_roomy(self._is_below())

    def add_side_table(self, table: RowsView[Any]) -> None:
        """Add a table to the right column; it scrolls for as long as the column has room for the others."""
        self.side.addWidget(table, 1)
        self._tables.append(table)
        self._side_tables.append(table)
        table.set_roomy(self._is_below())

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
        self._frame.setContentsMargins(0, margin, margin, margin)
        self.work.setSpacing(now.px(12))
        self.side.setSpacing(now.px(12))
        self._lay_out()

    def _lay_out(self) -> None:
        """Place the right column beside or below."""
        below = self._is_below()
        self._room.setFixedWidth(self._side_width())
        if below and self._room.widget() is not None:
            self._room.takeWidget()
            self._page.addWidget(self.side_column)
            self.side_column.show()
        elif not below and self._room.widget() is None:
            self._page.removeWidget(self.side_column)
            self._room.setWidget(self.side_column)
            self.side_column.show()
        is_beside = self._has_side and not below
        self._room.setVisible(is_beside)
        margin = look().px(_MARGIN) if is_beside else 0
        self._frame.setContentsMargins(0, margin, margin, margin)
        for table in self._tables:
            table.set_roomy(below)
        self._fit_side()

    def _fit_side(self) -> None:
        """Let the tables of the right column stand whole where the column has to scroll."""
        now = look()
        needed = self.side.totalMinimumHeightForWidth(self._side_width())
        for table in self._side_tables:
            if not table.isHidden():
                needed -= max(0, table.minimumHeight() - table.least_height())
        whole = not self._is_below() and needed > self.height() - 2 * now.px(_MARGIN)
        for table in self._side_tables:
            table.set_whole(whole)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Measure the right column again when what it shows needs another height."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit_side()
        return super().eventFilter(watched, event)

    def _side_width(self) -> int:
        """Return the width of the right column where it stands beside the left one."""
        now = look()
        return max(now.px(_SIDE), min(now.px(_BROAD_SIDE), round(self.width() * _SIDE_SHARE)))

    def _is_below(self) -> bool:
        """Whether the right column stands below the left one."""
        is_narrow = self.width() < self.height() or self.width() < look().px(_NARROW)
        return self._has_side and is_narrow

    def scroll_bar(self) -> QScrollBar:
        """Return the scroll bar of the page."""
        return self._area.verticalScrollBar()

    def work_width(self) -> int:
        """Return the width of the left column, always minus a scroll bar's width."""
        now = look()
        left = self.width() - now.px(2 * _MARGIN + _BAR)
        return (
            left - self._side_width() - now.px(_MARGIN) if self._has_side and not self._is_below() else left
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the position of the right column."""
        super().resizeEvent(event)
        self._lay_out()

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
