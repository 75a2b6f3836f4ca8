"""Printed codes are decoded again from the printer's dots."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QApplication

from loopdesk.i18n import catalogue, languages
from loopdesk.presenters.bench.code_sheet import sheet_pages
from loopdesk.simulator.samples import practice_labels
from loopdesk.ui import printing
from loopdesk.ui.printing import (
    DOTS_PER_MM,
    DPI,
    PrintedLabel,
    PrintedPage,
    Symbology,
    bars_area,
    cells,
    command_pages,
    label_pages,
    modules,
    picture,
    square_area,
    unreadable,
    write_command_sheet,
    write_label_sheet,
)
from tests.bench_rig import VOCABULARY, issued
from tests.catalogues import LOCALES

SHEET = sheet_pages(VOCABULARY, issued)
A4_MM, LETTER_MM = (210.0, 297.0), (215.9, 279.4)


def seen(image: QImage, area: QRectF) -> set[printing.Read]:
    """What a reader sees in a part of a picture, given in millimeters."""
    corner = QPoint(round(area.left() * DOTS_PER_MM), round(area.top() * DOTS_PER_MM))
    size = QSize(round(area.width() * DOTS_PER_MM), round(area.height() * DOTS_PER_MM))
    return printing.read(image.copy(QRect(corner, size)))


def drawn(text: str, symbology: Symbology, dot: int = 3) -> QImage:
    """A code alone on white, with its quiet zones."""
    rows = modules(text, symbology)
    quiet = 2 * symbology.quiet_modules
    high = len(rows) + quiet if len(rows) > 1 else 20
    image = QImage((len(rows[0]) + quiet) * dot, high * dot, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    printing.paint(painter, rows, symbology, QRectF(image.rect()), dot)
    painter.end()
    return image


@pytest.mark.fault(175)
@pytest.mark.parametrize("symbology", Symbology)
@given(text=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40))
@example(text="99")
@example(text="9999")
@example(text="99001122")
@example(text="]C1123")
@example(text="\\x41^1")
def test_any_printable_text_reads_back(symbology: Symbology, text: str) -> None:
    assert printing.read(drawn(text, symbology)) == {(text, symbology.value)}


@pytest.mark.fault(175)
@pytest.mark.parametrize("symbology", Symbology)
def test_every_number_that_begins_with_99_reads_back(symbology: Symbology) -> None:
    wrong = [
        text
        for text in (f"99{number:02d}" for number in range(100))
        if printing.read(drawn(text, symbology)) != {(text, symbology.value)}
    ]
    assert wrong == []


@pytest.mark.parametrize("symbology", Symbology)
@pytest.mark.parametrize("code", ["", "grün", "\N{EURO SIGN}", "a\x1db", "12\n"])
def test_what_a_scanner_cannot_type_is_refused(symbology: Symbology, code: str) -> None:
    with pytest.raises(ValueError, match=r"type|empty"):
        modules(code, symbology)


@pytest.mark.parametrize(("kind", "made"), [(Symbology.CODE_128, "]C1"), (Symbology.QR, "]Q3")])
def test_a_symbol_of_another_kind_than_was_asked_for_is_refused(
    monkeypatch: pytest.MonkeyPatch, kind: Symbology, made: str
) -> None:
    """The library ignores options that it does not know, so only what it reports to have made counts."""
    create = zxingcpp.create_barcode
    monkeypatch.setattr(zxingcpp, "create_barcode", lambda _, form: create("(10)ABC", form, gs1=True))
    with pytest.raises(ValueError, match=re.escape(f"made {made} in place of {kind.value}")):
        modules("10ABC", kind)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_every_command_reads_back_at_the_printers_resolution(qapp: QApplication, place: int) -> None:
    page = command_pages(SHEET)[place]
    image = picture(page)
    assert (image.width(), DPI) == (2480, 300)
    for label, cell in cells(page):
        assert seen(image, bars_area(cell)) == {(label.code, "]C0")}
        assert seen(image, square_area(cell)) == {(label.code, "]Q1")}


def test_every_practice_label_reads_back(qapp: QApplication) -> None:
    read = []
    for page in label_pages(practice_labels()):
        image = picture(page)
        read += [(seen(image, bars_area(cell)), seen(image, square_area(cell))) for _, cell in cells(page)]
    assert read == [({(code, "]C0")}, {(code, "]Q1")}) for _, code in practice_labels()]


def test_bars_are_whole_dots_wide_and_stand_alone_on_white(qapp: QApplication) -> None:
    """Nothing else is printed where the quiet zones are, and no module is thinner than a gun can see."""
    for page in (*command_pages(SHEET), *label_pages(practice_labels())):
        image = picture(page)
        for label, cell in cells(page):
            bars = modules(label.code, Symbology.CODE_128)[0]
            before, runs, behind = across(image, bars_area(cell))
            dot = runs[0] // len(bars[: bars.index("0")])
            assert runs == [len(list(run)) * dot for _, run in groupby(bars)]
            assert min(before, behind) >= 10 * dot - 1
            assert dot / DOTS_PER_MM >= 0.25


def across(image: QImage, area: QRectF) -> tuple[int, list[int], int]:
    """A row of dots through bars: the white before, the width of each bar and gap, the white behind."""
    y = round(area.center().y() * DOTS_PER_MM)
    left, right = round(area.left() * DOTS_PER_MM), round(area.right() * DOTS_PER_MM)
    row = [image.pixelColor(x, y).lightness() < 128 for x in range(left, right)]
    before, *runs, behind = [len(list(run)) for _, run in groupby(row)]
    return before, runs, behind


@pytest.mark.fault(175)
def test_a_sheet_with_a_code_that_reads_otherwise_is_not_offered(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was drawn wrong is seen in the picture of the page, whatever the writer said of it."""
    path = tmp_path / "labels.pdf"
    path.write_bytes(b"the sheet of before")
    real = printing.modules
    monkeypatch.setattr(printing, "modules", lambda text, kind: real(text.replace("9999", "99"), kind))
    write_label_sheet(tmp_path / "good.pdf", [("Fine", "1164")])
    with pytest.raises(ValueError, match="“Odd” cannot be read back"):
        write_label_sheet(path, [("Fine", "1164"), ("Odd", "9999")])
    assert path.read_bytes() == b"the sheet of before"


@pytest.mark.parametrize("spoiled", [bars_area, square_area])
def test_a_spoiled_form_of_a_code_is_noticed(qapp: QApplication, spoiled: Callable[[QRectF], QRectF]) -> None:
    page = PrintedPage("", (PrintedLabel("Good", "1164"), PrintedLabel("Spoiled", "1165")), 6)
    image = picture(page)
    assert unreadable(page, image) == []
    (_, (_, cell)) = cells(page)
    place = spoiled(cell)
    painter = QPainter(image)
    painter.scale(DOTS_PER_MM, DOTS_PER_MM)
    painter.fillRect(place.adjusted(place.width() / 4, 0, -place.width() / 4, 0), Qt.GlobalColor.white)
    painter.end()
    assert [label.caption for label in unreadable(page, image)] == ["Spoiled"]


@pytest.mark.parametrize("paper", [A4_MM, LETTER_MM])
def test_everything_fits_on_both_papers_and_nothing_touches(paper: tuple[float, float]) -> None:
    for page in (*command_pages(SHEET), *label_pages(practice_labels())):
        places = [cell for _, cell in cells(page)]
        sheet = QRectF(10, 10, paper[0] - 20, paper[1] - 20)
        assert all(sheet.contains(cell) for cell in places)
        inner = [cell.adjusted(0.01, 0.01, -0.01, -0.01) for cell in places]
        assert not any(a.intersects(b) for n, a in enumerate(inner) for b in inner[n + 1 :])
        assert all(cell.contains(bars_area(cell)) and bars_area(cell).height() >= 8 for cell in places)
        assert all(cell.contains(square_area(cell)) for cell in places)
        assert not any(bars_area(cell).intersects(square_area(cell)) for cell in places)


def test_captions_and_keys_are_printed(qapp: QApplication) -> None:
    """Without its words a label has less ink, above the bars and nowhere else."""
    with_words = picture(PrintedPage("", (PrintedLabel("Grade A", "LDCMDGRADEA", "1"),), 6))
    without = picture(PrintedPage("", (PrintedLabel("", "LDCMDGRADEA"),), 6))
    (_, cell), *_ = cells(PrintedPage("", (PrintedLabel("", "LDCMDGRADEA"),), 6))
    above = QRectF(cell.left(), cell.top(), cell.width(), bars_area(cell).top() - cell.top())
    assert ink(with_words, above) > ink(without, above) == 0
    assert ink(with_words, bars_area(cell)) == ink(without, bars_area(cell))


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_word_of_the_sheets_is_printed_in_full(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    catalogue.use(languages.catalogue_of(language, LOCALES))
    elided = []
    real = QFontMetrics.elidedText

    def watched(metrics: QFontMetrics, text: str, *more: Any) -> str:
        line: str = real(metrics, text, *more)
        if line != text:
            elided.append(text)
        return line

    monkeypatch.setattr(QFontMetrics, "elidedText", watched)
    sheet = sheet_pages(VOCABULARY, issued)
    for page in (*command_pages(sheet), *label_pages(practice_labels())):
        picture(page)
    assert elided == []
    assert (sheet[0].codes[0].meaning == "As new, complete") is (language == "en")


def ink(image: QImage, area: QRectF) -> int:
    xs = range(round(area.left() * DOTS_PER_MM), round(area.right() * DOTS_PER_MM))
    ys = range(round(area.top() * DOTS_PER_MM), round(area.bottom() * DOTS_PER_MM))
    return sum(image.pixelColor(x, y).lightness() < 128 for x in xs for y in ys)


def pages_of(path: Path) -> int:
    found = re.search(rb"/Count (\d+)", path.read_bytes())
    assert found
    return int(found[1])


def test_the_sheets_are_written_as_pdf(qapp: QApplication, tmp_path: Path) -> None:
    write_command_sheet(tmp_path / "commands.pdf", SHEET)
    write_label_sheet(tmp_path / "labels.pdf", [("Ein Päckchen", "1Z999AA10123456784")] * 17)
    assert (tmp_path / "commands.pdf").read_bytes().startswith(b"%PDF-")
    assert pages_of(tmp_path / "commands.pdf") == 3
    assert pages_of(tmp_path / "labels.pdf") == 2


def test_a_code_too_long_to_be_read_is_refused(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "labels.pdf"
    path.write_bytes(b"the sheet of before")
    with pytest.raises(ValueError, match="too long"):
        write_label_sheet(path, [("Fine", "1164"), ("Long", "ABCDEFGHIJ" * 5)])
    assert path.read_bytes() == b"the sheet of before"


def test_a_place_that_cannot_be_written_says_so(qapp: QApplication, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="cannot write"):
        write_command_sheet(tmp_path / "missing" / "commands.pdf", SHEET)


def test_the_window_opens_without_the_library_that_draws_codes() -> None:
    """The library is loaded when a sheet is printed, so that no start waits for it."""
    loaded = "import sys, loopdesk.app.session, loopdesk.ui.main_window; print('zxingcpp' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
