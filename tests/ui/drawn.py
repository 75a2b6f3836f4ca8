"""Records what a window really draws: every text with its place and font, taken from Qt as it is painted.

Labels, buttons, delegates and widgets that paint themselves all end here, so that a text that is cut off is
found whoever drew it, without asking the one that cut it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPaintDevice,
    QPaintEngine,
    QPaintEngineState,
    QRegion,
    QTextItem,
)
from PySide6.QtWidgets import QWidget

EVERYWHERE = QRectF(-1e6, -1e6, 2e6, 2e6)
"""The clip of a text that its widget clips only at its own edges."""

_METRICS = QPaintDevice.PaintDeviceMetric


@dataclass(frozen=True, slots=True)
class DrawnText:
    """One run of characters of one font, as it was painted.

    Attributes:
        words: The characters, with the "…" of an elision.
        ink: What its glyphs cover, in the pixels of ``widget``.
        room: Where ``widget`` let it be seen: its clip.
        pixels: The size of its font.
        ink_color: The color that it is written in; what is lighter than its pen is not opaque.
    """

    widget: QWidget
    words: str
    ink: QRectF
    room: QRectF
    pixels: int
    ink_color: QColor


class _Recorder(QPaintEngine):
    """A paint engine that remembers texts and draws nothing."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(QPaintEngine.PaintEngineFeature.AllFeatures)
        self.texts: list[DrawnText] = []
        self._widget = widget

    def begin(self, pdev: QPaintDevice) -> bool:
        return True

    def end(self) -> bool:
        return True

    def type(self) -> QPaintEngine.Type:
        return QPaintEngine.Type.User

    def updateState(self, state: QPaintEngineState) -> None:  # noqa: N802 - Qt's name
        pass

    def drawTextItem(self, p: Any, textItem: QTextItem) -> None:  # noqa: N802, N803 - Qt's names
        font, painter = textItem.font(), self.painter()
        ink = QFontMetricsF(font).tightBoundingRect(textItem.text()).translated(p)
        if textItem.renderFlags() & QTextItem.RenderFlag.RightToLeft:
            ink.translate(textItem.width() - ink.right() + p.x(), 0)
        ink = painter.worldTransform().mapRect(ink)
        room = QRectF(EVERYWHERE)
        if painter.hasClipping():
            room = painter.worldTransform().mapRect(painter.clipBoundingRect())
        color = QColor(painter.pen().color())
        color.setAlphaF(color.alphaF() * painter.opacity())
        self.texts.append(DrawnText(self._widget, textItem.text(), ink, room, font.pixelSize(), color))

    def _draw_nothing(self, *_arguments: Any, **_options: Any) -> None:
        pass

    drawPixmap = drawImage = drawTiledPixmap = _draw_nothing  # noqa: N815 - Qt's names
    drawPath = drawPolygon = drawRects = drawLines = drawEllipse = drawPoints = _draw_nothing  # noqa: N815


class _Sheet(QPaintDevice):
    """A paint device as large as a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._widget = widget
        self.recorder = _Recorder(widget)

    def paintEngine(self) -> QPaintEngine:  # noqa: N802 - Qt's name
        return self.recorder

    def metric(self, metric: QPaintDevice.PaintDeviceMetric) -> int:
        match metric:
            case _METRICS.PdmWidth:
                return self._widget.width()
            case _METRICS.PdmHeight:
                return self._widget.height()
            case _METRICS.PdmDevicePixelRatio:
                return 1
            case _METRICS.PdmDevicePixelRatioScaled:
                return 0x10000
            case _METRICS.PdmDepth:
                return 32
        return self._widget.logicalDpiX()


def drawn(widget: QWidget) -> list[DrawnText]:
    """Return the texts that a widget draws itself, without those of its children."""
    sheet = _Sheet(widget)
    QWidget.render(widget, sheet, QPoint(), QRegion(), QWidget.RenderFlag(0))  # some of our widgets shadow it
    return sheet.recorder.texts


def all_drawn(window: QWidget) -> list[DrawnText]:
    """Return every text on a window."""
    return [text for widget in _seen(window) for text in drawn(widget)]


def _seen(window: QWidget) -> Iterator[QWidget]:
    """Yield the window and every visible part of it; a dialog is a window of its own."""
    yield window
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.window() is window and not widget.size().isEmpty():
            yield widget
