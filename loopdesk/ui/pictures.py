"""Product pictures in the window: which of them are held in memory, and drawn as soon as they are."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from loopdesk.domain.pictures import PictureState, ProductPicture

MEMORY_BYTES: Final = 16_000_000
"""What the pixmaps may take; a screen full of lines with a large picture takes 3 MB."""


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
        """Keep what was loaded; an empty image if it could not be: then it is not asked for again before
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
