"""``loopdesk hub serve`` that says all that it could say: every logger at its loudest, asyncio in debug mode.

``python -m tests.hub.loud_process RAW WORD LEAKS SETTINGS``: what the log would be by a plain formatter goes
into the file RAW; WORD is let fall in every way in which Python itself prints; with LEAKS ``1`` the hub logs
what it is asked for, as a careless line would.
"""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from typing import Any

from starlette.types import Scope

from loopdesk.cli import main
from loopdesk.hub.commands import serve
from loopdesk.hub.http.measures import Measured
from loopdesk.hub.logs import log_to_standard_error


class _Plain(logging.FileHandler):
    """Writes what a plain formatter makes of each line."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Leave a line away that nobody can format."""


def _log_everything(raw: str, word: str) -> None:
    log_to_standard_error()
    plain = _Plain(raw)
    plain.setFormatter(logging.Formatter("%(name)s %(message)s"))
    logging.getLogger().addHandler(plain)
    # Levels are set again while a hub runs: whatever they are, everything is logged.
    setattr(logging.Logger, "isEnabledFor", lambda _self, _level: True)  # noqa: B010 - mypy refuses it
    _let_fall(word)


def _let_fall(word: str) -> None:
    """Say a word by all of Python's own ways to standard error."""

    class Dying:
        def __del__(self) -> None:
            raise ValueError(word)

    def fail() -> None:
        raise ValueError(word)

    Dying()
    thread = threading.Thread(target=fail, name=word)
    thread.start()
    thread.join()
    warnings.warn(word, stacklevel=1)
    logging.getLogger("careless").warning("%d", word)
    logging.getLogger("loopdesk.hub").warning("careless n=%d", word)


def _tell_all(measured: Any, scope: Scope, status: int, seconds: float) -> None:
    logging.getLogger("loopdesk.hub.http").info("asked query=%s", scope["query_string"].decode("latin-1"))
    _tell(measured, scope, status, seconds)


if __name__ == "__main__":
    raw_file, fallen, leaks, settings = sys.argv[1:]
    _tell = Measured._tell
    if leaks == "1":
        setattr(Measured, "_tell", _tell_all)  # noqa: B010 - mypy refuses it
    setattr(serve, "log_to_standard_error", lambda: _log_everything(raw_file, fallen))  # noqa: B010
    sys.exit(main(["hub", "--settings", settings, "serve"]))
