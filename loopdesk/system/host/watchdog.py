"""Guards calls to foreign code that may never return: daemon threads, and a hard end of the process."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


async def ask_in_thread(work: Callable[[], T], *, limit_seconds: float, name: str) -> T:
    """Call ``work`` in its own daemon thread and return its result or raise its exception.

    ``asyncio.to_thread`` will not do: the interpreter joins its threads at exit, so one hanging call would
    keep the program open forever.

    Raises:
        TimeoutError: It took longer than ``limit_seconds``. The thread is abandoned, and its result dropped.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(value: T | None, error: Exception | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(value)  # type: ignore[arg-type]  # without an error the value is there

    def run() -> None:
        value: T | None = None
        failure: Exception | None = None
        try:
            value = work()
        except Exception as error:  # noqa: BLE001 - handed over to the one who asked
            failure = error
        try:
            loop.call_soon_threadsafe(settle, value, failure)
        except RuntimeError:  # the program has ended in the meantime; nobody is waiting
            return

    threading.Thread(target=run, name=name, daemon=True).start()
    async with asyncio.timeout(limit_seconds):
        return await answer


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
