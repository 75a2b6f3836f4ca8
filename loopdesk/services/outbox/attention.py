"""What a person can do with parked entries. Each action is audited with the person's name."""

from __future__ import annotations

from collections.abc import Sequence

from loopdesk.domain.errors import RuleBroken, StageMoved
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.stages import NO_CAUSE, Cause, Entry, Move, ParkReason, Stage, Why, newer_values
from loopdesk.services.outbox.confirmer import Confirmer
from loopdesk.services.outbox.stage_writer import StageWriter
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import Outbox
from loopdesk.services.station.events import Feed, OutboxChanged


class Attention:
    """Resends, ends, drops or waives what is parked, in a person's name."""

    def __init__(
        self, *, outbox: Outbox, clock: Clock, feed: Feed, stage_writer: StageWriter, confirmer: Confirmer
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._feed = feed
        self._stage_writer = stage_writer
        self._confirmer = confirmer

    async def send_again(self, entry_ids: Sequence[str], by: Operator) -> None:
        """Resend parked entries; a flag or finalizer is compared with Loop first, as always.

        Raises:
            RuleBroken: ``no_name``; ``not_parked``; ``damaged``: its payload cannot be trusted;
                ``newer_value``: the line was decided again since, and this would undo it;
                ``waits_for_parked``: it waits for parked entries that are not among these.
            StageMoved: One has moved in the meantime; nothing was written for its return.
        """
        for entries, lane in await self._parked(entry_ids, by):
            waived = await self._outbox.waived(entries[0].return_id)
            for entry in entries:
                _check_again(entry, entries, lane, waived)
            await self._move(entries, Stage.READY, by, event="sent_again")

    async def it_is_done(self, entry_ids: Sequence[str], by: Operator) -> None:
        """Take a person's word that these came true at Loop.

        Raises:
            RuleBroken: ``no_name`` or ``not_parked``.
            StageMoved: One has moved in the meantime.
        """
        for entries, _ in await self._parked(entry_ids, by):
            await self._move(
                entries, Stage.DONE, by, event="said_done", cause=Cause(Why.SAID_DONE), unresolved=-1
            )

    async def drop(self, entry_ids: Sequence[str], reason: str, by: Operator) -> None:
        """Drop these for good. What waits for them may then go without them, in that person's name.

        Raises:
            RuleBroken: ``no_name``, ``no_reason`` or ``not_parked``.
            StageMoved: One has moved in the meantime.
        """
        if not reason.strip():
            raise RuleBroken("no_reason")
        for entries, lane in await self._parked(entry_ids, by):
            for entry in entries:
                if any(x.kind.spec.is_gated and not x.is_finished and x.seq > entry.seq for x in lane):
                    await self._outbox.waive(entry.entry_id, by, self._clock.now())
            await self._move(entries, Stage.WITHDRAWN, by, event="dropped", cause=Cause(Why.DROPPED, reason))

    async def waive(self, entry_id: str, by: Operator) -> None:
        """Let the finalizer go without this parked entry, which stays parked.

        Raises:
            RuleBroken: ``no_name``, ``not_parked``, or ``not_waivable`` for a finalizer itself.
        """
        for entries, _ in await self._parked((entry_id,), by):
            if entries[0].kind.spec.is_final:
                raise RuleBroken("not_waivable")
            await self._outbox.waive(entry_id, by, self._clock.now())
            self._feed.tell(OutboxChanged(entries[0].return_id))

    async def check_again(self, return_id: str) -> int:
        """Read a return from Loop now and apply what it proves. Returns how many entries moved.

        Raises:
            ApiError: Loop could not be asked.
        """
        return await self._confirmer.check_now(return_id)

    async def _parked(
        self, entry_ids: Sequence[str], by: Operator
    ) -> list[tuple[tuple[Entry, ...], tuple[Entry, ...]]]:
        """Return the parked entries with these ids and their lanes, by return, oldest first.

        Raises:
            RuleBroken: ``no_name`` without a name; ``not_parked`` if one is not parked.
        """
        if not by.is_named:
            raise RuleBroken("no_name")
        wanted = set(entry_ids)
        found = [x for x in await self._outbox.entries(Stage.PARKED, None) if x.entry_id in wanted]
        if {x.entry_id for x in found} != wanted or not wanted:
            raise RuleBroken("not_parked")
        groups: list[tuple[tuple[Entry, ...], tuple[Entry, ...]]] = []
        for return_id in dict.fromkeys(x.return_id for x in sorted(found, key=lambda x: x.seq)):
            lane = await self._outbox.lane(return_id)
            entries = tuple(x for x in lane if x.entry_id in wanted)
            if any(x.stage is not Stage.PARKED for x in entries):
                raise StageMoved(return_id)
            groups.append((entries, lane))
        return groups

    async def _move(
        self,
        entries: Sequence[Entry],
        target: Stage,
        by: Operator,
        *,
        event: str,
        cause: Cause = NO_CAUSE,
        unresolved: int = 0,
    ) -> None:
        """Move entries of one return to one stage; they keep the state that a person saw."""
        moves = [
            Move(
                entry.entry_id,
                Stage.PARKED,
                target,
                cause=cause or _claim_seen(entry, target),
                by=by,
                found=entry.found,
                unresolved=unresolved,
            )
            for entry in entries
        ]
        await self._stage_writer.write(entries[0], moves, event=event)


_CLAIMED = frozenset({Why.CLAIMED, Why.CLAIMED_AT_HUB})


def _claim_seen(entry: Entry, target: Stage) -> Cause:
    """Record on a resent finalizer that its person saw another station's claim."""
    saw = target is Stage.READY and entry.kind.spec.is_final and entry.cause.code in _CLAIMED
    return entry.cause if saw else NO_CAUSE


def _check_again(
    entry: Entry, chosen: Sequence[Entry], lane: Sequence[Entry], waived: frozenset[str]
) -> None:
    """Reject resending an entry if it would be harmful or pointless.

    Raises:
        RuleBroken: With the rule's name.
    """
    if entry.reason is ParkReason.DAMAGED:
        raise RuleBroken("damaged")
    if any(x.stage is not Stage.WITHDRAWN for x in newer_values(entry, lane)):
        raise RuleBroken("newer_value")
    ids = {x.entry_id for x in chosen} | waived
    blocks = [x for x in lane if x.seq < entry.seq and x.stage is Stage.PARKED and x.entry_id not in ids]
    if entry.kind.spec.is_gated and blocks:
        raise RuleBroken("waits_for_parked")
