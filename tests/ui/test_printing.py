"""What is printed reads back, bar by bar, to the code that it stands for."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

import pytest
from barcode.charsets.code128 import CODES
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from loopdesk.presenters.commands import COMMANDS, Group
from loopdesk.simulator.samples import practice_labels
from loopdesk.ui.printing import (
    QUIET_MODULES,
    Label,
    Page,
    bars_area,
    cells,
    command_pages,
    label_pages,
    modules,
    paint_page,
    write_command_sheet,
    write_label_sheet,
)

DOTS_PER_MM = 300 / 25.4
A4_MM, LETTER_MM = (210.0, 297.0), (215.9, 279.4)
STOP = "1100011101011"
TO_C, TO_B, TO_A, START_A = 99, 100, 101, 103


def decode(bars: str) -> str:
    """Read the modules of a Code 128 symbol as a scanner does; fails on a wrong check sign."""
    assert bars.endswith(STOP)
    body = bars[: -len(STOP)]
    assert len(body) % 11 == 0
    values = [CODES.index(body[start : start + 11]) for start in range(0, len(body), 11)]
    *signs, check = values
    assert sum(max(1, place) * value for place, value in enumerate(signs)) % 103 == check
    charset = "ABC"[signs[0] - START_A]
    text = ""
    for value in signs[1:]:
        if charset == "C" and value < 100:
            text += f"{value:02d}"
        elif value in (TO_C, TO_B, TO_A) and "CBA"[value - 99] != charset:
            charset = "CBA"[value - 99]
        else:
            assert value < 96
            text += chr(value + 32) if charset == "B" or value < 64 else chr(value - 64)
    return text


def rasterize(page: Page) -> QImage:
    """Paint a page on paper of 300 dpi."""
    image = QImage(round(210 * DOTS_PER_MM), round(279 * DOTS_PER_MM), QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    paint_page(painter, page, DOTS_PER_MM)
    painter.end()
    return image


def read_bars(image: QImage, area: QRectF) -> tuple[str, int, int, int]:
    """Read one row through a bar code: its modules, the white left and right of them, dots a module."""
    y = round(area.center().y() * DOTS_PER_MM)
    left, right = round(area.left() * DOTS_PER_MM), round(area.right() * DOTS_PER_MM)
    row = ["1" if image.pixelColor(x, y).lightness() < 128 else "0" for x in range(left, right)]
    runs = [(sign, len(list(run))) for sign, run in groupby(row)]
    dot = min(width for sign, width in runs if sign == "1")
    assert all(width % dot == 0 for sign, width in runs[1:-1])
    bars = "".join(sign * (width // dot) for sign, width in runs[1:-1])
    return bars, runs[0][1], runs[-1][1], dot


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40))
def test_the_modules_of_any_printable_text_read_back(code: str) -> None:
    assert decode(modules(code)) == code


@pytest.mark.parametrize("code", ["", "grün", "\N{EURO SIGN}"])
def test_what_code_128_cannot_hold_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r"code|Code"):
        modules(code)


@pytest.mark.parametrize("place", [0, 1])
def test_every_drawn_command_reads_back_with_its_quiet_zones(qapp: QApplication, place: int) -> None:
    page = command_pages()[place]
    image = rasterize(page)
    for label, cell in cells(page):
        bars, before, behind, dot = read_bars(image, bars_area(cell))
        assert decode(bars) == label.code
        assert before >= QUIET_MODULES * dot - 1
        assert behind >= QUIET_MODULES * dot
        assert dot / DOTS_PER_MM >= 0.25


def test_every_practice_label_reads_back(qapp: QApplication) -> None:
    read = []
    for page in label_pages(practice_labels()):
        image = rasterize(page)
        read += [decode(read_bars(image, bars_area(cell))[0]) for _, cell in cells(page)]
    assert read == [code for _, code in practice_labels()]


def test_the_first_page_has_what_decides_and_the_second_the_rest() -> None:
    first, second = ([label.code for label in page.labels] for page in command_pages())
    deciding = (Group.GRADES, Group.DISPOSITIONS, Group.LINES)
    assert first == [command.code for command in COMMANDS if command.group in deciding]
    assert sorted(first + second) == sorted(command.code for command in COMMANDS)


@pytest.mark.parametrize("paper", [A4_MM, LETTER_MM])
def test_everything_fits_on_both_papers_and_nothing_touches(paper: tuple[float, float]) -> None:
    for page in (*command_pages(), *label_pages(practice_labels())):
        places = [cell for _, cell in cells(page)]
        sheet = QRectF(10, 10, paper[0] - 20, paper[1] - 20)
        assert all(sheet.contains(cell) for cell in places)
        inner = [cell.adjusted(0.01, 0.01, -0.01, -0.01) for cell in places]
        assert not any(a.intersects(b) for n, a in enumerate(inner) for b in inner[n + 1 :])
        assert all(cell.contains(bars_area(cell)) and bars_area(cell).height() >= 8 for cell in places)


def test_captions_and_keys_are_printed(qapp: QApplication) -> None:
    """Without its words a label has less ink, above the bars and nowhere else."""
    with_words = rasterize(Page("", (Label("Grade A", "LDCMDGRADEA", "1"),), 6))
    without = rasterize(Page("", (Label("", "LDCMDGRADEA"),), 6))
    (_, cell), *_ = cells(Page("", (Label("", "LDCMDGRADEA"),), 6))
    above = QRectF(cell.left(), cell.top(), cell.width(), bars_area(cell).top() - cell.top())
    assert ink(with_words, above) > ink(without, above) == 0
    assert ink(with_words, bars_area(cell)) == ink(without, bars_area(cell))


def ink(image: QImage, area: QRectF) -> int:
    xs = range(round(area.left() * DOTS_PER_MM), round(area.right() * DOTS_PER_MM))
    ys = range(round(area.top() * DOTS_PER_MM), round(area.bottom() * DOTS_PER_MM))
    return sum(image.pixelColor(x, y).lightness() < 128 for x in xs for y in ys)


def pages_of(path: Path) -> int:
    found = re.search(rb"/Count (\d+)", path.read_bytes())
    assert found
    return int(found[1])


def test_the_sheets_are_written_as_pdf(qapp: QApplication, tmp_path: Path) -> None:
    write_command_sheet(tmp_path / "commands.pdf")
    write_label_sheet(tmp_path / "labels.pdf", [("Ein Päckchen", "1Z999AA10123456784")] * 17)
    assert (tmp_path / "commands.pdf").read_bytes().startswith(b"%PDF-")
    assert pages_of(tmp_path / "commands.pdf") == 2
    assert pages_of(tmp_path / "labels.pdf") == 2


def test_a_code_too_long_to_be_read_is_refused(qapp: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "labels.pdf"
    path.write_bytes(b"the sheet of before")
    with pytest.raises(ValueError, match="too long"):
        write_label_sheet(path, [("Fine", "1164"), ("Long", "ABCDEFGHIJ" * 5)])
    assert path.read_bytes() == b"the sheet of before"


def test_a_place_that_cannot_be_written_says_so(qapp: QApplication, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="cannot write"):
        write_command_sheet(tmp_path / "missing" / "commands.pdf")
