"""Runs the program as its command does, and reports when it says ``ready`` and how it is at rest.

The program logs the event ``ready`` once its store is open, scans are taken and the window is painted, and
``started`` once everything that works behind the window does. A handler on that logger, set before the
program begins, prints the moments; nothing else is added to it.
"""

from __future__ import annotations

import logging
import sys

from benchmarks.resident import report

AT_REST_SECONDS = 2.0


class _Listener(logging.Handler):
    """Waits for ``ready`` and for ``started``; ends the program when it was at rest for a while."""

    def emit(self, record: logging.LogRecord) -> None:
        """Report the moment of ``ready`` and the memory then; what is held at rest after ``started``."""
        if record.msg.startswith("ready"):
            report("ready")
        elif record.msg.startswith("started"):
            from PySide6.QtCore import QTimer  # noqa: PLC0415 - the program has loaded it by now

            QTimer.singleShot(int(AT_REST_SECONDS * 1000), _end)


def _end() -> None:
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415 - as above

    report("rest")
    for window in QApplication.topLevelWidgets():
        if window.objectName() == "window":
            window.close()


def main() -> int:
    """Run the program with this script's arguments."""
    logging.getLogger("loopdesk.start").addHandler(_Listener())
    from loopdesk.cli import main as run  # noqa: PLC0415 - as late as the command itself does it

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
