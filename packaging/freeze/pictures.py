"""Draws the product pictures of practice mode, one for each product of the simulated shop.

    python -m freeze.pictures

The results are kept in ``resources/pictures``, named by SKU: the machines that build need not draw them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPainterPath, QPen, QPolygonF

HERE = Path(__file__).resolve().parents[2] / "resources" / "pictures"
EDGE = 400
GROUND = "#f3f0ea"

Draw = Callable[[QPainter, QColor], None]
"""Draws a product in a color, into a square of ``EDGE``."""


def _shape(painter: QPainter, color: QColor, *points: tuple[float, float]) -> None:
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))


def _box(painter: QPainter, color: QColor, left: float, top: float, width: float, height: float) -> None:
    painter.setBrush(color)
    painter.drawRoundedRect(QRectF(left, top, width, height), 14, 14)


def _beanie(painter: QPainter, color: QColor) -> None:
    painter.setBrush(color.lighter(125))
    painter.drawEllipse(QPointF(200, 88), 34, 34)
    dome = QPainterPath(QPointF(92, 260))
    dome.cubicTo(92, 60, 308, 60, 308, 260)
    dome.closeSubpath()
    painter.setBrush(color)
    painter.drawPath(dome)
    _box(painter, color.darker(115), 78, 246, 244, 70)
    for x in range(104, 310, 28):
        painter.drawLine(QPointF(x, 254), QPointF(x, 308))


def _shirt(painter: QPainter, color: QColor) -> None:
    _shape(
        painter,
        color,
        (140, 80),
        (260, 80),
        (350, 150),
        (312, 206),
        (278, 180),
        (278, 330),
        (122, 330),
        (122, 180),
        (88, 206),
        (50, 150),
    )
    _shape(painter, color.darker(112), (160, 80), (240, 80), (200, 128))
    for y in (160, 205, 250, 295):
        painter.setBrush(color.darker(130))
        painter.drawEllipse(QPointF(200, y), 5, 5)


def _socks(painter: QPainter, color: QColor) -> None:
    for left, shade in ((60, color), (190, color.darker(110))):
        leg = QPainterPath(QPointF(left, 80))
        for x, y in (
            (left + 76, 80),
            (left + 76, 220),
            (left + 140, 268),
            (left + 128, 318),
            (left + 84, 322),
        ):
            leg.lineTo(x, y)
        leg.cubicTo(left + 30, 300, left, 280, left, 220)
        leg.closeSubpath()
        painter.setBrush(shade)
        painter.drawPath(leg)
        _box(painter, color.lighter(135), left - 4, 72, 84, 38)


def _jacket(painter: QPainter, color: QColor) -> None:
    painter.setBrush(color.darker(120))
    painter.drawEllipse(QPointF(200, 100), 66, 50)
    _shape(painter, color, (134, 100), (266, 100), (300, 128), (352, 308), (302, 322), (280, 236), (280, 336))
    _shape(painter, color, (266, 100), (134, 100), (100, 128), (48, 308), (98, 322), (120, 236), (120, 336))
    _shape(painter, color, (134, 100), (266, 100), (280, 236), (280, 336), (120, 336), (120, 236))
    painter.drawLine(QPointF(200, 110), QPointF(200, 336))
    for left in (136, 220):
        _box(painter, color.darker(112), left, 248, 46, 34)


def _tote(painter: QPainter, color: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color.darker(125), 14))
    painter.drawArc(QRectF(140, 60, 120, 170), 0, 180 * 16)
    painter.setPen(_outline())
    _shape(painter, color, (92, 150), (308, 150), (326, 344), (74, 344))
    _box(painter, color.darker(108), 150, 216, 100, 66)


def _sneaker(painter: QPainter, color: QColor) -> None:
    upper = QPainterPath(QPointF(60, 270))
    upper.lineTo(66, 150)
    upper.cubicTo(90, 130, 130, 130, 150, 146)
    upper.cubicTo(190, 210, 260, 222, 326, 232)
    upper.cubicTo(350, 240, 356, 256, 354, 276)
    upper.closeSubpath()
    painter.setBrush(color)
    painter.drawPath(upper)
    _box(painter, QColor("#ffffff"), 50, 266, 312, 36)
    for n in range(4):
        painter.drawLine(QPointF(150 + n * 34, 172 + n * 14), QPointF(186 + n * 34, 158 + n * 18))


def _scarf(painter: QPainter, color: QColor) -> None:
    _box(painter, color, 80, 90, 240, 62)
    _shape(painter, color.darker(112), (150, 120), (222, 120), (206, 316), (126, 316))
    _shape(painter, color, (206, 120), (276, 120), (292, 280), (214, 280))
    for x in range(130, 206, 14):
        painter.drawLine(QPointF(x, 316), QPointF(x - 2, 344))
    for x in range(218, 292, 14):
        painter.drawLine(QPointF(x, 280), QPointF(x + 2, 308))


def _mug(painter: QPainter, color: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color.darker(112), 24))
    painter.drawEllipse(QRectF(226, 146, 104, 120))
    painter.setPen(_outline())
    _box(painter, color, 96, 100, 180, 220)
    _box(painter, QColor("#2c4a63"), 96, 100, 180, 24)


@dataclass(frozen=True, slots=True)
class Look:
    """How a product looks."""

    draw: Draw
    color: str


LOOKS = {
    "LD-001": Look(_beanie, "#4b4f57"),
    "LD-002": Look(_shirt, "#fdfcf8"),
    "LD-003": Look(_shirt, "#fdfcf8"),
    "LD-004": Look(_socks, "#7a8f5a"),
    "LD-005": Look(_jacket, "#5d7052"),
    "LD-006": Look(_tote, "#d9c7a3"),
    "LD-007": Look(_sneaker, "#b5483a"),
    "LD-008": Look(_sneaker, "#b5483a"),
    "LD-009": Look(_scarf, "#a65a2e"),
    "LD-010": Look(_mug, "#eef1f3"),
}
"""By SKU, see ``loopdesk/simulator/cases.py``."""


def _outline() -> QPen:
    return QPen(
        QColor("#3a3733"), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    )


def draw(sku: str) -> QImage:
    """Draw the picture of a product."""
    look = LOOKS[sku]
    image = QImage(EDGE, EDGE, QImage.Format.Format_RGB32)
    image.fill(QColor(GROUND))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_outline())
    look.draw(painter, QColor(look.color))
    painter.end()
    return image


def main() -> None:
    """Draw all of them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QGuiApplication([])
    HERE.mkdir(exist_ok=True)
    for sku in LOOKS:
        draw(sku).save(str(HERE / f"{sku}.png"))
    app.quit()


if __name__ == "__main__":
    main()
