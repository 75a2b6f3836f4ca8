"""Knows which version is wanted here. It installs nothing: IT does, when the program is closed."""

from __future__ import annotations

import logging
from typing import Protocol

from loopdesk.domain.errors import ManifestUnusable
from loopdesk.domain.release import UpdateStep, Version, Wanted, step_to
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import AuditLog
from loopdesk.services.station.events import Feed, StationChanged

log = logging.getLogger("loopdesk.start")

FIRST_SECONDS = 60.0
EVERY_SECONDS = 6 * 3600.0

MANIFEST = "manifest"
"""Audit event: a manifest was accepted; the row has its number."""


class Manifests(Protocol):
    """Where the wanted version is published."""

    async def wanted(self) -> Wanted | None:
        """Fetch the manifest; None if no place is configured.

        Raises:
            ManifestUnusable: It is unavailable, or not signed by the configured key.
        """
        ...


class Updates:
    """Checks now and then which version is wanted, and publishes it.

    Attributes:
        wanted: The last manifest read; None if there was none.
        problem: Why the last read failed; None if it worked.
    """

    def __init__(
        self, *, manifests: Manifests, running: Version, clock: Clock, feed: Feed, audit: AuditLog
    ) -> None:
        self._manifests = manifests
        self._running = running
        self._clock = clock
        self._feed = feed
        self._audit = audit
        self._highest = 0
        self.wanted: Wanted | None = None
        self.problem: ManifestUnusable | None = None

    async def run(self) -> None:
        """Check after startup and a few times a day, until canceled."""
        await self._clock.sleep(FIRST_SECONDS)
        while True:
            await self.look()
            await self._clock.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Check now. After a failure the previous manifest is kept."""
        if self.wanted is not None and self.wanted.has_ended(self._clock.now()):
            self.wanted = None
        try:
            wanted = await self._manifests.wanted()
            if wanted is not None:
                await self._accept(wanted)
            self.wanted, self.problem = wanted, None
        except ManifestUnusable as failure:
            self.problem = failure
            log.warning("manifest_unusable reason=%s", failure)
            return
        if self.step is not UpdateStep.NONE:
            assert self.wanted is not None
            log.info("version_wanted wanted=%s running=%s", self.wanted.version, self._running)
            self._feed.tell(StationChanged())

    async def _accept(self, wanted: Wanted) -> None:
        """Reject a manifest that was signed before one already read, or that has expired.

        Both have a valid signature: anyone who controls the web server can restore an old one, and with it a
        version with a known vulnerability.

        Raises:
            ManifestUnusable: It is not accepted.
        """
        if not self._highest:
            rows = await self._audit.rows(MANIFEST, 1000)
            self._highest = max((int(row.detail.get("number", 0)) for row in rows), default=0)
            is_noted = False
        else:
            is_noted = wanted.number == self._highest
        if wanted.number < self._highest:
            raise ManifestUnusable(why="older")
        if wanted.has_ended(self._clock.now()):
            raise ManifestUnusable(why="ended")
        if not is_noted:  # once per run, so that the number outlives the purge
            detail = {"number": wanted.number, "version": str(wanted.version)}
            await self._audit.write(MANIFEST, self._clock.now(), detail=detail)
            self._highest = wanted.number

    @property
    def step(self) -> UpdateStep:
        """What has to happen on this machine."""
        return step_to(self.wanted, self._running) if self.wanted is not None else UpdateStep.NONE
