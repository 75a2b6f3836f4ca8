"""The floors of an act: a label of the band's height that says another text, and nothing else.

Asked ``{"text": …}``, it answers with the milliseconds until the label was painted. Named a folder on the
command line, a thread first commits the text to a database there, as nothing is said before it is kept.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QSize, Signal
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

from benchmarks.children import answer
from benchmarks.painted import Painted
from loopdesk.store.open_database import open_checked
from loopdesk.store.sql import migrations

HEIGHT = 120
"""About the height of the band, in device-independent pixels."""


class Window(QMainWindow):
    """A label at the top of a window."""

    kept = Signal(str)

    def __init__(self, size: QSize, folder: Path | None) -> None:
        super().__init__()
        self.label = QLabel(self)
        self.label.setGeometry(0, 0, size.width(), HEIGHT)
        self.resize(size)
        self._thread = ThreadPoolExecutor(1)
        self._file = None
        if folder is not None:
            opening = self._thread.submit(lambda: open_checked(folder / "floor.db", migrations())[0])
            self._file = opening.result()
        self.kept.connect(self.label.setText)

    def say(self, text: str) -> None:
        """Say a text, once it is kept where it is to be kept."""
        if self._file is None:
            self.label.setText(text)
        else:
            self._thread.submit(self._keep, text)

    def _keep(self, text: str) -> None:
        assert self._file is not None
        self._file.execute("BEGIN IMMEDIATE")
        self._file.execute("INSERT OR REPLACE INTO mark (name, value) VALUES ('act', ?)", (text,))
        self._file.execute("COMMIT")
        self.kept.emit(text)


def act(app: QApplication, window: Window, text: str) -> dict[str, Any]:
    """Say a text. Returns the milliseconds until it was painted."""
    seen: list[bool] = []
    painted = Painted(window.label, lambda: window.label.text() == text, lambda: seen.append(True))
    began = time.perf_counter()
    window.say(text)
    while not seen:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    ended = time.perf_counter()
    painted.remove()
    return {"ms": (ended - began) * 1000}


def main() -> None:
    """Serve until the input ends."""
    app = QApplication(sys.argv[:1])
    size = QSize(1280, 800).boundedTo(app.primaryScreen().availableSize())
    window = Window(size, Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    window.show()
    app.processEvents()
    answer({"ready": True})
    for line in sys.stdin:
        answer(act(app, window, **json.loads(line)))


if __name__ == "__main__":
    main()
