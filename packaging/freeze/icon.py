"""Draws the program's icon in every size that a system wants, from ``icon/loopdesk.svg``.

    python -m freeze.icon

The results are kept beside the drawing: the machines that build need not draw them.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent / "icon"

ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 256)
"""What Windows shows at 100 to 250 % in lists, on the taskbar and on the desktop."""

ICNS_SIZES = {b"icp4": 16, b"icp5": 32, b"icp6": 64, b"ic07": 128, b"ic08": 256, b"ic09": 512}
"""What macOS shows, by the name of the entry."""

PNG_SIZES = (48, 256)
"""What a Linux desktop shows; the drawing itself serves every other size."""

_ICO_HEADER = struct.Struct("<HHH")
_ICO_ENTRY = struct.Struct("<BBBBHHII")
_ICNS_ENTRY = struct.Struct(">4sI")


def ico(pictures: dict[int, bytes]) -> bytes:
    """Pack PNG pictures, by their edge, into an icon of Windows."""
    at = _ICO_HEADER.size + _ICO_ENTRY.size * len(pictures)
    head, body = _ICO_HEADER.pack(0, 1, len(pictures)), b""
    for edge, png in sorted(pictures.items()):
        short = edge % 256  # 256 is written as 0
        head += _ICO_ENTRY.pack(short, short, 0, 0, 1, 32, len(png), at + len(body))
        body += png
    return head + body


def ico_sizes(data: bytes) -> list[int]:
    """Return the edges that an icon of Windows holds."""
    reserved, kind, count = _ICO_HEADER.unpack_from(data)
    if (reserved, kind) != (0, 1):
        raise ValueError("this is no icon of Windows")
    entries = (_ICO_ENTRY.unpack_from(data, _ICO_HEADER.size + n * _ICO_ENTRY.size) for n in range(count))
    return [entry[0] or 256 for entry in entries]


def icns(pictures: dict[bytes, bytes]) -> bytes:
    """Pack PNG pictures, by the name of their entry, into an icon of macOS."""
    size = _ICNS_ENTRY.size
    body = b"".join(_ICNS_ENTRY.pack(name, size + len(png)) + png for name, png in pictures.items())
    return _ICNS_ENTRY.pack(b"icns", size + len(body)) + body


def icns_entries(data: bytes) -> list[bytes]:
    """Return the names of the entries that an icon of macOS holds."""
    name, length = _ICNS_ENTRY.unpack_from(data)
    if name != b"icns" or length != len(data):
        raise ValueError("this is no icon of macOS")
    names, at = [], _ICNS_ENTRY.size
    while at < length:
        entry, size = _ICNS_ENTRY.unpack_from(data, at)
        names.append(entry)
        at += size
    return names


def draw(drawing: bytes, edge: int) -> bytes:
    """Return a drawing as a PNG picture of that edge."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice  # noqa: PLC0415 - packing needs no Qt
    from PySide6.QtGui import QImage, QPainter  # noqa: PLC0415
    from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415

    image = QImage(edge, edge, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub asks for bytes and Qt wants text
    return bytes(buffer.data().data())


def main() -> None:
    """Draw all of them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    drawing = (HERE / "loopdesk.svg").read_bytes()
    (HERE / "loopdesk.ico").write_bytes(ico({edge: draw(drawing, edge) for edge in ICO_SIZES}))
    (HERE / "loopdesk.icns").write_bytes(
        icns({name: draw(drawing, edge) for name, edge in ICNS_SIZES.items()})
    )
    for edge in PNG_SIZES:
        (HERE / f"loopdesk-{edge}.png").write_bytes(draw(drawing, edge))


if __name__ == "__main__":
    main()
