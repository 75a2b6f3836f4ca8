"""What a measured process reports about itself: the time, the processor time used, and its memory.

Kept free of imports that the measured programs would not load by themselves.
"""

from __future__ import annotations

import os
import sys
import time


def report(word: str) -> None:
    """Print ``<word> <at> <worked> <megabytes>``: monotonic clock and processor time in seconds, memory."""
    at, worked = time.monotonic(), time.process_time()
    sys.stdout.write(f"{word} {at:.6f} {worked:.6f} {resident_megabytes():.1f}\n")
    sys.stdout.flush()


def resident_megabytes() -> float:
    """Return the resident memory of this process, in megabytes (2^20); 0 where the system has no /proc."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - pathlib is not loaded for it
            pages = int(file.read().split()[1])
    except FileNotFoundError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
