"""What lies in a folder, for whoever watches it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from loopdesk.services.ports.photos import FileState


class WatchedFolder:
    """Reads a folder in a thread: a share that hangs stops nothing else."""

    async def within(self, folder: str) -> Mapping[str, FileState]:
        """As ``PhotoFiles``."""
        return await asyncio.to_thread(_files, folder)


def _files(folder: str) -> dict[str, FileState]:
    found: dict[str, FileState] = {}
    with os.scandir(Path(folder).expanduser()) as entries:
        for entry in entries:
            try:
                if entry.is_file():
                    about = entry.stat()
                    found[entry.name] = FileState(about.st_size, about.st_mtime_ns)
            except FileNotFoundError:  # it went while we looked
                continue
    return found
