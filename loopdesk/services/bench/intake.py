"""Takes every scan: on disk first, then handed on, in the order of reading.

What a scan may stand for is looked up in the same turn of the store that keeps it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from loopdesk.domain.labels.scans import Candidate, Meaning, Scan
from loopdesk.services.bench.command_codes import CommandCodes
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.ports.store import ScanTransactions, Taken
from loopdesk.services.station.events import Feed, ScanKept
from loopdesk.services.station.tasks import InTurn

log = logging.getLogger("loopdesk.scan")


@dataclass(frozen=True, slots=True)
class Sought:
    """What is to be looked up for a scan.

    Attributes:
        meaning: What it may stand for; None for a command code.
    """

    scan: Scan
    meaning: Meaning | None = None
    candidates: tuple[Candidate, ...] = ()


class Taker(Protocol):
    """Whom scans are for."""

    def seek(self, scan: Scan) -> Sought:
        """Say what is to be looked up for a scan, as things stand. Changes nothing."""
        ...

    async def handle(self, sought: Sought, taken: Taken) -> None:
        """Do what a kept scan means. Must not wait for the network: the next scan waits for it."""
        ...


class Intake:
    """Keeps scans whole and in order while earlier ones are still being looked up.

    Args:
        taker: Asked what to look up before a scan is kept, and told what came of it before the next one is.
        station: Returns who works where, at the time of the scan.
        codes: Recognizes command codes, whose letters go no further than here.
    """

    def __init__(
        self,
        *,
        openings: ScanTransactions,
        feed: Feed,
        clock: Clock,
        line: InTurn,
        station: Callable[[], Station],
        taker: Taker,
        codes: CommandCodes,
    ) -> None:
        self._openings = openings
        self._feed = feed
        self._clock = clock
        self._line = line
        self._station = station
        self._taker = taker
        self._codes = codes

    def receive(self, raw: str, source: str = "gun") -> None:
        """Take one whole code as it was read."""
        code = self._codes.read(raw)
        scan = Scan(raw if code is None else code.masked, self._clock.now(), source, code)

        self._line.add(self._keep, scan)

    async def _keep(self, scan: Scan) -> None:
        sought = Sought(scan)
        try:
            sought = self._taker.seek(scan)
        finally:  # a scan is kept whatever happens
            taken = await self._openings.take(scan, self._station(), sought.candidates)
        self._feed.tell(ScanKept(scan))
        await self._taker.handle(sought, taken)
        log.info("scan seq=%s source=%s length=%s", taken.seq, scan.source, len(scan.raw))
