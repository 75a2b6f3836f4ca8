"""Images: how foreign ones are decoded, and how those that are kept are written.

``read_picture`` decides before it decodes. Qt would choose a reader by the content, whatever the name: an SVG
named ``.jpg`` can keep a processor busy for minutes, and a PNG of 2 kB may be a gigabyte of pixels.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter

from loopdesk.domain.errors import PictureRefused
from loopdesk.domain.pictures import EDGE, FORMATS, MOST_PIXELS, NoPicture

PRODUCT_QUALITY: Final = 82

_SCAN, _END = b"\xff\xda", b"\xff\xd9"
"""How the pixels of a JPEG begin, and how it ends; neither can stand among the pixels."""


def read_picture(content: bytes, edge: int, *, most_pixels: int = MOST_PIXELS) -> QImage:
    """Decode a foreign picture, at most ``edge`` pixels wide and high and the right way up.

    Blocks; at its largest it takes four bytes of memory a pixel. To be called in a thread.

    Args:
        content: A whole file.
        edge: A larger picture is made smaller; a smaller one stays as it is.

    Raises:
        PictureRefused: ``format``, ``pixels``, ``cut`` or ``broken``; only the last was decoded at all.
    """
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    kind = bytes(QImageReader.imageFormat(buffer).data())
    if kind.decode("ascii", "replace") not in FORMATS:
        raise PictureRefused(NoPicture.FORMAT)
    if kind == b"jpeg" and content.rfind(_END) <= content.rfind(_SCAN):  # Qt draws gray what is missing
        raise PictureRefused(NoPicture.CUT)
    reader = QImageReader(buffer, QByteArray(kind))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.isEmpty():
        raise PictureRefused(NoPicture.BROKEN)
    if size.width() * size.height() > most_pixels:
        raise PictureRefused(NoPicture.PIXELS)
    if size.width() > edge or size.height() > edge:
        reader.setScaledSize(size.scaled(QSize(edge, edge), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise PictureRefused(NoPicture.BROKEN)
    return image


def at_most(image: QImage, edge: int) -> QImage:
    """Return an image that is at most ``edge`` pixels wide and high."""
    if max(image.width(), image.height()) <= edge:
        return image
    keeps, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    return image.scaled(edge, edge, keeps, smooth)


def on_white(image: QImage) -> QImage:
    """Return an image without transparency: JPEG has none."""
    flat = QImage(image.size(), QImage.Format.Format_RGB888)
    flat.fill(Qt.GlobalColor.white)
    painter = QPainter(flat)
    painter.drawImage(0, 0, image)
    painter.end()
    return flat


def as_jpeg(image: QImage, quality: int) -> bytes:
    """Encode an image; empty if that cannot be done.

    Args:
        quality: From 0 to 100.
    """
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    is_written = image.save(buffer, "JPG", quality)  # type: ignore[call-overload]
    return bytes(data.data()) if is_written else b""


def shrink(content: bytes) -> bytes:
    """Make of a foreign picture the small JPEG that is kept: its pixels on white, and nothing else of it.

    Blocks; to be called in a thread. Raises ``PictureRefused``.
    """
    small = as_jpeg(on_white(read_picture(content, EDGE)), PRODUCT_QUALITY)
    if not small:
        raise PictureRefused(NoPicture.BROKEN)
    return small
