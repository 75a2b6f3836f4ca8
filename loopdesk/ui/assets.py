"""Files that ship with the program, and its icons tinted with a color of the theme.

They are plain files: ``resources/`` next to the package in a checkout, inside the package in an installed
copy, and in the unpacked folder of a frozen program.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QByteArray, QDir, QFile, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QPixmapCache

import loopdesk

_FOLDERS = ("icons", "themes", "sounds", "vocab", "codes")
# A larger image is not decoded: the bench must not freeze for it.
_MOST_PIXELS = 60_000_000


def resource_root() -> Path:
    """Return the folder that holds ``themes/``, ``icons/`` and the rest."""
    package = Path(loopdesk.__file__).parent
    frozen = getattr(sys, "_MEIPASS", None)
    places = [package / "resources", package.parent / "resources"]
    if frozen is not None:
        places.insert(0, Path(frozen) / "resources")
    return next((place for place in places if (place / "themes").is_dir()), places[-1])


def add_search_paths(root: Path | None = None) -> None:
    """Let Qt find the shipped files as ``icons:name.svg``, ``themes:light.toml`` and so on."""
    base = root or resource_root()
    for folder in _FOLDERS:
        QDir.setSearchPaths(folder, [str(base / folder)])


def read_text(name: str) -> str:
    """Return a shipped text file such as ``themes:window.qss``.

    Raises:
        FileNotFoundError: The installation lacks the file.
    """
    file = QFile(name)
    if not file.open(QIODevice.OpenModeFlag.ReadOnly):
        raise FileNotFoundError(name)
    data = bytes(file.readAll().data())
    file.close()
    return data.decode("utf-8")


class _Icons:
    """Whether icons are drawn yet."""

    held = False


def hold_icons() -> None:
    """Draw no icons for now: the first paint must not wait for the SVG library."""
    _Icons.held = "PySide6.QtSvg" not in sys.modules


def release_icons() -> None:
    """Draw icons from now on."""
    _Icons.held = False


def tinted(name: str, size: int, color: QColor, ratio: float = 1.0) -> QPixmap:
    """Return an icon drawn in one color.

    Args:
        name: File name without ``.svg``; "" and a missing icon give an empty image.
        size: Edge in device-independent pixels.
        color: The color of every stroke.
        ratio: Device pixels per device-independent pixel.
    """
    if _Icons.held or not name or not QFile.exists(f"icons:{name}.svg"):
        return QPixmap()
    key = f"loopdesk:{name}:{size}:{color.rgba()}:{ratio}"
    kept = QPixmap()
    if QPixmapCache.find(key, kept):
        return kept
    pixmap = _draw(name, size, color, ratio)
    QPixmapCache.insert(key, pixmap)
    return pixmap


def _draw(name: str, size: int, color: QColor, ratio: float) -> QPixmap:
    """Draw an icon's shape and fill it with the color."""
    # Imported late: see ``hold_icons``.
    from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415

    renderer = QSvgRenderer(QByteArray(read_text(f"icons:{name}.svg").encode()))
    edge = round(size * ratio)
    pixmap = QPixmap(edge, edge)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, edge, edge))
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(0, 0, edge, edge, color)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def picture(path: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return a local image scaled into a square, empty if it cannot be read.

    Args:
        path: A file on this computer; nothing is ever fetched.
        size: Edge in device-independent pixels.
        ratio: Device pixels per device-independent pixel.
    """
    if not path:
        return QPixmap()
    key = f"loopdesk:picture:{path}:{size}:{ratio}"
    kept = QPixmap()
    if QPixmapCache.find(key, kept):
        return kept
    from PySide6.QtGui import QImageReader  # noqa: PLC0415 - not before a picture is shown

    reader = QImageReader(path)
    reader.setAutoTransform(True)
    full = reader.size()
    if not full.isValid() or full.width() * full.height() > _MOST_PIXELS:
        return QPixmap()
    edge = round(size * ratio)
    reader.setScaledSize(full.scaled(edge, edge, Qt.AspectRatioMode.KeepAspectRatio))
    pixmap = QPixmap.fromImage(reader.read())
    pixmap.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, pixmap)
    return pixmap
