"""The shapes and tones of the band's signals: told apart by color, and by form without it."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from loopdesk.presenters.screens.window import Signal
from loopdesk.ui.theme import look

TONE_OF = {
    Signal.READY: "plain",
    Signal.FOUND: "ok",
    Signal.DECIDED: "ok",
    Signal.EXCEPTION: "offline",
    Signal.SELECTED: "accent",
    Signal.ASKED: "accent",
    Signal.WAITING: "accent",
    Signal.UNKNOWN: "unknown",
    Signal.STRAY: "unknown",
    Signal.MYSTERY: "unknown",
    Signal.DOUBLE: "accent",
    Signal.BLOCKED: "blocked",
    Signal.KEPT: "offline",
    Signal.DONE: "ok",
    Signal.TAKEN_BACK: "unknown",
    Signal.SETTLED: "accent",
    Signal.CANCELLED: "blocked",
    Signal.REVIEW: "unknown",
    Signal.ATTENTION: "blocked",
}
"""The theme's tone of each signal; the shapes distinguish signals of the same tone."""

# All shapes are drawn in a square of 56 units with strokes of 5.
_EDGE = 56.0
_STROKE = 5.0


def _check(painter: QPainter) -> None:
    painter.drawPolyline([QPointF(17, 29), QPointF(25, 37), QPointF(40, 20)])


def _polygon(sides: int, turn: float) -> QPolygonF:
    """Return a regular polygon that fills the square; ``turn`` is the angle of its first corner."""
    radius = _EDGE / 2 - _STROKE / 2
    angles = (turn + 2 * math.pi * corner / sides for corner in range(sides))
    return QPolygonF([QPointF(28 + radius * math.cos(a), 28 + radius * math.sin(a)) for a in angles])


def _letter(painter: QPainter, letter: str) -> None:
    font = QFont(painter.font())
    font.setPixelSize(30)
    font.setBold(True)
    painter.setFont(font)
    painter.drawText(QRectF(0, 0, _EDGE, _EDGE), int(Qt.AlignmentFlag.AlignCenter), letter)


def _frame() -> QRectF:
    return QRectF(_STROKE / 2, _STROKE / 2, _EDGE - _STROKE, _EDGE - _STROKE)


def _draw_ready(painter: QPainter) -> None:
    """The corners of a scanner's frame around the bars of a label."""
    near, far, arm = 4.0, 52.0, 12.0
    for x, y in ((near, near), (far, near), (near, far), (far, far)):
        inward_x = arm if x == near else -arm
        inward_y = arm if y == near else -arm
        painter.drawPolyline([QPointF(x, y + inward_y), QPointF(x, y), QPointF(x + inward_x, y)])
    for x in (18.0, 28.0, 38.0):
        painter.drawLine(QPointF(x, 19), QPointF(x, 37))


def _draw_found(painter: QPainter) -> None:
    painter.drawEllipse(_frame())
    _check(painter)


def _draw_done(painter: QPainter) -> None:
    """A full disc: nothing is left to do."""
    ink = painter.pen().color()
    painter.setBrush(ink)
    painter.drawEllipse(_frame())
    painter.setPen(QPen(look().soft("ok"), 6, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
    _check(painter)


def _draw_unknown(painter: QPainter) -> None:
    painter.drawPolygon(_polygon(6, math.pi / 6))
    _letter(painter, "?")


def _draw_double(painter: QPainter) -> None:
    painter.drawEllipse(_frame())
    painter.drawEllipse(_frame().adjusted(11, 11, -11, -11))


def _draw_blocked(painter: QPainter) -> None:
    painter.drawPolygon(_polygon(8, math.pi / 8))
    painter.drawLine(QPointF(20, 20), QPointF(36, 36))
    painter.drawLine(QPointF(36, 20), QPointF(20, 36))


def _draw_kept(painter: QPainter) -> None:
    painter.drawRoundedRect(_frame(), 10, 10)
    painter.drawLine(QPointF(22, 19), QPointF(22, 37))
    painter.drawLine(QPointF(34, 19), QPointF(34, 37))


def _draw_taken_back(painter: QPainter) -> None:
    """An arrow that turns back."""
    painter.drawArc(QRectF(10, 14, 36, 32), -90 * 16, 180 * 16)
    painter.drawLine(QPointF(28, 46), QPointF(12, 46))
    painter.drawLine(QPointF(28, 14), QPointF(10, 14))
    painter.drawPolyline([QPointF(19, 5), QPointF(10, 14), QPointF(19, 23)])


def _draw_attention(painter: QPainter) -> None:
    painter.drawRect(_frame())
    _letter(painter, "!")


def _draw_decided(painter: QPainter) -> None:
    """The frame of a grade's letter."""
    painter.drawRoundedRect(_frame(), 10, 10)


def _draw_exception(painter: QPainter) -> None:
    """The same frame, standing on a corner: what does not go the usual way."""
    painter.drawPolygon(_polygon(4, 0))


def _draw_selected(painter: QPainter) -> None:
    """An arrow to the line."""
    painter.drawLine(QPointF(8, 28), QPointF(46, 28))
    painter.drawPolyline([QPointF(30, 11), QPointF(47, 28), QPointF(30, 45)])


def _draw_asked(painter: QPainter) -> None:
    """A speech bubble."""
    painter.drawPolygon(
        QPolygonF(
            [QPointF(x, y) for x, y in ((4, 6), (52, 6), (52, 40), (26, 40), (14, 52), (14, 40), (4, 40))]
        )
    )
    for x in (17.0, 28.0, 39.0):
        painter.drawPoint(QPointF(x, 23))


def _draw_waiting(painter: QPainter) -> None:
    """An hourglass."""
    painter.drawLine(QPointF(10, 4), QPointF(46, 4))
    painter.drawLine(QPointF(10, 52), QPointF(46, 52))
    painter.drawPolyline([QPointF(14, 4), QPointF(14, 14), QPointF(42, 42), QPointF(42, 52)])
    painter.drawPolyline([QPointF(42, 4), QPointF(42, 14), QPointF(14, 42), QPointF(14, 52)])


def _draw_stray(painter: QPainter) -> None:
    """Something beside its box."""
    painter.drawRect(QRectF(4, 24, 28, 28))
    painter.drawLine(QPointF(36, 20), QPointF(52, 4))
    painter.drawPolyline([QPointF(38, 4), QPointF(52, 4), QPointF(52, 18)])


def _draw_mystery(painter: QPainter) -> None:
    """A box with a question."""
    painter.drawRect(QRectF(5, 14, 46, 38))
    painter.drawLine(QPointF(12, 4), QPointF(44, 4))
    painter.translate(0, 5)
    _letter(painter, "?")


def _draw_settled(painter: QPainter) -> None:
    """A closed lock."""
    painter.drawRoundedRect(QRectF(8, 25, 40, 27), 5, 5)
    painter.drawArc(QRectF(16, 5, 24, 38), 0, 180 * 16)


def _draw_cancelled(painter: QPainter) -> None:
    """A disc that is crossed out."""
    painter.drawEllipse(_frame())
    painter.drawLine(QPointF(12, 44), QPointF(44, 12))


def _draw_review(painter: QPainter) -> None:
    """A flag."""
    painter.drawLine(QPointF(10, 4), QPointF(10, 52))
    painter.drawPolygon(
        QPolygonF([QPointF(10, 6), QPointF(50, 6), QPointF(38, 20), QPointF(50, 34), QPointF(10, 34)])
    )


_DRAW: dict[Signal, Callable[[QPainter], None]] = {
    Signal.READY: _draw_ready,
    Signal.FOUND: _draw_found,
    Signal.DECIDED: _draw_decided,
    Signal.EXCEPTION: _draw_exception,
    Signal.SELECTED: _draw_selected,
    Signal.ASKED: _draw_asked,
    Signal.WAITING: _draw_waiting,
    Signal.STRAY: _draw_stray,
    Signal.MYSTERY: _draw_mystery,
    Signal.SETTLED: _draw_settled,
    Signal.CANCELLED: _draw_cancelled,
    Signal.REVIEW: _draw_review,
    Signal.UNKNOWN: _draw_unknown,
    Signal.DOUBLE: _draw_double,
    Signal.BLOCKED: _draw_blocked,
    Signal.KEPT: _draw_kept,
    Signal.DONE: _draw_done,
    Signal.TAKEN_BACK: _draw_taken_back,
    Signal.ATTENTION: _draw_attention,
}


def draw_shape(painter: QPainter, signal: Signal, room: QRectF, ink: QColor, letter: str = "") -> None:
    """Draw a signal's shape into a square room, with the letter of a decision in it."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(room.topLeft())
    painter.scale(room.width() / _EDGE, room.height() / _EDGE)
    painter.setPen(QPen(ink, _STROKE, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAW[signal](painter)
    if letter:
        _letter(painter, letter)
    painter.restore()


class SignalShape(QWidget):
    """The shape in the signal band."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signal, self._shown_letter = Signal.READY, ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_signal(self, signal: Signal, letter: str) -> None:
        """Change the signal, and the letter in its shape."""
        if (signal, letter) != (self._signal, self._shown_letter):
            self._signal, self._shown_letter = signal, letter
            self.update()

    def sizeHint(self) -> QSize:
        """Return the square."""
        edge = look().px(64)
        return QSize(edge, edge)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the shape in the color of its tone."""
        painter = QPainter(self)
        ink = look().tone(TONE_OF[self._signal], "accent")
        draw_shape(painter, self._signal, QRectF(self.rect()), ink, self._shown_letter)
        painter.end()
