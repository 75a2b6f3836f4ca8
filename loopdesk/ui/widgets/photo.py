"""A stored photo, drawn as large as the available space allows."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from loopdesk.ui import assets
from loopdesk.ui.theme import look

_EDGE = 150


class PhotoView(QWidget):
    """One photo; hidden if there is none that can be read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_photo(self, path: str) -> None:
        """Show the picture of a file; "" for none."""
        if path != self._path:
            self._path = path
            self.update()
        self.setVisible(bool(path) and not assets.picture(path, look().px(_EDGE)).isNull())

    def sizeHint(self) -> QSize:
        """Return the square for the photo."""
        return QSize(look().px(_EDGE), look().px(_EDGE))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the photo at the left, keeping its aspect ratio."""
        ratio = self.devicePixelRatioF()
        pixmap = assets.picture(self._path, look().px(_EDGE), ratio)
        if pixmap.isNull():
            return
        size = pixmap.deviceIndependentSize()
        painter = QPainter(self)
        painter.drawPixmap(QRectF(0, 0, size.width(), size.height()), pixmap, QRectF(pixmap.rect()))
        painter.end()
