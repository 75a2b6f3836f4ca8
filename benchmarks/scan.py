"""From the last key of a scan to the painted lines of a known return, against two floors.

The bare one is an edit and a table. The keeping one is the same window, where a second thread commits the
code before the table is filled, since nothing may be shown before it is on the disk.
"""

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
TIMES = 20
WARM_UP = 3
GOAL = 2.0
SAME = 0.2
BARE = "a bare QLineEdit that fills a QTableWidget"
KEEPING = "the same, after a thread committed the code and read the cells"


@dataclass(frozen=True, slots=True)
class Shop:
    """A filled profile and the labels of its returns with several lines, by the number of lines."""

    folder: Path
    returns: int
    labels: dict[int, list[Label]]


def build(folder: Path, returns: int) -> Shop:
    """Make a profile with this many known returns."""
    began = time.monotonic()
    profile = make_profile(folder / f"shop-{returns}")
    labels = asyncio.run(fill(profile, returns, dict.fromkeys(LINES, EACH)))
    say(f"  ({returns} returns were put into a store in {time.monotonic() - began:.0f} s)")
    return Shop(profile, returns, labels)


@dataclass(frozen=True, slots=True)
class Taken:
    """Scans of one kind, at the bench and in both floors' windows."""

    figure: Series
    bare: Series
    keeping: Series


def scan_in_turn(ours: Child, bare: Child, keeping: Child, labels: list[Label], times: int) -> Taken:
    """Scan another label each time: at the bench, then in the two windows with the same cells."""
    rows: list[tuple[float, float, float]] = []
    for number in range(WARM_UP + times):
        label = labels[number % len(labels)]
        told = ours.ask({"code": label.code, "order_name": label.order_name})
        asked = {"code": label.code, "rows": told["rows"]}
        rows.append((told["ms"], bare.ask(asked)["ms"], keeping.ask(asked)["ms"]))
    return Taken(*(Series(values) for values in zip(*rows[WARM_UP:], strict=True)))


def measure(shop: Shop, environ: dict[str, str]) -> dict[int, Taken]:
    """Measure one shop, by the number of lines."""
    with (
        Child(environ, "benchmarks.scan_child", str(shop.folder)) as ours,
        Child(environ, "benchmarks.scan_floor") as bare,
        Child(environ, "benchmarks.scan_floor", str(shop.folder)) as keeping,
    ):
        return {lines: scan_in_turn(ours, bare, keeping, shop.labels[lines], TIMES) for lines in LINES}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as name:
        folder = Path(name)
        environ = environment(folder)
        taken = {number: measure(build(folder, number), environ) for number in (FEW, MANY)}
    for number, by_lines in taken.items():
        for lines, one in by_lines.items():
            what = f"scan: last key to {lines} painted lines, {number} known returns"
            show(Result(what, BARE, "ms", one.figure, one.bare, GOAL))
            show(Result(f"{what}, kept first", KEEPING, "ms", one.figure, one.keeping, GOAL))
    for lines in LINES:
        few, many = taken[FEW][lines].figure, taken[MANY][lines].figure
        show_same(f"scan: {lines} lines, {FEW} and {MANY} known returns alike", few, many, "ms", SAME)


if __name__ == "__main__":
    main()
