"""From the last key of a scan to the painted lines of a known return, against a bare line edit and table."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QTableWidget, QTableWidgetItem, QVBoxLayout, QWidget

from benchmarks.figures import Result, Series, await_in_turn, say, show, show_same
from loopdesk.api.client import LoopClient
from loopdesk.api.translate import from_body
from loopdesk.api.transport import Transport
from loopdesk.simulator.actors import act
from loopdesk.simulator.app import Face
from loopdesk.simulator.loop import PRACTICE_KEY, Loop
from loopdesk.simulator.samples import practice_loop
from loopdesk.simulator.settings import Settings
from loopdesk.store.store import open_store
from loopdesk.system.clock import SystemClock
from loopdesk.ui.app import make_app
from tests.scenarios.desk import Desk

TIMES = 40
GOAL = 2.0
SAME_SHARE = 0.2
KNOWN = (100, 100_000)
LINES = (3, 20)
NOBODY = "http://127.0.0.1:9/api"
"""Where nothing listens: every return is opened from the store."""


class _FreeBudget:
    """Lets every request of the filling go at once."""

    async def take(self, priority: int) -> None:
        """Wait for nothing."""

    def throttled(self) -> None:
        """Never happens."""


class _Paints(QObject):
    """Takes the time of a widget's paints."""

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self.last = 0.0
        viewport.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note the moment and let the paint happen; it takes part in the next look's time."""
        del watched
        if event.type() is QEvent.Type.Paint:
            self.last = time.perf_counter()
        return False


def _name(lines: int, which: int) -> str:
    return f"{lines}{which}"


def _number(lines: int, which: int) -> str:
    """A tracking number of its own that no check digit is asked of."""
    return f"TBA{lines:05d}{which:07d}"


def _add_benched(shop: Loop) -> None:
    """Add two returns of each size; the scans go from one to the other."""
    for lines in LINES:
        for which in (1, 2):
            line = {"title": "Linen Shirt", "price": "58.00", "sku": "LD-002", "resolution": "refund"}
            spec = {
                "order_name": f"#9{_name(lines, which)}",
                "tracking_number": _number(lines, which),
                "carrier": "Amazon",
                "label_status": "delivered",
                "lines": [line] * lines,
            }
            act(shop, {"act": "add_return", "spec": spec})


async def _fill(folder: Path, known: int) -> None:
    """Make a store that knows so many returns, from the imitation's own JSON through the real client."""
    clock = SystemClock()
    shop = practice_loop(clock=clock.now, returns=known, settings=Settings(rate_limit=None))
    _add_benched(shop)
    face = Face(shop)

    def wire(*, keep_alive: bool, proxy: str) -> httpx.AsyncBaseTransport:
        del keep_alive, proxy
        return httpx.ASGITransport(face)

    transport = Transport(clock=clock, budget=_FreeBudget(), base_url=NOBODY, make_wire=wire)
    transport.set_key(PRACTICE_KEY.value)
    client = LoopClient(transport)
    store = await open_store(folder, from_body)
    cursor, read = "", 0
    end = clock.now() + timedelta(hours=1)
    while True:
        page = await client.list_page(start=end - timedelta(days=119), end=end, cursor=cursor, page_size=750)
        await store.returns.save(page.returns, clock.now())
        read += len(page.returns)
        cursor = page.cursor
        if not cursor:
            break
    await store.close()
    await transport.aclose()
    say(f"  (a store of {read} returns)")


class _Floor(QWidget):
    """A line edit whose Enter fills a table of the same size, and nothing else."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows
        self.edit = QLineEdit(self)
        self.table = QTableWidget(0, 5, self)
        layout = QVBoxLayout(self)
        layout.addWidget(self.edit)
        layout.addWidget(self.table)
        self.edit.returnPressed.connect(self._fill)
        self.resize(1280, 800)

    def _fill(self) -> None:
        self.table.setRowCount(0)
        self.table.setRowCount(self.rows)
        for row in range(self.rows):
            for column in range(5):
                self.table.setItem(row, column, QTableWidgetItem(f"{self.edit.text()} {row} {column}"))


async def _until(holds: Callable[[], bool]) -> None:
    end = time.perf_counter() + 20
    while not holds():
        if time.perf_counter() > end:
            raise RuntimeError("the lines were never painted")
        await asyncio.sleep(0)


async def _measure(desk: Desk, lines: int, times: int) -> tuple[Series, Series]:
    """Scan and fill in turn. Returns both in ms."""
    bench = desk.session.window.bench
    view = bench.lines
    paints = _Paints(view.viewport())
    floor = _Floor(lines)
    floor_paints = _Paints(floor.table.viewport())
    floor.show()
    turn = 0
    began = 0.0

    async def scan() -> float:
        nonlocal turn
        turn = 1 if turn != 1 else 2
        number, title = _number(lines, turn), f"#9{_name(lines, turn)} "
        await asyncio.sleep(0.05)
        await desk.hand.scan(number, end="")
        await desk.hand.do(lambda: _enter(desk))
        await _until(lambda: desk.title.startswith(title) and paints.last > began)
        return (paints.last - began) * 1000

    def _enter(desk: Desk) -> None:
        nonlocal began
        handle = desk.session.window.windowHandle()
        assert handle is not None
        began = time.perf_counter()
        QTest.keyClick(handle, Qt.Key.Key_Return)

    async def fill() -> float:
        floor.edit.setText(_number(lines, turn))
        handle = floor.windowHandle()
        assert handle is not None
        floor.edit.setFocus()
        start = 0.0

        def enter() -> None:
            nonlocal start
            start = time.perf_counter()
            QTest.keyClick(floor.edit, Qt.Key.Key_Return)

        await desk.hand.do(enter)
        await _until(lambda: floor_paints.last > start)
        return (floor_paints.last - start) * 1000

    for _ in range(3):
        await scan()
        await fill()
    series = await await_in_turn(scan, fill, times)
    floor.close()
    floor.deleteLater()
    return series


def measure(times: int = TIMES) -> dict[tuple[int, int], tuple[Series, Series]]:
    """Measure every size of store with every size of return; (known, lines) to (figure, floor)."""
    app = make_app(["loopdesk"])
    found: dict[tuple[int, int], tuple[Series, Series]] = {}
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as folder:
        for known in KNOWN:
            profile = Path(folder) / f"known-{known}"
            asyncio.run(_fill(profile / "store", known))
            calm = {"LOOPDESK_SYNC_SECONDS": "0"}
            desk = Desk(app, profile, NOBODY, key=PRACTICE_KEY.value, environ=calm)

            async def body(desk: Desk = desk, known: int = known) -> None:
                for lines in LINES:
                    found[known, lines] = await _measure(desk, lines, times)

            desk.play(body)
    return found


def main() -> int:
    """Measure and print."""
    found = measure()
    for (known, lines), (figure, floor) in found.items():
        name = f"scan: last key to painted lines, {lines} lines, {known:,} returns known"
        show(Result(name, "a line edit that fills a table of that size", "ms", figure, floor, GOAL))
    few, many = KNOWN
    for lines in LINES:
        name = f"scan: {lines} lines with {few:,} and with {many:,} returns known"
        show_same(name, found[few, lines][0], found[many, lines][0], "ms", SAME_SHARE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
