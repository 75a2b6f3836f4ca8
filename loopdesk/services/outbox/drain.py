"""Drains the queue once, without a window: works until nothing more can move now."""

from __future__ import annotations

from dataclasses import dataclass

from loopdesk.services.outbox.confirmer import Confirmer
from loopdesk.services.outbox.sender import Sender
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import Counts, Outbox
from loopdesk.services.station.connection import Connection, LinkState
from loopdesk.services.station.events import Feed, OutboxChanged, Settled
from loopdesk.services.station.tasks import Tasks, Wakeup

PATIENCE_SECONDS = 120.0
"""How long a drain waits, without any visible change, for what Loop has accepted."""

OFFLINE_SECONDS = 10.0
"""How long a drain keeps trying while Loop is unreachable."""

STUCK_SECONDS = 600.0
"""How long a drain keeps trying, through back-offs and 429 pauses, without one call that is answered."""

LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Drained:
    """The result of a drain.

    Attributes:
        settled: Settlements that Loop confirmed.
        counts: What is left.
        link: Why it ended, unless everything moved.
    """

    settled: int
    counts: Counts
    link: LinkState

    @property
    def needs_attention(self) -> bool:
        """Whether anything has not ended: parked, unsent, or unconfirmed."""
        return bool(self.counts.kept or self.counts.sent or self.counts.attention)


class Drain:
    """Runs the sender and the confirmer until the queue rests, then stops them."""

    def __init__(
        self,
        *,
        sender: Sender,
        confirmer: Confirmer,
        connection: Connection,
        outbox: Outbox,
        clock: Clock,
        tasks: Tasks,
        feed: Feed,
    ) -> None:
        self._sender = sender
        self._confirmer = confirmer
        self._connection = connection
        self._outbox = outbox
        self._clock = clock
        self._tasks = tasks
        self._feed = feed
        self._wakeup = Wakeup(clock, tasks, "drain")
        self._settled = 0
        self._changed_at = 0.0
        self._began_at = 0.0

    async def drain_once(self, patience_seconds: float = PATIENCE_SECONDS) -> Drained:
        """Work until nothing more can move now; waits for undo windows to end and for 429 pauses.

        Ends immediately if the key is refused or only a person can continue, soon if Loop is unreachable, and
        at last if Loop answers and nothing can be sent all the same.

        Args:
            patience_seconds: How long to wait for Loop to show what it accepted, after the last change.
        """
        self._settled = 0
        self._began_at = self._changed_at = self._clock.monotonic()
        self._feed.on(OutboxChanged, self._on_changed)
        self._feed.on(Settled, self._on_settled)
        sending = self._tasks.spawn(self._sender.run(), name="sender")
        reading = self._tasks.spawn(self._confirmer.run(), name="confirmer")
        try:
            await self._wakeup.wait(LOOK_SECONDS)
            while not (sending.done() or reading.done()) and await self._can_move(patience_seconds):
                await self._wakeup.wait(LOOK_SECONDS)
        finally:
            await self._sender.stop()
            self._confirmer.stop()
            self._feed.off(self._on_changed)
            self._feed.off(self._on_settled)
        for task in (sending, reading):
            await task
        return Drained(self._settled, await self._outbox.counts(), self._connection.link)

    async def _can_move(self, patience_seconds: float) -> bool:
        waited = self._clock.monotonic() - self._changed_at
        if self._connection.link is LinkState.KEY_REFUSED:
            return False
        if self._connection.link in (LinkState.OFFLINE, LinkState.LOGIN_PAGE):
            return bool(await self._outbox.held()) or waited < OFFLINE_SECONDS
        if await self._outbox.held():
            return True
        if self._connection.pause_seconds > 0 or await self._sender.has_work():
            since = max(self._began_at, self._sender.answered_at)
            return self._clock.monotonic() - since < STUCK_SECONDS
        return self._confirmer.has_doubts and waited < patience_seconds

    def _on_changed(self, _: OutboxChanged) -> None:
        self._changed_at = self._clock.monotonic()
        self._wakeup.wake()

    def _on_settled(self, _: Settled) -> None:
        self._settled += 1
