"""The floor of a start: a main window with an empty table, and nothing else."""

from __future__ import annotations

import sys

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QTableWidget

from benchmarks.resident import report

AT_REST_MS = 2000


class Window(QMainWindow):
    """Reports its first paint once it is over, as the program's window does."""

    is_painted = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Report the first paint."""
        super().paintEvent(event)
        if not self.is_painted:
            self.is_painted = True
            QTimer.singleShot(0, self.tell)

    def tell(self) -> None:
        """Report now, and end after a rest."""
        report("ready")
        QTimer.singleShot(AT_REST_MS, self.end)

    def end(self) -> None:
        """Report once more and leave."""
        report("rest")
        QApplication.quit()


def main() -> int:
    """Show the window."""
    app = QApplication(sys.argv[:1])
    window = Window()
    window.setCentralWidget(QTableWidget(0, 5, window))
    window.resize(QSize(1280, 800).boundedTo(app.primaryScreen().availableSize()))  # as the program's
    window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
