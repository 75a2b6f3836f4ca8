"""Labels as a file: their codes are read back from the dots, and a page each is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from loopdesk.domain.printing.labels import GoodsLabel, LabelSize, item_code
from loopdesk.domain.printing.printers import NotPrinted, PrinterState
from loopdesk.ui import printing
from loopdesk.ui.label_pdf import FILE, PdfPrinter, picture, write_labels

LABEL = GoodsLabel(
    item_code("30012345", "tote 14"), "Großregal Ä-14", ("Trail Socks <b>Blue</b>", "TS-1 · A", "#1164")
)


@pytest.mark.fault(175)
@pytest.mark.parametrize(
    "size", [LabelSize(57, 32, 300), LabelSize(102, 51, 300), LabelSize(57, 20, 300)], ids=str
)
def test_the_code_is_read_back_from_the_dots(dressed: QApplication, size: LabelSize) -> None:
    assert printing.read(picture(LABEL, size)) == {(LABEL.code, "]C0")}


def test_a_label_has_a_page_of_its_size_and_each_copy_its_own(dressed: QApplication, tmp_path: Path) -> None:
    path = tmp_path / "labels.pdf"
    twice = GoodsLabel("LDM1", "Mystery 1", copies=2)
    write_labels(path, (LABEL, twice), LabelSize(57, 32, 300))
    pages = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", path.read_bytes())
    assert len(pages) == 3
    assert {(round(float(w) / 72 * 25.4), round(float(h) / 72 * 25.4)) for w, h in pages} == {(57, 32)}


async def test_the_printer_writes_the_file_and_opens_it(
    dressed: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def opens(path: Path) -> bool:
        opened.append(path)
        return True

    monkeypatch.setattr(printing, "open_sheet", opens)
    printer = PdfPrinter(tmp_path, LabelSize())
    assert await printer.print((LABEL,)) is PrinterState.SILENT
    assert opened == [tmp_path / FILE]
    monkeypatch.setattr(printing, "open_sheet", lambda _: False)
    with pytest.raises(NotPrinted):
        await printer.print((LABEL,))


async def test_what_has_no_room_or_no_folder_is_not_printed(dressed: QApplication, tmp_path: Path) -> None:
    with pytest.raises(NotPrinted) as narrow:
        await PdfPrinter(tmp_path, LabelSize(20, 15)).print((LABEL,))
    assert narrow.value.state is PrinterState.TOO_NARROW
    with pytest.raises(NotPrinted) as nowhere:
        await PdfPrinter(tmp_path / "none", LabelSize()).print((LABEL,))
    assert nowhere.value.state is PrinterState.REFUSED
    assert not (tmp_path / FILE).exists()
