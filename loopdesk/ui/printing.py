"""The printed sheets: command codes for the bench, labels to practice with, and the symbols of both.

One function paints a sheet onto any paint device; the writers give it a PDF, once every code was read back
from the same painting. All measures are in millimeters; the content fits both A4 and Letter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from pathlib import Path
from typing import Any

import zxingcpp
from PySide6.QtCore import QIODevice, QMarginsF, QRectF, QSaveFile, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QFont,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
)

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.bench.code_sheet import SheetPage
from loopdesk.ui.texts import key_name

# --- symbols ----------------------------------------------------------------------------------------

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


# --- sheets -----------------------------------------------------------------------------------------

LEFT_MM, TOP_MM = 14.0, 12.0
WIDTH_MM, HEIGHT_MM = 182.0, 255.0
"""The area that A4 (210 x 297) and Letter (216 x 279) have in common, minus margins."""

DPI = 300
"""The resolution of a sheet. Printers of 300, 600 and 1200 dpi print each dot as a whole number of theirs, so
what is read back from the image is, dot for dot, what is printed.
"""

DOTS_PER_MM = DPI / 25.4
_PAPER_MM = 210.0
_COLUMNS = 2
_TITLE_MM = 11.0
_GUTTER_MM = 6.0
_CAPTION_MM = 5.5
_CODE_MM = 3.8
_SQUARE_MM = 13.0
_APART_MM = 2.0
_WIDEST_MODULE_MM = {Symbology.CODE_128: 0.38, Symbology.QR: 0.6}
_THINNEST_MODULE_MM = {Symbology.CODE_128: 0.19, Symbology.QR: 0.25}
_LABEL_ROWS = 8
_SMALLEST_SHARE = 0.67


@dataclass(frozen=True, slots=True)
class PrintedLabel:
    """One code, as a linear barcode and as a QR code, with texts around it.

    Attributes:
        key: Shown at the top right, "" for none.
        meaning: Shown below the bars, line by line; if empty, the code itself is shown.
    """

    caption: str
    code: str
    key: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """One page of labels; ``rows`` is how many rows fit on the page."""

    title: str
    labels: tuple[PrintedLabel, ...]
    rows: int


def command_pages(sheet: Sequence[SheetPage]) -> tuple[PrintedPage, ...]:
    """Return the pages of command codes with their labels."""
    return tuple(
        _page(
            page.title,
            [PrintedLabel(x.caption, x.code, key_name(x.key), x.meaning) for x in page.codes],
        )
        for page in sheet
    )


def label_pages(labels: Sequence[tuple[str, str]]) -> tuple[PrintedPage, ...]:
    """Return pages of (caption, code) labels, in their order, sixteen on a page."""
    size = _LABEL_ROWS * _COLUMNS
    made = [PrintedLabel(caption, code) for caption, code in labels]
    return tuple(
        PrintedPage(_("Labels to practice with"), tuple(made[start : start + size]), _LABEL_ROWS)
        for start in range(0, len(made), size)
    )


def write_command_sheet(path: Path, sheet: Sequence[SheetPage]) -> None:
    """Write the command codes as a PDF.

    Raises:
        ValueError: A code cannot be read back from what would be printed.
        OSError: The file cannot be written.
    """
    _write(path, _("loopdesk command codes"), command_pages(sheet))


def write_label_sheet(path: Path, labels: Sequence[tuple[str, str]]) -> None:
    """Write (caption, code) labels as a PDF, each code exactly as a scanner must read it.

    Raises:
        ValueError: A code cannot be printed, would be too fine, or cannot be read back.
        OSError: The file cannot be written.
    """
    _write(path, _("loopdesk labels"), label_pages(labels))


def open_sheet(path: Path) -> bool:
    """Open a written sheet in the system's viewer, to be printed from there. False if there is none."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def cells(page: PrintedPage) -> Iterator[tuple[PrintedLabel, QRectF]]:
    """Yield every label of a page with its cell, in millimeters from the upper left corner of the paper."""
    width = (WIDTH_MM - _GUTTER_MM * (_COLUMNS - 1)) / _COLUMNS
    height = (HEIGHT_MM - _TITLE_MM) / page.rows
    for place, label in enumerate(page.labels):
        column, row = divmod(place, page.rows)
        left = LEFT_MM + column * (width + _GUTTER_MM)
        yield label, QRectF(left, TOP_MM + _TITLE_MM + row * height, width, height)


def bars_area(cell: QRectF) -> QRectF:
    """Return the part of a cell for the bars and their quiet zones, in millimeters."""
    height = min(16.0, cell.height() - _CAPTION_MM - _CODE_MM - 1.8)
    return QRectF(cell.left(), cell.top() + _CAPTION_MM, cell.width() - _SQUARE_MM - _APART_MM, height)


def square_area(cell: QRectF) -> QRectF:
    """Return the part of a cell for the QR code and its quiet zone, in millimeters."""
    side = min(_SQUARE_MM, bars_area(cell).height() + _CODE_MM)
    return QRectF(cell.right() - side, cell.top() + _CAPTION_MM, side, side)


def paint_page(painter: QPainter, page: PrintedPage, dots_per_mm: float) -> None:
    """Paint a page in black on the existing background.

    Args:
        painter: Paints in dots, with its origin at the upper left corner of the paper.
        page: What to paint.
        dots_per_mm: Resolution of the paper.

    Raises:
        ValueError: A code cannot be printed, or its bars would be too fine.
    """
    painter.setPen(QColor(Qt.GlobalColor.black))
    title = QRectF(LEFT_MM, TOP_MM, WIDTH_MM, _TITLE_MM)
    _write_words(painter, _dots(title, dots_per_mm), page.title, 5.5 * dots_per_mm, is_bold=True)
    for label, cell in cells(page):
        _paint_label(painter, label, cell, dots_per_mm)


def picture(page: PrintedPage) -> QImage:
    """Paint a page at the printer's resolution into memory, black on white."""
    high = TOP_MM + HEIGHT_MM + TOP_MM
    image = QImage(round(_PAPER_MM * DOTS_PER_MM), round(high * DOTS_PER_MM), QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    try:
        paint_page(painter, page, DOTS_PER_MM)
    finally:
        painter.end()
    return image


def unreadable(page: PrintedPage, image: QImage) -> list[PrintedLabel]:
    """Return the labels of a painted page where a reader sees anything but their code in both forms."""
    return [
        label
        for label, cell in cells(page)
        if read(image.copy(_dots(cell, DOTS_PER_MM).toAlignedRect()))
        != {(label.code, symbology.value) for symbology in Symbology}
    ]


def _page(title: str, labels: Sequence[PrintedLabel]) -> PrintedPage:
    return PrintedPage(title, tuple(labels), max(1, math.ceil(len(labels) / _COLUMNS)))


def _write(path: Path, title: str, pages: Sequence[PrintedPage]) -> None:
    """Write pages as a PDF; an existing file is replaced only if the new one is complete and readable."""
    for page in pages:
        for label in unreadable(page, picture(page)):
            raise ValueError(_("the code of “{caption}” cannot be read back", caption=label.caption))
    file = QSaveFile(str(path))
    if not file.open(QIODevice.OpenModeFlag.WriteOnly):
        raise OSError(f"cannot write {path}: {file.errorString()}")
    writer = QPdfWriter(file)
    writer.setTitle(title)
    writer.setResolution(DPI)
    paper = QPageSize(QPageSize.PageSizeId.A4)
    writer.setPageLayout(QPageLayout(paper, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    painter = QPainter(writer)
    try:
        for place, page in enumerate(pages):
            if place:
                writer.newPage()
            paint_page(painter, page, DOTS_PER_MM)
    finally:
        painter.end()
    if not file.commit():
        raise OSError(f"cannot write {path}: {file.errorString()}")


def _paint_label(painter: QPainter, label: PrintedLabel, cell: QRectF, dots_per_mm: float) -> None:
    area = bars_area(cell)
    above = QRectF(cell.left(), cell.top(), cell.width(), _CAPTION_MM)
    below = QRectF(cell.left(), area.bottom(), cell.width(), _CODE_MM)
    quiet = _paint_code(painter, label, Symbology.CODE_128, _dots(area, dots_per_mm), dots_per_mm)
    _paint_code(painter, label, Symbology.QR, _dots(square_area(cell), dots_per_mm), dots_per_mm)
    for place, words, flag, millimeters, is_bold in (
        (above, label.caption, Qt.AlignmentFlag.AlignLeft, 3.8, True),
        (above, label.key, Qt.AlignmentFlag.AlignRight, 3.4, False),
        *_below(below, label),
    ):
        where = _dots(place, dots_per_mm).adjusted(quiet, 0, 0, 0)
        _write_words(painter, where, words, millimeters * dots_per_mm, flag=flag, is_bold=is_bold)


def _below(first: QRectF, label: PrintedLabel) -> Iterator[tuple[QRectF, str, Qt.AlignmentFlag, float, bool]]:
    """Yield the lines below the bars with their rectangles."""
    for number, line in enumerate((label.meaning or label.code).split("\n")):
        place = first.translated(0, number * first.height())
        yield place, line, Qt.AlignmentFlag.AlignLeft, 2.6, False


def _paint_code(
    painter: QPainter, label: PrintedLabel, symbology: Symbology, area: QRectF, dots_per_mm: float
) -> float:
    """Paint one form of a label's code into an area of dots. Returns its quiet zone's width in dots."""
    rows = modules(label.code, symbology)
    widest = math.floor(_WIDEST_MODULE_MM[symbology] * dots_per_mm)
    dot = min(widest_dot(rows, symbology, area), widest)
    if dot < max(1, _THINNEST_MODULE_MM[symbology] * dots_per_mm):
        raise ValueError(_("the code of “{caption}” is too long to be printed", caption=label.caption))
    paint(painter, rows, symbology, area, dot)
    return float(symbology.quiet_modules * dot)


def _write_words(
    painter: QPainter,
    where: QRectF,
    words: str,
    dots: float,
    *,
    flag: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    is_bold: bool = False,
) -> None:
    """Write one line; ``dots`` is the font height.

    A longer one is written smaller, by a third at most, and elided beyond that.
    """
    font = QFont(painter.font())
    font.setPixelSize(max(1, round(dots)))
    font.setBold(is_bold)
    painter.setFont(font)
    wanted = painter.fontMetrics().horizontalAdvance(words)
    if wanted > where.width():
        share = max(_SMALLEST_SHARE, where.width() / wanted * 0.99)  # the widths of small fonts are rounded
        font.setPixelSize(max(1, math.floor(dots * share)))
        painter.setFont(font)
    line = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, math.floor(where.width()))
    painter.drawText(where, int(flag | Qt.AlignmentFlag.AlignVCenter), line)


def _dots(place: QRectF, dots_per_mm: float) -> QRectF:
    return QRectF(
        place.left() * dots_per_mm,
        place.top() * dots_per_mm,
        place.width() * dots_per_mm,
        place.height() * dots_per_mm,
    )
