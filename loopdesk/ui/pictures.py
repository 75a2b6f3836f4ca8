"""Product pictures in the window: how foreign pictures are decoded, and which of them are held in memory.

``read_picture`` decides before it decodes. Qt would choose a reader by the content, whatever the name: an SVG
named ``.jpg`` can keep a processor busy for minutes, and a PNG of 2 kB may be a gigabyte of pixels.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter, QPixmap

from loopdesk.domain.errors import PictureRefused
from loopdesk.domain.pictures import EDGE, FORMATS, MOST_PIXELS, NoPicture, PictureState, ProductPicture

QUALITY: Final = 82
MEMORY_BYTES: Final = 16_000_000
"""What the pixmaps may take; a screen full of lines with a large picture takes 3 MB."""

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


def shrink(content: bytes) -> bytes:
    """Make of a foreign picture the small JPEG that is kept: its pixels on white, and nothing else of it.

    Blocks; to be called in a thread. Raises ``PictureRefused``.
    """
    image = read_picture(content, EDGE)
    flat = QImage(image.size(), QImage.Format.Format_RGB32)
    flat.fill(QColor("white"))
    painter = QPainter(flat)
    painter.drawImage(0, 0, image)
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not flat.save(buffer, "JPG", QUALITY):  # type: ignore[call-overload]
        raise PictureRefused(NoPicture.BROKEN)
    return bytes(data.data())


class PictureCache(QObject):
    """The pixmaps of pictures that are kept at this station, up to a limit; the latest drawn stay.

    Asking for one never waits: what is not in memory is announced as wanted, and is drawn once it came.

    Args:
        most_bytes: How much memory the pixmaps may take.

    Signals:
        wanted(str, int): A picture is to be drawn: its key, and the edge in device pixels.
        loaded(str): It can be drawn now; carries its key.
    """

    wanted = Signal(str, int)
    loaded = Signal(str)

    def __init__(self, parent: QObject | None = None, *, most_bytes: int = MEMORY_BYTES) -> None:
        super().__init__(parent)
        self._most_bytes = most_bytes
        self._pixmaps: OrderedDict[tuple[str, int], QPixmap] = OrderedDict()
        self._asked: set[tuple[str, int]] = set()
        self.used_bytes = 0

    def pixmap(self, key: str, size: int, ratio: float = 1.0) -> QPixmap:
        """Return a picture that fits into a square, empty while it is not in memory.

        Args:
            key: What it is kept under, "" for none.
            size: Edge in device-independent pixels.
            ratio: Device pixels per device-independent pixel.
        """
        edge = round(size * ratio)
        place = key, edge
        if place in self._pixmaps:
            self._pixmaps.move_to_end(place)
            pixmap = self._pixmaps[place]
            pixmap.setDevicePixelRatio(ratio)
            return pixmap
        if key and edge > 0 and place not in self._asked:
            self._asked.add(place)
            self.wanted.emit(key, edge)
        return QPixmap()

    def take(self, key: str, edge: int, image: QImage) -> None:
        """Keep what was loaded; an empty image if it could not be, and it is not asked for again until then
        ``forget`` was called.
        """
        self._asked.discard((key, edge))
        self._drop((key, edge))
        pixmap = QPixmap.fromImage(image) if not image.isNull() else QPixmap()
        self._pixmaps[key, edge] = pixmap
        self.used_bytes += _bytes_of(pixmap)
        while self.used_bytes > self._most_bytes and len(self._pixmaps) > 1:
            self._drop(next(iter(self._pixmaps)))
        self.loaded.emit(key)

    def forget(self, key: str = "") -> None:
        """Forget a picture, which may be another one now; "" forgets all."""
        for place in [place for place in self._pixmaps if key in ("", place[0])]:
            self._drop(place)
        self._asked = {place for place in self._asked if key not in ("", place[0])}

    def _drop(self, place: tuple[str, int]) -> None:
        gone = self._pixmaps.pop(place, None)
        if gone is not None:
            self.used_bytes -= _bytes_of(gone)


def _bytes_of(pixmap: QPixmap) -> int:
    """The memory of a pixmap; one that is empty counts a little, so that there cannot be many."""
    return max(1024, pixmap.width() * pixmap.height() * 4)


def shown_key(picture: ProductPicture) -> str:
    """Return the key of a picture that can be drawn, "" of one that is not here."""
    return picture.key if picture.state is PictureState.HERE else ""


class _Shared:
    """The window's cache."""

    cache: PictureCache | None = None


def pictures() -> PictureCache:
    """Return the cache that all views draw from."""
    if _Shared.cache is None:
        _Shared.cache = PictureCache()
    return _Shared.cache
