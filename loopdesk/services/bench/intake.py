"""Takes every scan: on disk first, then handed on, in the order of reading; a command code by its name alone.

What a scan may stand for is looked up in the same turn of the store that keeps it.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Protocol

from loopdesk.domain.labels.command_codes import printed, recognize
from loopdesk.domain.labels.scans import GUN, Candidate, CodeKind, CodeRead, Meaning, Scan
from loopdesk.domain.returns.grading import Draft
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.ports.store import ScanTransactions, Taken
from loopdesk.services.station.events import Feed, ScanKept
from loopdesk.services.station.tasks import InTurn

# --- command codes ----------------------------------------------------------------------------------

MOST_WRONG = 10
"""After this many wrong codes within ``WRONG_SECONDS``, printed codes are ignored until the rate drops."""

WRONG_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class CodeSecrets:
    """What the letters of command codes are made with; shown nowhere.

    Attributes:
        station: This station's own, "" when its file cannot be used.
        site: That of all stations of the site, "" for none.
    """

    station: str = field(default="", repr=False)
    site: str = field(default="", repr=False)

    @property
    def acting(self) -> frozenset[str]:
        """Those whose codes act here."""
        return frozenset({self.station, self.site} - {""})

    @property
    def printing(self) -> str:
        """The one that sheets are printed with: the site's, so that one sheet serves every station."""
        return self.site or self.station


class CommandCodes:
    """Recognizes command codes and throttles guessing.

    Args:
        words: Every command's word.
        secrets: Gives the secrets whose codes act.
    """

    def __init__(self, *, words: Collection[str], secrets: Callable[[], CodeSecrets], clock: Clock) -> None:
        self._words = frozenset(words)
        self._secrets = secrets
        self._clock = clock
        self._wrong: deque[float] = deque(maxlen=MOST_WRONG)

    def read(self, raw: str) -> CodeRead | None:
        """Tell whether a scan is a command code or near one; None for every other code.

        While slowed, no code is looked at, a right one neither: nobody learns which one it was.
        """
        found = self.recognize(raw)
        if found is None or found.kind not in (CodeKind.COMMAND, CodeKind.WRONG):
            return found
        now = self._clock.monotonic()
        while self._wrong and now - self._wrong[0] >= WRONG_SECONDS:
            self._wrong.popleft()
        if len(self._wrong) == MOST_WRONG:
            return replace(found, kind=CodeKind.SLOWED)
        if found.kind is CodeKind.WRONG:
            self._wrong.append(now)
        return found

    def recognize(self, raw: str) -> CodeRead | None:
        """Do the same as ``read`` without counting it."""
        return recognize(raw, self._words, self._secrets().acting)

    def masked(self, text: str) -> str:
        """Return a text as it may be kept: a code in it by its name alone."""
        found = self.recognize(text)
        return found.masked if found is not None else text

    def printed(self, word: str) -> str:
        """Return the code to be printed for a word: the site's where there is one, else the station's."""
        return printed(word, self._secrets().printing)


# --- every scan -------------------------------------------------------------------------------------

log = logging.getLogger("loopdesk.scan")


@dataclass(frozen=True, slots=True)
class Sought:
    """What is to be looked up for a scan.

    Attributes:
        meaning: What it may stand for; None for a command code.
        aside: What is entered for the open return, to be put aside if the scan opens another one.
    """

    scan: Scan
    meaning: Meaning | None = None
    candidates: tuple[Candidate, ...] = ()
    aside: Draft | None = None


class Taker(Protocol):
    """Receives the scans."""

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

    def receive(self, raw: str, source: str = GUN) -> None:
        """Take one whole code as it was read."""
        code = self._codes.read(raw)
        text = raw if code is None else code.masked
        scan = Scan(text, self._clock.now(), source, code, self._clock.monotonic())
        self._line.add(self._keep, scan)

    async def _keep(self, scan: Scan) -> None:
        sought = Sought(scan)
        try:
            sought = self._taker.seek(scan)
        finally:  # a scan is kept whatever happens
            taken = await self._openings.take(scan, self._station(), sought.candidates, sought.aside)
        self._feed.tell(ScanKept(scan))
        await self._taker.handle(sought, taken)
        log.info("scan seq=%s source=%s length=%s", taken.seq, scan.source, len(scan.raw))
