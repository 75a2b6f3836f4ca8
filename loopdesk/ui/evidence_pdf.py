"""Writes the evidence sheet as a PDF: texts as they are, photos below what they are of, pages numbered."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QIODevice, QMarginsF, QSaveFile, QSize, Qt, QUrl
from PySide6.QtGui import (
    QFont,
    QPageLayout,
    QPageSize,
    QPdfWriter,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextImageFormat,
)

from loopdesk.domain.errors import PictureRefused
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.evidence import EvidenceSheet, SheetPhoto
from loopdesk.ui import texts
from loopdesk.ui.images import as_jpeg, on_white, read_picture

_DPI = 300
_MARGIN_MM = 16.0
_PHOTO_PX, _ABOVE_PX, _SHARPER = 330, 12.0, 3
"""At 96 dots an inch; a photo keeps so many times as many dots of its own."""
_QUALITY = 88
_SPACING_PX = 0.1
_MOST_TEXT = 4000
_TITLE, _HEADING, _BODY = 16.0, 11.5, 9.0
"""Sizes in points."""


def write_evidence(path: Path, sheet: EvidenceSheet) -> int:
    """Write the sheet; an existing file is replaced only by a complete one.

    Returns:
        How many of its photos could not be read; they are named on it all the same.

    Raises:
        OSError: The file cannot be written.
    """
    file = QSaveFile(str(path))
    if not file.open(QIODevice.OpenModeFlag.WriteOnly):
        raise OSError(f"cannot write {path}: {file.errorString()}")
    writer = QPdfWriter(file)
    writer.setResolution(_DPI)
    writer.setTitle(texts.clean(sheet.title))
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    paper, upright = QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait
    writer.setPageLayout(QPageLayout(paper, upright, margins, QPageLayout.Unit.Millimeter))
    document, lost = _document(sheet)
    document.print_(writer)
    if not file.commit():
        raise OSError(f"cannot write {path}: {file.errorString()}")
    return lost


def _document(sheet: EvidenceSheet) -> tuple[QTextDocument, int]:
    """Lay the sheet out without pages: printing breaks them and numbers them. Counts the lost photos."""
    document, lost = QTextDocument(), 0
    cursor = QTextCursor(document)
    cursor.setCharFormat(_look(_TITLE, is_bold=True))
    cursor.insertText(texts.clean(sheet.title, _MOST_TEXT))
    for line in sheet.about:
        _write(cursor, line)
    for section in sheet.sections:
        _write(cursor, section.heading, is_heading=True)
        for line in section.lines:
            _write(cursor, line)
        for photo in section.photos:
            lost += not _insert_photo(document, cursor, photo)
    return document, lost


def _look(points: float, *, is_bold: bool = False) -> QTextCharFormat:
    look = QTextCharFormat()
    look.setFontPointSize(points)
    look.setFontWeight(QFont.Weight.Bold if is_bold else QFont.Weight.Normal)
    look.setFontLetterSpacingType(QFont.SpacingType.AbsoluteSpacing)
    look.setFontLetterSpacing(_SPACING_PX)  # without ligatures: a copied hash has the letters it should have
    return look


def _write(cursor: QTextCursor, text: str, *, is_heading: bool = False) -> None:
    """Write a paragraph of plain text; nothing in it is ever markup."""
    block = QTextBlockFormat()
    block.setTopMargin(_ABOVE_PX if is_heading else 0.0)
    look = _look(_HEADING if is_heading else _BODY, is_bold=is_heading)
    cursor.insertBlock(block, look)
    cursor.insertText(texts.clean(text, _MOST_TEXT), look)


def _insert_photo(document: QTextDocument, cursor: QTextCursor, photo: SheetPhoto) -> bool:
    """Insert a photo with its name below it; one that cannot be read whole (False) is named all the same.

    The document keeps a small JPEG: 200 decoded photos would be 800 MB. Printing decodes one at a time.
    """
    try:
        image = read_picture(Path(photo.path).read_bytes(), _PHOTO_PX * _SHARPER)
    except FileNotFoundError:
        _write(cursor, _("{photo}: the file is not on this computer any more", photo=photo.caption))
        return False
    except (OSError, PictureRefused):
        _write(cursor, _("{photo}: the file is damaged", photo=photo.caption))
        return False
    small = QByteArray(as_jpeg(on_white(image), _QUALITY))
    document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(photo.caption), small)
    shown = image.size().scaled(QSize(_PHOTO_PX, _PHOTO_PX), Qt.AspectRatioMode.KeepAspectRatio)
    form = QTextImageFormat()
    form.setName(photo.caption)
    form.setWidth(shown.width())
    form.setHeight(shown.height())
    cursor.insertBlock(QTextBlockFormat(), _look(_BODY))
    cursor.insertImage(form)
    _write(cursor, photo.caption)
    return True
