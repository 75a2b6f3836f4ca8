"""A product's picture in a frame, as large as the widget; the outline of a parcel while there is none."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from loopdesk.domain.pictures import NO_PICTURE, ProductPicture
from loopdesk.i18n.catalogue import _
from loopdesk.ui import assets, texts
from loopdesk.ui.pictures import pictures, shown_key
from loopdesk.ui.theme import Look, look

_ROUND = 8
_INSET = 4


class PictureView(QWidget):
    """Shows one picture and draws it as soon as it is in memory. Its owner gives it its size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = NO_PICTURE
        self._title = ""
        pictures().loaded.connect(self._loaded)

    def show_picture(self, picture: ProductPicture, title: str) -> None:
        """Show the picture of a product.

        Args:
            title: Of the product, for screen readers.
        """
        if (picture, title) != (self._picture, self._title):
            self._picture, self._title = picture, title
            self.retranslate()
            self.update()

    def retranslate(self) -> None:
        """Say what is shown in the language of the window."""
        is_here = bool(shown_key(self._picture))
        self.setAccessibleName(
            _("Picture of {line}", line=texts.clean(self._title)) if is_here else _("No picture")
        )

    def _loaded(self, key: str) -> None:
        if key == self._picture.key:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame and what is in it."""
        del event
        painter = QPainter(self)
        draw_picture(painter, look(), QRectF(self.rect()), self._picture)
        painter.end()


def draw_frame(painter: QPainter, now: Look, box: QRectF, *, ink: str = "line") -> None:
    """Draw the frame of a picture into a box, in a color of the theme; what is drawn next is smooth."""
    edge = now.px(now.border)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setPen(QPen(now.color(ink), edge))
    painter.setBrush(now.color("ground"))
    painter.drawRoundedRect(
        box.adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2), now.px(_ROUND), now.px(_ROUND)
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_in_middle(painter: QPainter, box: QRectF, pixmap: QPixmap) -> None:
    """Draw a pixmap in its own size into the middle of a box."""
    size = pixmap.deviceIndependentSize()
    painter.drawPixmap(box.center() - QPointF(size.width() / 2, size.height() / 2), pixmap)


def draw_picture(painter: QPainter, now: Look, box: QRectF, picture: ProductPicture) -> None:
    """Draw a picture into a box, whole and in its middle; never waits for it.

    Args:
        now: The theme and the scale.
        box: In device-independent pixels.
    """
    draw_frame(painter, now, box)
    ratio = painter.device().devicePixelRatioF()
    room = int(min(box.width(), box.height())) - now.px(_INSET)
    pixmap = pictures().pixmap(shown_key(picture), room, ratio)
    if pixmap.isNull():
        pixmap = assets.tinted("package", max(now.px(24), room // 3), now.color("muted"), ratio)
    draw_in_middle(painter, box, pixmap)
