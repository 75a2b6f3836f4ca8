"""Writes moves of entries and publishes what came of them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from loopdesk.domain.errors import StoreBusy, StoreError
from loopdesk.domain.outbox.stages import (
    AT_HUB,
    END_STAGES,
    NO_CAUSE,
    Cause,
    Entry,
    Move,
    ParkReason,
    Stage,
    Why,
    ended_elsewhere,
    has_ended_well,
)
from loopdesk.domain.returns.returns import Fingerprint
from loopdesk.domain.settlement import settlement_kind
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import Outbox
from loopdesk.services.station.events import Feed, NeedsPerson, OutboxChanged, ReturnChanged, Settled

log = logging.getLogger("loopdesk.outbox")

BUSY_TRIES = 10
"""Retries on a busy store before the sender gives up."""


class StageWriter:
    """The only way in which the sending half changes the outbox."""

    def __init__(self, *, outbox: Outbox, clock: Clock, feed: Feed) -> None:
        self._outbox = outbox
        self._clock = clock
        self._feed = feed
        self._writing = 0
        self._told: set[str] = set()

    async def write(
        self,
        about: Entry,
        moves: Sequence[Move],
        *,
        evidence: str = "",
        http_status: int | None = None,
        code: str = "",
        saw: Fetched | None = None,
        event: str = "moved",
        mark: tuple[str, str] | None = None,
    ) -> None:
        """Write moves of one return in one commit, log each, and publish what happened.

        Args:
            about: Any entry of that return.
            moves, evidence, http_status, code, saw, event, mark: As ``Outbox.apply``.

        Raises:
            StageMoved: An entry was not where the caller believed; nothing was written.
            StoreError: The commit failed; the caller stops.
        """
        if not moves:
            return
        self._writing += 1
        try:
            await self._commit(about, moves, evidence, http_status, code, saw, event, mark)
            _log(about, moves, evidence, code, event)
            await self._publish(about, moves, saw)
        finally:
            self._writing -= 1
            if not self._writing:
                self._told.clear()

    async def park(
        self,
        entries: Sequence[Entry],
        reason: ParkReason,
        cause: Cause,
        *,
        found: Fingerprint | None = None,
        saw: Fetched | None = None,
    ) -> None:
        """Park entries of one return for the same reason.

        Args:
            found: Loop's state if it contradicts what the operator saw.

        Raises:
            StageMoved, StoreError: As ``write``.
        """
        moves = [
            Move(x.entry_id, x.stage, Stage.PARKED, reason=reason, cause=cause, found=found) for x in entries
        ]
        await self.write(entries[0], moves, saw=saw, event="parked")

    async def remark(self, entry: Entry, cause: Cause, saw: Fetched | None) -> None:
        """Record what Loop shows so far about an entry, without moving it.

        Args:
            saw: What Loop showed.

        Raises:
            StageMoved, StoreError: As ``write``.
        """
        await self._outbox.remark(entry, cause, at=self._clock.now(), saw=saw)
        log.info("remarked entry=%s return=%s why=%s", entry.entry_id, entry.return_id, cause.code)
        self._feed.tell(OutboxChanged(entry.return_id))
        if saw is not None:
            self._feed.tell(ReturnChanged(entry.return_id))

    async def _commit(
        self,
        about: Entry,
        moves: Sequence[Move],
        evidence: str,
        http_status: int | None,
        code: str,
        saw: Fetched | None,
        event: str,
        mark: tuple[str, str] | None,
    ) -> None:
        """Commit; retry while another process holds the store, since nothing was started in it."""
        for left in range(BUSY_TRIES, -1, -1):
            try:
                await self._outbox.apply(
                    moves,
                    at=self._clock.now(),
                    evidence=evidence,
                    http_status=http_status,
                    code=code,
                    saw=saw,
                    event=event,
                    mark=mark,
                )
            except StoreError as failure:
                if not isinstance(failure, StoreBusy) or not left:
                    self._feed.tell(OutboxChanged(about.return_id))  # a commit that failed may have survived
                    raise
                await self._clock.sleep(1.0)
            else:
                return

    async def _publish(self, about: Entry, moves: Sequence[Move], saw: Fetched | None) -> None:
        self._feed.tell(OutboxChanged(about.return_id))
        if saw is not None:
            self._feed.tell(ReturnChanged(about.return_id))
        self._tell_parked(about, moves)
        ended = {move.entry_id for move in moves if move.target in END_STAGES}
        if ended:
            await self._tell_settled(about.return_id, ended)

    def _tell_parked(self, about: Entry, moves: Sequence[Move]) -> None:
        reasons = [x.reason for x in moves if x.target is Stage.PARKED and x.reason is not None]
        own = [x for x in reasons if x is not ParkReason.DEPENDENCY]
        if own:
            claims = (x.cause for x in moves if x.target is Stage.PARKED and x.cause.code in AT_HUB)
            cause = next(claims, NO_CAUSE)
            self._feed.tell(NeedsPerson(about.return_id, about.order_name, own[0].value, cause))

    async def _tell_settled(self, return_id: str, moved: set[str]) -> None:
        """Publish that a settlement has ended well: nothing is left, and something came true.

        Two writes that end its last entries at the same time may both see that; the second one stays silent.
        """
        lane = await self._outbox.lane(return_id)
        said = {x.settlement_id for x in lane if x.entry_id in moved and not x.repeats}
        for settlement_id in said - self._told:
            own = [x for x in lane if x.settlement_id == settlement_id]
            if has_ended_well(own):
                self._told.add(settlement_id)
                is_said = any(x.stage is Stage.DONE and x.cause.code == Why.SAID_DONE for x in own)
                other = ended_elsewhere(own)
                self._feed.tell(
                    Settled(
                        return_id,
                        own[0].order_name,
                        settlement_kind(own),
                        is_said,
                        is_ours=other is None,
                        cause=other.cause if other is not None else NO_CAUSE,
                    )
                )


def _log(about: Entry, moves: Sequence[Move], evidence: str, code: str, event: str) -> None:
    for move in moves:
        log.info(
            "%s entry=%s return=%s from=%s to=%s reason=%s evidence=%s code=%s by=%s",
            event,
            move.entry_id,
            about.return_id,
            move.source.value,
            move.target.value,
            move.reason.value if move.reason else "-",
            evidence or "-",
            code or "-",
            "person" if move.by.is_named else "program",
        )
