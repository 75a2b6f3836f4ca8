"""Detects that an older copy of the store was restored.

Every change of the outbox increments a counter inside the database and, after its commit, writes the same
number to a tally outside the profile's folder, with the file's device and inode. A database whose counter is
behind the tally is a restored copy: what it calls ready may have been sent since. So is a different file in
its place, whatever its counter says: the tally may have been restored with it. A crash between the two writes
leaves the tally behind, never ahead, which is harmless.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_LINE_BYTES = 200
"""A fixed width, since the line is overwritten in place."""


@dataclass(frozen=True, slots=True)
class Generation:
    """Which store, and how many changes its outbox has seen."""

    store_id: str
    number: int


@dataclass(frozen=True, slots=True)
class FileId:
    """The identity of a file in its file system.

    Attributes:
        device: 0 where the number changes with each mount: for file systems without a device (Btrfs,
            overlays, memory) and on macOS.
    """

    device: int
    inode: int

    @staticmethod
    def of(file: Path) -> FileId:
        """Ask the file system. Raises ``OSError``."""
        found = file.stat()
        stable = os.name == "nt" or (hasattr(os, "posix_fallocate") and os.major(found.st_dev) != 0)
        return FileId(found.st_dev if stable else 0, found.st_ino)


@dataclass(frozen=True, slots=True)
class Seen:
    """The contents of a tally.

    Attributes:
        file: None for a tally that lies next to the store and moves with it.
    """

    generation: Generation
    file: FileId | None = None


class Tally:
    """The second place where the counter is kept.

    It is not fsynced: after a power loss it may be behind, which only makes it detect less.

    Args:
        beside: The file next to the database. It is used where there is no other place, and by older
            versions; it is removed once the outer one is written.
        outside: The file in the system's state directory; None for none.
    """

    def __init__(self, beside: Path, outside: Path | None = None) -> None:
        self._beside = beside
        self._outside = outside
        self._has_beside = beside.exists()

    def read(self) -> Seen | None:
        """Return the latest contents of either place; None if both are missing or unreadable."""
        outer = _read(self._outside) if self._outside is not None else None
        inner = _read(self._beside)
        if outer is None or inner is None:
            return outer or inner
        return inner if inner.generation.number > outer.generation.number else outer

    def write(self, generation: Generation, file: FileId) -> bool:
        """Write the counter; a failure is left to the next write, since it costs only protection.

        Returns:
            Whether it was written outside, so that restoring the whole folder is detected too.
        """
        outside = self._outside is not None and _write(self._outside, generation, file)
        if not outside:
            self._has_beside = _write(self._beside, generation, None)
        elif self._has_beside:
            self._beside.unlink(missing_ok=True)
            self._has_beside = False
        return outside


def _read(file: Path) -> Seen | None:
    try:
        store_id, number, *place = file.read_text("ascii").split()
        seen = FileId(int(place[0]), int(place[1])) if place else None
        return Seen(Generation(store_id, int(number)), seen)
    except (OSError, ValueError, IndexError):
        return None


def _write(file: Path, generation: Generation, place: FileId | None) -> bool:
    words = [generation.store_id, str(generation.number)]
    words += [str(place.device), str(place.inode)] if place is not None else []
    line = " ".join(words).ljust(_LINE_BYTES - 1) + "\n"
    try:
        try:
            handle = os.open(file, os.O_CREAT | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
        except FileNotFoundError:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(file, os.O_CREAT | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
        try:
            os.write(handle, line.encode("ascii"))
        finally:
            os.close(handle)
    except OSError:
        return False
    return True


def is_restored(seen: Seen | None, own: Generation, file: FileId) -> bool:
    """Tell whether a database that existed before is older than what the tally remembers.

    A missing tally counts as newer once the outbox was ever used: an unneeded question to Loop costs a
    minute, sending twice costs money.
    """
    if seen is None:
        return own.number > 0
    if seen.generation.store_id != own.store_id or seen.generation.number > own.number:
        return True
    return seen.file is not None and own.number > 0 and _is_another(seen.file, file)


def _is_another(before: FileId, now: FileId) -> bool:
    moved = 0 not in (before.device, now.device) and before.device != now.device
    return moved or before.inode != now.inode
