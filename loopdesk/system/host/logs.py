"""The log: one line per event, in the profile, without keys, e-mail addresses or control characters.

Each call site chooses what to log: an event word first, then ``key=value`` with ids, never the body of a
request or anything about a shopper. The redaction here is the safety net below that.
"""

from __future__ import annotations

import io
import logging
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

FILE_NAME = "loopdesk.log"
FILE_BYTES = 2_000_000
FILES_KEPT = 5
DEBUG_SECONDS = 3600.0
LONGEST_LINE = 8000

NOISY = ("httpx", "httpcore", "uvicorn", "asyncio", "hpack", "keyring")
"""Libraries whose own messages may contain addresses and headers: never below WARNING."""

_PART = r"[^\s@<>\"'=,;:()\[\]]"
_CODE = re.compile(r"(LDCMD|LDBADGE)[0-9A-Z]+", re.IGNORECASE | re.ASCII)
_EMAIL = re.compile(rf"{_PART}{{1,64}}@{_PART}{{1,255}}")  # bounded, or a long line would take seconds
_KEY_HEADER = re.compile(
    r"(?i)((?:x-)?authorization|api[-_ ]?key|LOOPDESK_API_KEY)([\"']?\s*[:=,]\s*b?[\"']?)[^\s\"',}]+"
)


class Redactor:
    """Removes secrets and personal data from a text."""

    def __init__(self) -> None:
        self._secrets: tuple[str, ...] = ()

    def learn(self, secret: str) -> None:
        """Learn a secret. Every text that contains it shows ``<key>`` instead.

        Fewer than six characters are not treated as a secret (practice mode's key is "demo"); redacting them
        would punch holes into every line.
        """
        if len(secret) >= 6 and secret not in self._secrets:
            known = (*self._secrets, secret)
            # A longer one may contain a shorter one
            self._secrets = tuple(sorted(known, key=len, reverse=True))

    def clean(self, text: str) -> str:
        """Return the text as one printable line, without secrets, command codes and e-mail addresses."""
        for secret in self._secrets:
            text = text.replace(secret, "<key>")
        text = _KEY_HEADER.sub(r"\1\2<key>", text)
        text = _EMAIL.sub("<email>", text)
        text = _CODE.sub(r"\1<letters>", text)
        text = text if text.isprintable() else "".join(_escaped(character) for character in text)
        return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]}… ({len(text)} characters)"


def _escaped(character: str) -> str:
    """Escape what a terminal or a log viewer would interpret or not show."""
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


class LineFormatter(logging.Formatter):
    """Writes a record, including its traceback, as one clean line; times are UTC."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        had, record.exc_text = record.exc_text, None  # what another formatter cached is not clean
        line = self._redactor.clean(super().format(record))
        record.exc_text = had
        return line


class _PrivateFile(logging.FileHandler):
    """A rotating file that is never readable by another user, not even between its creation and a chmod.

    ``logging.handlers`` has a rotating handler, but imports network handlers with it, which takes longer than
    opening the log.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, into a new file if the current one is full."""
        if self.stream is not None and self.stream.tell() >= FILE_BYTES:
            self._rotate()
        super().emit(record)

    def _rotate(self) -> None:
        """Rotate the files and delete the oldest."""
        self.close()  # the next line opens it again
        names = [self.baseFilename, *(f"{self.baseFilename}.{n}" for n in range(1, FILES_KEPT + 1))]
        for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
            with suppress(OSError):  # another process has it open (Windows): the line matters more
                Path(newer).replace(older)

    def _open(self) -> io.TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(handle, "a", encoding="utf-8", newline="\n")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Drop the line: a full disk must not stop the bench, and stderr may not exist."""


class _Gate(logging.Filter):
    """Filters out what noisy libraries log below WARNING, and debug lines after an hour.

    Setting the libraries' own levels is not enough: some reset them on startup.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._since = monotonic()

    def restart(self) -> None:
        """Start a new hour."""
        self._since = self._monotonic()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is written."""
        if record.levelno < logging.WARNING and record.name.partition(".")[0] in NOISY:
            return False
        return record.levelno > logging.DEBUG or self._monotonic() - self._since < DEBUG_SECONDS


class Logs:
    """The program's log, from ``open`` to ``close``.

    Args:
        folder: Where the file is written; must exist.
        redactor: Removes the secrets.
        level: ``debug``, ``info``, ``warning`` or ``error`` for the program's own loggers.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        folder: Path,
        redactor: Redactor,
        level: str = "info",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.file = folder / FILE_NAME
        self._gate = _Gate(monotonic)
        self._handler = _PrivateFile(self.file, encoding="utf-8", delay=True)
        self._handler.setFormatter(LineFormatter(redactor))
        self._handler.addFilter(self._gate)
        self._levels_before: dict[str, int] = {}
        self._level = level

    def open(self) -> None:
        """Start writing."""
        for name in ("loopdesk", *NOISY):
            self._levels_before[name] = logging.getLogger(name).level
        for name in NOISY:
            logger = logging.getLogger(name)
            logger.setLevel(max(logger.level, logging.WARNING))
        self.set_level(self._level)
        logging.getLogger().addHandler(self._handler)
        logging.captureWarnings(True)

    def set_level(self, level: str) -> None:
        """Change the level; ``debug`` ends automatically after an hour."""
        self._level = level
        self._gate.restart()
        logging.getLogger("loopdesk").setLevel(level.upper())

    def close(self) -> None:
        """Stop writing and restore the previous logging setup."""
        logging.captureWarnings(False)
        logging.getLogger().removeHandler(self._handler)
        for name, before in self._levels_before.items():
            logging.getLogger(name).setLevel(before)
        self._handler.close()

    def __enter__(self) -> Logs:
        self.open()
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
