"""Drops what the ledger has kept for long enough, without letting anything be sent twice because of it.

First an answer loses its words: who asks for its key again is told *unknown*, and reads back. The attempt
stays, as a tombstone with what its answer proved, for many times as long: its key is never taken for a new
one. Then it goes, with the ended claims of its time. By then no request can be on its way, for none outlives
the ledger's deadline, and no bench has the entry still to send, for what it cannot end it parks within the
hour; a copy of a bench's store as old as that is noticed there, and looks at Loop before it sends. What may
have acted, and of which nobody knows whether it did, stays for good, as does whatever an open claim is about.
"""

from __future__ import annotations

import logging
from typing import Final

import psycopg

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import rows
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.services.ports.station import Clock

log = logging.getLogger("loopdesk.hub.ledger")

END_SECONDS: Final = 3600.0
"""How often it is looked for."""

AGAIN_SECONDS: Final = 1.0
"""Between two helpings: others want the database too."""

MOST: Final = 1_000
"""Rows in one transaction."""


class LedgerEnding:
    """Keeps the ledger short.

    Args:
        clock: Paces it; the database's own clock decides what is old.
        answers_days: For how long an answer is told again in its own words.
        days: For how long an attempt is known.
    """

    def __init__(self, database: Database, clock: Clock, *, answers_days: int, days: int) -> None:
        self._database = database
        self._clock = clock
        self._kept = (
            ("ledger.end_words", answers_days),
            ("ledger.end_attempts", days),
            ("ledger.end_claims", days),
        )

    async def run(self) -> None:
        """Drop it now and every hour, until canceled. A database that is away is waited for."""
        while True:
            try:
                is_more = await self.once()
            except (DatabaseUnusable, psycopg.Error) as failure:
                log.warning("ledger_not_ended kind=%s", type(failure).__name__)
                is_more = False
            await self._clock.sleep(AGAIN_SECONDS if is_more else END_SECONDS)

    async def once(self) -> bool:
        """Drop one helping of each; whether there is more.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
            psycopg.Error: It failed in the middle; what came before it is done.
        """
        is_more = False
        for name, days in self._kept:
            async with self._database.transaction() as connection:
                [ended] = await rows(connection, name, days=days, most=MOST)
            is_more = is_more or ended["number"] == MOST
        return is_more
