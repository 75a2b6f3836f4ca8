"""The live picture of the station's camera, over the item in hand, with a light while it is on."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from loopdesk.presenters.screens.returns import LiveScreen
from loopdesk.ui import texts
from loopdesk.ui.theme import look

_ROUND, _CHIP, _LIGHT, _INSET = 8, 32, 14, 10


class LivePicture(QWidget):
    """Draws the newest frame, whole and in the middle; hidden while the camera is off.

    The light is drawn with the frame or without: a camera that is on and sends nothing shows it too. At most
    one frame is held.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._screen: LiveScreen | None = None
        self._frame = QImage()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.hide()

    def render(self, screen: LiveScreen | None) -> None:  # type: ignore[override]
        """Show that the camera is on, and what to do; None when it is off."""
        if screen != self._screen:
            self._screen = screen
            if screen is not None:
                self.setAccessibleName(texts.clean(screen.light))
                self.setAccessibleDescription(texts.clean(screen.hint))
            else:
                self._frame = QImage()
            self.setVisible(screen is not None)
            self.update()

    @property
    def is_large(self) -> bool:
        """Whether somebody aims."""
        return self._screen is not None and self._screen.is_large

    def show_frame(self, frame: QImage) -> None:
        """Draw a frame of the camera; a null image for none."""
        self._frame = frame if self._screen is not None else QImage()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame, and the light over its upper left corner."""
        now, painter = look(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), now.color("ground"))
        edge = now.px(now.border)
        if not self._frame.isNull():
            painter.drawImage(self._place(), self._frame)
        painter.setPen(QPen(now.color("line"), edge))
        box = QRectF(self.rect()).adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2)
        painter.drawRoundedRect(box, now.px(_ROUND), now.px(_ROUND))
        if self._screen is not None:
            self._draw_light(painter, self._screen)
        painter.end()

    def _place(self) -> QRect:
        """Return where the frame stands, in its own proportions."""
        size = self._frame.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(0, 0, size.width(), size.height())
        place.moveCenter(self.rect().center())
        return place

    def _draw_light(self, painter: QPainter, screen: LiveScreen) -> None:
        now, font = look(), self.font()
        font.setBold(True)
        painter.setFont(font)
        inset, light = now.px(_INSET), now.px(_LIGHT)
        room = self.width() - 2 * inset - light - 3 * now.px(8)
        said = texts.clean(f"{screen.light} · {screen.hint}")
        if painter.fontMetrics().horizontalAdvance(said) > room:
            light_words = texts.clean(screen.light)
            said = painter.fontMetrics().elidedText(light_words, Qt.TextElideMode.ElideRight, room)
        wide = painter.fontMetrics().horizontalAdvance(said) + light + 3 * now.px(8)
        chip = QRectF(inset, inset, wide, max(now.px(_CHIP), painter.fontMetrics().height() + now.px(8)))
        painter.setPen(QPen(now.color("line"), now.px(now.border)))
        painter.setBrush(now.color("ground"))
        painter.drawRoundedRect(chip, chip.height() / 2, chip.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.color("blocked"))
        center = QPointF(chip.left() + now.px(8) + light / 2, chip.center().y())
        painter.drawEllipse(center, light / 2, light / 2)
        painter.setPen(now.color("text"))
        words = chip.adjusted(light + 2 * now.px(8), 0, -now.px(8), 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, said)
