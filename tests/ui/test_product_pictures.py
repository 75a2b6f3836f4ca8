"""Product pictures in the window: what is decoded and what is not, what is held, and that nothing waits."""

from __future__ import annotations

import struct
import zlib

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter
from PySide6.QtWidgets import QApplication

from loopdesk.domain.errors import PictureRefused
from loopdesk.domain.pictures import EDGE, PictureState, ProductPicture
from loopdesk.ui import pictures as pictures_module
from loopdesk.ui.images import read_picture, shrink
from loopdesk.ui.pictures import PictureCache
from loopdesk.ui.widgets.picture import PictureView

KEY, OTHER = "a" * 32, "b" * 32


def a_picture(kind: str = "JPG", width: int = 40, height: int = 30) -> bytes:
    """Return a picture, red at the left and blue at the right."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    painter = QPainter(image)
    painter.fillRect(QRect(width // 2, 0, width, height), QColor("blue"))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, kind)  # type: ignore[call-overload]
    return bytes(data.data())


def a_png(width: int, height: int, *, bits: int = 1, color: int = 0, rows: int = 1) -> bytes:
    """Return a PNG that says how large it is; its pixels are mere zeros, as far as they go."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    line = bytes(1 + (width * bits * {0: 1, 2: 3, 6: 4}[color] + 7) // 8)
    pixels = zlib.compress(line * rows, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def why(content: bytes) -> str:
    """Return why a picture is refused."""
    with pytest.raises(PictureRefused) as refusal:
        read_picture(content, EDGE)
    assert refusal.value.is_final
    return refusal.value.detail


@pytest.mark.parametrize("kind", ["JPG", "PNG", "WEBP"])
def test_a_picture_is_read_whatever_it_is_called_and_becomes_a_small_jpeg(
    qapp: QApplication, kind: str
) -> None:
    small = shrink(a_picture(kind, 3000, 1000))
    image = QImage.fromData(QByteArray(small))
    assert small.startswith(b"\xff\xd8")
    assert (image.width(), image.height()) == (EDGE, EDGE // 3)
    assert image.pixelColor(10, 10).red() > 200
    assert image.pixelColor(EDGE - 10, 10).blue() > 200


def test_a_small_picture_is_not_blown_up(qapp: QApplication) -> None:
    image = read_picture(a_picture("PNG"), EDGE)
    assert (image.width(), image.height()) == (40, 30)


def test_a_clear_ground_becomes_white(qapp: QApplication) -> None:
    image = QImage.fromData(QByteArray(shrink(a_png(16, 16, bits=8, color=6, rows=16))))
    assert image.pixelColor(8, 8).name() == "#ffffff"


def test_a_picture_stands_as_its_camera_says_and_nothing_else_of_it_is_kept(qapp: QApplication) -> None:
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x0112, 3, 1, 6, 0)
    exif = b"Exif\0\0" + tiff + b"SECRET PLACE"
    plain = a_picture("JPG", 400, 200)
    turned = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]
    small = shrink(turned)
    image = QImage.fromData(QByteArray(small))
    assert (image.width(), image.height()) == (200, 400)
    assert b"SECRET" not in small
    assert b"Exif" not in small


@pytest.mark.fault(179)
@pytest.mark.parametrize(("bits", "color"), [(1, 0), (8, 0), (8, 2), (16, 6)])
def test_a_picture_of_more_than_25_megapixels_is_refused_before_it_is_decoded(
    qapp: QApplication, bits: int, color: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(QImageReader, "read")  # decoding would fail
    bomb = a_png(30_000, 30_000, bits=bits, color=color)
    assert len(bomb) < 5000
    assert why(bomb) == "pixels"
    assert why(a_png(25_001, 1000)) == "pixels"
    assert why(a_png(2_000_000_000, 1)) in ("pixels", "broken")


def test_a_picture_of_exactly_25_megapixels_is_decoded(qapp: QApplication) -> None:
    image = read_picture(a_png(5000, 5000, rows=5000), EDGE)
    assert (image.width(), image.height()) == (EDGE, EDGE)


NESTED = "".join(f'<g id="g{n}">{f"<use href=&quot;#g{n - 1}&quot;/>" * 10}</g>' for n in range(1, 12))
SVG = f'<svg xmlns="http://www.w3.org/2000/svg"><rect id="g0"/>{NESTED}<use href="#g11"/></svg>'.replace(
    "&quot;", '"'
)


@pytest.mark.fault(179)
@pytest.mark.parametrize(
    "content",
    [
        SVG.encode(),
        b'<?xml version="1.0"?>' + SVG.encode(),
        b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(200),
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1" + bytes(200),
        b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;",
        b"BM" + bytes(100),
        b"II*\0" + bytes(100),
        b"<html><body>Guest network</body></html>",
        b"%PDF-1.7\n",
        b"P6 1 1 255 abc",
        b"/* XPM */ static char *x[] = {};",
        b"\0\0\x01\0\x01\0",
        b"MZ" + bytes(100),
        b"",
        b"\xff\xd8",
    ],
)
def test_what_is_no_jpeg_png_or_webp_by_its_content_is_given_to_no_decoder(
    qapp: QApplication, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(QImageReader, "read")
    monkeypatch.delattr(QImageReader, "size")
    assert why(content) in ("format", "cut")


@pytest.mark.parametrize("kind", ["BMP", "PPM", "XPM"])
def test_other_formats_that_qt_knows_are_refused(qapp: QApplication, kind: str) -> None:
    assert why(a_picture(kind)) == "format"


@pytest.mark.fault(179)
@pytest.mark.parametrize("kind", ["JPG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_half_a_picture_is_none(qapp: QApplication, kind: str, share: float) -> None:
    noise = QImage(64, 64, QImage.Format.Format_RGB32)
    for x in range(64):
        for y in range(64):
            noise.setPixel(x, y, 0xFF000000 | (x * 7919 + y * 104_729) * 2_654_435_761 % 0xFFFFFF)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert noise.save(buffer, kind)  # type: ignore[call-overload]
    whole = bytes(data.data())
    assert not read_picture(whole, EDGE).isNull()
    assert why(whole[: int(len(whole) * share)]) in ("cut", "broken", "format")


def test_bytes_behind_a_jpegs_end_do_no_harm(qapp: QApplication) -> None:
    assert read_picture(a_picture("JPG") + b"\0" * 2000 + b"a maker's own words", EDGE).width() == 40


# --- what the window holds ----------------------------------------------------------------------------


class Wanted:
    """Notes what a cache wants."""

    def __init__(self, cache: PictureCache) -> None:
        self.asked: list[tuple[str, int]] = []
        self.loaded: list[str] = []
        cache.wanted.connect(self._want)
        cache.loaded.connect(self._load)

    def _want(self, key: str, edge: int) -> None:
        self.asked.append((key, edge))

    def _load(self, key: str) -> None:
        self.loaded.append(key)


def an_image(edge: int = 100) -> QImage:
    """Return a green image."""
    image = QImage(edge, edge, QImage.Format.Format_RGB32)
    image.fill(QColor("green"))
    return image


def test_a_picture_is_wanted_once_and_drawn_when_it_came(qapp: QApplication) -> None:
    cache = PictureCache()
    seen = Wanted(cache)
    assert cache.pixmap(KEY, 50, 2.0).isNull()
    assert cache.pixmap(KEY, 50, 2.0).isNull()
    assert cache.pixmap("", 50).isNull()
    assert seen.asked == [(KEY, 100)]
    cache.take(KEY, 100, an_image())
    assert seen.loaded == [KEY]
    pixmap = cache.pixmap(KEY, 50, 2.0)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (100, 2.0)
    assert seen.asked == [(KEY, 100)]


def test_a_picture_that_cannot_be_read_is_not_asked_for_until_it_is_another_one(qapp: QApplication) -> None:
    cache = PictureCache()
    seen = Wanted(cache)
    cache.pixmap(KEY, 50)
    cache.take(KEY, 50, QImage())
    assert cache.pixmap(KEY, 50).isNull()
    assert len(seen.asked) == 1
    cache.forget(KEY)
    assert cache.pixmap(KEY, 50).isNull()
    assert len(seen.asked) == 2


def test_the_memory_for_pictures_is_bounded_and_the_latest_drawn_stay(qapp: QApplication) -> None:
    cache = PictureCache(most_bytes=200_000)
    for n in range(200):
        cache.take(f"{n:032}", 100, an_image())
        assert not cache.pixmap(f"{n:032}", 100).isNull()
        assert cache.used_bytes <= 200_000
    assert cache.used_bytes == 5 * 40_000
    for n in range(2000):
        cache.take(f"{n:032}", 100, QImage())
    assert cache.used_bytes <= 200_000
    cache.forget()
    assert cache.used_bytes == 0


def test_the_view_shows_the_outline_first_and_the_picture_when_it_came(dressed: QApplication) -> None:
    view = PictureView()
    view.resize(124, 124)
    view.show_picture(ProductPicture(KEY, PictureState.AWAITED), "Linen shirt")
    assert view.accessibleName() == "No picture"
    view.grab()
    view.show_picture(ProductPicture(KEY, PictureState.HERE), "Linen shirt")
    assert view.accessibleName() == "Picture of Linen shirt"
    before = view.grab().toImage()
    assert before.pixelColor(62, 62).name() != QColor("green").name()
    pictures_module.pictures().take(KEY, 120, an_image(120))
    try:
        assert view.grab().toImage().pixelColor(62, 62).name() == QColor("green").name()
    finally:
        pictures_module.pictures().forget()
        view.deleteLater()
