"""The lines of the open return, with the decision opening under the selected one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import CommandButton, LineRow
from loopdesk.ui.bench.grade_panel import GradePanel
from loopdesk.ui.bench.lines_delegate import CAPTION, LinesDelegate
from loopdesk.ui.bench.lines_model import LineColumn, LinesModel
from loopdesk.ui.pictures import pictures
from loopdesk.ui.theme import look

_HEADER = 34
# Below these widths of the table, in px at 100 %, a column gives its room to the title.
_WITH_REASON, _WITH_PICTURE = 640, 600


class LinesView(QTableView):
    """The table. It hugs its rows and scrolls only when there are more than fit.

    The rows above the selected one never move, nor do those below its successor: the panel opens in the
    place that it left.

    Signals:
        line_selected(int): A line was chosen by touch or key; carries its index in the return.
        requested(str): A grade or disposition was pressed; carries its command.
    """

    line_selected = Signal(int)
    requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", "true")
        self.setProperty("leaves_keys", True)
        self.rows = LinesModel(self)
        self.setModel(self.rows)
        self._drawn = LinesDelegate(self.rows, self)
        self.setItemDelegate(self._drawn)
        self._opened = -1
        self._rendering = False
        self._columns_for = -1
        self._least = -1
        self._set_up_table()
        self.panel = GradePanel(self.viewport())
        self.panel.requested.connect(self.requested)
        self.panel.hide()
        pictures().loaded.connect(self._picture_loaded)
        self.retranslate()
        self._space()

    def _set_up_table(self) -> None:
        """Make a quiet table of single rows."""
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAutoScroll(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(1)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(1)
        header.setSectionsClickable(False)
        header.setTextElideMode(Qt.TextElideMode.ElideNone)
        header.setHighlightSections(False)
        self.selectionModel().currentRowChanged.connect(self._current_changed)

    def retranslate(self) -> None:
        """Set the table's own texts in the window's language."""
        self.setAccessibleName(_("Lines of the return"))
        self.rows.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(LineColumn) - 1)
        self.viewport().update()

    def show_lines(
        self,
        rows: tuple[LineRow, ...],
        selected: int,
        grades: Sequence[CommandButton],
        dispositions: Sequence[CommandButton],
    ) -> None:
        """Show rows, the index of the selected one, and what can be decided for it."""
        self._rendering = True
        is_other = self.rows.set_rows(rows)
        place = self.rows.place_of(selected)
        self.panel.show_buttons(grades, dispositions)
        self.panel.show_line(self.rows.row(place) if place >= 0 else None)
        old = self._drawn.shape
        self._drawn.shape = replace(old, selected=place, captioned=self.rows.first_unexpected())
        if self._drawn.shape != old:
            self.viewport().update()
        moved = is_other or place != old.selected
        if moved:
            self.setCurrentIndex(self.rows.index(place, LineColumn.LINE) if place >= 0 else QModelIndex())
        self._arrange(every_row=is_other)
        if is_other:
            self.verticalScrollBar().setValue(0)
        if moved:
            self._bring_into_view(place)
        self._rendering = False

    def _picture_loaded(self, key: str) -> None:
        """Draw a picture that came into memory, in the rows that show it."""
        for place in range(self.rows.rowCount()):
            if self.rows.row(place).picture.key == key:
                self.viewport().update(self.visualRect(self.rows.index(place, LineColumn.PICTURE)))

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        """Report a choice that a person made; one that the screen made is known already."""
        if not self._rendering and current.isValid():
            self.line_selected.emit(self.rows.row(current.row()).index)

    def _space(self) -> None:
        """Set sizes for the scale."""
        now = look()
        self.horizontalHeader().setFixedHeight(now.px(_HEADER))
        self.verticalHeader().setDefaultSectionSize(now.px(self._drawn.shape.row))
        self._columns_for = -1
        self._size_columns()
        self._arrange(every_row=True)
        self.viewport().update()

    def _size_columns(self) -> None:
        """Share the width among the columns; a narrow table gives up the reason's own column."""
        width = self.viewport().width()
        if width == self._columns_for:
            return
        self._columns_for = width
        now = look()
        with_reason = width >= now.px(_WITH_REASON)
        with_picture = width >= now.px(_WITH_PICTURE)
        fixed = {LineColumn.PICTURE: 76, LineColumn.SEEN: 96, LineColumn.DECIDED: 168 if with_reason else 140}
        if not with_picture:
            fixed = {LineColumn.PICTURE: 0, LineColumn.SEEN: 96, LineColumn.DECIDED: 152}
        sizes = {column: now.px(size) for column, size in fixed.items()}
        left = max(1, width - sum(sizes.values()))
        sizes[LineColumn.LINE] = round(left * 0.62) if with_reason else left
        self.setColumnHidden(LineColumn.REASON, not with_reason)
        self.setColumnHidden(LineColumn.PICTURE, not with_picture)
        sizes[LineColumn.REASON] = left - sizes[LineColumn.LINE]
        for column, size in sizes.items():
            self.setColumnWidth(column, size)
        is_other = with_reason is not self._drawn.shape.with_reason
        self._drawn.shape.with_reason = with_reason
        self._drawn.shape.with_picture = with_picture
        if is_other:
            self._arrange(every_row=True)

    def row_height(self, place: int) -> int:
        """Return the height of a row with what stands over it and opens under it."""
        now = look()
        height = now.px(self._drawn.shape.row)
        if place == self._drawn.shape.captioned:
            height += now.px(CAPTION)
        if place == self._opened:
            height += self.panel.height_at(self.viewport().width())
        return height

    def _arrange(self, *, every_row: bool = False) -> None:
        """Open the panel under the selected row and size the rows that it concerns.

        What stays as it is is not drawn again: the rows of another return by themselves, the panel never.
        """
        before = self._opened
        opens = self.panel.height_at(self.viewport().width()) > 0
        self._opened = self._drawn.shape.selected if opens else -1
        count = self.rows.rowCount()
        concerned = set(range(count)) if every_row else {before, self._opened}
        for place in concerned:
            if 0 <= place < count and self.rowHeight(place) != self.row_height(place):
                self.setRowHeight(place, self.row_height(place))
        self._place_panel()
        if self._opened != before:
            self.viewport().update()
        if (self.maximumHeight(), self._least) != (self.content_height(), self.minimumSizeHint().height()):
            self._least = self.minimumSizeHint().height()
            self.setMaximumHeight(self.content_height())
            self.updateGeometry()

    def content_height(self) -> int:
        """Return the height at which nothing has to scroll."""
        edges = 2 * look().px(look().border)
        return self.horizontalHeader().height() + self.verticalHeader().length() + edges

    def _place_panel(self) -> None:
        """Put the panel at the foot of the open row."""
        if self._opened < 0:
            self.panel.hide()
            return
        height = self.panel.height_at(self.viewport().width())
        foot = self.rowViewportPosition(self._opened) + self.rowHeight(self._opened)
        self.panel.setGeometry(0, foot - height, self.viewport().width(), height)
        self.panel.show()

    def _bring_into_view(self, place: int) -> None:
        """Scroll as little as shows the whole of a row."""
        if place < 0:
            return
        bar = self.verticalScrollBar()
        top = self.rowViewportPosition(place)
        below = top + self.rowHeight(place) - self.viewport().height()
        if top < 0:
            bar.setValue(bar.value() + top)
        elif below > 0:
            bar.setValue(bar.value() + min(below, top))

    def sizeHint(self) -> QSize:
        """Return the least height: the layout gives the table what is left, up to its last row."""
        return QSize(look().px(560), self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return room for the open row and its successor's upper edge."""
        now = look()
        wanted = now.px(_HEADER + self._drawn.shape.row + 16) + self.panel.height_at(
            max(1, self.viewport().width())
        )
        return QSize(now.px(300), min(wanted, self.content_height()))

    def scrollContentsBy(self, dx: int, dy: int) -> None:  # noqa: N802 - Qt's name
        """Keep the panel under its row, and the rounded corners where they are."""
        super().scrollContentsBy(dx, dy)
        self._place_panel()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        self._size_columns()
        self._arrange()
        if event.oldSize().height() != event.size().height():
            self._bring_into_view(self._opened)

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and hasattr(self, "panel"):
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def dataChanged(  # noqa: N802 - Qt's name
        self,
        first: QModelIndex | QPersistentModelIndex,
        last: QModelIndex | QPersistentModelIndex,
        roles: Sequence[int] = (),
    ) -> None:
        """Draw rows that changed, but not the panel that lies over one of them: it has buttons to draw.

        Qt's own would draw all rows, the panel with them; it is kept from drawing, and does the rest.
        """
        viewport = self.viewport()
        viewport.setAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled, True)
        super().dataChanged(first, last, roles)
        viewport.setAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled, False)
        top = self.rowViewportPosition(first.row())
        foot = self.rowViewportPosition(last.row()) + self.rowHeight(last.row())
        drawn = QRegion(0, top, viewport.width(), foot - top)
        viewport.update(drawn.subtracted(self.panel.geometry()) if self.panel.isVisible() else drawn)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, then round the lower corners of the card over them."""
        super().paintEvent(event)
        if event.rect().bottom() >= self.viewport().height() - look().px(12):
            self._round_corners()

    def _round_corners(self) -> None:
        now = look()
        radius = float(now.px(12) - now.px(now.border))
        box = QRectF(self.viewport().rect())
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corners = [(True, 180)] if self.verticalScrollBar().isVisible() else [(True, 180), (False, 270)]
        for left, start in corners:
            x = box.left() if left else box.right() - radius
            corner = QRectF(x, box.bottom() - radius, radius, radius)
            circle = QRectF(x if left else x - radius, box.bottom() - 2 * radius, 2 * radius, 2 * radius)
            outside = QPainterPath()
            outside.addRect(corner)
            disc = QPainterPath(QPointF(circle.center()))
            disc.arcTo(circle, start, 90)
            painter.fillPath(outside.subtracted(disc), now.color("ground"))
            edge = now.px(now.border)
            painter.setPen(QPen(now.color("line"), edge))
            painter.drawArc(circle.adjusted(-edge / 2, -edge / 2, edge / 2, edge / 2), start * 16, 90 * 16)
        painter.end()
