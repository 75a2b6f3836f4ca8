"""Prefetches the details of what is due to arrive, so that it opens with pictures and names even offline."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from loopdesk.domain.errors import ApiError, NotFound, Refused
from loopdesk.domain.returns.arrivals import UNDER_WAY
from loopdesk.services.ports.loop import Fetched, Priority, ReadingGateway
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import Arrivals
from loopdesk.services.station.tasks import Tasks, Wakeup

log = logging.getLogger("loopdesk.lookup")

REACH = timedelta(days=21)
"""Details are not prefetched for a label that has not moved for longer than this."""

AT_ONCE = 20
"""Returns selected at once; what goes out for delivery in the meantime comes first in the next batch."""

REMEMBERED = 2000


class DetailPrefetch:
    """Uses the spare budget, one return after another, soonest to arrive first.

    Args:
        keep: Stores an answer and tells everyone who waits for it.

    Attributes:
        read: How many details were read in this run of the program.
    """

    def __init__(
        self,
        *,
        arrivals: Arrivals,
        gateway: ReadingGateway,
        clock: Clock,
        tasks: Tasks,
        keep: Callable[[Sequence[Fetched]], Awaitable[None]],
    ) -> None:
        self._arrivals = arrivals
        self._gateway = gateway
        self._clock = clock
        self._keep = keep
        self._bell = Wakeup(clock, tasks, "ahead")
        self._tried: dict[str, str] = {}
        self.read = 0

    def wake(self) -> None:
        """Look again: the index was updated."""
        self._bell.ring()

    async def run(self) -> None:
        """Prefetch after each synchronization, until canceled."""
        while True:
            await self._bell.wait(None)
            try:
                await self.read_all()
            except ApiError as failure:  # the next synchronization shows when Loop is back
                log.info("ahead_stopped code=%s", failure.code)

    async def read_all(self) -> None:
        """Read everything that is due to arrive and whose details are unknown.

        Raises:
            ApiError: Loop could not be asked; what was read so far is kept.
        """
        while wanted := await self._wanted():
            for return_id, age in wanted:
                await self._read(return_id, age)

    async def _wanted(self) -> list[tuple[str, str]]:
        since, most = self._clock.now() - REACH, AT_ONCE + len(self._tried)
        found = await self._arrivals.to_fetch(since, UNDER_WAY, most)
        return [(x, age) for x, age in found if self._tried.get(x) != age][:AT_ONCE]

    async def _read(self, return_id: str, age: str) -> None:
        """Read one; a return that Loop does not show is not requested again until it changes."""
        try:
            fetched = await self._gateway.details(return_id, priority=Priority.BACKGROUND)
        except (NotFound, Refused) as failure:
            log.info("ahead_not_shown return=%s code=%s", return_id, failure.code)
        else:
            await self._keep((fetched,))
            self.read += 1
        if len(self._tried) >= REMEMBERED:
            self._tried.clear()
        self._tried[return_id] = age
