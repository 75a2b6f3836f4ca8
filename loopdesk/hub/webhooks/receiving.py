"""All of one process that has to do with Loop's webhooks: taking in, applying, counting."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from loopdesk.hub.database.pool import Database
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
        sealing: Sealing | None,
        hint: Hint,
        clock: Clock,
        tasks: Tasks,
        measures: CollectorRegistry,
    ) -> None:
        self.failures = FailedProcessings(database)
        self.tally = WebhookTally(database, clock, measures)
        self._gauges = WebhookGauges(database, clock, measures)
        self._drain = WebhookDrain(database, sealing, hint, clock, tasks, after_turn=self._write_down)
        self.inbox = Inbox(database, sealing, clock, self._drain.wake)

    async def run(self) -> None:
        """Apply what is taken in, until canceled. What is left another process applies, or a later start."""
        await self._drain.run()

    async def _write_down(self) -> None:
        await self.tally.write()
        await self._gauges.look()
