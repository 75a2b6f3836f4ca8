"""The evidence sheet: all that is known of a return stands in the file, as text and never as markup."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QUrl
from PySide6.QtGui import QColor, QImage, QPainter, QTextDocument
from PySide6.QtWidgets import QApplication

from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Attempt, Entry, Stage
from loopdesk.domain.returns.grading import Draft, Grade
from loopdesk.presenters.evidence import (
    EvidenceSheet,
    SheetPhoto,
    SheetSection,
    SheetSource,
    evidence_sheet,
)
from loopdesk.services.ports.store import AuditRow, Known, Stored
from loopdesk.ui import evidence_pdf
from loopdesk.ui.evidence_pdf import write_evidence
from tests import pdf_text
from tests.bench_rig import VOCABULARY
from tests.builders import AT, RETURN_ID, a_line, a_return, an_entry, an_inspection

HOSTILE = '<b>bold</b> & "quotes" <script>alert(1)</script>'
PHOTO = f"{'ab' * 16}.jpg"


def told(
    entries: tuple[Entry, ...] = (), attempts: Mapping[str, tuple[Attempt, ...]] | None = None
) -> EvidenceSheet:
    """The sheet of a return with one damaged line and its photo."""
    kim = Operator("kim", "Kim")
    draft = Draft(RETURN_ID, (an_inspection(grade=Grade.D, operator=kim, photos=(PHOTO,), note="torn"),))
    ret = a_return(lines=(a_line(title="Trail Socks", comment=HOSTILE),), order_name="#20417")
    scan = AuditRow(1, AT, "scan", kim, "dock 1", "", "", {"raw": "]C11Z999AA10123456784", "source": "gun"})
    found = SheetSource(
        known=Known(Stored(ret, AT, True), Draft(RETURN_ID), entries, (), (), (draft,)),
        rows=(),
        scans=(scan,),
        attempts=attempts or {},
        sealed=(42, "c0ffee" * 10 + "abcd"),
    )
    return evidence_sheet(
        found, vocabulary=VOCABULARY, photo_path=lambda name: f"/x/{name}", zone=UTC, now=AT, station="dock 1"
    )


def of(sheet: EvidenceSheet, heading: str) -> SheetSection:
    return next(section for section in sheet.sections if section.heading == heading)


def test_the_sheet_says_who_scanned_and_decided_what_and_when_and_ends_with_the_seal() -> None:
    sheet = told()
    assert sheet.title == f"Evidence: #20417 · RMA {RETURN_ID}"
    (scan,) = of(sheet, "Scanned, as it was read").lines
    assert "]C11Z999AA10123456784" in scan
    assert scan.endswith("Kim · dock 1")
    item = of(sheet, sheet.sections[1].heading)
    assert item.heading.startswith("Trail Socks")
    assert any("D · Back to stock · Kim · torn" in line for line in item.lines)
    assert [photo.caption for photo in item.photos] == [PHOTO]
    assert of(sheet, "Seal").lines == (
        "Row 42 of this station's audit log has the SHA-256 hash",
        "c0ffee" * 10 + "abcd",
    )


def test_loops_answers_stand_beside_what_was_asked() -> None:
    entry = an_entry(1, Kind.GRADE, Stage.DONE)
    attempt = Attempt(entry.entry_id, 1, "", "accepted", 200, "ok", AT, AT)
    sheet = told(entries=(entry,), attempts={entry.entry_id: (attempt,)})
    asked = of(sheet, "What was asked of Loop, and what it answered").lines
    assert asked[0].endswith("Confirmed by Loop")
    assert "HTTP 200 · accepted · ok" in asked[1]


def test_the_file_says_all_of_it_as_text_in_every_script_with_a_seal_that_can_be_copied(
    dressed: QApplication, tmp_path: Path
) -> None:
    del dressed
    section = SheetSection("Łódź", (HOSTILE, "Åse 北京 مرحبا"))
    seal = SheetSection("Seal", ("c0ffee" * 10,))
    write_evidence(tmp_path / "sheet.pdf", EvidenceSheet("Evidence: #1", ("about",), (section, seal)))
    (page,) = pdf_text.pages(tmp_path / "sheet.pdf")
    read = unicodedata.normalize("NFKC", "".join(page.split()))
    for part in ("Evidence:#1", "Łódź", "".join(HOSTILE.split()), "c0ffee" * 10):
        assert part in read


def test_many_photos_and_lines_break_into_numbered_pages_and_a_lost_photo_is_named(
    dressed: QApplication, tmp_path: Path
) -> None:
    del dressed
    image = QImage(2048, 1536, QImage.Format.Format_RGB32)
    image.fill(QColor("#884422"))
    path = tmp_path / PHOTO
    assert image.save(str(path))
    photos = tuple(SheetPhoto(str(path), f"{n:02}.jpg") for n in range(9))
    lines = tuple(f"line{n:03}" for n in range(150))
    gone = SheetPhoto(str(tmp_path / "gone.jpg"), "gone.jpg")
    sheet = EvidenceSheet("Evidence", (), (SheetSection("Socks", lines, (*photos, gone)),))
    write_evidence(tmp_path / "sheet.pdf", sheet)
    pages = pdf_text.pages(tmp_path / "sheet.pdf")
    assert len(pages) >= 6
    assert [page.rstrip()[-1] for page in pages] == [str(n) for n in range(1, len(pages) + 1)]
    every = "".join("".join(pages).split())
    assert all(text in every for text in (*lines, *(photo.caption for photo in photos)))
    assert "gone.jpg:thefileisnotonthiscomputeranymore" in unicodedata.normalize("NFKC", every)
    content = (tmp_path / "sheet.pdf").read_bytes()
    assert content.count(b"/Subtype /Image") == len(photos)


def test_a_document_of_many_photos_keeps_a_small_jpeg_of_each_and_no_decoded_one(
    dressed: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decoded, 200 of them were 800 MB."""
    del dressed
    kept = list[object]()

    class Spy(QTextDocument):
        def addResource(self, kind: int, url: QUrl | str, data: object) -> None:  # noqa: N802 - Qt's name
            kept.append(data)
            super().addResource(kind, url, data)

    monkeypatch.setattr(evidence_pdf, "QTextDocument", Spy)
    image = QImage(2048, 1536, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for n in range(2000):
        painter.fillRect(n * 7919 % 2048, n * 104_729 % 1536, 60, 60, QColor(n * 37 % 256, n * 91 % 256, 9))
    painter.end()
    assert image.save(str(tmp_path / "photo.jpg"))
    photos = tuple(SheetPhoto(str(tmp_path / "photo.jpg"), f"{n}.jpg") for n in range(3))
    sheet = EvidenceSheet("Evidence", (), (SheetSection("Socks", (), photos),))
    assert write_evidence(tmp_path / "sheet.pdf", sheet) == 0
    decoded = 990 * 742 * 4
    assert len(kept) == 3
    assert all(isinstance(each, QByteArray) and each.size() < decoded / 2 for each in kept)


def test_a_photo_that_is_not_whole_is_named_and_nothing_that_it_names_is_read(
    dressed: QApplication, tmp_path: Path
) -> None:
    """Half of a photo, gray below, would be evidence of nothing."""
    del dressed
    image = QImage(800, 600, QImage.Format.Format_RGB32)
    image.fill(QColor("#884422"))
    assert image.save(str(tmp_path / "cut.jpg"))
    content = (tmp_path / "cut.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(content[: len(content) // 2])
    (tmp_path / "drawn.jpg").write_bytes(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    (tmp_path / "folder.jpg").mkdir()
    names = ("cut.jpg", "drawn.jpg", "folder.jpg")
    photos = tuple(SheetPhoto(str(tmp_path / name), name) for name in names)
    write_evidence(
        tmp_path / "sheet.pdf", EvidenceSheet("Evidence", (), (SheetSection("Socks", (), photos),))
    )
    (page,) = pdf_text.pages(tmp_path / "sheet.pdf")
    read = unicodedata.normalize("NFKC", "".join(page.split()))
    assert all(f"{name}:thefileisdamaged" in read for name in names)
    assert b"/Subtype /Image" not in (tmp_path / "sheet.pdf").read_bytes()


def test_a_sheet_that_cannot_be_written_leaves_the_one_before_it(
    dressed: QApplication, tmp_path: Path
) -> None:
    del dressed
    with pytest.raises(OSError, match="cannot write"):
        write_evidence(tmp_path / "none" / "sheet.pdf", EvidenceSheet("Evidence", (), ()))
