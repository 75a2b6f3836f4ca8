"""Ends this process from the outside of Python, for work that may hang in foreign code for ever."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

if sys.platform == "win32":
    import ctypes

    _SYSTEM = ctypes.WinDLL("kernel32", use_last_error=True)

    def _start(seconds: float) -> ctypes.c_void_p:
        """Let a timer of the system call ``TerminateProcess(this process, 1)``.

        A timer calls with a value of ours and with a true one for "the time is over"; these happen to be
        the two arguments needed, so that no line of Python has to run.
        """
        end = ctypes.cast(_SYSTEM.TerminateProcess, ctypes.c_void_p)
        this_process, timer = ctypes.c_void_p(-1), ctypes.c_void_p()
        when, never_again = ctypes.c_ulong(round(seconds * 1000)), ctypes.c_ulong(0)
        if not _SYSTEM.CreateTimerQueueTimer(
            ctypes.byref(timer), None, end, this_process, when, never_again, ctypes.c_ulong(0)
        ):
            raise ctypes.WinError(ctypes.get_last_error())
        return timer

    def _stop(timer: ctypes.c_void_p) -> None:
        _SYSTEM.DeleteTimerQueueTimer(None, timer, None)
else:

    def _start(_seconds: float) -> int:
        """Start nothing: elsewhere a library that cannot go on ends the process by itself."""
        return 0

    def _stop(_timer: int) -> None:
        """Stop nothing."""


@contextmanager
def ended_after(seconds: float) -> Iterator[None]:
    """End the process, not with code 0, when what is inside takes longer; on Windows alone.

    There a library shows its fatal errors in a box and waits for a click in the middle of a call. An
    ordinary exit then waits for that call too; only the system itself can end the process.
    """
    timer = _start(seconds)
    try:
        yield
    finally:
        _stop(timer)
