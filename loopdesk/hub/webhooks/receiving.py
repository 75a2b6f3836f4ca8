"""All of one process that has to do with Loop's webhooks: taking in, applying, counting."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection
from loopdesk.hub.index.feed import ChangeFeed
from loopdesk.hub.index.wishes import CHANNEL
from loopdesk.hub.webhooks.drain import Hint, WebhookDrain
from loopdesk.hub.webhooks.failures import FailedProcessings
from loopdesk.hub.webhooks.inbox import Inbox
from loopdesk.hub.webhooks.overview import WebhookGauges
from loopdesk.hub.webhooks.secret_book import Sealing
from loopdesk.hub.webhooks.tally import WebhookTally
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.tasks import Tasks


class Receiving:
    """The parts, wired.

    Args:
        feed: Where changes are told to the benches.
        sealing: Encrypts secrets and bodies at rest; None if the encryption key is lost.
        hint: Makes what was read of a return old, in the caller's transaction.
        measures: What ``/metrics`` shows.

    Attributes:
        inbox: Where the door brings them.
        tally: Where the door counts them.
        failures: What benches ask for.
    """

    def __init__(
        self,
        database: Database,
        feed: ChangeFeed,
        sealing: Sealing | None,
        hint: Hint,
        clock: Clock,
        tasks: Tasks,
        measures: CollectorRegistry,
    ) -> None:
        self._database = database
        self._hint = hint
        self._has_hinted = False
        self.failures = FailedProcessings(database)
        self.tally = WebhookTally(database, clock, measures)
        self._gauges = WebhookGauges(database, clock, measures)
        self._drain = WebhookDrain(feed, sealing, self._hinting, clock, tasks, after_turn=self._write_down)
        self.inbox = Inbox(database, sealing, clock, self._drain.wake)

    async def run(self) -> None:
        """Apply what is taken in, until canceled. What is left another process applies, or a later start."""
        await self._drain.run()

    async def _hinting(self, connection: Connection, shop_id: str, return_id: str) -> None:
        await self._hint(connection, shop_id, return_id)
        self._has_hinted = True

    async def _write_down(self) -> None:
        if self._has_hinted:  # after the commit; whoever is not told looks by itself
            self._has_hinted = False
            await self._database.notify(CHANNEL)
        await self.tally.write()
        await self._gauges.look()
