"""What a hub logs: one JSON object a line on standard error, without personal data and without secrets.

Log lines are written as ``event name=value …``; each value becomes a member of the object. What a library
says and what an exception says may hold somebody's data, so neither is written: of a library's line only
where it was said, of an exception its kind, PostgreSQL's code for it, what caused it, and the places.
Whatever Python itself would print on standard error (warnings, failures that nobody caught, a line that
cannot be formatted) goes the same way.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Final

log = logging.getLogger("loopdesk.hub")

_MEMBER: Final = re.compile(r"(?:^|\s)(\w+)=(.*?)(?=\s\w+=|$)", re.DOTALL)
_OWN: Final = ("at", "level", "from", "event")
_SQLSTATE: Final = re.compile(r"[0-9A-Z]{5}", re.ASCII)
_MOST_PLACES: Final = 12
_MOST_CAUSES: Final = 5


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = _heading(record)
        if record.name.partition(".")[0] == "loopdesk":
            event, _, rest = record.getMessage().partition(" ")
            told["event"] = event
            told |= {name: value for name, value in _MEMBER.findall(rest) if name not in _OWN}
        else:
            told |= {"event": "foreign", "place": f"{record.filename}:{record.lineno}"}
        if record.exc_info and record.exc_info[1] is not None:
            told |= failure_told(record.exc_info[1])
        return json.dumps(told, ensure_ascii=False)


def failure_told(failure: BaseException) -> dict[str, Any]:
    """Return what is told of an exception, which is nothing that it says itself.

    Returns:
        ``kind``, ``sqlstate`` if PostgreSQL gave one, ``causes`` (the kinds of what led to it) if there are
        any, and ``places`` (``file:line``, the innermost last).
    """
    led = list(_led_to(failure))
    told: dict[str, Any] = {"kind": type(failure).__name__}
    codes = [code for each in (failure, *led) if (code := getattr(each, "sqlstate", None))]
    if codes and _SQLSTATE.fullmatch(str(codes[0])):
        told["sqlstate"] = codes[0]
    if led:
        told["causes"] = [type(each).__name__ for each in led]
    told["places"] = [
        f"{PurePath(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(failure.__traceback__)[-_MOST_PLACES:]
    ]
    return told


def log_to_standard_error() -> None:
    """Log from now on, for the rest of the process; what libraries say from warnings on."""
    handler = _Lines()
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("loopdesk").setLevel(logging.INFO)
    logging.captureWarnings(True)
    threading.excepthook = _thread_failed
    sys.unraisablehook = _nobody_caught


class _Lines(logging.StreamHandler[Any]):
    """Writes lines; one that cannot be formatted is only mentioned, for ``logging`` would print all of it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say where the line was said."""
        told = _heading(record) | {"event": "unwritten_line", "place": f"{record.filename}:{record.lineno}"}
        with suppress(OSError, ValueError):  # standard error itself is gone
            self.stream.write(json.dumps(told) + self.terminator)
            self.flush()


def _heading(record: logging.LogRecord) -> dict[str, Any]:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return {"at": at, "level": record.levelname.lower(), "from": record.name}


def _led_to(failure: BaseException) -> Iterator[BaseException]:
    """Walk the exceptions that led to one, the nearest first."""
    for _ in range(_MOST_CAUSES):
        cause = failure.__cause__ or (None if failure.__suppress_context__ else failure.__context__)
        if cause is None:
            return
        yield cause
        failure = cause


def _thread_failed(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None:
        log.error("fault where=thread", exc_info=told.exc_value)


def _nobody_caught(told: sys.UnraisableHookArgs) -> None:
    if told.exc_value is not None:
        log.error("fault where=unraisable", exc_info=told.exc_value)
