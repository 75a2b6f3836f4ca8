"""A table of rows in a card: it shrinks to its rows, scrolls only if there are more than fit, and draws
its cells.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from loopdesk.ui import assets, texts
from loopdesk.ui.theme import SMALLEST, TONES, Look, look
from loopdesk.ui.widgets.fitted import draw_lines, fit
from loopdesk.ui.widgets.rows_model import CELL_ROLE, Cell, Columns, RowsModel
from loopdesk.ui.widgets.rows_shape import Column, RowsShape, shrunk

_PAD = 12
_BAR = 5
_PILL, _MOST_PILL = 26, 180
_FOLD = 20


class RowsDelegate(QStyledItemDelegate):
    """Draws the cells; ``selected`` is the position of the chosen row."""

    def __init__(self, shape: RowsShape, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shape = shape
        self.selected = -1
        self.focused = -1

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one cell."""
        cell = index.data(CELL_ROLE)
        if not isinstance(cell, Cell):
            return
        now = look()
        whole = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(whole)
        self._draw_ground(painter, now, whole, index)
        room = whole.adjusted(now.px(_PAD) + _indent(now, cell), 0, -now.px(8), 0)
        if cell.is_marked and cell.text:
            self._draw_mark(painter, now, whole, cell)
        if cell.fold:
            _draw_fold(painter, now, whole, cell)
        if cell.look == "pill":
            _draw_pill(painter, now, room, cell)
        elif cell.look == "ladder":
            _draw_ladder(painter, now, room, cell)
        else:
            self._draw_texts(painter, now, room, cell)
        painter.restore()

    def _draw_ground(
        self, painter: QPainter, now: Look, whole: QRectF, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the background of the chosen row, its bar, the focus, and the lines."""
        place, column = index.row(), index.column()
        if place == self.selected:
            painter.fillRect(whole, now.color("selected"))
        edge = now.px(now.border)
        if self._shape.ruled and place + 1 < index.model().rowCount():
            foot = QRectF(whole.left(), whole.bottom() - edge, whole.width(), edge)
            painter.fillRect(foot, now.color("line"))
        if self._shape.parted and column > 0:
            painter.fillRect(QRectF(whole.left(), whole.top(), edge, whole.height()), now.color("line"))
        if place == self.selected and column == 0:
            painter.fillRect(
                QRectF(whole.left(), whole.top(), now.px(_BAR), whole.height()), now.color("accent")
            )
        if place == self.focused:
            thick = now.px(2)
            for top in (whole.top(), whole.bottom() - thick):
                painter.fillRect(QRectF(whole.left(), top, whole.width(), thick), now.color("accent"))

    def _draw_mark(self, painter: QPainter, now: Look, whole: QRectF, cell: Cell) -> None:
        """Draw the soft background and the bar of a marked cell."""
        box = whole.adjusted(now.px(2), 1, -now.px(4), -1)
        painter.fillRect(box, now.soft(cell.tone))
        painter.fillRect(QRectF(box.left(), box.top(), now.px(4), box.height()), now.tone(cell.tone))

    def _draw_texts(self, painter: QPainter, now: Look, room: QRectF, cell: Cell) -> None:
        """Draw the text and the detail, centered as one block."""
        font, ink = self._font(now, cell), _ink(now, cell)
        quiet = now.font(SMALLEST)
        first, second = self._lines(now, cell, int(room.width()))
        upper = len(first) * QFontMetrics(font).lineSpacing()
        lower = len(second) * QFontMetrics(quiet).lineSpacing()
        top = room.top() + (room.height() - upper - lower) / 2
        draw_lines(painter, QRectF(room.left(), top, room.width(), upper), first, font, ink)
        if second:
            below = QRectF(room.left(), top + upper, room.width(), lower)
            draw_lines(painter, below, second, quiet, now.color("muted"))

    def _lines(self, now: Look, cell: Cell, width: int) -> tuple[list[str], list[str]]:
        """Wrap both texts at a width; in rows of fixed height the text takes what the detail leaves."""
        font, quiet = self._font(now, cell), now.font(SMALLEST)
        most = self._shape.most
        if most == 1:
            room = now.px(self._shape.row - 6) - (QFontMetrics(quiet).lineSpacing() if cell.detail else 0)
            most = max(1, room // QFontMetrics(font).lineSpacing())
        first, _ = fit(texts.clean(cell.text), font, max(1, width), most)
        if not cell.detail:
            return first, []
        second, _ = fit(texts.clean(cell.detail), quiet, max(1, width), self._shape.most)
        return first, second

    def _font(self, now: Look, cell: Cell) -> QFont:
        if cell.look == "strong":
            return now.font(16, QFont.Weight.Bold)
        return now.font(SMALLEST if cell.look == "quiet" else 15)

    def height_for(self, cell: Cell, width: int) -> int:
        """Return the height that a cell needs in a column of this width."""
        now = look()
        least = now.px(self._shape.row)
        if self._shape.most == 1 or cell.look in ("pill", "ladder"):
            return least
        first, second = self._lines(now, cell, width - now.px(_PAD + 8) - _indent(now, cell))
        text = len(first) * QFontMetrics(self._font(now, cell)).lineSpacing()
        detail = len(second) * QFontMetrics(now.font(SMALLEST)).lineSpacing()
        return max(least, text + detail + now.px(14))


def _ink(now: Look, cell: Cell) -> QColor:
    if cell.is_marked:
        return now.color("text")
    return now.tone(cell.tone, "muted" if cell.look == "quiet" else "text")


def _draw_pill(painter: QPainter, now: Look, room: QRectF, cell: Cell) -> None:
    """Draw a word in a rounded outline of its tone."""
    font = now.font(SMALLEST, QFont.Weight.Bold)
    ink = now.tone(cell.tone, "muted") if cell.tone in (*TONES, "accent") else now.color("muted")
    words, _ = fit(texts.clean(cell.text), font, int(room.width()) - now.px(22), 1)
    height = now.px(_PILL)
    width = min(room.width(), QFontMetrics(font).horizontalAdvance(words[0]) + now.px(24))
    box = QRectF(room.left() + 1, room.center().y() - height / 2, width - 2, height)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, now.px(2)))
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), height / 2 - 1, height / 2 - 1)
    draw_lines(painter, box, words, font, ink, Qt.AlignmentFlag.AlignHCenter)


def _indent(now: Look, cell: Cell) -> int:
    """Return how far a cell's text stands to the right of the others'."""
    return now.px(_FOLD + 8 + cell.level * 12) if cell.fold or cell.level else 0


def _draw_fold(painter: QPainter, now: Look, whole: QRectF, cell: Cell) -> None:
    """Draw the arrow of a row that has others below it: down if they are shown, else to the right."""
    size = now.px(_FOLD)
    ratio = painter.device().devicePixelRatioF()
    arrow = assets.tinted("chevron-down", size, now.color("text"), ratio)
    painter.save()
    painter.translate(whole.left() + now.px(_PAD) + size / 2, whole.center().y())
    if cell.fold == "folded":
        painter.rotate(-90)
    painter.drawPixmap(QPointF(-size / 2, -size / 2), arrow)
    painter.restore()


def _draw_ladder(painter: QPainter, now: Look, room: QRectF, cell: Cell) -> None:
    """Draw a word over a row of steps, those that are reached filled: it can be read without color."""
    font = now.font(15, QFont.Weight.Bold)
    ink, edge = now.tone(cell.tone, "muted"), now.color("muted")
    words, _ = fit(texts.clean(cell.text), font, int(room.width()), 1)
    line, step, gap = QFontMetrics(font).lineSpacing(), now.px(7), now.px(4)
    reached, of = cell.steps
    top = room.center().y() - (line + gap + step) / 2
    draw_lines(painter, QRectF(room.left(), top, room.width(), line), words, font, ink)
    width = min(now.px(22), (room.width() - (of - 1) * gap) / max(1, of))
    for number in range(of):
        box = QRectF(room.left() + number * (width + gap), top + line + gap, width, step)
        painter.setPen(QPen(ink if number < reached else edge, now.px(1)))
        painter.setBrush(ink if number < reached else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), step / 2, step / 2)


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

    Signals:
        chosen(str): Another row was chosen by touch or key; carries its key.
        opened(str): A row was pressed, or Enter on it; carries its key.
        turned(str, bool): The arrow to the right (True) or left on a row that folds; carries its key.
    """

    chosen = Signal(str)
    opened = Signal(str)
    turned = Signal(str, bool)

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
        self._choose_bar()
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
        header.setSectionsClickable(False)
        header.setTextElideMode(Qt.TextElideMode.ElideNone)
        header.setHighlightSections(False)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        self.clicked.connect(self._pressed)

    def show_rows(self, rows: tuple[R, ...], selected: str = "") -> None:
        """Show rows and which of them is chosen, by its key; "" for none."""
        self._rendering = True
        is_changed = rows != self.rows.rows()
        before = self.rows.key_at(self._drawn.selected)
        top = self._top()
        is_other = self.rows.set_rows(rows)
        place = self.rows.place_of(selected) if self._shape.chooses else -1
        if is_other:
            self._sized_for = -1
            self._size_columns()
        elif is_changed and self._shape.most > 1:
            self._size_rows()
        if place != self._drawn.selected or is_other:
            self._drawn.selected = place
            if place >= 0:
                self.setCurrentIndex(self.rows.index(place, 0))
            elif self._shape.chooses:
                self.setCurrentIndex(QModelIndex())
        if is_other and before == selected:
            self._show_top(top)
        self._follow_focus()
        self._rendering = False
        self.viewport().update()

    def _top(self) -> tuple[str, int]:
        """Return the key of the uppermost visible row and how much of it is hidden; "" at the very top."""
        scrolled = self.verticalScrollBar().value()
        place = self.rowAt(0) if scrolled else -1
        return self.rows.key_at(place), scrolled - self.verticalHeader().sectionPosition(max(0, place))

    def _show_top(self, top: tuple[str, int]) -> None:
        """Keep what is read in its place while rows come and go above it."""
        place = self.rows.place_of(top[0])
        self.updateGeometries()
        if place >= 0:
            self.verticalScrollBar().setValue(self.verticalHeader().sectionPosition(place) + top[1])

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
        key = self.rows.key_at(self.currentIndex().row()) if self._shape.folds else ""
        if key and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.turned.emit(key, event.key() == Qt.Key.Key_Right)
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
            self._size_header()
            self._size_rows()
        self._sizing = False

    def _share(self, width: int) -> None:
        """Give each visible column its width."""
        now = look()
        columns = self._shape.columns
        shown = {n: x for n, x in columns.items() if width >= now.px(x.from_width)}
        leasts = {number: self._least(number) for number in shown}
        wanted = {number: max(leasts[number], self._wanted(number, x)) for number, x in shown.items()}
        given = shrunk(wanted, leasts, width)
        left = max(0, width - sum(given.values()))
        shares = sum(x.share for x in shown.values()) or 1
        for number, column in columns.items():
            self.setColumnHidden(number, number not in shown)
            if number in shown:
                self.setColumnWidth(number, given[number] + left * column.share // shares)

    def _least(self, number: int) -> int:
        """Return the width below which a word of the caption, or a pill or a rung would be cut."""
        now = look()
        bold = QFontMetrics(now.font(SMALLEST, QFont.Weight.Bold))
        words = self._caption(number).split()
        caption = max((bold.horizontalAdvance(word) for word in words), default=0)
        caption = min(caption, now.px(_MOST_PILL)) + now.px(2 * _PAD) + 2  # it may name a person
        pill = max((bold.horizontalAdvance(text) for text in self._pills(number, "pill")), default=0)
        pill = min(pill, now.px(_MOST_PILL))  # Loop may send a state of any length
        large = QFontMetrics(now.font(15, QFont.Weight.Bold))
        rung = max((large.horizontalAdvance(text) for text in self._pills(number, "ladder")), default=0)
        return max(
            caption,
            pill + now.px(_PAD + 8 + 24) if pill else 0,
            rung + now.px(_PAD + 8) + 2 if rung else 0,
        )

    def _wanted(self, number: int, column: Column) -> int:
        """Return the width that a column has if there is enough for all."""
        return max(look().px(column.least), self._named(number))

    def _named(self, number: int) -> int:
        """Return the width of the longest word of a column of names, within reason; 0 for any other."""
        now = look()
        font = QFontMetrics(now.font(16, QFont.Weight.Bold))
        words = {word for text in self._pills(number, "strong") for word in text.split()}
        widest = max((font.horizontalAdvance(word) for word in words), default=0)
        beside = _PAD + 8 + (_FOLD + 8 if self._shape.folds else 0)
        return min(widest, now.px(_MOST_PILL)) + now.px(beside) + 2 if widest else 0

    def _caption(self, number: int) -> str:
        """Return the caption of a column, "" in a table without any."""
        if self.horizontalHeader().isHidden():
            return ""
        return str(self.rows.headerData(number, Qt.Orientation.Horizontal) or "")

    def _pills(self, number: int, kind: str) -> set[str]:
        """Return the texts of a column of that look; none for every other column."""
        found: set[str] = set()
        for place in range(self.rows.rowCount()):
            cell = self.rows.index(place, number).data(CELL_ROLE)
            if not isinstance(cell, Cell) or cell.look != kind:
                break
            found.add(texts.clean(cell.text))
        return found

    def _size_header(self) -> None:
        """Give the header the height of its captions."""
        now = look()
        bold = now.font(SMALLEST, QFont.Weight.Bold)
        shown = [n for n in self._shape.columns if not self.isColumnHidden(n)]
        rooms = {n: max(1, self.columnWidth(n) - now.px(2 * _PAD)) for n in shown}
        most = max((len(fit(self._caption(n), bold, rooms[n], 3)[0]) for n in shown), default=1)
        height = most * QFontMetrics(bold).lineSpacing() + now.px(14)
        self.horizontalHeader().setFixedHeight(max(now.px(_HEADER), height))

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
        self.setMinimumHeight(height if self._grows else 0)
        self.updateGeometry()

    def content_height(self) -> int:
        """Return the height at which nothing has to scroll."""
        edges = 2 * self.frameWidth() + 2 * look().px(look().border)
        header = 0 if self.horizontalHeader().isHidden() else self.horizontalHeader().height()
        return header + self.verticalHeader().length() + edges

    def _choose_bar(self) -> None:
        """Have a scroll bar where rows may be out of sight."""
        policy = Qt.ScrollBarPolicy
        bar = policy.ScrollBarAlwaysOff if self._grows else policy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(bar)

    def set_whole(self, whole: bool) -> None:
        """Show all rows, because what is around scrolls; or scroll by itself."""
        if whole is not self._grows:
            self._grows = whole
            self._choose_bar()
            self._hug()

    def least_height(self) -> int:
        """Return the height below which it is of no use when it scrolls by itself."""
        return self._few(2 if self._roomy else 1)

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
        return QSize(look().px(160), self.least_height())

    def _few(self, rows: int) -> int:
        """Return the height of that many rows, or of all if there are fewer."""
        return min(self.content_height(), look().px(_HEADER + rows * self._shape.row))

    def retranslate(self, name: str) -> None:
        """Set the table's name in the window's language, and update the captions."""
        self.setAccessibleName(texts.clean(name))
        self.rows.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._shape.columns) - 1)
        self._sized_for = -1
        self._size_columns()
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
