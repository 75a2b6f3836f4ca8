"""A photo that is open, as large as the bench allows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from loopdesk.ui import assets
from loopdesk.ui.theme import look


class EnlargedPhoto(QWidget):
    """Shows one photo, whole; a camera where it cannot be read. Its owner gives it its size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = ""
        self._drawn: tuple[str, int, float] = ("", 0, 1.0)
        self._pixmap = QPixmap()

    def show_photo(self, path: str, name: str) -> None:
        """Show the photo in a file, with its name for screen readers; "" hides it."""
        self.setAccessibleName(name)
        self.setVisible(bool(path))
        if path != self._path:
            self._path = path
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the photo in its frame."""
        now = look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        edge = now.px(now.border)
        painter.fillRect(self.rect(), now.color("ground"))
        painter.setPen(QPen(now.color("line"), edge))
        painter.setBrush(now.color("ground"))
        box = QRectF(self.rect()).adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2)
        painter.drawRoundedRect(box, now.px(10), now.px(10))
        room = box.adjusted(now.px(8), now.px(8), -now.px(8), -now.px(8))
        pixmap = self._picture(max(1, int(max(room.width(), room.height()))))
        size = pixmap.deviceIndependentSize()
        if not size.isEmpty():
            fitted = size.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            corner = room.center() - QPointF(fitted.width() / 2, fitted.height() / 2)
            painter.drawPixmap(QRectF(corner, fitted), pixmap, QRectF(pixmap.rect()))
        painter.end()

    def _picture(self, edge: int) -> QPixmap:
        """Read the photo at this size, once."""
        wanted = (self._path, edge, self.devicePixelRatioF())
        if wanted != self._drawn:
            self._drawn = wanted
            self._pixmap = assets.picture(*wanted)
            if self._pixmap.isNull():
                self._pixmap = assets.tinted("camera", look().px(96), look().color("muted"), wanted[2])
        return self._pixmap
