"""The program at a filled store, scanning what it is asked to: real key events through the scan filter.

Asked ``{"code": …, "order_name": …}``, it types the code as a scanner does and answers with the milliseconds
from the last key, Enter, until the lines of that return were painted, with what they show, and the memory.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QWindow

from benchmarks.gun import press_enter, type_code
from benchmarks.opened import Ask, serve
from benchmarks.painted import Painted
from benchmarks.resident import resident_megabytes
from loopdesk.app.session import Session
from loopdesk.domain.scanner.rhythm import FRAME_SECONDS
from loopdesk.ui.pictures import pictures

LIMIT_SECONDS = 30.0
REST_SECONDS = 2 * FRAME_SECONDS
"""What follows a code sooner than a frame is taken for more lines of the same label."""


class Bench:
    """The open window that is scanned at."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def _window(self) -> QWindow:
        handle = self._session.window.windowHandle()
        assert handle is not None
        return handle

    async def scan(self, code: str, order_name: str, *, cold: bool = False) -> dict[str, Any]:
        """Scan a label. Returns the milliseconds and the cells that were painted.

        Args:
            cold: No product picture is in memory.
        """
        if cold:
            pictures().forget()
        window, loop = self._session.window, asyncio.get_running_loop()
        lines = window.bench.lines
        over: asyncio.Future[float] = loop.create_future()

        def shows() -> bool:
            return window.windowTitle().startswith(f"{order_name} ")

        def painting() -> None:
            loop.call_soon(lambda: over.set_result(time.perf_counter()))

        painted = Painted(lines.viewport(), shows, painting)
        began = 0.0

        def pull_the_trigger() -> None:
            nonlocal began
            type_code(self._window(), code)
            began = time.perf_counter()
            press_enter(self._window())

        try:
            loop.call_soon(pull_the_trigger)  # outside of any task, as a real key comes
            async with asyncio.timeout(LIMIT_SECONDS):
                ended = await over
        finally:
            painted.remove()
        await asyncio.sleep(REST_SECONDS)
        return {
            "ms": (ended - began) * 1000,
            "began": began,
            "rows": self._rows(),
            "mb": resident_megabytes(),
            "pictures": pictures().used_bytes,
        }

    def _rows(self) -> list[list[str]]:
        """Return what the list's rows say, each as its one cell: a title with what stands below it."""
        model = self._session.window.bench.lines.model()
        said = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleDescriptionRole)
        cells = [model.index(row, 0, QModelIndex()) for row in range(model.rowCount())]
        return [["\n".join(filter(None, (cell.data(role) for role in said)))] for cell in cells]


async def ready(_session: Session) -> None:
    """Wait until the start's own work is over."""
    await asyncio.sleep(1.0)


def main() -> None:
    """Serve the profile named on the command line."""

    def made(session: Session) -> Ask:
        bench = Bench(session)
        return lambda question: bench.scan(**question)

    serve(sys.argv[1], made, ready=ready)


if __name__ == "__main__":
    main()
