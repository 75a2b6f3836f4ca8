"""Translates SQLite's failures into loopdesk's errors."""

from __future__ import annotations

import errno

import apsw

from loopdesk.domain.errors import DiskFull, StoreBusy, StoreDamaged, StoreError

_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


def translated(failure: apsw.Error, connection: apsw.Connection | None = None) -> StoreError:
    """Return the error that tells a person what a SQLite failure means.

    Args:
        failure: What SQLite raised.
        connection: Where it happened; its OS error code tells a full disk from a failing one.
    """
    text = f"{type(failure).__name__}: {failure}"
    match failure:
        case apsw.FullError():
            return DiskFull(text)
        case apsw.CorruptError() | apsw.NotADBError() | apsw.SQLError():  # all SQL is ours and tested
            return StoreDamaged(text)
        case apsw.BusyError() | apsw.LockedError() | apsw.ProtocolError():
            return StoreBusy(text)
        case apsw.IOError() if connection is not None and connection.system_errno in _FULL:
            return DiskFull(text)
        case apsw.ReadOnlyError() | apsw.CantOpenError() | apsw.PermissionsError():
            return StoreError(
                text,
                title="This station's store cannot be written.",
                advice="IT: give this user the right to write in the profile folder.",
            )
        case _:
            return StoreError(text)


def ends_the_handle(failure: BaseException) -> bool:
    """Tell whether the connection must not be used again after this failure."""
    return isinstance(failure, apsw.IOError | apsw.CorruptError | apsw.NotADBError)
