"""Counts how requests to the webhooks' door ended: at once for the measures, soon for the doctor."""

from __future__ import annotations

from collections import Counter
from typing import Final

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client import Counter as Measure

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import rows
from loopdesk.hub.webhooks.ending import Ending
from loopdesk.services.ports.station import Clock

WRITE_SECONDS: Final = 5.0
"""How often the counts are written; those of a process that is killed are lost."""

_BUCKETS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
_NAMELESS: Final = frozenset(
    {Ending.NO_SHOP, Ending.NO_TOPIC, Ending.TOO_LARGE, Ending.BROKEN_OFF, Ending.BUSY}
)
"""Endings before anybody looked whether there is such a shop: what somebody makes up becomes no label and no
row.
"""


class WebhookTally:
    """The counts of one process.

    Args:
        measures: What ``/metrics`` shows.
    """

    def __init__(self, database: Database, clock: Clock, measures: CollectorRegistry) -> None:
        self._database = database
        self._clock = clock
        self._unwritten: Counter[tuple[str, str, str]] = Counter()
        self._written_at: float | None = None
        self._requests = Measure(
            "loopdesk_hub_webhooks",
            "Requests to the webhooks' door, by how they ended.",
            ("shop", "topic", "ending"),
            registry=measures,
        )
        self._seconds = Histogram(
            "loopdesk_hub_webhook_answer_seconds",
            "Until a webhook was answered.",
            registry=measures,
            buckets=_BUCKETS,
        )

    def count(self, shop_id: str, topic: str, ending: Ending, seconds: float) -> None:
        """Count one request.

        Args:
            seconds: How long it took.
        """
        named = ("", "") if ending in _NAMELESS else (shop_id, topic)
        self._unwritten[*named, ending.value] += 1
        self._requests.labels(*named, ending.value).inc()
        self._seconds.observe(seconds)

    async def write(self) -> None:
        """Add the counts to the database, if some seconds have passed.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached; they are kept.
            psycopg.Error: So are they.
        """
        now = self._clock.monotonic()
        is_early = self._written_at is not None and now - self._written_at < WRITE_SECONDS
        if is_early or not self._unwritten:
            return
        counts, self._unwritten = self._unwritten, Counter()
        shops, topics, endings = zip(*counts, strict=True)
        try:
            async with self._database.transaction() as connection:
                await rows(
                    connection,
                    "webhooks.count",
                    shops=list(shops),
                    topics=list(topics),
                    endings=list(endings),
                    numbers=list(counts.values()),
                )
        except BaseException:
            self._unwritten += counts
            raise
        self._written_at = now
