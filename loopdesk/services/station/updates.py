"""Knows which version is wanted here. It installs nothing: IT does, when the program is closed."""

from __future__ import annotations

import logging
from typing import Protocol

from loopdesk.domain.errors import ManifestUnusable
from loopdesk.domain.release import Step, Version, Wanted, step_to
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import AuditLog
from loopdesk.services.station.events import Feed, StationChanged

log = logging.getLogger("loopdesk.start")

FIRST_SECONDS = 60.0
EVERY_SECONDS = 6 * 3600.0

MANIFEST = "manifest"
"""Audit event: a manifest was believed; its number stands in the row."""


class Manifests(Protocol):
    """Where it is written which version is wanted."""

    async def wanted(self) -> Wanted | None:
        """Read it; None when no place is named in the settings.

        Raises:
            ManifestUnusable: It cannot be had, or nobody who may say so has signed it.
        """
        ...


class Updates:
    """Looks now and then which version is wanted, and says so.

    Attributes:
        wanted: What was read last; None when nothing was.
        problem: Why nothing could be read; None when that worked.
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
        """Look after the start and a few times a day, until canceled."""
        await self._clock.sleep(FIRST_SECONDS)
        while True:
            await self.look()
            await self._clock.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Look now. What was read before stays when it cannot be read again."""
        if self.wanted is not None and self.wanted.has_ended(self._clock.now()):
            self.wanted = None
        try:
            wanted = await self._manifests.wanted()
            if wanted is not None:
                await self._accept(wanted)
            self.wanted, self.problem = wanted, None
        except ManifestUnusable as failure:
            self.problem = failure
            log.warning("manifest_unusable reason=%s", failure.detail)
            return
        if self.step is not Step.NONE:
            assert self.wanted is not None
            log.info("version_wanted wanted=%s running=%s", self.wanted.version, self._running)
            self._feed.tell(StationChanged())

    async def _accept(self, wanted: Wanted) -> None:
        """Refuse a manifest that was signed before one that was read already, or whose time is over.

        Both have a good signature: whoever holds the web server can put an old one back, and a version with a
        known hole with it.

        Raises:
            ManifestUnusable: It is not believed.
        """
        if not self._highest:
            rows = await self._audit.rows(MANIFEST, 1000)
            self._highest = max((int(row.detail.get("number", 0)) for row in rows), default=0)
            is_noted = False
        else:
            is_noted = wanted.number == self._highest
        if wanted.number < self._highest:
            raise ManifestUnusable("an older one lies in its place")
        if wanted.has_ended(self._clock.now()):
            raise ManifestUnusable("its time is over; sign it again")
        if not is_noted:  # once a run, so that the number outlives what is purged by age
            detail = {"number": wanted.number, "version": str(wanted.version)}
            await self._audit.write(MANIFEST, self._clock.now(), detail=detail)
            self._highest = wanted.number

    @property
    def step(self) -> Step:
        """What has to happen on this machine."""
        return step_to(self.wanted, self._running) if self.wanted is not None else Step.NONE
