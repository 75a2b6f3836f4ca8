"""The wall clock of an imitation that runs as a program of its own.

The imitation knows nothing of ours, so it cannot be given the program's clock there.
"""

from __future__ import annotations

from datetime import UTC, datetime


def wall_clock() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)
