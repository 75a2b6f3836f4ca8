"""Barcode symbols: their modules, painting them from whole dots, and reading them back from an image."""

from __future__ import annotations

import math
from enum import Enum
from itertools import groupby
from typing import Any

import zxingcpp
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

Read = tuple[str, str]
"""A reader's result: the text, and the identifier of its symbology."""


class Symbology(Enum):
    """A symbology; the value is the identifier that a reader reports for it (ISO/IEC 15424)."""

    CODE_128 = "]C0"
    QR = "]Q1"

    @property
    def format(self) -> zxingcpp.BarcodeFormat:
        """The library's name for it."""
        formats = zxingcpp.BarcodeFormat
        return formats.Code128 if self is Symbology.CODE_128 else formats.QRCode

    @property
    def quiet_modules(self) -> int:
        """Required quiet zone on either side, in modules."""
        return 10 if self is Symbology.CODE_128 else 4


def modules(text: str, symbology: Symbology) -> tuple[str, ...]:
    """Return the rows of a code without its quiet zones; ``1`` is a black module. Code 128 has one row.

    Raises:
        ValueError: A scanner acting as a keyboard could not type the text, or the symbology cannot encode it.
    """
    if not (text.isascii() and text.isprintable()):
        raise ValueError("not a text that a scanner can type")
    made = zxingcpp.create_barcode(text, symbology.format)
    # The library ignores unknown options, so check what came out, not what was put in.
    if (made.text, made.symbology_identifier) != (text, symbology.value):
        raise ValueError(f"made {made.symbology_identifier} in place of {symbology.value}")
    image: Any = made.to_image(add_quiet_zones=False)
    rows: Any = memoryview(image).tolist()
    drawn = rows[:1] if symbology is Symbology.CODE_128 else rows
    return tuple("".join("0" if level else "1" for level in row) for row in drawn)


def widest_dot(rows: tuple[str, ...], symbology: Symbology, area: QRectF) -> int:
    """Return the widest module in dots, quiet zones included, that fits an area measured in dots."""
    quiet = 2 * symbology.quiet_modules
    room = area.width() / (len(rows[0]) + quiet)
    if len(rows) > 1:
        room = min(room, area.height() / (len(rows) + quiet))
    return math.floor(room)


def paint(painter: QPainter, rows: tuple[str, ...], symbology: Symbology, area: QRectF, dot: int) -> None:
    """Paint a code from whole dots, so that no edge is blurred, at the upper left of an area in dots.

    A single row is as high as the area; of several rows each is as high as a module is wide.
    """
    quiet = symbology.quiet_modules * dot
    left, top = math.ceil(area.left()) + quiet, math.ceil(area.top())
    high = math.floor(area.bottom()) - top
    if len(rows) > 1:
        top, high = top + quiet, dot
    for row in rows:
        x = left
        for sign, run in groupby(row):
            wide = len(list(run)) * dot
            if sign == "1":
                painter.fillRect(x, top, wide, high, QColor(Qt.GlobalColor.black))
            x += wide
        top += high


def read(image: QImage) -> set[Read]:
    """Return every Code 128 and QR code that a reader finds in a picture."""
    gray = image.convertToFormat(QImage.Format.Format_Grayscale8)
    view = zxingcpp.ImageView(
        gray.constBits(),
        gray.width(),
        gray.height(),
        zxingcpp.ImageFormat.Lum,
        gray.bytesPerLine(),
    )
    formats = zxingcpp.BarcodeFormats([symbology.format for symbology in Symbology])
    found = zxingcpp.read_barcodes(view, formats=formats, text_mode=zxingcpp.TextMode.Plain)
    return {(one.text, one.symbology_identifier) for one in found}
