"""The printed sheets: the command codes for the bench, and labels to practice with.

A sheet is painted by one function onto anything that can be painted on; the writers give it a PDF.
All measures are in millimeters; what is drawn fits both A4 and Letter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from barcode.codex import Code128
from barcode.errors import BarcodeError
from PySide6.QtCore import QIODevice, QMarginsF, QRectF, QSaveFile, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QFont, QPageLayout, QPageSize, QPainter, QPdfWriter

from loopdesk.presenters.commands import COMMANDS, Command, Group
from loopdesk.presenters.words import say

LEFT_MM, TOP_MM = 14.0, 12.0
WIDTH_MM, HEIGHT_MM = 182.0, 255.0
"""The part of a page that A4 (210 x 297) and Letter (216 x 279) have in common, less margins."""

QUIET_MODULES = 10
"""White space on either side of the bars, in modules, as Code 128 demands."""

_COLUMNS = 2
_TITLE_MM = 11.0
_GUTTER_MM = 6.0
_CAPTION_MM = 5.5
_CODE_MM = 3.8
_WIDEST_MODULE_MM = 0.38
_THINNEST_MODULE_MM = 0.19
_LABEL_ROWS = 8
_PDF_DPI = 1200
_MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Label:
    """One bar code with words above it; ``key`` stands at the right, "" for none."""

    caption: str
    code: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of labels; ``rows`` is how many the page has room for, one above the other."""

    title: str
    labels: tuple[Label, ...]
    rows: int


def command_pages() -> tuple[Page, ...]:
    """Return the two pages of command codes: what decides lines, and the rest."""
    deciding = (Group.GRADES, Group.DISPOSITIONS, Group.LINES)
    first = [command for command in COMMANDS if command.group in deciding]
    rest = [command for command in COMMANDS if command.group not in deciding]
    return (
        _page(say("Grades, dispositions, lines"), [_command_label(command) for command in first]),
        _page(say("Return, answers, window"), [_command_label(command) for command in rest]),
    )


def label_pages(labels: Sequence[tuple[str, str]]) -> tuple[Page, ...]:
    """Return pages of (caption, code) labels, in their order, sixteen on a page."""
    size = _LABEL_ROWS * _COLUMNS
    made = [Label(caption, code) for caption, code in labels]
    return tuple(
        Page(say("Labels to practice with"), tuple(made[start : start + size]), _LABEL_ROWS)
        for start in range(0, len(made), size)
    )


def write_command_sheet(path: Path) -> None:
    """Write the command codes as a PDF of two pages.

    Raises:
        OSError: The file cannot be written.
    """
    _write(path, say("loopdesk command codes"), command_pages())


def write_label_sheet(path: Path, labels: Sequence[tuple[str, str]]) -> None:
    """Write (caption, code) labels as a PDF, each code exactly as a scanner shall read it.

    Raises:
        ValueError: A code cannot be printed as Code 128, or would be too fine to be read.
        OSError: The file cannot be written.
    """
    _write(path, say("loopdesk labels"), label_pages(labels))


def open_sheet(path: Path) -> bool:
    """Show a written sheet in the system's own viewer, from where it is printed. False if there is none."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def modules(code: str) -> str:
    """Return the bars of a code: ``1`` for a black module, ``0`` for a white one, without quiet zones.

    Raises:
        ValueError: The code has characters that Code 128 does not have, or none at all.
    """
    if not code:
        raise ValueError("an empty code has no bars")
    try:
        return str(Code128(code).build()[0])
    except (BarcodeError, KeyError, RuntimeError) as error:
        raise ValueError(f"not a Code 128 text: {code!r}") from error


def cells(page: Page) -> Iterator[tuple[Label, QRectF]]:
    """Yield every label of a page with its place, in millimeters from the upper left corner of the paper."""
    width = (WIDTH_MM - _GUTTER_MM * (_COLUMNS - 1)) / _COLUMNS
    height = (HEIGHT_MM - _TITLE_MM) / page.rows
    for place, label in enumerate(page.labels):
        column, row = divmod(place, page.rows)
        left = LEFT_MM + column * (width + _GUTTER_MM)
        yield label, QRectF(left, TOP_MM + _TITLE_MM + row * height, width, height)


def bars_area(cell: QRectF) -> QRectF:
    """Return the part of a cell that the bars and their quiet zones have, in millimeters."""
    height = min(16.0, cell.height() - _CAPTION_MM - _CODE_MM - 1.8)
    return QRectF(cell.left(), cell.top() + _CAPTION_MM, cell.width(), height)


def paint_page(painter: QPainter, page: Page, dots_per_mm: float) -> None:
    """Paint a page in black on whatever is there.

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


def _page(title: str, labels: Sequence[Label]) -> Page:
    return Page(title, tuple(labels), max(1, math.ceil(len(labels) / _COLUMNS)))


def _command_label(command: Command) -> Label:
    return Label(say(command.text), command.code, command.key)


def _write(path: Path, title: str, pages: Sequence[Page]) -> None:
    """Write pages as a PDF; a sheet of before stays as it was unless the new one is whole."""
    file = QSaveFile(str(path))
    if not file.open(QIODevice.OpenModeFlag.WriteOnly):
        raise OSError(f"cannot write {path}: {file.errorString()}")
    writer = QPdfWriter(file)
    writer.setTitle(title)
    writer.setResolution(_PDF_DPI)
    paper = QPageSize(QPageSize.PageSizeId.A4)
    writer.setPageLayout(QPageLayout(paper, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    painter = QPainter(writer)
    try:
        for place, page in enumerate(pages):
            if place:
                writer.newPage()
            paint_page(painter, page, _PDF_DPI / _MM_PER_INCH)
    except ValueError:
        file.cancelWriting()
        raise
    finally:
        painter.end()
    if not file.commit():
        raise OSError(f"cannot write {path}: {file.errorString()}")


def _paint_label(painter: QPainter, label: Label, cell: QRectF, dots_per_mm: float) -> None:
    area = bars_area(cell)
    above = QRectF(cell.left(), cell.top(), cell.width(), _CAPTION_MM)
    below = QRectF(cell.left(), area.bottom(), cell.width(), _CODE_MM)
    quiet = _paint_bars(painter, label.code, area, dots_per_mm)
    for place, words, flag, millimeters, is_bold in (
        (above, label.caption, Qt.AlignmentFlag.AlignLeft, 3.8, True),
        (above, label.key, Qt.AlignmentFlag.AlignRight, 3.4, False),
        (below, label.code, Qt.AlignmentFlag.AlignLeft, 2.6, False),
    ):
        where = _dots(place, dots_per_mm).adjusted(quiet, 0, 0, 0)
        _write_words(painter, where, words, millimeters * dots_per_mm, flag=flag, is_bold=is_bold)


def _paint_bars(painter: QPainter, code: str, area: QRectF, dots_per_mm: float) -> float:
    """Paint the bars from whole dots, so that no bar is blurred. Returns the quiet zone's width in dots."""
    bars = modules(code)
    room = area.width() * dots_per_mm / (len(bars) + 2 * QUIET_MODULES)
    dot = math.floor(min(room, _WIDEST_MODULE_MM * dots_per_mm))
    if dot < _THINNEST_MODULE_MM * dots_per_mm or dot < 1:
        raise ValueError(f"too long for a bar code of {area.width():.0f} mm: {code!r}")
    x = math.ceil(area.left() * dots_per_mm) + QUIET_MODULES * dot
    top, height = round(area.top() * dots_per_mm), round(area.height() * dots_per_mm)
    for sign, run in groupby(bars):
        width = len(list(run)) * dot
        if sign == "1":
            painter.fillRect(x, top, width, height, QColor(Qt.GlobalColor.black))
        x += width
    return QUIET_MODULES * dot


def _write_words(
    painter: QPainter,
    where: QRectF,
    words: str,
    dots: float,
    *,
    flag: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    is_bold: bool = False,
) -> None:
    """Write one line, cut with an ellipsis where it does not fit; ``dots`` is the height of the type."""
    font = QFont(painter.font())
    font.setPixelSize(max(1, round(dots)))
    font.setBold(is_bold)
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
