"""Deletes what is older than the audit logs of benches are kept: they name shoppers' parcels and people.

The oldest rows of a run go first, and the hash of the last one that went stays, so the chain of the others
can still be verified. An exported copy of what went proves itself by the same hash.
"""

from __future__ import annotations

import logging
from typing import Final

import psycopg

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import rows
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.services.ports.station import Clock

log = logging.getLogger("loopdesk.hub.audit")

EVERY_SECONDS: Final = 3600.0

PURGED_AT_ONCE: Final = 5000
"""Rows of a run that one transaction deletes."""


class AuditKeeping:
    """Deletes old rows, now and then. The age is that of their arrival, by PostgreSQL's clock.

    Args:
        days: How long rows are kept.
        clock: Paces it.
    """

    def __init__(self, database: Database, days: int, clock: Clock) -> None:
        self._database = database
        self._days = days
        self._clock = clock

    async def run(self) -> None:
        """Purge every hour, until canceled."""
        while True:
            try:
                purged = await self.purge()
                if purged:
                    log.info("audit_purged rows=%s", purged)
            except (DatabaseUnusable, psycopg.Error) as failure:
                log.warning("audit_not_purged kind=%s", type(failure).__name__)
            await self._clock.sleep(EVERY_SECONDS)

    async def purge(self) -> int:
        """Delete all that is too old now. Returns how many rows.

        Raises:
            DatabaseUnusable, psycopg.Error: As ``Database.transaction``.
        """
        total = 0
        while True:
            async with self._database.transaction() as connection:
                purged = await rows(connection, "audit.purge_rows", days=self._days, most=PURGED_AT_ONCE)
            if not purged:
                break
            total += purged[0]["n"]
        async with self._database.transaction() as connection:
            await rows(connection, "audit.purge_faults", days=self._days)
        return total
