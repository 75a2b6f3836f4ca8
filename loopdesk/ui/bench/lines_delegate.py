"""Draws the rows of the lines: picture, title, what it is, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import LineRow
from loopdesk.ui import assets, texts
from loopdesk.ui.bench.lines_model import LinesModel, decided
from loopdesk.ui.theme import SMALLEST, Look, look
from loopdesk.ui.widgets.fitted import draw_lines, fit, line_spacing
from loopdesk.ui.widgets.picture import draw_picture

ROW = 100
_PICTURE, _BAR = 52, 5
_WITH_PICTURE = 250
"""The least width of a row with a picture, in px at 100 %; the item in hand shows it anyway."""

_LETTERS = 2
"""So short a grade is a letter and stands large at the right; a longer one begins what follows from it."""


@dataclass(slots=True)
class Shape:
    """What the delegate must know of the list around a row.

    Attributes:
        selected: Place of the selected row, -1 when none.
        apart: Place of the first row that is not expected in the parcel, -1 when none.
    """

    selected: int = -1
    apart: int = -1


class LinesDelegate(QStyledItemDelegate):
    """Draws one row at a time; all are equally high."""

    def __init__(self, rows: LinesModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self.shape = Shape()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size of a row."""
        return QSize(look().px(120), look().px(ROW))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one row."""
        place = index.row()
        row, now = self._rows.row(place), look()
        whole = QRectF(option.rect)
        painter.save()
        painter.setClipRect(whole)
        self._draw_ground(painter, now, whole, row, place)
        room = whole.adjusted(now.px(_BAR + 8), now.px(5), -now.px(9), -now.px(5))
        if whole.width() >= now.px(_WITH_PICTURE):
            self._draw_picture(painter, now, room, row)
            room.setLeft(room.left() + now.px(_PICTURE + 10))
        self._draw_words(painter, now, room, row)
        painter.restore()

    def _draw_ground(self, painter: QPainter, now: Look, whole: QRectF, row: LineRow, place: int) -> None:
        """Draw the ground of a selected row, its bar, and the line to the next row."""
        is_lit = row.is_marked or place == self.shape.selected
        if is_lit:
            painter.fillRect(whole, now.color("selected"))
            painter.fillRect(
                QRectF(whole.left(), whole.top(), now.px(_BAR), whole.height()), now.color("accent")
            )
        if place < self._rows.rowCount() - 1:
            is_last_expected = place + 1 == self.shape.apart
            edge = now.px(3 if is_last_expected else now.border)
            ink = now.color("muted" if is_last_expected else "line")
            painter.fillRect(QRectF(whole.left(), whole.bottom() - edge, whole.width(), edge), ink)

    def _draw_picture(self, painter: QPainter, now: Look, room: QRectF, row: LineRow) -> None:
        """Draw the picture, or the outline of a parcel where Loop has none."""
        edge = now.px(_PICTURE)
        box = QRectF(room.left(), room.center().y() - edge / 2, edge, edge)
        draw_picture(painter, now, box, row.picture)

    def _draw_words(self, painter: QPainter, now: Look, room: QRectF, row: LineRow) -> None:
        """Draw title, what it is, and the decision, one below the other, with the letter at the right."""
        text = now.color("text" if row.is_expected else "muted")
        muted, small, strong = now.color("muted"), now.font(SMALLEST), now.font(15, QFont.Weight.Bold)
        ink = now.tone(row.decided_tone) if row.decided and row.is_expected else muted
        is_letter = 0 < len(row.decided) <= _LETTERS
        letter = row.decided if is_letter else "—" if not row.decided and row.is_expected else ""
        beside = self._draw_letter(painter, now, room, letter, ink)
        last = row.decided_detail if is_letter else decided(row)
        if not row.is_expected:
            last = " · ".join(part for part in (_("Not expected here"), last) if part)
        quiet, foot, width = line_spacing(small), line_spacing(strong), int(room.width())
        title, _cut = fit(texts.clean(row.title), strong, width - beside, 2)
        rest = max(1, int((room.height() - len(title) * foot - quiet) // quiet))
        last_lines, _cut = fit(texts.clean(last), small, width, rest)
        tall = len(title) * foot + (1 + len(last_lines)) * quiet
        top = room.top() + max(0.0, (room.height() - tall) / 2)
        draw_lines(painter, QRectF(room.left(), top, width, len(title) * foot), title, strong, text)
        top += len(title) * foot
        facts = (row.subtitle, row.seen) if row.is_extra else (row.seen, row.subtitle)  # what is last is cut
        what = " · ".join(part for part in facts if part)
        signs = self._draw_photos(painter, now, QRectF(room.left(), top, width, quiet), row)
        what_lines, _cut = fit(texts.clean(what), small, width - signs, 1)
        draw_lines(painter, QRectF(room.left(), top, width, quiet), what_lines, small, muted)
        below = QRectF(room.left(), top + quiet, width, len(last_lines) * quiet)
        draw_lines(painter, below, last_lines, small, ink)

    @staticmethod
    def _draw_letter(painter: QPainter, now: Look, room: QRectF, letter: str, ink: QColor) -> int:
        """Draw the grade's letter at the upper right, and return the width that it takes."""
        if not letter:
            return 0
        font = now.font(24, QFont.Weight.Bold)
        width = QFontMetrics(font).horizontalAdvance(letter) + now.px(8)
        box = QRectF(room.right() - width, room.top(), width, line_spacing(font))
        draw_lines(painter, box, [letter], font, ink, Qt.AlignmentFlag.AlignRight)
        return width

    @staticmethod
    def _draw_photos(painter: QPainter, now: Look, room: QRectF, row: LineRow) -> int:
        """Draw the number of photos at the right, and return the width that it takes."""
        if not row.photos:
            return 0
        size, font, words = now.px(16), now.font(SMALLEST, QFont.Weight.Bold), str(row.photos)
        width = size + now.px(5) + QFontMetrics(font).horizontalAdvance(words)
        icon = assets.tinted("camera", size, now.color("muted"), painter.device().devicePixelRatioF())
        box = QRectF(room.right() - width, room.top(), width, room.height())
        painter.drawPixmap(QPointF(box.left(), box.center().y() - size / 2), icon)
        draw_lines(painter, box, [words], font, now.color("muted"), Qt.AlignmentFlag.AlignRight)
        return width + now.px(6)
