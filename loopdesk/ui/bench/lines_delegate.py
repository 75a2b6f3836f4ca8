"""Draws the cells of the lines: two or three quiet rows of text each, a picture, a tone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import LineRow
from loopdesk.ui import assets, texts
from loopdesk.ui.bench.lines_model import LineColumn, LinesModel
from loopdesk.ui.theme import SMALLEST, Look, look
from loopdesk.ui.widgets.fitted import draw_lines, fit, line_spacing
from loopdesk.ui.widgets.picture import draw_picture

ROW, NARROW_ROW = 70, 84
CAPTION = 32
_PICTURE = 52
_BAR = 5


class Part(NamedTuple):
    """One text of a cell: at most so many lines in a font and an ink."""

    text: str
    font: QFont
    ink: QColor
    most: int = 1


@dataclass(slots=True)
class Shape:
    """What the delegate must know of the table around a cell.

    Attributes:
        selected: Place of the selected row, -1 when none.
        captioned: Place of the row that the caption of the unexpected lines stands over, -1 when none.
        with_reason, with_picture: Whether reason and picture have a column of their own.
    """

    selected: int = -1
    captioned: int = -1
    with_reason: bool = True
    with_picture: bool = True

    @property
    def row(self) -> int:
        """The height of a row in px at 100 %; where the reason shares a cell, there is room for it."""
        return ROW if self.with_reason else NARROW_ROW


class LinesDelegate(QStyledItemDelegate):
    """Draws the upper part of each row; what opens under the selected one is a widget of its own."""

    def __init__(self, rows: LinesModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self.shape = Shape()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one cell."""
        place, column = index.row(), index.column()
        row, now = self._rows.row(place), look()
        whole = QRectF(option.rect)
        painter.save()
        painter.setClipRect(whole)
        if place == self.shape.captioned:
            whole = self._draw_caption(painter, now, whole, column)
        self._draw_ground(painter, now, whole, row, place, column)
        room = QRectF(whole.left(), whole.top(), whole.width(), now.px(self.shape.row))
        if column == LineColumn.PICTURE:
            self._draw_picture(painter, now, room, row)
        else:
            pad = now.px(12)
            sign = self._draw_sign(painter, now, room, row) if column == LineColumn.LINE else 0
            self._draw_parts(
                painter, room.adjusted(pad, 0, -now.px(8) - sign, 0), self._parts(now, row, column)
            )
        painter.restore()

    def _draw_caption(self, painter: QPainter, now: Look, whole: QRectF, column: int) -> QRectF:
        """Draw the caption over the lines that are not expected, and return what is left of the cell."""
        height = now.px(CAPTION)
        strip = QRectF(whole.left(), whole.top(), whole.width(), height)
        painter.fillRect(strip, now.color("hover"))
        if column == LineColumn.LINE:
            words = _("Not expected here")
            font = now.font(SMALLEST, QFont.Weight.Bold)
            room = strip.adjusted(now.px(12), 0, 0, 0)
            draw_lines(painter, room, fit(words, font, int(room.width()), 1)[0], font, now.color("muted"))
        return whole.adjusted(0, height, 0, 0)

    def _draw_ground(
        self, painter: QPainter, now: Look, whole: QRectF, row: LineRow, place: int, column: int
    ) -> None:
        """Draw the ground of a selected row, its bar, and the line to the next row."""
        is_lit = row.is_marked or place == self.shape.selected
        if is_lit:
            painter.fillRect(whole, now.color("selected"))
        if place < self._rows.rowCount() - 1:
            edge = now.px(now.border)
            painter.fillRect(
                QRectF(whole.left(), whole.bottom() - edge, whole.width(), edge), now.color("line")
            )
        first = LineColumn.PICTURE if self.shape.with_picture else LineColumn.LINE
        if is_lit and column == first:
            bar = QRectF(whole.left(), whole.top(), now.px(_BAR), whole.height())
            painter.fillRect(bar, now.color("accent"))

    def _draw_picture(self, painter: QPainter, now: Look, room: QRectF, row: LineRow) -> None:
        """Draw the picture, or the outline of a parcel where Loop has none."""
        edge = now.px(_PICTURE)
        box = QRectF(room.left() + now.px(12 + 2), room.center().y() - edge / 2, edge, edge)
        draw_picture(painter, now, box, row.picture)

    def _parts(self, now: Look, row: LineRow, column: int) -> list[Part]:
        """Return the texts of a cell, most important first."""
        bold = QFont.Weight.Bold
        text = now.color("text" if row.is_expected else "muted")
        muted, small = now.color("muted"), now.font(SMALLEST)
        match column:
            case LineColumn.LINE:
                parts = [Part(row.title, now.font(16, bold), text, 2)]
                subtitle = row.subtitle
                if not self.shape.with_reason and row.reason:
                    subtitle = f"{row.reason} · {row.subtitle}"
                extra = " · ".join(part for part in (row.held, row.note) if part)
                parts += [Part(subtitle, small, muted, 2), Part(extra, small, now.color("accent"))]
            case LineColumn.REASON:
                most = 1 if row.comment else 2
                parts = [Part(row.reason, now.font(15), text, most), Part(row.comment, small, muted, 2)]
            case LineColumn.SEEN:
                parts = [Part(row.seen or "–", now.font(15), text if row.seen else muted)]
            case _:
                ink = now.tone(row.decided_tone) if row.decided and row.is_expected else muted
                parts = [
                    Part(row.decided or "—", now.font(17, bold), ink),
                    Part(row.decided_detail, small, muted, 3),
                ]
        return [part for part in parts if part.text]

    def _draw_parts(self, painter: QPainter, room: QRectF, parts: list[Part]) -> None:
        """Draw texts one under the other; a part takes more than one line only if the others still fit."""
        width = int(room.width())
        spacing = [line_spacing(part.font) for part in parts]
        left = room.height() - 6 - sum(spacing)
        fitted: list[tuple[Part, list[str], int]] = []
        for part, height in zip(parts, spacing, strict=True):
            most = 1 + min(part.most - 1, max(0, int(left // height)))
            lines, _ = fit(texts.clean(part.text), part.font, width, most)
            left -= (len(lines) - 1) * height
            fitted.append((part, lines, len(lines) * height))
        top = room.top() + (room.height() - sum(height for _, _, height in fitted)) / 2
        for part, lines, height in fitted:
            draw_lines(painter, QRectF(room.left(), top, width, height), lines, part.font, part.ink)
            top += height

    def _draw_sign(self, painter: QPainter, now: Look, room: QRectF, row: LineRow) -> int:
        """Draw the number of photos at the right of the line, and return the width that it takes."""
        if not row.photos:
            return 0
        size = now.px(18)
        icon = assets.tinted("camera", size, now.color("muted"), painter.device().devicePixelRatioF())
        font = now.font(SMALLEST, QFont.Weight.Bold)
        words = str(row.photos)
        width = size + now.px(5) + QFontMetrics(font).horizontalAdvance(words)
        box = QRectF(room.right() - width - now.px(8), room.center().y() - size / 2, width, size)
        painter.drawPixmap(box.topLeft(), icon)
        draw_lines(painter, box, [words], font, now.color("muted"), Qt.AlignmentFlag.AlignRight)
        return width + now.px(8)
