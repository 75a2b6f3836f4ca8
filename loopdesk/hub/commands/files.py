"""Files that a command writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loopdesk.hub.failures import HubFailure


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """Give a file beside it, which only its owner may read; once that is written whole it takes the name.

    Raises:
        HubFailure: ``file_exists``, or ``unwritable``.
    """
    if file.exists():
        raise HubFailure(why="file_exists", file=str(file))
    partial = file.with_name(f"{file.name}.partial")
    try:
        partial.unlink(missing_ok=True)  # of a command that was killed
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield partial
        partial.replace(file)
    except OSError as failure:
        raise HubFailure(why="unwritable", file=str(file)) from failure
    finally:
        partial.unlink(missing_ok=True)
