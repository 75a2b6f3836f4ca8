"""Notices that an older copy of the store was put back in place.

Every change of the outbox raises a counter inside the database and, after its commit, writes the
same number into a small file beside it. A database whose counter is behind the file is a restored
copy: what it calls ready may have been sent since. A crash between the two writes leaves the file
behind, never ahead, and that is harmless.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Generation:
    """Which store, and how many changes of its outbox it has seen."""

    store_id: str
    number: int


class GenerationFile:
    """The second place where the counter is kept.

    It is overwritten in place at a fixed width and not synchronized: after a power loss it may be
    behind, which only makes it notice less.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Generation | None:
        """Return what was written last; None when the file is missing or unreadable."""
        try:
            store_id, number = self._path.read_text("ascii").split()
            return Generation(store_id, int(number))
        except (OSError, ValueError):
            return None

    def write(self, generation: Generation) -> None:
        """Write the counter; a failure is left to the next write, it costs protection only."""
        line = f"{generation.store_id:<32} {generation.number:020d}\n".encode("ascii")
        try:
            handle = os.open(self._path, os.O_CREAT | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
            try:
                os.write(handle, line)
            finally:
                os.close(handle)
        except OSError:
            return


def is_restored(seen: Generation | None, own: Generation) -> bool:
    """Tell whether a database that existed before is older than what the file remembers.

    A missing file counts as older as soon as the outbox was ever used: asking Loop once too often
    costs a minute, sending twice costs money.
    """
    if seen is None:
        return own.number > 0
    return seen.store_id != own.store_id or seen.number > own.number
