"""What a window's memory grows by while it settles, against a bare window that takes as many scans.

Simulator, program and floor are processes of their own: what is measured is the window alone. The clocks of
the first two run twenty times as fast, so that a day's shifts pass in a quarter of an hour, and Loop's lists
of changes are about as long as at a bench.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.children import Child, environment, make_profile
from benchmarks.figures import say
from benchmarks.loop_child import crowd
from loopdesk.simulator.loop import PRACTICE_KEY

MANY = 2_000
STEP = 100
SETTLED_IN = 500
"""By then every page was shown, every cache is full and every thread has parsed its largest page."""

AROUND = 3
GOAL_MB = 2.0
"""Megabytes that a thousand settlements may add."""

CELLS = [["A", "Linen Shirt", "M", "LD-01-M", "19.00"]]


@contextmanager
def programs(folder: Path, returns: int) -> Iterator[tuple[Child, Child, list[tuple[str, str]]]]:
    """Start simulator, program and floor. Gives the last two, and the labels with their orders' names."""
    began = time.time()
    profile, environ = make_profile(folder / "bench"), environment(folder)
    with Child(environ, "benchmarks.loop_child", str(returns), str(began)) as shop:
        at_work = environ | {
            "LOOPDESK_API_KEY": PRACTICE_KEY.value,
            "LOOPDESK_API_URL": shop.said["url"],
            "LOOPDESK_SYNC_SECONDS": "60",
            "LOOPDESK_REQUESTS_PER_MINUTE": "300",
        }
        labels = [(ret.labels[0].tracking_number, ret.order_name) for ret in crowd(returns, began)]
        with (
            Child(at_work, "benchmarks.settle_child", str(profile), str(began)) as ours,
            Child(environ, "benchmarks.scan_floor", str(profile)) as floor,
        ):
            yield ours, floor, labels


def measure(settlements: int) -> tuple[list[float], list[float]]:
    """Settle, and scan as often in the floor. Returns the megabytes of both after each ``STEP``."""
    ours_mb, floor_mb = [], []
    with (
        tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as name,
        programs(Path(name), settlements) as (ours, floor, labels),
    ):
        for first in range(0, settlements, STEP):
            some = labels[first : first + STEP]
            ours_mb.append(ours.ask({"parcels": some})["mb"])
            for code, _ in some:
                scanned = floor.ask({"code": code, "rows": CELLS})
            floor_mb.append(scanned["mb"])
            say(f"  {first + len(some):5} settled: {ours_mb[-1]:.1f} MB, floor {floor_mb[-1]:.1f} MB")
    return ours_mb, floor_mb


def growth(megabytes: Sequence[float]) -> float:
    """Return how many megabytes a thousand add after the first ``SETTLED_IN``; each end is a median of three.

    Raises:
        ValueError: There are too few.
    """
    start = SETTLED_IN // STEP - 1
    if len(megabytes) < start + 2 * AROUND:
        raise ValueError(f"at least {SETTLED_IN + (2 * AROUND - 1) * STEP} settlements are needed")
    before, after = median(megabytes[start : start + AROUND]), median(megabytes[-AROUND:])
    return (after - before) / ((len(megabytes) - start - AROUND) * STEP / 1000)


def main(arguments: Sequence[str] = ()) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.settle")
    parser.add_argument("--settlements", type=int, default=MANY, help="how many, one after another")
    asked = parser.parse_args(list(arguments))
    ours, floor = (growth(megabytes) for megabytes in measure(asked.settlements))
    verdict = "met" if ours <= GOAL_MB else "not met"
    say(f"memory: growth a thousand settlements, after the first {SETTLED_IN}")
    say(f"  figure  {ours:+.1f} MB")
    say(f"  floor   {floor:+.1f} MB   a bare window that commits each code and fills a table")
    say(f"  goal at most {GOAL_MB:.1f} MB: {verdict}")


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
