"""The small product pictures as files of the profile, and the look-up of the names that they come from.

Files, not rows of the store: a lost picture loses nothing, so it needs neither the store's thread nor its
log, and must not make its backups larger or its purge longer. Each is written under another name first.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import socket
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from loopdesk.domain.errors import DiskFull, not_written
from loopdesk.domain.pictures import KeptPicture
from loopdesk.system.host.watchdog import ask_in_thread

LEAST_FREE: Final = 500_000_000
"""Bytes of the disk that pictures leave free: they must not take the store's last room."""

LOOKUP_SECONDS: Final = 8.0

_NAME: Final = re.compile(r"([0-9a-f]{32})\.jpg")
_PART: Final = ".part"

_log = logging.getLogger("loopdesk.lookup")


class PictureFolder:
    """A folder of pictures, each named by its key; implements ``KeptPictures``. Works in threads."""

    def __init__(self, folder: Path, *, least_free: int = LEAST_FREE) -> None:
        self._folder = folder
        self._least_free = least_free

    async def kept(self) -> Mapping[str, KeptPicture]:
        """List what is there; remove what was half written."""
        return await asyncio.to_thread(self._list)

    async def put(self, key: str, content: bytes) -> KeptPicture:
        """Write a picture. Raises ``DiskFull``, ``StoreError``."""
        return await asyncio.to_thread(self._write, key, content)

    async def get(self, key: str) -> bytes:
        """Read a picture; empty if it cannot be read."""
        return await asyncio.to_thread(self.read, key)

    async def remove(self, keys: Collection[str]) -> None:
        """Remove pictures."""
        await asyncio.to_thread(self._remove, tuple(keys))

    def read(self, key: str) -> bytes:
        """Read a picture in the caller's thread; empty if it cannot be read."""
        try:
            return self._file(key).read_bytes()
        except OSError:
            return b""

    def _file(self, key: str) -> Path:
        return self._folder / f"{key}.jpg"

    def _list(self) -> dict[str, KeptPicture]:
        found: dict[str, KeptPicture] = {}
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    named = _NAME.fullmatch(entry.name)
                    if named is not None:
                        facts = entry.stat(follow_symlinks=False)
                        found[named[1]] = KeptPicture(named[1], facts.st_size, facts.st_mtime)
                    elif entry.name.endswith(_PART):
                        Path(entry.path).unlink(missing_ok=True)
        except FileNotFoundError:
            return {}
        except OSError as failure:
            _log.warning("pictures_unlisted error=%s", failure.strerror)
        return found

    def _write(self, key: str, content: bytes) -> KeptPicture:
        part = self._folder / f"{key}{_PART}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < self._least_free:
                raise DiskFull
            try:
                handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                part.replace(self._file(key))
            except OSError:
                part.unlink(missing_ok=True)
                raise
            return KeptPicture(key, len(content), self._file(key).stat().st_mtime)
        except OSError as failure:
            raise not_written(failure) from failure

    def _remove(self, keys: Sequence[str]) -> None:
        for key in keys:
            try:
                self._file(key).unlink(missing_ok=True)
            except OSError as failure:  # a scanner of viruses reads it, or the folder is closed to us
                _log.info("picture_not_removed key=%s error=%s", key, failure.strerror)


async def addresses_of(host: str) -> Sequence[tuple[str, int]]:
    """Look a host's addresses up, with the port of https, in the order of this machine's preference.

    In a thread of its own: a look-up may hang for half a minute, and nothing else must wait for it.

    Raises:
        OSError: There is none.
        TimeoutError: No answer came in time.
    """
    found = await ask_in_thread(
        lambda: socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM),
        limit_seconds=LOOKUP_SECONDS,
        name="loopdesk-names",
    )
    return [(str(place[0]), int(place[1])) for _, _, _, _, place in found]
