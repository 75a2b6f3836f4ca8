"""Runs the program as its command does, and reports when it says ``ready``.

The program logs the event ``ready`` once its store is open, scans are taken and the window is painted. A
handler on that logger, set before the program begins, prints the moment; nothing else is added to it.
"""

from __future__ import annotations

import logging
import sys

from benchmarks.resident import report

AT_REST_SECONDS = 2.0


class _Listener(logging.Handler):
    """Waits for ``ready``; ends the program when it was at rest for a while."""

    def emit(self, record: logging.LogRecord) -> None:
        """Report the moment, and the memory then and later."""
        if not record.msg.startswith("ready"):
            return
        report("ready")
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
