"""What the exit codes of the program mean."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Why the program ended."""

    DONE = 0
    ATTENTION = 1
    USAGE = 2
    ALREADY_RUNNING = 3
    SETTINGS = 4
    STORE = 5
