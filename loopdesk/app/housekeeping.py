"""Purges old data a few times a day."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from loopdesk.app.runtime import Runtime
from loopdesk.system.host.files import remove_old

log = logging.getLogger("loopdesk.start")

FIRST_SECONDS = 600.0
"""After startup; soon enough for a station that is switched off every evening."""

EVERY_SECONDS = 4 * 3600.0


class Housekeeping:
    """Keeps no shopper's data longer than the settings say; nothing unfinished is ever deleted.

    Args:
        ground: The opened profile.
        days: Returns how many days finished data is kept, now.
    """

    def __init__(self, ground: Runtime, days: Callable[[], int]) -> None:
        self._ground = ground
        self._days = days

    async def run(self) -> None:
        """Purge periodically, until canceled."""
        await self._ground.clock.sleep(FIRST_SECONDS)
        while True:
            await self.purge()
            await self._ground.clock.sleep(EVERY_SECONDS)

    async def purge(self) -> None:
        """Delete what is too old: rows, backups of the store, photos that nothing unfinished refers to.

        Age is measured by Loop's time only: a clock that is years ahead must not empty the store.

        Raises:
            StoreError: The store cannot be written now.
        """
        ground = self._ground
        if ground.clock.skew_seconds is None:
            return
        oldest = ground.clock.now() - timedelta(days=self._days())
        purged = await ground.store.purge(oldest)
        in_use = await ground.store.photos_in_use()
        photos = await asyncio.to_thread(remove_old, ground.profile.photo_folder, oldest, in_use)
        log.info("purged settlements=%s returns=%s photos=%s", purged.settlements, purged.returns, photos)
