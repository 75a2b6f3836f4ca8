"""Names and moves the files of a damaged store and of its replacement.

Every start asks whether a crash left a replacement behind: this file loads nothing of the salvage itself.
"""

from __future__ import annotations

from pathlib import Path

from loopdesk.store.open_database import last_written

LOGS = ("-wal", "-shm")
"""Suffixes of the files that SQLite puts next to a database."""


def finish_replacement(path: Path) -> None:
    """Put a complete replacement in place, including one that a crash left behind.

    Log files of the previous database are moved aside first: SQLite would apply them to the new one.
    """
    if path.exists():
        return
    if any(path.with_name(path.name + tail).exists() for tail in LOGS):
        moved = sorted(path.parent.glob(f"damaged-*{path.suffix}"), key=lambda file: file.stat().st_mtime)
        without = [file for file in moved if not file.with_name(file.name + "-wal").exists()]
        move_log(path, without[-1] if without else free_name(path))
    if fresh_of(path).exists():
        fresh_of(path).rename(path)


def move_log(path: Path, aside: Path) -> None:
    """Move a database's log files to where the database was moved."""
    for tail in LOGS:
        file = path.with_name(path.name + tail)
        if file.exists():
            file.rename(aside.with_name(aside.name + tail))


def fresh_of(path: Path) -> Path:
    """Return the path at which a replacement is built."""
    return path.with_name(f"{path.stem}-fresh{path.suffix}")


def free_name(path: Path) -> Path:
    """Choose ``damaged-<day>-<n>.db``; its log files may already lie there, the database not."""
    day = last_written(path).date().isoformat()
    taken = {file.name for file in path.parent.iterdir()}
    number = next(n for n in range(1, len(taken) + 2) if f"damaged-{day}-{n}{path.suffix}" not in taken)
    return path.with_name(f"damaged-{day}-{number}{path.suffix}")
