"""What a hub logs: one JSON object a line on standard error, without personal data and without secrets.

Log lines are written as ``event name=value …``; each value becomes a member of the object. Of an exception
only its kind and the places are logged: what it says may hold somebody's data.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Final

_MEMBER: Final = re.compile(r"(?:^|\s)(\w+)=(.*?)(?=\s\w+=|$)", re.DOTALL)
_OWN: Final = ("at", "level", "from", "event")
_MOST_PLACES: Final = 12


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        event, _, rest = record.getMessage().partition(" ")
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, object] = {"at": at, "level": record.levelname.lower(), "from": record.name}
        if record.name.startswith("loopdesk"):
            told["event"] = event
            told |= {name: value for name, value in _MEMBER.findall(rest) if name not in _OWN}
        else:
            told["event"] = "foreign"  # what a library says may hold an address or a row
        if record.exc_info and record.exc_info[0] is not None:
            told["kind"] = record.exc_info[0].__name__
            told["places"] = [
                f"{PurePath(frame.filename).name}:{frame.lineno}"
                for frame in traceback.extract_tb(record.exc_info[2])[-_MOST_PLACES:]
            ]
        return json.dumps(told, ensure_ascii=False)


def log_to_standard_error() -> None:
    """Log from now on; what libraries say from warnings on."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("loopdesk").setLevel(logging.INFO)
