"""Start, memory and scans through a real X server, against the same floors: what the pixels say.

Offscreen, Qt draws into memory and the window system costs nothing. Here both windows are drawn by Qt's xcb
plug-in on servers of their own (Xvfb), and a scan is over when the last pixel of its picture has changed.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.children import Child, environment
from benchmarks.figures import Result, Series, show
from benchmarks.scan import BARE, FEW, LINES, TIMES, WARM_UP, Shop, build
from benchmarks.start import measure as measure_starts
from benchmarks.xserver import XServer, x_server

SCAN_GOAL = 1.8
START_GOAL = 1.9


def watched(server: XServer, child: Child, question: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    """Ask for a scan. Returns the milliseconds from last key to last changed pixel, and the answer."""
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(child.ask, question)
        changed = server.last_change(asked.done)
        told = asked.result()
    return (changed - told["began"]) * 1000, told


def scan_in_turn(shop: Shop, environ: dict[str, str], lines: int) -> Result:
    """Scan another label each time, at the bench and in the floor's window with cells that differ too."""
    rows: list[tuple[float, float]] = []
    with (
        x_server() as one,
        x_server() as other,
        Child(environ | one.environ, "benchmarks.scan_child", str(shop.folder)) as ours,
        Child(environ | other.environ, "benchmarks.scan_floor") as bare,
    ):
        for number in range(WARM_UP + TIMES):
            label = shop.labels[lines][number % len(shop.labels[lines])]
            ms, told = watched(one, ours, {"code": label.code, "order_name": label.order_name})
            cells = [[f"{cell} {label.order_name}" for cell in row] for row in told["rows"]]
            rows.append((ms, watched(other, bare, {"code": label.code, "rows": cells})[0]))
    figure, floor = (Series(values) for values in zip(*rows[WARM_UP:], strict=True))
    return Result(
        f"scan on X: last key to the last pixel, {lines} lines", BARE, "ms", figure, floor, SCAN_GOAL
    )


def main() -> None:
    """Measure and print.

    Raises:
        CannotRun: There is no Xvfb here.
    """
    with x_server() as server:
        for result in measure_starts(more=server.environ, goal=START_GOAL):
            show(result)
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as name:
        folder = Path(name)
        shop = build(folder, FEW)
        for lines in LINES:
            show(scan_in_turn(shop, environment(folder), lines))


if __name__ == "__main__":
    main()
