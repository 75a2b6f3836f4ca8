"""From the last key of a scan to the painted lines of a known return, against a bare edit and table."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import Child, environment, make_profile
from benchmarks.figures import Result, Series, say, show, show_same
from benchmarks.shop import Label, fill

FEW, MANY = 100, 100_000
LINES = (3, 20)
EACH = 40
TIMES = 25
WARM_UP = 3
GOAL = 2.0
SAME = 0.2


@dataclass(frozen=True, slots=True)
class Shop:
    """A filled profile and the labels of its returns with several lines, by the number of lines."""

    folder: Path
    returns: int
    labels: dict[int, list[Label]]


def build(folder: Path, returns: int) -> Shop:
    """Make a profile with so many known returns."""
    began = time.monotonic()
    profile = make_profile(folder / f"shop-{returns}")
    labels = asyncio.run(fill(profile, returns, dict.fromkeys(LINES, EACH)))
    say(f"  ({returns} returns were put into a store in {time.monotonic() - began:.0f} s)")
    return Shop(profile, returns, labels)


def scan_in_turn(ours: Child, floor: Child, labels: list[Label], times: int) -> tuple[Series, Series]:
    """Scan another label each time, first at the bench, then in the bare window with the same cells."""
    figures, floors = [], []
    for number in range(WARM_UP + times):
        label = labels[number % len(labels)]
        told = ours.ask({"code": label.code, "order_name": label.order_name})
        figures.append(told["ms"])
        floors.append(floor.ask({"code": label.code, "rows": told["rows"]})["ms"])
    return Series(tuple(figures[WARM_UP:])), Series(tuple(floors[WARM_UP:]))


def measure(shop: Shop, environ: dict[str, str]) -> dict[int, tuple[Series, Series]]:
    """Measure one shop, by the number of lines."""
    with (
        Child(environ, "benchmarks.scan_child", str(shop.folder)) as ours,
        Child(environ, "benchmarks.scan_floor") as floor,
    ):
        return {lines: scan_in_turn(ours, floor, shop.labels[lines], TIMES) for lines in LINES}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as name:
        folder = Path(name)
        environ = environment(folder)
        taken = {number: measure(build(folder, number), environ) for number in (FEW, MANY)}
    floor = "a bare QLineEdit that fills a QTableWidget"
    for number, by_lines in taken.items():
        for lines, (figure, bare) in by_lines.items():
            what = f"scan: last key to {lines} painted lines, {number} known returns"
            show(Result(what, floor, "ms", figure, bare, GOAL))
    for lines in LINES:
        few, many = taken[FEW][lines][0], taken[MANY][lines][0]
        show_same(f"scan: {lines} lines, {FEW} and {MANY} known returns alike", few, many, "ms", SAME)


if __name__ == "__main__":
    main()
