"""The shape of each signal: it shows the state without color, from three meters away."""

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
    Signal.UNKNOWN: "unknown",
    Signal.DOUBLE: "accent",
    Signal.BLOCKED: "blocked",
    Signal.KEPT: "offline",
    Signal.DONE: "ok",
    Signal.TAKEN_BACK: "unknown",
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


_DRAW: dict[Signal, Callable[[QPainter], None]] = {
    Signal.READY: _draw_ready,
    Signal.FOUND: _draw_found,
    Signal.UNKNOWN: _draw_unknown,
    Signal.DOUBLE: _draw_double,
    Signal.BLOCKED: _draw_blocked,
    Signal.KEPT: _draw_kept,
    Signal.DONE: _draw_done,
    Signal.TAKEN_BACK: _draw_taken_back,
    Signal.ATTENTION: _draw_attention,
}


def draw_shape(painter: QPainter, signal: Signal, room: QRectF, ink: QColor) -> None:
    """Draw a signal's shape into a square room."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(room.topLeft())
    painter.scale(room.width() / _EDGE, room.height() / _EDGE)
    painter.setPen(QPen(ink, _STROKE, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _DRAW[signal](painter)
    painter.restore()


class SignalShape(QWidget):
    """The shape in the signal band; ``edge`` is its size in px at 100 %."""

    def __init__(self, edge: int = 56, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signal = Signal.READY
        self._edge = edge
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_signal(self, signal: Signal) -> None:
        """Change the signal."""
        if signal is not self._signal:
            self._signal = signal
            self.update()

    def set_edge(self, edge: int) -> None:
        """Change the size, in px at 100 %."""
        if edge != self._edge:
            self._edge = edge
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the square."""
        edge = look().px(self._edge)
        return QSize(edge, edge)

    def minimumSizeHint(self) -> QSize:
        """Return the square: a shape is never squeezed."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the shape in the color of its tone."""
        painter = QPainter(self)
        ink = look().tone(TONE_OF[self._signal], "accent")
        draw_shape(painter, self._signal, QRectF(self.rect()), ink)
        painter.end()
