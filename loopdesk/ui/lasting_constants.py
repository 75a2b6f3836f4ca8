"""Keeps ``None``, ``True`` and ``False`` alive under a PySide6 that gives away references to them.

PySide6 6.12.0 is built as if these were never counted, which is so from Python 3.12 on. Under Python 3.11
every Qt method that returns nothing takes one reference to ``None`` too many, and after some thousand
calls the interpreter ends with "deallocating None". 6.11.3 counts right.
"""

from __future__ import annotations

import ctypes
import sys

from PySide6.QtCore import QObject

_CALLS = 64
_PLENTY = 1 << 40


def is_counted_wrongly() -> bool:
    """Say whether a Qt method that returns nothing takes a reference to ``None`` away."""
    probe = QObject()
    before = sys.getrefcount(None)
    for _ in range(_CALLS):
        probe.setObjectName("")
    return before - sys.getrefcount(None) > _CALLS // 2


def keep_constants() -> None:
    """Give the constants more references than any run can take away, if this PySide6 needs it."""
    # WORKAROUND(PySide6 6.12.0 on Python 3.11): drop this module with the first release that counts right.
    if not is_counted_wrongly():
        return
    for constant in (None, True, False, NotImplemented, Ellipsis):
        count = ctypes.c_ssize_t.from_address(id(constant))
        if count.value < _PLENTY:
            count.value += _PLENTY


keep_constants()
