"""Draws the cells of a table of rows: a text, a quieter one below, a pill, or a marked difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from loopdesk.ui import texts
from loopdesk.ui.models.rows import CELL_ROLE, Cell
from loopdesk.ui.theme import TONES, Look, look
from loopdesk.ui.widgets.fitted import draw_lines, fit

_PAD = 12
_BAR = 5
_PILL = 26


@dataclass(frozen=True, slots=True)
class Column:
    """The width of a column.

    Attributes:
        least: Width in px at 100 %; the minimum of a column with a share.
        share: Its share of the remaining width; 0 for a column of fixed width.
        from_width: The table's minimum width at which the column is shown, in px at 100 %.
    """

    least: int
    share: int = 0
    from_width: int = 0


@dataclass(frozen=True, slots=True)
class RowsShape:
    """How a table of rows is drawn.

    Attributes:
        columns: By number.
        row: Minimum height of a row in px at 100 %.
        most: Maximum lines of a text; with more than one, rows are as high as their texts.
        ruled: Whether rows are separated by lines.
        parted: Whether columns are separated by lines.
        chooses: Whether rows can be chosen.
    """

    columns: Mapping[int, Column] = field(default_factory=dict)
    row: int = 64
    most: int = 1
    ruled: bool = True
    parted: bool = False
    chooses: bool = True


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
        room = whole.adjusted(now.px(_PAD), 0, -now.px(8), 0)
        if cell.is_marked and cell.text:
            self._draw_mark(painter, now, whole, cell)
        if cell.look == "pill":
            _draw_pill(painter, now, room, cell)
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
        quiet = now.font(13)
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
        font, quiet = self._font(now, cell), now.font(13)
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
        return now.font(13 if cell.look == "quiet" else 15)

    def height_for(self, cell: Cell, width: int) -> int:
        """Return the height that a cell needs in a column of this width."""
        now = look()
        least = now.px(self._shape.row)
        if self._shape.most == 1 or cell.look == "pill":
            return least
        first, second = self._lines(now, cell, width - now.px(_PAD + 8))
        text = len(first) * QFontMetrics(self._font(now, cell)).lineSpacing()
        detail = len(second) * QFontMetrics(now.font(13)).lineSpacing()
        return max(least, text + detail + now.px(14))


def _ink(now: Look, cell: Cell) -> QColor:
    if cell.is_marked:
        return now.color("text")
    return now.tone(cell.tone, "muted" if cell.look == "quiet" else "text")


def _draw_pill(painter: QPainter, now: Look, room: QRectF, cell: Cell) -> None:
    """Draw a word in a rounded outline of its tone."""
    font = now.font(13, QFont.Weight.Bold)
    ink = now.tone(cell.tone, "muted") if cell.tone in (*TONES, "accent") else now.color("muted")
    words, _ = fit(texts.clean(cell.text), font, int(room.width()) - now.px(22), 1)
    height = now.px(_PILL)
    width = min(room.width(), QFontMetrics(font).horizontalAdvance(words[0]) + now.px(24))
    box = QRectF(room.left() + 1, room.center().y() - height / 2, width - 2, height)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, now.px(2)))
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), height / 2 - 1, height / 2 - 1)
    draw_lines(painter, box, words, font, ink, Qt.AlignmentFlag.AlignHCenter)
