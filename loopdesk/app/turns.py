"""How soon a thread that works lets the window have its turn."""

from __future__ import annotations

import sys

SWITCH_SECONDS = 0.0005
"""Python lets a busy thread run for five milliseconds; a scan beside a first fill waits for ten such turns.

By ``benchmarks/beside.py`` the median scan beside a fill takes half as long with half a millisecond.
"""


def take_short_turns() -> None:
    """Let threads that read and translate Loop's pages hand over to the window soon."""
    sys.setswitchinterval(SWITCH_SECONDS)
