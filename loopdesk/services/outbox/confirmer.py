"""Reads Loop back until every doubt is settled: lost answers, accepted actions, and what a person asks.

Doubts are timed by the monotonic clock from when this process first saw them; after a restart they start
over. A limit counts only at a successful read.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from loopdesk.domain.errors import ApiError, RuleBroken, StageMoved, StoreBusy
from loopdesk.domain.outbox.reconcile import (
    Again,
    Done,
    Park,
    Patience,
    Superseded,
    Unpaid,
    Verdict,
    Wait,
    move_of,
    verdict,
)
from loopdesk.domain.outbox.stages import Cause, Entry, Move, Stage, Why
from loopdesk.services.outbox.doubt_schedule import DoubtSchedule
from loopdesk.services.outbox.hub_questions import HubQuestions
from loopdesk.services.outbox.key_binding import KeyBinding
from loopdesk.services.outbox.readback import PaymentFields, ReadbackBatching, ReadbackVerdicts, Reader, Sight
from loopdesk.services.outbox.stage_writer import StageWriter
from loopdesk.services.ports.loop import Fetched, HubGateway, ReadingGateway
from loopdesk.services.ports.station import Clock, Limits
from loopdesk.services.ports.store import Outbox, ReturnCache
from loopdesk.services.station.connection import Connection
from loopdesk.services.station.events import Feed, OutboxChanged
from loopdesk.services.station.tasks import Tasks, Wakeup

log = logging.getLogger("loopdesk.outbox")

READS_AT_ONCE = 4

UNLISTED_AT_ONCE = 10
"""Of returns that a complete list does not show as changed, this many are read individually at a time."""

UNLISTED_SECONDS = 60.0
"""Until a doubt is this old, a list that does not show its return as changed is answer enough."""

GATHER_LOOK_SECONDS = 1.0

BUSY_PAUSE_SECONDS = 1.0

DOUBTS = (Stage.UNCERTAIN, Stage.SETTLING)
CLOSABLE = (*DOUBTS, Stage.PARKED)
"""Stages that an observation may end."""


class Confirmer:
    """Polls what is in doubt and ends it by what Loop shows.

    Args:
        hub: The hub between this station and Loop, if there is one: it is asked before Loop is read.
        limits: Returns the limits of each kind, now.
        is_shown: Whether an operator has this return open, now.

    Attributes:
        payment: Whether this shop's answers contain payment fields.
        questions: Asks the hub, if there is one.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        cache: ReturnCache,
        gateway: ReadingGateway,
        clock: Clock,
        tasks: Tasks,
        feed: Feed,
        stage_writer: StageWriter,
        connection: Connection,
        keys: KeyBinding,
        hub: HubGateway,
        limits: Callable[[], Limits],
        is_shown: Callable[[str], bool],
    ) -> None:
        self._outbox = outbox
        self._tasks = tasks
        self._stage_writer = stage_writer
        self._connection = connection
        self._keys = keys
        self._reader = Reader(gateway, clock)
        self._watches = DoubtSchedule(clock, limits)
        self.payment = PaymentFields(cache)
        self.questions = HubQuestions(
            hub=hub,
            gateway=gateway,
            outbox=outbox,
            stage_writer=stage_writer,
            keys=keys,
            payment=self.payment,
        )
        self._judge = ReadbackVerdicts(
            outbox, keys, self._watches, limits, self.payment, self.questions.waits
        )
        self._gathering = ReadbackBatching(clock, feed, self._watches, is_shown)
        self._wakeup = Wakeup(clock, tasks, "confirmer")
        self._stale: set[str] = set()
        self._all_stale = True
        self._refreshing = False
        self._closable: set[str] | None = None
        self._stopping = False
        feed.on(OutboxChanged, self._on_outbox_changed)
        connection.on_better(self.wake)

    @property
    def has_doubts(self) -> bool:
        """Whether any entry is in doubt, or may be: a changed return has not been looked at yet."""
        return bool(self._watches or self._stale or self._all_stale or self._refreshing)

    def watch(self, return_id: str) -> None:
        """Watch a return that now has an entry in doubt."""
        self._stale.add(return_id)
        if self._closable is not None:
            self._closable.add(return_id)
        self._wakeup.wake()

    def wake(self) -> None:
        """Read everything in doubt immediately: the connection is up again, or the key fits again."""
        self._all_stale = True
        self._watches.wake()
        self._wakeup.wake()

    def run(self) -> Coroutine[Any, Any, None]:
        """Read back whatever is due, until stopped; a stop counts from this call on."""
        self._stopping = False
        self._all_stale = True
        return self._run()

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self._refresh()
                due = self._watches.due() if self._connection.may_ask else []
                ripe = self._gathering.ripe(due)
                if ripe:
                    await self._read(ripe)
                    continue
                wait = GATHER_LOOK_SECONDS if due else self._seconds_to_next()
            except StoreBusy as failure:
                log.warning("store_busy %s", failure)
                self._all_stale = True
                wait = BUSY_PAUSE_SECONDS
            await self._wakeup.wait(wait)

    def stop(self) -> None:
        """End ``run`` at its next iteration; a read in flight finishes."""
        self._stopping = True
        self._wakeup.wake()

    async def observe(self, fetched: Fetched) -> None:
        """Use any fresh copy of a return, anyone who requested it.

        It can only confirm: such a copy may be older than what was just sent, so the absence of an effect
        proves nothing.
        """
        return_id = fetched.ret.return_id
        tells = await self.payment.learn(fetched)
        if return_id not in await self._closable_returns():
            return
        lane = await self._outbox.lane(return_id)
        entries = [x for x in lane if x.stage in CLOSABLE]
        if not entries:
            self._closable = (self._closable or set()) - {return_id}
            return
        entries = [x for x in entries if not await self.questions.waits(x)]
        endless = Patience(float("inf"))
        verdicts = [
            (x, verdict(x, fetched.ret, None, 0.0, endless, is_details=fetched.is_details, tells=tells))
            for x in entries
            if not x.kind.spec.is_marked and self._keys.fits(x)
        ]
        await self._apply([(x, v) for x, v in verdicts if isinstance(v, Done | Superseded | Unpaid)], fetched)

    async def check_now(self, return_id: str) -> int:
        """Read Loop for a person and apply what it proves, also to parked entries.

        Returns:
            How many entries moved.

        Raises:
            ApiError: Loop could not be asked; nothing changed.
        """
        await self.questions.ask(return_id)
        lane = await self._outbox.lane(return_id)
        asked = [x for x in lane if x.stage in CLOSABLE and self._keys.fits(x)]
        sight = await self._reader.look(return_id, asked)
        return await self._apply(await self._judge.verdicts(return_id, sight, CLOSABLE), sight.fetched)

    # --- what is due ------------------------------------------------------------------------------

    def _on_outbox_changed(self, event: OutboxChanged) -> None:
        if event.kept is not None:  # what is held is in no doubt
            return
        if event.return_id:
            self.watch(event.return_id)
            return
        self._all_stale = True
        self._closable = None
        self._wakeup.wake()

    async def _closable_returns(self) -> set[str]:
        if self._closable is None:
            heads = await self._outbox.lanes(CLOSABLE, None)
            self._closable = {head.return_id for head in heads}
        return self._closable

    async def _refresh(self) -> None:
        """Synchronize the watches with the outbox, where something may have changed."""
        self._refreshing = True
        try:
            stale, self._stale = self._stale, set()
            if self._all_stale:
                self._all_stale = False
                heads = await self._outbox.lanes(DOUBTS, None)
                stale = stale | {head.return_id for head in heads} | self._watches.returns
            for return_id in sorted(stale):
                lane = await self._outbox.lane(return_id)
                doubts = [x for x in lane if x.stage in DOUBTS and self._keys.fits(x)]
                self._watches.take_in(return_id, doubts)
        finally:
            self._refreshing = False

    def _seconds_to_next(self) -> float | None:
        if not self._connection.may_ask:
            return self._connection.pause_seconds or None
        return self._watches.seconds_to_next

    # --- reading ----------------------------------------------------------------------------------

    async def _read(self, due: Sequence[str]) -> None:
        """Read the returns that are due: states by the list if that takes fewer calls, else individually."""
        due = [x for x in due if await self._may_read(x)]
        left = list(due)
        by_state = [x for x in due if self._gathering.is_by_state(x)]
        self._gathering.took(by_state)
        lists = {watch.kind.spec.list_state for x in by_state for watch in self._watches.of(x)}
        if len(by_state) > len(lists):
            settled = await self._sweep(by_state)
            left = [x for x in due if x not in settled]
        while left and self._connection.may_ask and not self._stopping:
            some, left = left[:READS_AT_ONCE], left[READS_AT_ONCE:]
            running = [self._tasks.spawn(self._read_one(x), name=f"read back {x}") for x in some]
            await asyncio.wait(running)
            for task in running:
                task.result()

    async def _may_read(self, return_id: str) -> bool:
        """Whether Loop is to be read about a return now, and not the hub asked first, or again later."""
        try:
            if await self.questions.ask(return_id):
                return True
        except StageMoved as late:
            log.info("raced return=%s %s", return_id, late)
            self.watch(return_id)
        except ApiError as failure:
            log.info("hub_unasked return=%s code=%s", return_id, failure.code)
        self._watches.put_off(return_id)
        return False

    async def _read_one(self, return_id: str) -> None:
        doubts = {x.entry_id for x in self._watches.of(return_id)}
        lane = await self._outbox.lane(return_id)
        try:
            sight = await self._reader.look(return_id, [x for x in lane if x.entry_id in doubts])
        except (ApiError, RuleBroken) as failure:
            log.info("read_back_failed return=%s code=%s", return_id, failure.code)
        else:
            await self._apply(await self._judge.verdicts(return_id, sight, DOUBTS), sight.fetched)
        self._watches.put_off(return_id)

    async def _sweep(self, return_ids: Sequence[str]) -> set[str]:
        """Read many states by the list. Returns the returns that need no further read now."""
        watches = [x for return_id in return_ids for x in self._watches.of(return_id)]
        try:
            kinds, since = {x.kind for x in watches}, min(x.since for x in watches)
            seen = await self._reader.rows(kinds, since, frozenset(return_ids))
        except (ApiError, RuleBroken) as failure:  # the clock was set: no window covers what changed
            log.info("sweep_failed code=%s", failure.code)
            return set()
        settled, unlisted = set(), 0
        for return_id in return_ids:
            if (row := seen.rows.get(return_id)) is not None:
                is_enough = await self._judge_row(return_id, row)
            else:
                is_old = self._watches.oldest_seconds(return_id) >= UNLISTED_SECONDS
                is_enough = seen.is_complete and (not is_old or unlisted >= UNLISTED_AT_ONCE)
                unlisted += is_old
            if is_enough:
                settled.add(return_id)
                self._watches.put_off(return_id)
        log.info("sweep asked=%s settled=%s", len(return_ids), len(settled))
        return settled

    # --- judging ----------------------------------------------------------------------------------

    async def _judge_row(self, return_id: str, row: Sight) -> bool:
        """Judge by a row of the list; only confirmations count, everything else is judged by details."""
        found = await self._judge.verdicts(return_id, row, DOUBTS)
        if any(isinstance(judged, Park | Again | Unpaid) for _, judged in found):
            return False
        await self._apply(found, row.fetched)
        return True

    async def _apply(self, found: Sequence[tuple[Entry, Verdict]], saw: Fetched | None) -> int:
        """Write the verdicts of one return, those with the same event in one commit. Returns how many
        moved.
        """
        found = [(entry, await self.questions.owned(entry, judged)) for entry, judged in found]
        await self._wait_for_payment([x for x, judged in found if isinstance(judged, Unpaid)], saw)
        groups: dict[str, list[Move]] = {}
        for entry, judged in found:
            move = move_of(entry, judged)
            if move is not None:
                groups.setdefault(_event_of(judged), []).append(move)
        moved = 0
        for event, moves in groups.items():
            try:
                await self._stage_writer.write(found[0][0], moves, saw=saw, event=event)
            except StageMoved as late:
                log.info("raced return=%s %s", found[0][0].return_id, late)
                self.watch(found[0][0].return_id)
                continue
            moved += len(moves)
            for move in moves:
                self._watches.end(move.entry_id)
        return moved

    async def _wait_for_payment(self, entries: Sequence[Entry], saw: Fetched | None) -> None:
        """Loop closed it but shows no payment yet: record it, and poll the details at growing intervals.

        A row of the list that says no more than "closed" makes the details due immediately.
        """
        for entry in entries:
            if self._watches.close(entry.entry_id, at_once=saw is not None and not saw.is_details):
                self._wakeup.wake()
            if entry.cause.code == Why.UNPAID or entry.cause.is_doubted:
                continue
            try:
                await self._stage_writer.remark(entry, Cause(Why.UNPAID), saw)
            except StageMoved as late:
                log.info("raced return=%s %s", entry.return_id, late)
                self.watch(entry.return_id)


def _event_of(judged: Verdict) -> str:
    match judged:
        case Done(twice=True):
            return "twice"
        case Superseded(cause=Cause(code=Why.OVERTAKEN)):
            return "overtaken"
        case Done() | Superseded():
            return "confirmed"
        case Again():
            return "again"
        case Park() | Wait() | Unpaid():  # those that wait are never written
            return "parked"
