"""Brings the rows of the audit log to the hub, in order, some at a time.

The log is written as ever and waits for nothing. What the hub confirmed is recorded beside the log; after a
restart, a lost answer or days without the hub the upload goes on from there, and what was brought twice is
held once. A station that was away for long catches up in small batches with pauses between them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from loopdesk.domain.errors import ApiError, StoreError
from loopdesk.services.ports.audit import AuditHub, AuditUploads, Brought, UnsentRows
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.events import Feed, StationChanged
from loopdesk.services.station.tasks import Tasks, Wakeup

log = logging.getLogger("loopdesk.sharing")

ROWS_A_BATCH: Final = 200

LOOK_SECONDS: Final = 10.0
"""So often it looks for new rows."""

ASK_SECONDS: Final = 600.0
"""After so long without new rows it asks whether the hub still has all: an older copy may have been put back
there.
"""

PAUSE_SECONDS: Final = 0.5
"""Between two batches while there are more: the store's thread and the hub have other work."""

RETRY_SECONDS: Final = 15.0
RETRY_MOST_SECONDS: Final = 300.0


class AuditUpload:
    """Brings rows while there is a hub.

    Args:
        uploads: The rows, and how far they were brought.
        feed: Tells of another address: with the first hub it begins.
        random: Returns numbers in [0, 1): benches that lost the hub at once come back apart.
    """

    def __init__(
        self,
        *,
        uploads: AuditUploads,
        hub: AuditHub,
        clock: Clock,
        tasks: Tasks,
        feed: Feed,
        random: Callable[[], float],
    ) -> None:
        self._uploads = uploads
        self._hub = hub
        self._clock = clock
        self._random = random
        self._wakeup = Wakeup(clock, tasks, "audit upload")
        self._failures = 0
        self._asked_at: float | None = None
        feed.on(StationChanged, lambda _event: self._wakeup.wake())

    async def run(self) -> None:
        """Bring what there is and what comes, until canceled."""
        while True:
            await self._wakeup.wait(await self._turn() if self._hub.is_hub else None)

    async def bring_some(self) -> bool:
        """Bring one batch. Returns whether there is more to be done at once.

        Raises:
            ApiError: The hub cannot be asked, or did not understand.
            StoreError: The position cannot be read or written now.
        """
        unsent = await self._uploads.unsent(ROWS_A_BATCH)
        if not unsent.rows and not self._is_due():
            return False
        brought = await self._hub.bring(unsent)
        self._asked_at = self._clock.monotonic()
        return await self._note(unsent, brought)

    async def _turn(self) -> float:
        """Bring one batch, and return for how many seconds to wait then."""
        try:
            has_more = await self.bring_some()
        except (ApiError, StoreError) as failure:
            self._failures += 1
            log.info("audit_not_brought code=%s failures=%s", failure.code, self._failures)
            seconds = min(RETRY_SECONDS * 2.0 ** min(self._failures - 1, 8), RETRY_MOST_SECONDS)
            return seconds * (0.5 + self._random())
        self._failures = 0
        return PAUSE_SECONDS if has_more else LOOK_SECONDS

    def _is_due(self) -> bool:
        return self._asked_at is None or self._clock.monotonic() - self._asked_at >= ASK_SECONDS

    async def _note(self, unsent: UnsentRows, brought: Brought) -> bool:
        """Record what the hub said. Returns whether there is more to be done at once."""
        if brought.place is None:
            log.warning("audit_place_unknown after=%s ends=%s", unsent.place.seq, len(brought.ends))
            await self._uploads.seek(brought.ends)
            return not unsent.anew  # else the hub does not keep to what was agreed: not at once again
        if brought.place != unsent.place:
            await self._uploads.move(brought.place)
        if brought.refused is not None:
            seq, why = brought.refused
            row = next((row for row in unsent.rows if row.seq == seq), None)
            if row is None:
                return False
            log.error("audit_row_refused row=%s why=%s", seq, why)
            await self._uploads.refuse(row, why, self._clock.now())
        return brought.place != unsent.place or brought.refused is not None
