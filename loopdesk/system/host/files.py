"""Writes small files atomically, and removes old ones."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Container
from datetime import datetime
from pathlib import Path


def replace_file(file: Path, text: str) -> None:
    """Replace a file's text; see ``replace_bytes``."""
    replace_bytes(file, text.encode())


def replace_bytes(file: Path, data: bytes) -> None:
    """Replace the content of a file atomically, readable by this user only.

    The data is on disk before the rename, and the rename is on disk before this returns. A symbolic link is
    followed: its target is replaced, not the link.

    Raises:
        OSError: Nothing changed.
    """
    target = file.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # created with mode 0600
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def remove_old(folder: Path, before: datetime, in_use: Container[str]) -> int:
    """Remove the files of a folder that were last written before a moment and are not in use.

    Args:
        in_use: Names to keep, however old.

    Returns:
        How many were removed.
    """
    removed = 0
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.name not in in_use and file.is_file() and file.stat().st_mtime < before.timestamp():
            file.unlink(missing_ok=True)
            removed += 1
    return removed


def _sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk; Windows does that itself and cannot open folders."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
