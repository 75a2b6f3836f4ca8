"""The requests that it takes to know returns before they arrive: first fill, week, shift, twenty stations.

The shop and its stations run in this process on a clock that is turned by hand, so that the figures are
counts and not times; they come out the same on any machine.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from benchmarks.figures import say
from tests.volume import arriving, filling, sharing, shift
from tests.volume.rig import play


class Said(Protocol):
    """A result that can state its figures in words."""

    def said(self) -> list[str]:
        """Return them."""
        ...


RUNS: dict[str, Callable[[], Coroutine[Any, Any, Said]]] = {
    "fill": lambda: filling.fill(30_000, (30, 60, 90)),
    "week": lambda: arriving.replay(7, 250, 600.0),
    "shift": lambda: shift.replay(500, every_seconds=45.0, offline=False),
    "unhurried": lambda: shift.replay(500, every_seconds=45.0, offline=False, inspecting=shift.UNHURRIED),
    "drain": lambda: shift.replay(500, every_seconds=1.0, offline=True),
    "stations": lambda: sharing.share(20, 10.0),
}


def main(names: list[str]) -> None:
    """Run those named, or all, and print their figures."""
    logging.disable(logging.ERROR)
    for name in names or list(RUNS):
        began = time.perf_counter()
        found = play(RUNS[name])
        say(f"{name} ({time.perf_counter() - began:.0f} s)")
        for line in found.said():
            say(f"  {line}")


if __name__ == "__main__":
    main(sys.argv[1:])
