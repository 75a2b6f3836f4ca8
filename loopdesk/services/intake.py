"""Takes every scan: on disk first, then handed on, in the order of reading."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from loopdesk.domain.scans import Scan
from loopdesk.services.events import Feed, ScanKept
from loopdesk.services.ports import AuditLog, Clock, Station
from loopdesk.services.tasks import InTurn

log = logging.getLogger("loopdesk.scan")


class Intake:
    """Keeps scans whole and in order while earlier ones are still being looked up.

    Args:
        handle: What a kept scan sets off; awaited before the next scan is kept, so it must not
            wait for the network.
        station: Returns who works where, at the time of the scan.
    """

    def __init__(
        self,
        *,
        audit: AuditLog,
        feed: Feed,
        clock: Clock,
        line: InTurn,
        station: Callable[[], Station],
        handle: Callable[[Scan], Awaitable[None]],
    ) -> None:
        self._audit = audit
        self._feed = feed
        self._clock = clock
        self._line = line
        self._station = station
        self._handle = handle

    def receive(self, raw: str, source: str = "gun") -> None:
        """Take one whole code as it was read."""
        scan = Scan(raw, self._clock.now(), source)

        async def keep() -> None:
            await self._keep(scan)

        self._line.add(keep)

    async def _keep(self, scan: Scan) -> None:
        where = self._station()
        seq = await self._audit.scan(scan, where.operator, where.station)
        log.info("scan seq=%s source=%s length=%s", seq, scan.source, len(scan.raw))
        self._feed.tell(ScanKept(scan))
        await self._handle(scan)
