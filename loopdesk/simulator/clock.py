"""The wall clock for a simulator that runs as its own process.

The simulator imports nothing of the program, so the program's clock cannot be injected there.
"""

from __future__ import annotations

from datetime import UTC, datetime


def wall_clock() -> datetime:
    """The current time, timezone-aware."""
    return datetime.now(UTC)
