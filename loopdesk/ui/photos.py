"""Stores photos of lines: decoded, scaled down, re-encoded, named by their content.

Re-encoding drops everything that is not image data (location, camera, hidden payload). What may be decoded at
all is decided by ``ui.images``, as for product pictures; a photo may have more pixels.
"""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

from PySide6.QtGui import QImage

from loopdesk.domain.camera import PHOTO_EDGE
from loopdesk.domain.errors import PictureRefused, RuleBroken, not_written
from loopdesk.ui.images import as_jpeg, at_most, on_white, read_picture

FILE_MOST_BYTES = 25_000_000
PIXELS_MOST = 50_000_000
QUALITY = 85

_writing = threading.Lock()

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"hevm", b"mif1", b"msf1", b"avif"})
_REFUSED = {"pixels": "photo_pixels", "cut": "photo_cut", "broken": "photo_broken"}


def keep_photo(source: Path, folder: Path) -> str:
    """Copy a picture into the profile. May block; called in a thread.

    Args:
        source: A picture file that the operator chose.
        folder: The profile's folder of photos; created if missing.

    Returns:
        The file's name in the folder: 32 hex digits of its content and ``.jpg``.

    Raises:
        RuleBroken: As ``decoded``, or ``photo_unreadable``: there is no such file, or it cannot be read.
        StoreError: It could not be written.
    """
    try:
        content = file_content(source)
    except OSError as refusal:
        raise RuleBroken("photo_unreadable") from refusal
    return write_photo(decoded(content), folder)


def keep_image(image: QImage, folder: Path) -> str:
    """Keep a picture that is in memory already, such as a pasted one. May block; called in a thread.

    Raises:
        RuleBroken: ``photo_pixels``.
        StoreError: It could not be written.
    """
    if image.width() * image.height() > PIXELS_MOST:
        raise RuleBroken("photo_pixels")
    return write_photo(at_most(image, PHOTO_EDGE), folder)


def decoded(content: bytes) -> QImage:
    """Decode what is said to be a photo: at most ``PHOTO_EDGE`` wide and high, the right way up.

    Raises:
        RuleBroken: ``photo_too_large``, ``photo_heic``, ``no_picture``, ``photo_pixels``, ``photo_cut`` or
            ``photo_broken``.
    """
    if len(content) > FILE_MOST_BYTES:
        raise RuleBroken("photo_too_large")
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        raise RuleBroken("photo_heic")
    try:
        return read_picture(content, PHOTO_EDGE, most_pixels=PIXELS_MOST)
    except PictureRefused as refused:
        raise RuleBroken(_REFUSED.get(refused.detail, "no_picture")) from refused


def write_photo(image: QImage, folder: Path) -> str:
    """Store a picture under the hash of its content; blocks.

    Returns:
        Its name in the folder.

    Raises:
        StoreError: It could not be written.
    """
    image = on_white(image) if image.hasAlphaChannel() else image.convertToFormat(QImage.Format.Format_RGB888)
    for key in image.textKeys():
        image.setText(key, "")
    content = as_jpeg(image, QUALITY)
    if not content:
        raise RuleBroken("photo_broken")
    name = f"{hashlib.sha256(content).hexdigest()[:32]}.jpg"
    try:
        _write(folder, name, content)
    except OSError as failure:
        raise not_written(failure) from failure
    return name


def file_content(source: Path) -> bytes:
    """Read a file, one byte more than may be at most; blocks, on a share perhaps forever.

    Raises:
        OSError: There is no such file, no permission, the share went away, or no system takes the name.
    """
    try:
        if not source.is_file():
            raise FileNotFoundError(source)
        with source.open("rb") as file:
            return file.read(FILE_MOST_BYTES + 1)
    except ValueError as refusal:
        raise FileNotFoundError(source) from refusal


def _write(folder: Path, name: str, content: bytes) -> None:
    """Write a picture under its name unless it is there, whole or not at all.

    One at a time: the same picture may come out of the camera's folder and be dropped at once.
    """
    with _writing:
        _write_alone(folder, name, content)


def _write_alone(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / name
    if target.exists():
        os.utime(target)  # its age counts from now on: it must not be purged before it is named anywhere
        return
    part = folder / f"{name}.part"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
