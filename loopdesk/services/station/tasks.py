"""Coroutines: the only place that starts, supervises, wakes and coalesces them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeAlias

from loopdesk.domain.errors import ApiError, StoreError
from loopdesk.services.ports.station import Clock


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
        self._waiting: deque[tuple[Callable[..., Coroutine[Any, Any, None]], tuple[Any, ...]]] = deque()
        self._running = False

    def add(self, take: Callable[P, Coroutine[Any, Any, None]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Append a value, with whom it is for."""
        assert not kwargs, "what waits is given by place"
        self._waiting.append((take, args))
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
                take, args = self._waiting.popleft()
                try:
                    await take(*args)
                except Exception as failure:  # noqa: BLE001 - one bad piece must not stop the bench
                    self._on_fault(self._name, failure)
        finally:
            self._running = False


log = logging.getLogger("loopdesk.outbox")

RESTART_SECONDS = 30.0

OnFault: TypeAlias = Callable[[str, BaseException], None]
"""Receives unexpected failures: where, and the exception. Never raises."""

P = ParamSpec("P")


async def keep_running(
    name: str, run: Callable[[], Awaitable[None]], clock: Clock, on_fault: OnFault
) -> None:
    """Run something until it returns; after any failure report it, wait, and restart.

    A restart reopens and checks the store, and whatever was cut off is asked about before it is sent. So
    neither a full disk nor a bug triggered by one odd answer stops a station for the rest of its shift.

    Args:
        name: For the fault report.
        on_fault: Called with each failure.
    """
    while True:
        try:
            return await run()
        except Exception as failure:  # noqa: BLE001 - told, and begun again
            on_fault(name, failure)
        await clock.sleep(RESTART_SECONDS)
        log.info("begins_again name=%s", name)


def isolated(
    name: str, listen: Callable[P, Awaitable[None]], on_fault: OnFault
) -> Callable[P, Awaitable[None]]:
    """Wrap a listener so that its bugs are reported and do not end the caller.

    What the store or Loop refuses is not a bug: it propagates to the caller, which knows how to continue
    later.
    """

    async def listened(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await listen(*args, **kwargs)
        except (StoreError, ApiError):
            raise
        except Exception as failure:  # noqa: BLE001 - the listener's bug, not the teller's
            on_fault(name, failure)

    return listened


class Wakeup:
    """One loop waits, anyone may wake it; a wake-up while nobody waits is kept for the next wait.

    Args:
        name: Of the loop, for the name of the timer's task.
    """

    def __init__(self, clock: Clock, tasks: Tasks, name: str) -> None:
        self._clock = clock
        self._tasks = tasks
        self._name = name
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Wake the loop."""
        self._woken.set()

    async def wait(self, seconds: float | None) -> None:
        """Wait for a wake-up, at most that many seconds of the clock; None waits without a timeout."""
        timer = None
        if seconds is not None:
            timer = self._tasks.spawn(self._wake_after(seconds), name=f"{self._name} timer")
        try:
            await self._woken.wait()
        finally:
            self._woken.clear()
            if timer is not None:
                timer.cancel()

    async def _wake_after(self, seconds: float) -> None:
        await self._clock.sleep(max(seconds, 0.0))
        self.wake()


class SingleFlight:
    """Runs one call at a time. All callers that arrive while one runs share the next one, including its
    failure.

    What happened at Loop before a call is known after it, and fifty scans cost two reads, not fifty.

    Args:
        work: The work; a coroutine function.
    """

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._turn = asyncio.Lock()
        self._begun = 0
        self._ended: tuple[int, ApiError | None] = (0, None)

    async def __call__(self) -> None:
        """Wait until the work was done once from start to end.

        Raises:
            ApiError: Loop could not be asked.
        """
        mine = self._begun + 1
        async with self._turn:
            ended, failure = self._ended
            if ended >= mine:
                if failure is not None:
                    raise failure.with_traceback(None)
                return
            self._begun += 1
            number = self._begun
            try:
                await self._work()
            except ApiError as broken:
                self._ended = (number, broken)
                raise
            self._ended = (number, None)
