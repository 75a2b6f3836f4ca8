"""Start, memory and scans through a real X server, against the same floors: what the pixels say.

Offscreen, Qt draws into memory and the window system costs nothing. Here all windows are drawn by Qt's xcb
plug-in on servers of their own (Xvfb), and a scan is over when the last pixel of its picture has changed.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.children import Child, environment
from benchmarks.figures import Result, Series, show
from benchmarks.scan import BARE, FEW, KEEPING, LINES, TIMES, WARM_UP, Shop, build
from benchmarks.start import measure as measure_starts
from benchmarks.xserver import XServer, x_server

SCAN_GOAL = 1.8
START_GOAL = 1.9


class Screen:
    """A process that scans, with an X server of its own."""

    def __init__(self, server: XServer, child: Child) -> None:
        self._server = server
        self._child = child

    def scan(self, **question: Any) -> tuple[float, dict[str, Any]]:
        """Scan. Returns the milliseconds from the last key to the last changed pixel, and the answer."""
        with ThreadPoolExecutor(1) as thread:
            asked = thread.submit(self._child.ask, question)
            changed = self._server.last_change(asked.done)
            told = asked.result()
        return (changed - told["began"]) * 1000, told


def screen(stack: ExitStack, environ: dict[str, str], module: str, *arguments: str) -> Screen:
    """Start a module on an X server, both until the stack is left."""
    server = stack.enter_context(x_server())
    return Screen(server, stack.enter_context(Child(environ | server.environ, module, *arguments)))


def scan_in_turn(shop: Shop, environ: dict[str, str], lines: int) -> tuple[Result, Result]:
    """Scan another label each time, at the bench and in both floors' windows with cells that differ too."""
    rows: list[tuple[float, float, float]] = []
    folder = str(shop.folder)
    with ExitStack() as stack:
        ours = screen(stack, environ, "benchmarks.scan_child", folder)
        bare = screen(stack, environ, "benchmarks.scan_floor")
        keeping = screen(stack, environ, "benchmarks.scan_floor", folder)
        for number in range(WARM_UP + TIMES):
            label = shop.labels[lines][number % len(shop.labels[lines])]
            ms, told = ours.scan(code=label.code, order_name=label.order_name)
            cells = [[f"{cell} {label.order_name}" for cell in row] for row in told["rows"]]
            asked = {"code": label.code, "rows": cells}
            rows.append((ms, bare.scan(**asked)[0], keeping.scan(**asked)[0]))
    figure, floor, kept = (Series(values) for values in zip(*rows[WARM_UP:], strict=True))
    what = f"scan on X: last key to the last pixel, {lines} lines"
    return (
        Result(what, BARE, "ms", figure, floor, SCAN_GOAL),
        Result(f"{what}, kept first", KEEPING, "ms", figure, kept, SCAN_GOAL),
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
            for result in scan_in_turn(shop, environment(folder), lines):
                show(result)


if __name__ == "__main__":
    main()
