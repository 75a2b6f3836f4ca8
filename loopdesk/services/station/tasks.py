"""The only place that starts coroutines."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any


class Tasks:
    """Keeps a strong reference to every running coroutine, by name.

    Args:
        on_fault: Called with the task's name and the exception of a task that failed.
    """

    def __init__(self, on_fault: Callable[[str, BaseException], None]) -> None:
        self._on_fault = on_fault
        self._running: set[asyncio.Task[Any]] = set()
        self._groups: dict[str, asyncio.Task[Any]] = {}

    def spawn(
        self, work: Coroutine[Any, Any, Any], *, name: str, replaces: str | None = None
    ) -> asyncio.Task[Any]:
        """Start a coroutine.

        Args:
            work: The coroutine; its failure goes to ``on_fault``.
            name: For logs.
            replaces: An exclusive group: the group's running task is canceled first. Never use it for work
                that sends requests; let those finish and drop their result.
        """
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        if replaces is not None:
            before = self._groups.get(replaces)
            if before is not None and not before.done():
                before.cancel()
            self._groups[replaces] = task
        return task

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the running tasks, sorted."""
        return tuple(sorted(task.get_name() for task in self._running))

    async def aclose(self) -> None:
        """Cancel all running tasks and wait until they have ended."""
        while self._running:
            running = tuple(self._running)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await asyncio.sleep(0)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._on_fault(task.get_name(), failure)


class InTurn:
    """A serial queue: runs pieces of work one after another, in order.

    What an operator does must take effect in the order it was done, although each piece waits for the disk. A
    failing piece goes to ``on_fault`` and the next one runs.
    """

    def __init__(self, tasks: Tasks, name: str, on_fault: Callable[[str, BaseException], None]) -> None:
        self._tasks = tasks
        self._name = name
        self._on_fault = on_fault
        self._waiting: deque[Callable[[], Coroutine[Any, Any, None]]] = deque()
        self._running = False

    def add(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Append a piece of work."""
        self._waiting.append(work)
        if not self._running:
            self._running = True
            self._tasks.spawn(self._run(), name=self._name)

    @property
    def is_idle(self) -> bool:
        """Whether the queue is empty and nothing runs."""
        return not self._running

    async def _run(self) -> None:
        try:
            while self._waiting:
                work = self._waiting.popleft()
                try:
                    await work()
                except Exception as failure:  # noqa: BLE001 - one bad piece must not stop the bench
                    self._on_fault(self._name, failure)
        finally:
            self._running = False
