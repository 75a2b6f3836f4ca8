"""Counts the actions that a store still holds, from outside: nothing is written, migrated or repaired."""

from __future__ import annotations

from pathlib import Path

import apsw

from loopdesk.domain.errors import StoreError
from loopdesk.store.open_database import BUSY_MILLISECONDS
from loopdesk.store.sql import queries, translated

_SQL = queries("outbox")


def count_waiting(file: Path) -> int:
    """Return how many entries are unfinished; 0 if there is no store.

    Raises:
        StoreError: It cannot be read.
    """
    try:
        if not file.exists():
            return 0
        address = f"{file.absolute().as_uri()}?mode=ro"
        connection = apsw.Connection(address, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    except apsw.Error as failure:
        raise translated(failure) from failure
    except OSError as failure:
        raise StoreError(f"{type(failure).__name__}: {failure.strerror}") from failure
    try:
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        return int(connection.execute(_SQL["count_unfinished"]).get)
    except apsw.Error as failure:
        raise translated(failure, connection) from failure
    finally:
        connection.close()
