"""What an operator chooses as a photo: only a picture comes in, and nothing but the picture."""

from __future__ import annotations

import errno
import os
import struct
import zlib
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from loopdesk.domain.errors import DiskFull, RuleBroken, StoreError
from loopdesk.ui.photos import FILE_MOST_BYTES, SIDE_PIXELS, keep_photo

PLACE = b"N 45 31 12 W 122 40 55 secret-place"


def a_picture(path: Path, width: int = 40, height: int = 30) -> Path:
    """Draw a picture into a file of the kind that its name says."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    assert image.save(str(path))
    return path


def _with_exif(path: Path) -> Path:
    """Put an EXIF block with a place behind the first marker of a JPEG."""
    content = path.read_bytes()
    block = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\0" + PLACE
    segment = b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
    path.write_bytes(content[:2] + segment + content[2:])
    return path


def _bomb(path: Path, side: int) -> Path:
    """Write a PNG of a few bytes that says it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    return path


@pytest.mark.fault(108)
def test_where_it_was_taken_and_what_hides_behind_it_stay_outside(tmp_path: Path) -> None:
    source = _with_exif(a_picture(tmp_path / "taken.jpg"))
    with source.open("ab") as file:
        file.write(b"MZ hidden program")
    name = keep_photo(source, tmp_path / "photos")
    kept = (tmp_path / "photos" / name).read_bytes()
    assert PLACE in source.read_bytes()
    assert PLACE not in kept
    assert b"hidden program" not in kept
    assert kept.startswith(b"\xff\xd8")
    assert name.endswith(".jpg")
    assert len(name) == 36


@pytest.mark.fault(108)
def test_a_large_picture_is_made_smaller(tmp_path: Path) -> None:
    name = keep_photo(a_picture(tmp_path / "large.png", 3000, 1000), tmp_path / "photos")
    image = QImage(str(tmp_path / "photos" / name))
    assert image.width() == SIDE_PIXELS


@pytest.mark.fault(107, 108)
@pytest.mark.parametrize(
    "kind", ["program", "svg", "empty", "folder", "missing", "bomb", "cut", "huge file", "long name", "NUL"]
)
def test_what_is_no_picture_is_refused(tmp_path: Path, kind: str) -> None:
    source = tmp_path / "photo.png"
    if kind == "program":
        source.write_bytes(b"MZ\x90\0" + bytes(2000))
    elif kind == "svg":
        source.write_text('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>')
    elif kind == "empty":
        source.touch()
    elif kind == "folder":
        source.mkdir()
    elif kind == "long name":
        source = tmp_path / ("x" * 5000)
    elif kind == "NUL":
        source = tmp_path / "photo\0.png"
    elif kind == "bomb":
        _bomb(source, 60_000)
    elif kind == "cut":
        a_picture(source)
        source.write_bytes(source.read_bytes()[:20])
    elif kind == "huge file":
        with source.open("wb") as file:
            file.truncate(FILE_MOST_BYTES + 1)
    with pytest.raises(RuleBroken):
        keep_photo(source, tmp_path / "photos")
    assert not (tmp_path / "photos").exists() or list((tmp_path / "photos").iterdir()) == []


@pytest.mark.parametrize("kind", ["a file in place of the folder", "full disk"])
def test_a_photo_that_cannot_be_written_is_said_to_be_not_kept(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    source = a_picture(tmp_path / "photo.png")
    if kind == "full disk":
        monkeypatch.setattr(os, "fsync", full)
    else:
        (tmp_path / "photos").touch()
    with pytest.raises(DiskFull if kind == "full disk" else StoreError):
        keep_photo(source, tmp_path / "photos")


if os.name == "posix":

    @pytest.mark.fault(122)
    def test_a_photo_is_for_this_user_alone(tmp_path: Path) -> None:
        name = keep_photo(a_picture(tmp_path / "photo.png"), tmp_path / "photos")
        assert (tmp_path / "photos").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "photos" / name).stat().st_mode & 0o777 == 0o600
