"""An asyncio loop in a thread of its own, for servers beside a program that has its own loop or none."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")

_PATIENCE_SECONDS = 20.0

_TURNS = 10
"""Loop iterations in which things that are stopping finish."""


class LoopThread:
    """Runs coroutines in a loop of its own; start and stop it, or use it in a `with` statement."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there and return (or raise) its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_SECONDS)

    def stop(self) -> None:
        """Cancel what still runs there, and end the loop and the thread."""
        self.wait_for(_end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_SECONDS)
        self._loop.close()

    def __enter__(self) -> LoopThread:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


async def _end() -> None:
    """Cancel every task and break every connection: one left to the collector fails some later test."""
    loop: Any = asyncio.get_running_loop()
    mine = asyncio.current_task()
    for _ in range(_TURNS):
        for task in asyncio.all_tasks() - {mine}:
            task.cancel()
        for transport in tuple(getattr(loop, "_transports", {}).values()):  # there is no public way
            transport.abort()
        await asyncio.sleep(0)
