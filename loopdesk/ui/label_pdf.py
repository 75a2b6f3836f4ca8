"""Labels for goods as a PDF that is opened to be printed, for printers that do not speak ZPL."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QIODevice, QMarginsF, QRectF, QSaveFile, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPageLayout, QPageSize, QPainter, QPdfWriter

from loopdesk.domain.printing.arrangement import LabelPart, arranged, copies_of, printed
from loopdesk.domain.printing.labels import GoodsLabel, LabelSize
from loopdesk.domain.printing.printers import NotPrinted, PrinterState
from loopdesk.domain.printing.zpl import FINEST_MM, WIDEST_MM
from loopdesk.ui import printing
from loopdesk.ui.printing import Symbology

FILE = "labels.pdf"
"""In the profile's folder; each print replaces it."""

_DPI = 300


class PdfPrinter:
    """A label printer that is a file.

    Args:
        folder: Where it is written.
    """

    def __init__(self, folder: Path, size: LabelSize) -> None:
        self._file = folder / FILE
        self._size = LabelSize(size.width_mm, size.height_mm, _DPI)

    async def print(self, labels: Sequence[GoodsLabel]) -> PrinterState:
        """Write labels, a page each, and open them in the system's viewer.

        Raises:
            NotPrinted: A code has no room, or the file cannot be written or opened.
        """
        try:
            write_labels(self._file, labels, self._size)
        except OSError as failure:
            raise NotPrinted(PrinterState.REFUSED) from failure
        if not printing.open_sheet(self._file):
            raise NotPrinted(PrinterState.REFUSED)
        return PrinterState.SILENT

    async def state(self) -> PrinterState:
        """A file can always be written; whether it is printed can only be seen."""
        return PrinterState.SILENT


def write_labels(path: Path, labels: Sequence[GoodsLabel], size: LabelSize) -> None:
    """Write labels as a PDF, a page each; an existing file is replaced only by a complete one.

    Raises:
        NotPrinted: A code has no room, or cannot be read back.
        OSError: The file cannot be written.
    """
    for label in labels:
        if printing.read(picture(label, size)) != {(label.code, Symbology.CODE_128.value)}:
            raise NotPrinted(PrinterState.TOO_NARROW)
    file = QSaveFile(str(path))
    if not file.open(QIODevice.OpenModeFlag.WriteOnly):
        raise OSError(f"cannot write {path}: {file.errorString()}")
    writer = QPdfWriter(file)
    writer.setResolution(size.dpi)
    paper = QPageSize(QSizeF(size.width_mm, size.height_mm), QPageSize.Unit.Millimeter)
    writer.setPageLayout(QPageLayout(paper, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    painter = QPainter(writer)
    pages = [label for label in labels for _ in range(copies_of(label))]
    for place, label in enumerate(pages):
        if place:
            writer.newPage()
        paint_label(painter, label, size)
    painter.end()
    if not file.commit():
        raise OSError(f"cannot write {path}: {file.errorString()}")


def picture(label: GoodsLabel, size: LabelSize) -> QImage:
    """Paint a label into memory, black on white. Raises ``NotPrinted``."""
    image = QImage(size.dots(size.width_mm), size.dots(size.height_mm), QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    try:
        paint_label(painter, label, size)
    finally:
        painter.end()
    return image


def paint_label(painter: QPainter, label: GoodsLabel, size: LabelSize) -> None:
    """Paint a label: its heading, its code, and the lines that have room. Raises ``NotPrinted``."""
    where = arranged(label, size)
    if where.heading is not None:
        _write(painter, label.heading, where.heading)
    _paint_code(painter, label.code, _rect(where.code), size)
    for text, box in zip(label.lines, where.lines, strict=False):
        _write(painter, text, box)


def _rect(box: LabelPart) -> QRectF:
    return QRectF(box.left, box.top, box.width, box.height)


def _paint_code(painter: QPainter, code: str, area: QRectF, size: LabelSize) -> None:
    rows = printing.modules(code, Symbology.CODE_128)
    dot = min(printing.widest_dot(rows, Symbology.CODE_128, area), size.dots(WIDEST_MM))
    if dot < 1 or dot * 25.4 / size.dpi < FINEST_MM:
        raise NotPrinted(PrinterState.TOO_NARROW)
    wide = dot * (len(rows[0]) + 2 * Symbology.CODE_128.quiet_modules)
    middle = area.adjusted(math.floor((area.width() - wide) / 2), 0, 0, 0)
    printing.paint(painter, rows, Symbology.CODE_128, middle, dot)


def _write(painter: QPainter, text: str, box: LabelPart) -> None:
    """Write one line, cut where it has no more room."""
    font = QFont(painter.font())
    font.setPixelSize(box.height)
    painter.setFont(font)
    painter.setPen(QColor(Qt.GlobalColor.black))
    line = painter.fontMetrics().elidedText(printed(text), Qt.TextElideMode.ElideRight, box.width)
    painter.drawText(_rect(box), int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), line)
