"""A shop with secrets of webhooks, and what Loop sends it, for tests with a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, Row
from loopdesk.hub.index.feed import ChangeFeed
from loopdesk.hub.shops.sealing import SealingKey
from loopdesk.hub.webhooks.drain import WebhookDrain
from loopdesk.hub.webhooks.ending import Ending
from loopdesk.hub.webhooks.inbox import Inbox
from loopdesk.hub.webhooks.meaning import TRIGGERS
from loopdesk.hub.webhooks.secret_book import keep_secret
from loopdesk.hub.webhooks.tally import WebhookTally
from loopdesk.services.station.tasks import Tasks
from loopdesk.simulator.webhooks.bodies import php_json, signature
from loopdesk.system.host.clock import SystemClock

SHOP = "north"
SECRET = "whsec-canary-1"
SEALING = SealingKey(b"0" * 32)


class NoTokens:
    """Knows nobody: the webhooks' door must not ask."""

    async def by_token(self, token: str) -> None:
        """Fail."""
        raise AssertionError(token)


async def run(database: Database, statement: str, **values: Any) -> list[Row]:
    """Run SQL of a test's own."""
    async with database.transaction() as connection:
        cursor = await connection.execute(statement.encode(), values or None)
        return await cursor.fetchall() if cursor.description is not None else []


class QuietFeed(ChangeFeed):
    """Writes changes that nobody follows."""

    def ring(self) -> None:
        """Tell nobody."""


@dataclass
class Receiver:
    """One process' inbox and drain.

    Attributes:
        hints: What was hinted, in order.
        woken: How often the drain was woken.
    """

    database: Database
    sealing: SealingKey | None = SEALING
    hints: list[tuple[str, str]] = field(default_factory=list)
    woken: int = 0

    def __post_init__(self) -> None:
        clock, tasks = SystemClock(), Tasks(lambda where, failure: None)
        self.tally = WebhookTally(self.database, clock, CollectorRegistry())
        self.inbox = Inbox(self.database, self.sealing, clock, self._wake)
        feed = QuietFeed(self.database, clock, tasks)
        self.drain = WebhookDrain(feed, self.sealing, self._hint, clock, tasks, after_turn=self.tally.write)

    async def open_shop(self, shop_id: str = SHOP, secret: str = SECRET) -> None:
        """Add a shop with one secret for every topic."""
        await run(
            self.database,
            "INSERT INTO shop (id, name, colour) VALUES (%(id)s, 'North', '#112233')",
            id=shop_id,
        )
        for topic in TRIGGERS:
            await self.add_secret(topic, secret, shop_id)

    async def add_secret(self, topic: str, secret: str, shop_id: str = SHOP, trigger: str = "") -> None:
        """Add a secret."""
        await keep_secret(self.database, self.sealing, shop_id, topic, trigger, secret)

    async def take(
        self, topic: str, body: dict[str, Any] | bytes, secret: str = SECRET, shop_id: str = SHOP
    ) -> Ending:
        """Bring a webhook as Loop does."""
        raw = body if isinstance(body, bytes) else php_json(body)
        return await self.inbox.take(shop_id, topic, raw, signature(secret, raw))

    async def stored(self) -> list[Row]:
        """Return the stored webhooks, oldest first."""
        return await run(self.database, "SELECT * FROM webhook ORDER BY id")

    def _wake(self) -> None:
        self.woken += 1

    async def _hint(self, _connection: Connection, shop_id: str, return_id: str) -> None:
        self.hints.append((shop_id, return_id))


def told(topic: str, return_id: str | int, trigger: str = "", **more: Any) -> dict[str, Any]:
    """Return a small body of a topic."""
    named = {"return": "id", "label": "id", "restock": "id"}.get(topic, "return_id")
    return {"topic": topic, "trigger": trigger or TRIGGERS[topic][-1], named: return_id, **more}


def label(return_id: str, status: str, at: str, number: str = "1Z9") -> dict[str, Any]:
    """Return the body of a label."""
    return told(
        "label",
        return_id,
        carrier="UPS",
        tracking_number=number,
        label_status=status,
        label_updated_at=at,
    )
