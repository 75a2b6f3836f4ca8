"""Knows which version is wanted here. It installs nothing: IT does, when the program is closed."""

from __future__ import annotations

import logging
from typing import Protocol

from loopdesk.domain.errors import ManifestUnusable
from loopdesk.domain.release import Step, Version, Wanted, step_to
from loopdesk.services.events import Feed, StationChanged
from loopdesk.services.ports import Clock

log = logging.getLogger("loopdesk.start")

FIRST_SECONDS = 60.0
EVERY_SECONDS = 6 * 3600.0


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

    def __init__(self, *, manifests: Manifests, running: Version, clock: Clock, feed: Feed) -> None:
        self._manifests = manifests
        self._running = running
        self._clock = clock
        self._feed = feed
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
        try:
            self.wanted, self.problem = await self._manifests.wanted(), None
        except ManifestUnusable as failure:
            self.problem = failure
            log.warning("manifest_unusable reason=%s", failure.detail)
            return
        if self.step is not Step.NONE:
            assert self.wanted is not None
            log.info("version_wanted wanted=%s running=%s", self.wanted.version, self._running)
            self._feed.tell(StationChanged())

    @property
    def step(self) -> Step:
        """What has to happen on this machine."""
        return step_to(self.wanted, self._running) if self.wanted is not None else Step.NONE
