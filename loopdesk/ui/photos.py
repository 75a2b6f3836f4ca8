"""Stores photos of lines: decoded, scaled down, re-encoded, named by their content.

Re-encoding drops everything that is not image data (location, camera, hidden payload).
"""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from loopdesk.domain.errors import DiskFull, RuleBroken, StoreError

FILE_MOST_BYTES = 25_000_000
PIXELS_MOST = 50_000_000
SIDE_PIXELS = 2048
QUALITY = 85


def keep_photo(source: Path, folder: Path) -> str:
    """Copy a picture into the profile. May block; called in a thread.

    Args:
        source: A picture file that the operator chose.
        folder: The profile's folder of photos; created if missing.

    Returns:
        The file's name in the folder: 32 hex digits of its content and ``.jpg``.

    Raises:
        RuleBroken: ``no_picture``: missing, too large, or not a picture.
        StoreError: It could not be written.
    """
    try:
        image = _read(source)
    except OSError as refusal:  # a name that no system takes, no permission, a share that went away
        raise RuleBroken("no_picture") from refusal
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "JPG", QUALITY):  # type: ignore[call-overload]
        raise RuleBroken("no_picture")
    content = bytes(data.data())
    name = f"{hashlib.sha256(content).hexdigest()[:32]}.jpg"
    try:
        _write(folder, name, content)
    except OSError as failure:
        is_full = failure.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
        raise (DiskFull if is_full else StoreError)(f"photo: {failure.strerror}") from failure
    return name


def _write(folder: Path, name: str, content: bytes) -> None:
    """Write a picture under its name unless it is there, whole or not at all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / name
    if target.exists():
        return
    part = folder / f"{name}.part"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)


def _read(source: Path) -> QImage:
    """Read a picture, scaled down to what a screen shows."""
    if not source.is_file() or source.stat().st_size > FILE_MOST_BYTES:
        raise RuleBroken("no_picture")
    reader = QImageReader(str(source))
    reader.setAutoTransform(True)
    if reader.format() == QByteArray(b"svg"):
        raise RuleBroken("no_picture")
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > PIXELS_MOST:
        raise RuleBroken("no_picture")
    most = QSize(SIDE_PIXELS, SIDE_PIXELS)
    if size.width() > SIDE_PIXELS or size.height() > SIDE_PIXELS:
        reader.setScaledSize(size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise RuleBroken("no_picture")
    image.setText("", "")
    return image.convertToFormat(QImage.Format.Format_RGB888)
