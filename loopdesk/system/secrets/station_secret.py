"""The station's own secret, from which its printed command codes are made: a file in the profile."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from loopdesk.system.host.files import replace_file

log = logging.getLogger("loopdesk.start")

FILE_NAME = "station-secret"
_FORM = re.compile(r"[0-9a-f]{64}")


class StationSecret:
    """Reads the secret on first use and creates one if there is none.

    Args:
        folder: The profile's folder.
        learn: Called with the secret, so that logs and bundles can redact it.
    """

    def __init__(self, folder: Path, learn: Callable[[str], None]) -> None:
        self._file = folder / FILE_NAME
        self._learn = learn
        self._value: str | None = None

    def value(self) -> str:
        """Return the secret; "" if the file can neither be read nor created: then no printed code acts."""
        if self._value is None:
            try:
                self._value = self._read() or self._make()
            except OSError as failure:
                log.warning("station_secret_unusable error=%s", type(failure).__name__)
                self._value = ""
            self._learn(self._value)
        return self._value

    def renew(self) -> None:
        """Replace the secret; every sheet printed with the old one becomes void.

        Raises:
            OSError: It could not be written; the old one stays in force.
        """
        self._value = self._make()
        self._learn(self._value)

    def _read(self) -> str:
        """Return the content of the file, "" if it is missing or not one of ours."""
        try:
            text = self._file.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            return ""
        if not _FORM.fullmatch(text):
            log.warning("station_secret_damaged")
            return ""
        return text

    def _make(self) -> str:
        new = secrets.token_hex(32)
        replace_file(self._file, new + "\n")
        log.info("station_secret_made")
        return new
