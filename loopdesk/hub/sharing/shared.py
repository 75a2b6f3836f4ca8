"""Everything that the benches of a site share: what is told of each kind, and what is done now and then."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

import psycopg

from loopdesk.domain.publishing import Published
from loopdesk.hub.database.pool import Database
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.hub.sharing import drafts, mysteries, people, presence, publications
from loopdesk.hub.sharing.feed import drop_gone
from loopdesk.hub.sharing.pages import SharedPages, Told
from loopdesk.services.ports.station import Clock

log = logging.getLogger("loopdesk.hub.sharing")

LOOK_SECONDS: Final = 15.0
PURGE_SECONDS: Final = 3600.0

READERS: Final[Mapping[str, Told]] = {
    drafts.KIND: drafts.told,
    people.KIND: people.told,
    presence.KIND: presence.told,
    mysteries.KIND: mysteries.told,
    Published.VOCABULARY: publications.told_vocabularies,
    Published.SETTINGS: publications.told_settings,
}
"""What is told of each kind. A kind that is not here is told as gone."""


class Shared:
    """One process's part in it.

    Args:
        ring: Tells readers of the feed, after a commit.

    Attributes:
        pages: The feed, as streams read it.
    """

    def __init__(self, database: Database, clock: Clock, ring: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self.pages = SharedPages(database, READERS)
        self.drafts = drafts.HubDrafts(database, ring)
        self.presence = presence.HubPresence(database, ring)
        self.mysteries = mysteries.HubMysteries(database, ring)
        self.publications = publications.Publications(database)

    async def run(self) -> None:
        """End what nobody says any more, and forget what is old, until canceled."""
        purge_at = self._clock.monotonic()
        while True:
            try:
                await self.presence.expire()
                if self._clock.monotonic() >= purge_at:
                    await self._purge()
                    purge_at = self._clock.monotonic() + PURGE_SECONDS
            except (DatabaseUnusable, psycopg.Error) as failure:
                log.warning("sharing_not_swept kind=%s", type(failure).__name__)
            await self._clock.sleep(LOOK_SECONDS)

    async def _purge(self) -> None:
        await self.drafts.drop_ended()
        async with self._database.transaction() as connection:
            await drop_gone(connection)
