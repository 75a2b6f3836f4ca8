"""What an operator chooses as a photo: only a picture comes in, and nothing but the picture."""

from __future__ import annotations

import errno
import os
import struct
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

from loopdesk.domain.camera import PHOTO_EDGE
from loopdesk.domain.errors import DiskFull, RuleBroken, StoreError
from loopdesk.presenters.words import errors
from loopdesk.ui.photos import FILE_MOST_BYTES, keep_photo

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
    assert image.width() == PHOTO_EDGE


def test_what_is_transparent_in_a_photo_is_white(tmp_path: Path) -> None:
    source = tmp_path / "cut out.png"
    image = QImage(40, 30, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    assert image.save(str(source))
    kept = QImage(str(tmp_path / keep_photo(source, tmp_path)))
    assert kept.pixelColor(20, 15).lightness() > 250


def _half(path: Path, kind: str) -> None:
    """Write the first half of a JPEG, whatever the name says."""
    whole = a_picture(path.with_suffix(f".{kind}"), 400, 300).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


NO_PICTURES = {
    "program": "no_picture",
    "another program": "no_picture",
    "svg": "no_picture",
    "nested svg": "no_picture",
    "empty": "no_picture",
    "folder": "photo_unreadable",
    "missing": "photo_unreadable",
    "long name": "photo_unreadable",
    "NUL": "photo_unreadable",
    "bomb": "photo_pixels",
    "51 megapixels": "photo_pixels",
    "cut PNG": "photo_broken",
    "cut JPEG": "photo_cut",
    "HEIC": "photo_heic",
    "huge file": "photo_too_large",
}


def _nested_svg() -> str:
    uses = "".join(f'<g id="g{n}"><use href="#g{n - 1}"/><use href="#g{n - 1}"/></g>' for n in range(1, 40))
    return f'<svg xmlns="http://www.w3.org/2000/svg"><g id="g0"><path/></g>{uses}</svg>'


CONTENTS = {
    "program": b"MZ\x90\0" + bytes(2000),
    "another program": b"\x7fELF" + bytes(2000),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "nested svg": _nested_svg().encode(),
    "empty": b"",
    "HEIC": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(2000),
    "huge file": bytes(FILE_MOST_BYTES + 1),
}


def _made(kind: str, source: Path) -> Path:
    """Make a file that is no photo, or name one that is none."""
    if kind in CONTENTS:
        source.write_bytes(CONTENTS[kind])
    elif kind == "folder":
        source.mkdir()
    elif kind == "bomb":
        _bomb(source, 60_000)
    elif kind == "51 megapixels":
        _bomb(source, 7_142)
    elif kind == "cut PNG":
        source.write_bytes(a_picture(source).read_bytes()[:20])
    elif kind == "cut JPEG":
        _half(source, "jpg")
    names = {"long name": "x" * 5000, "NUL": "photo\0.png"}
    return source.with_name(names[kind]) if kind in names else source


@pytest.mark.fault(107, 108)
@pytest.mark.parametrize("kind", NO_PICTURES)
def test_what_is_no_picture_is_refused_with_a_sentence_of_its_own(tmp_path: Path, kind: str) -> None:
    source = _made(kind, tmp_path / "photo.png")
    with pytest.raises(RuleBroken) as refused:
        keep_photo(source, tmp_path / "photos")
    assert refused.value.detail == NO_PICTURES[kind]
    assert errors.rule(refused.value.detail) != errors.rule("not a rule"), "it has a sentence"
    assert not (tmp_path / "photos").exists() or list((tmp_path / "photos").iterdir()) == []


@pytest.mark.fault(108)
def test_a_photo_taken_with_the_camera_on_its_side_is_kept_upright(tmp_path: Path) -> None:
    source = a_picture(tmp_path / "taken.jpg", 40, 30)
    content = source.read_bytes()
    turned = b"MM\0\x2a\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)
    segment = b"\xff\xe1" + struct.pack(">H", len(turned) + 8) + b"Exif\0\0" + turned
    source.write_bytes(content[:2] + segment + content[2:])
    kept = QImage(str(tmp_path / "photos" / keep_photo(source, tmp_path / "photos")))
    assert (kept.width(), kept.height()) == (30, 40)


@pytest.mark.fault(108)
def test_the_same_photo_is_kept_once(tmp_path: Path) -> None:
    source = a_picture(tmp_path / "photo.png")
    assert keep_photo(source, tmp_path / "photos") == keep_photo(source, tmp_path / "photos")
    assert len(list((tmp_path / "photos").iterdir())) == 1


def test_an_old_photo_that_is_taken_again_is_as_young_as_a_new_one(tmp_path: Path) -> None:
    """Or the purge, which asks first what is named anywhere, could delete it before its draft is saved."""
    source = a_picture(tmp_path / "photo.png")
    kept = tmp_path / "photos" / keep_photo(source, tmp_path / "photos")
    os.utime(kept, (0, 0))
    keep_photo(source, tmp_path / "photos")
    assert kept.stat().st_mtime >= source.stat().st_mtime


def test_the_same_photo_that_comes_in_several_ways_at_once_is_kept(tmp_path: Path) -> None:
    """Out of the camera's folder and dropped: each is written in a thread of its own."""
    source, ways = a_picture(tmp_path / "photo.png"), 6
    at_once = threading.Barrier(ways)

    def keep(_number: int) -> str:
        at_once.wait()
        return keep_photo(source, tmp_path / "photos")

    with ThreadPoolExecutor(ways) as threads:
        assert len(set(threads.map(keep, range(ways)))) == 1
    assert len(list((tmp_path / "photos").iterdir())) == 1


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
