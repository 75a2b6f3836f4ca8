"""How the webhooks of every shop are: last arrival, refusals, what is not applied, silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from prometheus_client import CollectorRegistry, Gauge

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, Row, rows
from loopdesk.hub.webhooks.ending import REFUSED, Ending
from loopdesk.hub.webhooks.silence import silent_since
from loopdesk.services.ports.station import Clock

LOOK_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Tallied:
    """How many requests ended in one way within a day.

    Attributes:
        shop_id, topic: "" if there was no such.
        expects: It has a secret of a webhook: some are to come.
        last_at: When the last one did.
    """

    shop_id: str
    topic: str
    ending: Ending
    number: int
    last_at: datetime

    @property
    def is_refusal(self) -> bool:
        """Whether somebody has to look at it."""
        return self.ending in REFUSED


@dataclass(frozen=True, slots=True)
class ShopWebhooks:
    """The webhooks of one shop.

    Attributes:
        last_at: When the last one with a good signature arrived; None for none in two weeks.
        silent_since: Since when some should have come and did not; None if nothing is missing.
    """

    shop_id: str
    expects: bool
    last_at: datetime | None
    silent_since: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookOverview:
    """The webhooks of all shops.

    Attributes:
        tallies: Of the last day.
        unapplied: How many were stored and are not applied.
        oldest_seconds: How long the oldest of them has waited; 0 for none.
        stuck: How many of them could not be applied and are tried again.
    """

    shops: tuple[ShopWebhooks, ...]
    tallies: tuple[Tallied, ...]
    unapplied: int
    oldest_seconds: float
    stuck: int


async def overview(connection: Connection) -> WebhookOverview:
    """Look."""
    shops = await rows(connection, "webhooks.arrivals")
    [backlog] = await rows(connection, "webhooks.backlog")
    tallies = await rows(connection, "webhooks.tallies")
    return WebhookOverview(
        tuple(
            ShopWebhooks(
                row["shop_id"],
                row["expects"],
                row["last_at"],
                silent_since(row["last_at"], row["changed_at"], row["now"]),
            )
            for row in shops
        ),
        tuple(map(_tallied, tallies)),
        backlog["number"],
        backlog["oldest"],
        backlog["stuck"],
    )


def _tallied(row: Row) -> Tallied:
    return Tallied(**{**row, "ending": Ending(row["ending"])})


SecretsOf: TypeAlias = dict[str, tuple[str, ...]]
"""The triggers of each topic for which a shop has a secret; "" stands for all of the topic."""


async def secrets_of(connection: Connection, shop_id: str) -> SecretsOf:
    """Return for which topics and triggers a shop has a secret here."""
    found: dict[str, list[str]] = {}
    for row in await rows(connection, "webhooks.secrets_shown", shop_id=shop_id):
        found.setdefault(row["topic"], []).append(row["trigger"])
    return {topic: tuple(triggers) for topic, triggers in found.items()}


class WebhookGauges:
    """The measures that are looked up in the database once in a while."""

    def __init__(self, database: Database, clock: Clock, measures: CollectorRegistry) -> None:
        self._database = database
        self._clock = clock
        self._looked_at: float | None = None
        self._unapplied = Gauge(
            "loopdesk_hub_webhooks_unapplied", "Webhooks that are stored and not applied.", registry=measures
        )
        self._oldest = Gauge(
            "loopdesk_hub_webhooks_oldest_seconds",
            "How long the oldest of them has waited.",
            registry=measures,
        )
        self._silent = Gauge(
            "loopdesk_hub_webhooks_silent",
            "1 if webhooks of a shop should have come for two hours and did not.",
            ("shop",),
            registry=measures,
        )

    async def look(self) -> None:
        """Look, if some time has passed.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
            psycopg.Error: It failed meanwhile.
        """
        now = self._clock.monotonic()
        if self._looked_at is not None and now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        async with self._database.transaction() as connection:
            found = await overview(connection)
        self._unapplied.set(found.unapplied)
        self._oldest.set(found.oldest_seconds)
        for shop in found.shops:
            self._silent.labels(shop.shop_id).set(shop.expects and shop.silent_since is not None)
