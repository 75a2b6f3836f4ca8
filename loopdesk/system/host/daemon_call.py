"""Runs system calls that may never return in threads that do not keep the program open."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
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
    return await asyncio.wait_for(answer, limit_seconds)
