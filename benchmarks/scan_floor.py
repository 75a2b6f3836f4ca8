"""The floor of a scan: a line edit whose Enter fills a table widget, and nothing else.

Asked ``{"code": …, "rows": [[…]]}``, it types the code into the edit and answers with the milliseconds from
Enter until those cells were painted.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QApplication,
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


class Window(QMainWindow):
    """An edit above a table. ``known`` holds the cells of each code."""

    def __init__(self, size: QSize) -> None:
        super().__init__()
        self.known: dict[str, list[list[str]]] = {}
        self.edit = QLineEdit()
        self.table = QTableWidget(0, 5)
        body = QWidget()
        column = QVBoxLayout(body)
        column.addWidget(self.edit)
        column.addWidget(self.table)
        self.setCentralWidget(body)
        self.edit.returnPressed.connect(self.look_up)
        self.resize(size)

    def look_up(self) -> None:
        """Fill the table with the cells of the code in the edit."""
        rows = self.known[self.edit.text()]
        self.table.setRowCount(len(rows))
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.setWindowTitle(self.edit.text())


def scan(app: QApplication, window: Window, code: str, rows: list[list[str]]) -> dict[str, Any]:
    """Type a code and Enter. Returns the milliseconds from Enter to the painted cells."""
    window.known[code] = rows
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
    return {"ms": (ended - began) * 1000}


def main() -> None:
    """Serve until the input ends."""
    app = QApplication(sys.argv[:1])
    window = Window(QSize(1280, 800).boundedTo(app.primaryScreen().availableSize()))
    window.show()
    window.activateWindow()
    app.processEvents()
    answer({"ready": True})
    for line in sys.stdin:
        answer(scan(app, window, **json.loads(line)))


if __name__ == "__main__":
    main()
