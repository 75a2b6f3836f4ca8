"""The files of a damaged store and of its replacement: how they are named, and how they change places."""

from __future__ import annotations

from pathlib import Path

from loopdesk.store.open_database import last_written

LOGS = ("-wal", "-shm")
"""What the log files of a database are called behind its own name."""


def finish_replacement(path: Path) -> None:
    """Put a complete replacement into its place, also one that a crash left beside it.

    What is left of the log of an earlier file goes aside first: it would be read into the new one.
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
    """Move what is left of a database's log to where the database was moved."""
    for tail in LOGS:
        file = path.with_name(path.name + tail)
        if file.exists():
            file.rename(aside.with_name(aside.name + tail))


def fresh_of(path: Path) -> Path:
    """Return where a replacement is made."""
    return path.with_name(f"{path.stem}-fresh{path.suffix}")


def free_name(path: Path) -> Path:
    """Choose ``damaged-<day>-<n>.db``; its log files may already lie there, the database not."""
    day = last_written(path).date().isoformat()
    taken = {file.name for file in path.parent.iterdir()}
    number = next(n for n in range(1, len(taken) + 2) if f"damaged-{day}-{n}{path.suffix}" not in taken)
    return path.with_name(f"damaged-{day}-{number}{path.suffix}")
