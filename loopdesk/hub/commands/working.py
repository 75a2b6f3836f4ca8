"""The database, for the time of one command."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from loopdesk.hub.benches.registry import BenchRegistry
from loopdesk.hub.database.pool import Database
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.ledger.acts import Ledger
from loopdesk.hub.reads.homes import Homes
from loopdesk.hub.settings import HubSettings
from loopdesk.hub.shops.registry import ShopRegistry
from loopdesk.hub.shops.sealing import SealingKey, sealing_key
from loopdesk.services.station.tasks import Tasks
from loopdesk.system.host.clock import SystemClock


def _raised(_where: str, failure: BaseException) -> None:
    raise failure


class Works:
    """What a command works with.

    Attributes:
        database: PostgreSQL, open.
        benches, shops: What is registered there.
        sealing: The encryption key; None without one.
        ledger: What became of every action, and who finishes which return.
        homes: In which shop a return is.
    """

    def __init__(self, settings: HubSettings) -> None:
        self.tasks = Tasks(_raised)
        self.database = Database(settings.database.url, SystemClock(), self.tasks, most=2)
        self.benches = BenchRegistry(self.database)
        self.sealing: SealingKey | None = None
        with suppress(HubFailure):
            self.sealing = sealing_key(settings.keys.file, os.environ)
        self.shops = ShopRegistry(self.database, self.sealing)
        self.ledger = Ledger(self.database)
        self.homes = Homes(self.database)


@asynccontextmanager
async def working(settings: HubSettings) -> AsyncIterator[Works]:
    """Open the database for a command.

    Raises:
        DatabaseUnusable: PostgreSQL cannot be reached, or the database is none for this version.
    """
    works = Works(settings)
    await works.database.open()
    try:
        yield works
    finally:
        await works.database.close()
        await works.tasks.aclose()
