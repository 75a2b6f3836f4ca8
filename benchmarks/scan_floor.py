"""The floors of a scan: a line edit whose Enter fills a table widget, and nothing else.

Asked ``{"code": …, "rows": [[…]]}``, it types the code into the edit and answers with the milliseconds from
Enter until those cells were painted. Named a folder on the command line, Enter first commits the code to a
database there, by a thread of its own and with the pragmas of the store, and reads the cells from it: what no
program can leave out that promises to keep a scan before it is shown.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QApplication,
    QHeaderView,
    QLineEdit,
    QMainWindow,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from benchmarks.children import answer
from benchmarks.gun import press_enter, type_code
from benchmarks.painted import Painted
from benchmarks.resident import resident_megabytes
from loopdesk.store.open_database import open_checked
from loopdesk.store.sql import migrations

ROW_HEIGHT = 70
"""The height of a line at the bench, in device-independent pixels."""


class Window(QMainWindow):
    """An edit above a table. ``known`` holds the cells of each code."""

    def __init__(self, size: QSize) -> None:
        super().__init__()
        self.known: dict[str, list[list[str]]] = {}
        self.edit = QLineEdit()
        self.table = QTableWidget(0, 5)
        # Cells as large as the program's: in Qt's own of 100 by 30 pixels most of a text would not be drawn.
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        body = QWidget()
        column = QVBoxLayout(body)
        column.addWidget(self.edit)
        column.addWidget(self.table)
        self.setCentralWidget(body)
        self.edit.returnPressed.connect(self.look_up)
        self.resize(size)

    def learn(self, code: str, rows: list[list[str]]) -> None:
        """Prepare the cells of a code before it is typed."""
        self.known[code] = rows

    def look_up(self) -> None:
        """Fill the table with the cells of the code in the edit."""
        self.fill(self.known[self.edit.text()])

    def fill(self, rows: list[list[str]]) -> None:
        """Show these cells."""
        self.table.setRowCount(len(rows))
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.setWindowTitle(self.edit.text())


class KeepingWindow(Window):
    """The same window, but Enter commits the code and reads the cells before it fills the table."""

    found = Signal(list)

    def __init__(self, size: QSize, folder: Path) -> None:
        super().__init__(size)
        self._thread = ThreadPoolExecutor(1)
        self._file = self._thread.submit(lambda: open_checked(folder / "floor.db", migrations())[0]).result()
        self._number = 0  # with the process, so that no window meets the rows of one before
        self.found.connect(self.fill)

    def learn(self, code: str, rows: list[list[str]]) -> None:
        """Put the cells of a code into the database."""
        values = (code, json.dumps(rows))
        sql = "INSERT OR REPLACE INTO mark (name, value) VALUES (?, ?)"
        self._thread.submit(self._file.execute, sql, values).result()

    def look_up(self) -> None:
        """Hand the code to the thread."""
        self._number += 1
        self._thread.submit(self._keep, f"scan {os.getpid()} {self._number}", self.edit.text())

    def _keep(self, name: str, code: str) -> None:
        self._file.execute("BEGIN IMMEDIATE")
        self._file.execute("INSERT INTO mark (name, value) VALUES (?, ?)", (name, code))
        self._file.execute("COMMIT")
        text = self._file.execute("SELECT value FROM mark WHERE name = ?", (code,)).get
        self.found.emit(json.loads(text))


def scan(app: QApplication, window: Window, code: str, rows: list[list[str]]) -> dict[str, Any]:
    """Type a code and Enter. Returns the milliseconds from Enter to the painted cells."""
    window.learn(code, rows)
    seen: list[bool] = []
    painted = Painted(
        window.table.viewport(), lambda: window.windowTitle() == code, lambda: seen.append(True)
    )
    window.edit.clear()
    window.edit.setFocus()
    app.processEvents()
    handle = window.windowHandle()
    type_code(handle, code)
    app.processEvents()
    began = time.perf_counter()
    press_enter(handle)
    while not seen:
        app.processEvents()
    ended = time.perf_counter()
    painted.remove()
    return {"ms": (ended - began) * 1000, "began": began, "mb": resident_megabytes()}


def main() -> None:
    """Serve until the input ends."""
    app = QApplication(sys.argv[:1])
    app.setCursorFlashTime(0)  # or it would change a pixel later than what is measured
    size = QSize(1280, 800).boundedTo(app.primaryScreen().availableSize())
    window = KeepingWindow(size, Path(sys.argv[1])) if len(sys.argv) > 1 else Window(size)
    window.show()
    window.activateWindow()
    app.processEvents()
    answer({"ready": True})
    for line in sys.stdin:
        answer(scan(app, window, **json.loads(line)))


if __name__ == "__main__":
    main()
