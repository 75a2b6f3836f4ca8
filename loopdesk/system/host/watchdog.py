"""Kills this process from outside Python, for work that may hang in foreign code forever."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

if sys.platform == "win32":
    import ctypes

    _SYSTEM = ctypes.WinDLL("kernel32", use_last_error=True)

    def _start(seconds: float) -> ctypes.c_void_p:
        """Let a system timer call ``TerminateProcess(this process, 1)``.

        The timer passes a value of ours and a true value for "time is up"; these happen to be the two
        arguments that ``TerminateProcess`` needs, so that no Python code has to run.
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
        """Do nothing: on other systems a library that cannot continue ends the process itself."""
        return 0

    def _stop(_timer: int) -> None:
        """Do nothing."""


@contextmanager
def ended_after(seconds: float) -> Iterator[None]:
    """Kill the process, with a nonzero code, if the body takes longer; only on Windows.

    There a library shows its fatal errors in a message box and blocks in the middle of a call. A normal exit
    would wait for that call too; only the system itself can end the process.
    """
    timer = _start(seconds)
    try:
        yield
    finally:
        _stop(timer)
