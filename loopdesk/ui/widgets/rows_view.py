"""A table of rows in a card: it shrinks to its rows and scrolls only if there are more than fit."""

from __future__ import annotations

from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QWidget

from loopdesk.ui import texts
from loopdesk.ui.models.rows import CELL_ROLE, Cell, Columns, RowsModel
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.rows_delegate import RowsDelegate, RowsShape

R = TypeVar("R")
_HEADER = 36
_FEW = 4
_BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class RowsView(QTableView, Generic[R]):
    """Shows rows of one type.

    Args:
        columns: The content of the cells.
        shape: How they are drawn.
        grows: The table is as high as its rows and never scrolls (the surrounding page does).

    Signals: chosen(str): Another row was chosen by touch or key; carries its key. opened(str): A row was
    pressed, or Enter on it; carries its key.
    """

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(
        self, columns: Columns[R], shape: RowsShape, *, grows: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("card", "true")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._shape = shape
        self._grows = grows
        self._roomy = True
        self._rendering = False
        self._by_key = False
        self._sized_for = -1
        self._sizing = False
        self.rows: RowsModel[R] = RowsModel(columns, self)
        self.setModel(self.rows)
        self._drawn = RowsDelegate(shape, self)
        self.setItemDelegate(self._drawn)
        self._set_up_table()
        self._space()

    def _set_up_table(self) -> None:
        """Configure a plain table with single selection."""
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if self._grows:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAutoScroll(self._shape.chooses)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(1)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(1)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionsClickable(False)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setHighlightSections(False)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        self.clicked.connect(self._pressed)

    def show_rows(self, rows: tuple[R, ...], selected: str = "") -> None:
        """Show rows and which of them is chosen, by its key; "" for none."""
        self._rendering = True
        is_other = self.rows.set_rows(rows)
        place = self.rows.place_of(selected) if self._shape.chooses else -1
        if is_other or self._shape.most > 1:
            self._size_rows()
            self._size_columns()
        if place != self._drawn.selected or is_other:
            self._drawn.selected = place
            if place >= 0:
                self.setCurrentIndex(self.rows.index(place, 0))
            elif self._shape.chooses:
                self.setCurrentIndex(QModelIndex())
        self._follow_focus()
        self._rendering = False
        self.viewport().update()

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        """Emit a person's choice; one set by the screen is known already."""
        self._follow_focus()
        if not self._rendering and current.isValid() and self._shape.chooses:
            self.chosen.emit(self.rows.key_at(current.row()))

    def _pressed(self, index: QModelIndex) -> None:
        """Emit a press, also on the row that is chosen already."""
        if self._shape.chooses:
            self.opened.emit(self.rows.key_at(index.row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open the current row with Enter, showing the focus ring."""
        self._by_key = True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._pressed(self.currentIndex())
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Make the first row current when the keyboard enters and none is."""
        super().focusInEvent(event)
        self._by_key = event.reason() in _BY_KEY
        if self._by_key and not self.currentIndex().isValid() and self.rows.rowCount():
            self.setCurrentIndex(self.rows.index(0, 0))
        self._follow_focus()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the ring."""
        super().focusOutEvent(event)
        self._follow_focus()

    def _follow_focus(self) -> None:
        """Show the ring around the current row while the keyboard is in use."""
        ringed = self.hasFocus() and self._by_key
        self._drawn.focused = self.currentIndex().row() if ringed else -1
        self.viewport().update()

    def _space(self) -> None:
        """Set sizes for the scale."""
        self.horizontalHeader().setFixedHeight(look().px(_HEADER))
        self.verticalHeader().setDefaultSectionSize(look().px(self._shape.row))
        self._sized_for = -1
        self._size_columns()

    def _size_columns(self) -> None:
        """Distribute the width among the columns; this may hide or show the scroll bar."""
        if self._sizing:
            return
        self._sizing = True
        for _ in range(3):
            if self.viewport().width() == self._sized_for:
                break
            self._sized_for = self.viewport().width()
            self._share(self._sized_for)
            self._size_rows()
        self._sizing = False

    def _share(self, width: int) -> None:
        """Give each visible column its width."""
        now = look()
        columns = self._shape.columns
        shown = {n: x for n, x in columns.items() if width >= now.px(x.from_width)}
        least = sum(now.px(x.least) for x in shown.values()) or 1
        left = max(0, width - least)
        shares = sum(x.share for x in shown.values()) or 1
        for number, column in columns.items():
            self.setColumnHidden(number, number not in shown)
            if number in shown:
                tight = now.px(column.least) * min(width, least) // least
                self.setColumnWidth(number, tight + left * column.share // shares)

    def _size_rows(self) -> None:
        """Set the height of each row from its texts; rows of one line all have the same."""
        if self._shape.most > 1:
            for place in range(self.rows.rowCount()):
                self.setRowHeight(place, self._row_height(place))
        self._hug()

    def _row_height(self, place: int) -> int:
        heights = [look().px(self._shape.row)]
        for column in self._shape.columns:
            cell = self.rows.index(place, column).data(CELL_ROLE)
            if isinstance(cell, Cell) and not self.isColumnHidden(column):
                heights.append(self._drawn.height_for(cell, self.columnWidth(column)))
        return max(heights)

    def _hug(self) -> None:
        """Limit the height to that of the rows."""
        height = self.content_height()
        self.setMaximumHeight(height)
        if self._grows:
            self.setMinimumHeight(height)
        self.updateGeometry()

    def content_height(self) -> int:
        """Return the height at which nothing has to scroll."""
        edges = 2 * self.frameWidth() + 2 * look().px(look().border)
        header = 0 if self.horizontalHeader().isHidden() else self.horizontalHeader().height()
        return header + self.verticalHeader().length() + edges

    def set_roomy(self, roomy: bool) -> None:
        """Ask for a few rows if the page scrolls, or for one if this table scrolls instead."""
        if roomy is not self._roomy:
            self._roomy = roomy
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the size of all rows, or of a few if the table scrolls and grows with the window."""
        height = self.content_height() if self._grows else self._few(_FEW if self._roomy else 1)
        return QSize(look().px(480), height)

    def minimumSizeHint(self) -> QSize:
        """Return the size of two rows, or of one."""
        return QSize(look().px(160), self._few(2 if self._roomy else 1))

    def _few(self, rows: int) -> int:
        """Return the height of that many rows, or of all if there are fewer."""
        return min(self.content_height(), look().px(_HEADER + rows * self._shape.row))

    def retranslate(self, name: str) -> None:
        """Set the table's name in the window's language, and update the captions."""
        self.setAccessibleName(texts.clean(name))
        self.rows.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._shape.columns) - 1)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Distribute the new width."""
        super().resizeEvent(event)
        self._size_columns()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and hasattr(self, "_drawn"):
            self._space()

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802 - Qt's name
        """Keep the rounded corners in place."""
        super().scrollContentsBy(dx, dy)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, then round the lower corners of the card over them."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scrolls = self.verticalScrollBar().isVisible()
        round_lower_corners(painter, QRectF(self.viewport().rect()), right=not scrolls)
        painter.end()


def round_lower_corners(painter: QPainter, box: QRectF, *, right: bool) -> None:
    """Paint the background outside of a card's lower corners, and the edge along them.

    Args:
        right: Also the right corner; False if there is a scroll bar.
    """
    now = look()
    radius = float(now.px(12) - now.px(now.border))
    edge = now.px(now.border)
    for left, start in ((True, 180), (False, 270))[: 2 if right else 1]:
        x = box.left() if left else box.right() - radius
        corner = QRectF(x, box.bottom() - radius, radius, radius)
        circle = QRectF(x if left else x - radius, box.bottom() - 2 * radius, 2 * radius, 2 * radius)
        outside = QPainterPath()
        outside.addRect(corner)
        disc = QPainterPath(QPointF(circle.center()))
        disc.arcTo(circle, start, 90)
        painter.fillPath(outside.subtracted(disc), now.color("ground"))
        painter.setPen(QPen(now.color("line"), edge))
        painter.drawArc(circle.adjusted(-edge / 2, -edge / 2, edge / 2, edge / 2), start * 16, 90 * 16)
