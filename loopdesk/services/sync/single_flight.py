"""Coalesces concurrent calls: work that many want at once is done once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from loopdesk.domain.errors import ApiError


class Shared:
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
