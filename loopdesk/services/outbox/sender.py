"""Sends what the outbox holds: lanes in parallel, one call per lane, each claimed before its first byte."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Sequence
from random import random as system_random
from typing import Any, assert_never

from loopdesk.domain.errors import (
    ApiError,
    HubUnsent,
    KeyRefused,
    StageMoved,
    StoreBusy,
    StoreError,
    Throttled,
)
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.domain.outbox.reconcile import Evidence
from loopdesk.domain.outbox.stages import (
    Cause,
    Entry,
    Move,
    ParkBehind,
    ParkReason,
    ReadBack,
    Rest,
    Resume,
    Send,
    Stage,
    Step,
    Why,
    gate_to_check,
    next_step,
)
from loopdesk.services.outbox.claims import Claims
from loopdesk.services.outbox.confirmer import Confirmer
from loopdesk.services.outbox.exchange import BatchCall
from loopdesk.services.outbox.key_binding import KeyBinding
from loopdesk.services.outbox.lanes import Lanes, PhotoWait, UndoWindows
from loopdesk.services.outbox.late_links import LateLinks
from loopdesk.services.outbox.precheck import FirstLook, Later, Moved, Precheck
from loopdesk.services.outbox.readback import Reader
from loopdesk.services.outbox.stage_writer import StageWriter
from loopdesk.services.ports.loop import ReadingGateway
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import Outbox, ReturnCache
from loopdesk.services.station.connection import Connection
from loopdesk.services.station.events import Feed, OutboxChanged, PhotoStored, StationChanged
from loopdesk.services.station.tasks import Tasks, Wakeup

log = logging.getLogger("loopdesk.outbox")

RACE_PAUSE_SECONDS = 0.05

BUSY_PAUSE_SECONDS = 1.0

STOP_SECONDS = 5.0
"""How long stopping waits for the calls in flight."""


class Sender:
    """Takes due entries lane by lane and writes what became of each.

    Args:
        exchange: Makes the calls.
        photos: How long a settlement waits for the photos of its grades.
        claims: Settles which of several stations finishes a return; None where there is one only.
        random: Gives numbers in [0, 1) for the jitter.

    Attributes:
        halted: The failed commit that ended all sending, else None.
        answered_at: When a call was answered last, monotonic seconds.
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
        confirmer: Confirmer,
        exchange: BatchCall,
        photos: PhotoWait,
        claims: Claims | None = None,
        random: Callable[[], float] = system_random,
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._tasks = tasks
        self._stage_writer = stage_writer
        self._connection = connection
        self._keys = keys
        self._confirmer = confirmer
        self._exchange = exchange
        self._precheck = Precheck(
            cache=cache,
            gateway=gateway,
            clock=clock,
            stage_writer=stage_writer,
            keys=keys,
            questions=confirmer.questions,
            claims=claims,
        )
        reader = Reader(gateway, clock)
        self._first_look = FirstLook(outbox=outbox, reader=reader, stage_writer=stage_writer, keys=keys)
        self._holds = UndoWindows(outbox=outbox, clock=clock, feed=feed, photos=photos)
        self._late_links = LateLinks(gateway=gateway, clock=clock, stage_writer=stage_writer, keys=keys)
        self._lanes = Lanes(outbox=outbox, clock=clock, random=random)
        self._wakeup = Wakeup(clock, tasks, "sender")
        self._lane_ended = Wakeup(clock, tasks, "sender stop")
        self._keys_changed = True
        self._stopping = False
        self.halted: StoreError | None = None
        self.answered_at = float("-inf")
        feed.on(OutboxChanged, self._on_outbox_changed)
        feed.on(StationChanged, self._on_station_changed)
        feed.on(PhotoStored, self._on_photo_stored)
        connection.on_better(self.wake)

    def hold_left(self, settlement_id: str) -> float | None:
        """Return the seconds left of a settlement's undo window; None if it is not held here."""
        return self._holds.left(settlement_id)

    def wake(self) -> None:
        """Retry all lanes immediately: the connection or the key is good again."""
        self._lanes.wake_all()
        self._wakeup.wake()

    def resume(self) -> None:
        """Continue with a new key: nothing was lost or failed while the old one was refused."""
        self._keys_changed = True
        self._connection.resume()
        self.wake()

    async def recover(self) -> int:
        """Make every interrupted ``sending`` uncertain: after a crash, ask before acting. Returns how
        many.
        """
        await self._first_look.begin()
        cut = await self._outbox.recover(self._clock.now())
        if cut:
            log.warning("recovered entries=%s", cut)
        await self._keys.load()
        return cut

    def run(self) -> Coroutine[Any, Any, None]:
        """Recover, then send until stopped; a stop counts from this call on, before the first step too.

        Raises:
            StoreError: A commit failed. This sender sends nothing more.
        """
        self._stopping = False
        self.halted = None
        return self._run()

    async def _run(self) -> None:
        while self._lanes.is_busy:  # after a failed commit: calls in flight end first
            await self._lane_ended.wait(None)
        await self.recover()
        self._lanes.wake_all()
        self._confirmer.wake()
        while not self._stopping and self.halted is None:
            try:
                await self._look_around()
                wait = self._seconds_to_next()
            except StoreBusy as failure:
                log.warning("store_busy %s", failure)
                wait = BUSY_PAUSE_SECONDS
            await self._wakeup.wait(wait)
        if self.halted is not None:
            raise self.halted

    async def stop(self, most_seconds: float = STOP_SECONDS) -> None:
        """Start nothing new and wait for the calls in flight, with a timeout.

        A call that takes longer stays ``sending`` and is read back after the next start.
        """
        self._stopping = True
        self._wakeup.wake()
        end = self._clock.monotonic() + most_seconds
        while self._lanes.is_busy and self._clock.monotonic() < end:
            await self._lane_ended.wait(end - self._clock.monotonic())

    async def has_work(self) -> bool:
        """Whether anything is held, being sent, or could be sent without waiting for somebody else."""
        if await self._outbox.held():
            return True
        could = self._may_send and bool(self._lanes.naps or await self._lanes.free())
        return could or self._lanes.is_busy  # checked last: work may have started during the query

    # --- the loop ---------------------------------------------------------------------------------

    @property
    def _may_send(self) -> bool:
        return not self._stopping and self.halted is None and self._connection.may_ask

    async def _look_around(self) -> None:
        """Release what was held long enough and start work on every lane that may move."""
        if self._keys_changed:
            self._keys_changed = False
            await self._keys.refresh()
        await self._holds.release_due()
        if not self._may_send:
            return
        for return_id in await self._lanes.free():
            self._lanes.begin(return_id)
            self._tasks.spawn(self._work(return_id), name=f"lane {return_id}")

    def _on_outbox_changed(self, event: OutboxChanged) -> None:
        if event.kept is None:
            self._lanes.changed(event.return_id)
        self._wakeup.wake()

    def _on_station_changed(self, _: StationChanged) -> None:
        self.resume()

    def _on_photo_stored(self, _: PhotoStored) -> None:
        self._wakeup.wake()

    def _seconds_to_next(self) -> float | None:
        times = [self._holds.seconds_to_next]
        if self._connection.pause_seconds > 0:
            times.append(self._connection.pause_seconds)
        elif self._may_send:
            times.append(self._lanes.seconds_to_next)
        known = [x for x in times if x is not None]
        return min(known) if known else None

    # --- one lane ---------------------------------------------------------------------------------

    async def _work(self, return_id: str) -> None:
        """Work on one lane until it must wait."""
        try:
            while self._may_send and await self._step(return_id):
                pass
        except StageMoved as late:
            log.info("raced return=%s entry=%s", return_id, late)
            self._lanes.nap(return_id, RACE_PAUSE_SECONDS)
            self._lanes.changed(return_id)  # the one who was faster may not have published it
        except StoreBusy as failure:
            log.warning("store_busy return=%s %s", return_id, failure)
            self._lanes.nap(return_id)
        except StoreError as failure:
            log.error("halted return=%s code=%s", return_id, failure.code)
            self.halted = failure
        except BaseException:
            self._lanes.nap(return_id)
            raise
        finally:
            self._lanes.end(return_id)
            self._wakeup.wake()
            self._lane_ended.wake()

    async def _step(self, return_id: str) -> bool:
        """Do the lane's next step. Returns whether the next one may follow immediately."""
        self._lanes.looked(return_id)
        lane = await self._outbox.lane(return_id)
        fits = self._keys.all_fit(lane)
        if not fits or self._connection.state.foreign_keys:
            self._keys_changed = True  # this lane may be what locks the queue, or may have been
        if not fits:
            return self._leave(return_id)
        has_parked = any(x.stage is Stage.PARKED for x in lane)
        waived = await self._outbox.waived(return_id) if has_parked else frozenset()
        return await self._do(return_id, next_step(lane, waived), lane)

    async def _do(self, return_id: str, step: Step, lane: Sequence[Entry]) -> bool:
        match step:
            case Send(batch=batch):
                return await self._send(return_id, batch, lane)
            case ReadBack():
                self._confirmer.watch(return_id)
            case ParkBehind(entry=entry):
                await self._stage_writer.park(
                    (entry,), ParkReason.DEPENDENCY, Cause(Why.WAITS), found=entry.found
                )
                return True
            case Resume(entry=entry):
                move = Move(entry.entry_id, Stage.PARKED, Stage.READY, found=entry.found)
                await self._stage_writer.write(entry, [move], event="resumed")
                return True
            case Rest():
                pass
            case _:
                assert_never(step)
        return self._leave(return_id)

    def _leave(self, return_id: str) -> bool:
        """Leave a lane alone until it changes."""
        self._lanes.leave(return_id)
        self._precheck.leave(return_id)
        self._late_links.leave(return_id)
        return False

    # --- one batch --------------------------------------------------------------------------------

    async def _send(self, return_id: str, batch: tuple[Entry, ...], lane: Sequence[Entry]) -> bool:
        """Check a batch, claim it, and send it. Returns whether the lane's next step may follow
        immediately.
        """
        damaged = [entry for entry in batch if not await self._outbox.payload_is_whole(entry)]
        if damaged:
            await self._stage_writer.park(damaged, ParkReason.DAMAGED, Cause(Why.DAMAGED))
            return True
        snapshot = ""
        gate = gate_to_check(batch, lane)
        if gate is not None:
            try:
                found = await self._precheck.check(gate, lane)
            except ApiError as failure:
                self._slow_down(return_id, failure)
                return False
            if isinstance(found, Later):
                self._lanes.nap(return_id, found.seconds)
                return False
            if isinstance(found, Moved):
                return True
            snapshot = found.snapshot if batch[0].kind.spec.is_gated else ""
        try:
            generation = await self._exchange.hub_generation()
            late = await self._late_links.check(batch)
            if isinstance(late, Later):
                self._lanes.nap(return_id, late.seconds)
                return False
            if isinstance(late, Moved) or await self._first_look.has_moved(
                lane, self._precheck.shown(return_id)
            ):
                return True
        except ApiError as failure:
            self._slow_down(return_id, failure)
            return False
        now = self._clock.now()
        key = None if self._stopping else await self._outbox.claim(batch, snapshot, now, generation)
        if key is None:
            self._lanes.nap(return_id, RACE_PAUSE_SECONDS)  # an undo was faster: look again
            return False
        ids = ",".join(entry.entry_id for entry in batch)
        log.info("claimed entry=%s return=%s kind=%s", ids, return_id, batch[0].kind.value)
        return await self._send_claimed(return_id, batch, key if generation is not None else None)

    async def _send_claimed(self, return_id: str, batch: tuple[Entry, ...], hub_key: HubKey | None) -> bool:
        try:
            evidence, failure = await self._exchange.make(batch, hub_key)
        except StoreBusy as busy:  # nobody may mark it ready again: only the next start asks about it
            raise StoreError(why="outcome_unwritten") from busy
        if batch[0].kind.spec.is_gated:
            self._precheck.forget(return_id)
        if evidence in (Evidence.NOT_SENT, Evidence.KEY) and failure is not None:
            self._slow_down(return_id, KeyRefused() if evidence is Evidence.KEY else failure)
            return False
        self._lanes.went_well(return_id)
        self.answered_at = self._clock.monotonic()
        return True

    def _slow_down(self, return_id: str, failure: ApiError) -> None:
        """Back off after a failure that says nothing about the entry."""
        log.info("not_now return=%s code=%s", return_id, failure.code)
        match failure:
            case KeyRefused():
                self._connection.refuse_key()
            case Throttled(retry_after_seconds=seconds):
                self._connection.pause(seconds)
            case HubUnsent(retry_after_seconds=seconds) if seconds > 0:
                self._lanes.nap(return_id, seconds)
            case _:
                self._lanes.nap(return_id)
