"""Runs every benchmark: ``python -m benchmarks``. Never fails on time, only when one cannot run."""

from __future__ import annotations

import os
import platform
import sys
import traceback
from collections.abc import Callable

from benchmarks import (
    act,
    arrivals,
    beside,
    hub_fill,
    hub_lookup,
    hub_million,
    index,
    keep,
    labels,
    million,
    pictures,
    scan,
    screen,
    settle,
    start,
)
from benchmarks.figures import CannotRun, say

ALL: dict[str, Callable[[], None]] = {
    "start": start.main,
    "scan": scan.main,
    "act": act.main,
    "keep": keep.main,
    "beside": beside.main,
    "index": lambda: index.main([]),
    "million": million.main,
    "labels": labels.main,
    "arrivals": arrivals.main,
    "screen": screen.main,
    "pictures": pictures.main,
    "settle": settle.main,
    "hub-lookup": hub_lookup.main,
    "hub-fill": hub_fill.main,
    "hub-million": lambda: hub_million.main([]),
}


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all. Returns 1 when one could not run."""
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    say(f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores, load {load}")
    failed = []
    for name in names or list(ALL):
        try:
            ALL[name]()
        except CannotRun as reason:
            say(f"{name}: {reason}")
            failed.append(name)
        except Exception:  # noqa: BLE001 - the others are measured all the same
            traceback.print_exc()
            failed.append(name)
    if failed:
        say(f"could not run: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
