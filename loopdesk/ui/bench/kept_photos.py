"""The photos that are kept: small beside the item, and one that is open as large as the bench allows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QWidget

from loopdesk.ui import assets, texts
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.picture import draw_frame, draw_in_middle


class PhotoThumb(QAbstractButton):
    """A photo that is kept with the line, small; a camera where it cannot be read. Pressed, it opens."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._path = ""
        self.number = -1

    def show_photo(self, path: str, name: str, number: int = -1) -> None:
        """Show the photo in a file; "" for none.

        Args:
            number: Its place among those of the item, from 0.
        """
        self.number = number
        self.setAccessibleName(texts.clean(name))
        if path != self._path:
            self._path = path
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture in its frame."""
        now = look()
        painter = QPainter(self)
        box, ratio = QRectF(self.rect()), self.devicePixelRatioF()
        draw_frame(painter, now, box, ink="accent" if self.hasFocus() else "line")
        inner = max(1, min(self.width(), self.height()) - now.px(8))
        pixmap = assets.picture(self._path, inner, ratio)
        if pixmap.isNull():
            pixmap = assets.tinted("camera", max(1, inner // 2), now.color("muted"), ratio)
        draw_in_middle(painter, box, pixmap)
        painter.end()


class EnlargedPhoto(QWidget):
    """Shows one photo, whole; a camera where it cannot be read. Its owner gives it its size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = ""
        self._drawn: tuple[str, int, float] = ("", 0, 1.0)
        self._pixmap = QPixmap()

    def show_photo(self, path: str, name: str) -> None:
        """Show the photo in a file, with its name for screen readers; "" hides it."""
        self.setAccessibleName(texts.clean(name))
        self.setVisible(bool(path))
        if path != self._path:
            self._path = path
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the photo in its frame."""
        now = look()
        painter = QPainter(self)
        painter.fillRect(self.rect(), now.color("ground"))
        box = QRectF(self.rect())
        draw_frame(painter, now, box)
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
