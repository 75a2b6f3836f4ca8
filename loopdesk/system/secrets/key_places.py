"""Remembers for which addresses this user's key store holds a key, by address only.

A key store cannot be enumerated. Without this list a key for an address no longer in use would stay there
forever, and nobody would know.
"""

from __future__ import annotations

import logging
from pathlib import Path

from loopdesk.system.host.files import replace_file

log = logging.getLogger("loopdesk.start")

FILE_NAME = "key-addresses"


class KeyPlaces:
    """The list of one profile: one address per line."""

    def __init__(self, profile_folder: Path) -> None:
        self._file = profile_folder / FILE_NAME

    def known(self) -> tuple[str, ...]:
        """Return the addresses in order; none if the list cannot be read."""
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return ()
        return tuple(sorted({line.strip() for line in lines} - {""}))

    def add(self, url: str) -> None:
        """Record that there is a key for an address."""
        self._write({*self.known(), url})

    def remove(self, url: str) -> None:
        """Record that its key is gone."""
        self._write(set(self.known()) - {url})

    def _write(self, urls: set[str]) -> None:
        if urls == set(self.known()):
            return
        try:
            replace_file(self._file, "".join(f"{url}\n" for url in sorted(urls)))
        except OSError as error:  # the list is a convenience; the key itself is kept
            log.warning("key_addresses_failed error=%s", type(error).__name__)
