"""Processings that failed, for the bench that asked for them. Nothing that a bench can read shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from loopdesk.hub.database.pool import Database

MOST_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class ToldFailure:
    """One processing that Loop accepted and could not do.

    Attributes:
        id: Rises; a bench asks for those after the last that it has.
        entry_id: The bench's outbox entry, the newest that had the return processed before this was told.
        state: Of the return afterwards.
        message, source: Loop's words and who began it, "" for none.
        told_at: When the webhook arrived, aware UTC.
    """

    id: int
    shop_id: str
    return_id: str
    entry_id: str
    state: str
    message: str
    source: str
    told_at: datetime


class FailedProcessings:
    """Those that webhooks told of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_bench(self, bench_id: UUID, after: int) -> tuple[ToldFailure, ...]:
        """Return those of a bench's own settlements, oldest first, at most a hundred.

        Args:
            after: The id of the last one that the bench has; 0 for none.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        found = await self._database.read(
            "webhooks.failures_for", bench_id=bench_id, after=after, most=MOST_AT_ONCE
        )
        return tuple(ToldFailure(**row) for row in found)
