"""Reads Loop back until every doubt is settled: what was lost, what was accepted, what a person asks.

Doubts are timed by the monotonic clock from the moment this process first saw them; after a restart
they begin anew. A limit counts only at a successful read.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loopdesk.domain.actions import Kind
from loopdesk.domain.errors import ApiError, NotFound, RuleBroken, StageMoved
from loopdesk.domain.outbox import Entry, Move, Stage
from loopdesk.domain.reconcile import Again, Done, Park, Patience, Superseded, Verdict, move_of, verdict
from loopdesk.domain.retry import next_poll
from loopdesk.domain.returns import Note, ReturnState
from loopdesk.services.bell import Bell
from loopdesk.services.connection import Connection
from loopdesk.services.events import Feed, OutboxChanged
from loopdesk.services.keys import KeyBinding
from loopdesk.services.ledger import Ledger
from loopdesk.services.ports import Clock, Fetched, Limits, Outbox, Priority, ReturnsGateway
from loopdesk.services.tasks import Tasks

log = logging.getLogger("loopdesk.outbox")

SWEEP_FROM = 5
"""From so many returns on whose state is due at once, the list is read instead of each one."""

SWEEP_PAGES = 10
"""Most pages of one sweep and state; what is not found is read one by one."""

SWEEP_REACH = timedelta(hours=2)
"""How far before the oldest doubt the list is read, for clocks and edges that disagree."""

READS_AT_ONCE = 4

DOUBTS = (Stage.UNCERTAIN, Stage.SETTLING)
CLOSABLE = (*DOUBTS, Stage.PARKED)
"""Stages that an observation may end."""

STATE_OF: dict[Kind, ReturnState | None] = {
    Kind.PROCESS: None,
    Kind.REMOVE: None,
    Kind.CANCEL: ReturnState.CANCELLED,
    Kind.FLAG: ReturnState.REVIEW,
}
"""Kinds whose effect a row of the list proves, and the state to list; None lists open and closed ones."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One doubt under watch.

    Attributes:
        key: Stage and tries: another doubt of the same entry begins anew.
        began: Monotonic seconds when it was first seen.
        due: Monotonic seconds of the next read.
    """

    entry_id: str
    return_id: str
    kind: Kind
    key: tuple[Stage, int]
    began: float
    since: datetime
    due: float


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one read of a return showed; what was not read is not judged.

    Attributes:
        at: Monotonic seconds at the start of the read.
    """

    at: float
    has_return: bool = False
    fetched: Fetched | None = None
    has_notes: bool = False
    notes: tuple[Note, ...] | None = None


class Confirmer:
    """Polls what is in doubt and closes it by what Loop shows.

    Args:
        limits: Returns the limits of each kind, now.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        gateway: ReturnsGateway,
        clock: Clock,
        tasks: Tasks,
        feed: Feed,
        ledger: Ledger,
        connection: Connection,
        keys: KeyBinding,
        limits: Callable[[], Limits],
    ) -> None:
        self._outbox = outbox
        self._gateway = gateway
        self._clock = clock
        self._tasks = tasks
        self._ledger = ledger
        self._connection = connection
        self._keys = keys
        self._limits = limits
        self._bell = Bell(clock, tasks, "confirmer")
        self._watches: dict[str, Watch] = {}
        self._stale: set[str] = set()
        self._all_stale = True
        self._refreshing = False
        self._closable: set[str] | None = None
        self._stopping = False
        feed.on(OutboxChanged, self._on_outbox_changed)
        connection.on_better(self.wake)

    @property
    def has_doubts(self) -> bool:
        """Whether any entry is in doubt, or may be: a return that changed was not looked at yet."""
        return bool(self._watches or self._stale or self._all_stale or self._refreshing)

    def watch(self, return_id: str) -> None:
        """Look after a return that has something in doubt now."""
        self._stale.add(return_id)
        if self._closable is not None:
            self._closable.add(return_id)
        self._bell.ring()

    def wake(self) -> None:
        """Read everything in doubt at once: the line is up again, or the key fits again."""
        self._all_stale = True
        now = self._clock.monotonic()
        self._watches = {name: replace(x, due=now) for name, x in self._watches.items()}
        self._bell.ring()

    async def run(self) -> None:
        """Read back whatever falls due, until stopped."""
        self._stopping = False
        self._all_stale = True
        while not self._stopping:
            self._refreshing = True
            try:
                await self._refresh()
            finally:
                self._refreshing = False
            due = self._due() if self._connection.may_ask else []
            if due:
                await self._read(due)
                continue
            await self._bell.wait(self._seconds_to_next())

    def stop(self) -> None:
        """End ``run`` at its next turn; a read under way ends by itself."""
        self._stopping = True
        self._bell.ring()

    async def observe(self, fetched: Fetched) -> None:
        """Take notice of any fresh copy of a return, whoever asked for it.

        It can only confirm: such a copy may be older than what was just sent, so nothing is
        concluded from an effect that it does not show.
        """
        return_id = fetched.ret.return_id
        if return_id not in await self._closable_returns():
            return
        lane = await self._outbox.lane(return_id)
        if not any(x.stage in CLOSABLE for x in lane):
            self._closable = (self._closable or set()) - {return_id}
            return
        endless = Patience(float("inf"))
        verdicts = [
            (x, verdict(x, fetched.ret, None, 0.0, endless, is_details=fetched.is_details))
            for x in lane
            if x.stage in CLOSABLE and x.kind is not Kind.NOTE and self._keys.fits(x)
        ]
        await self._apply([(x, v) for x, v in verdicts if isinstance(v, Done | Superseded)], fetched)

    async def check_now(self, return_id: str) -> int:
        """Read Loop for a person and apply what it proves, also to what is parked.

        Returns:
            How many entries moved.

        Raises:
            ApiError: Loop could not be asked; nothing changed.
        """
        lane = await self._outbox.lane(return_id)
        asked = [x for x in lane if x.stage in CLOSABLE and self._keys.fits(x)]
        sight = await self._look(return_id, asked)
        return await self._judge(return_id, sight, CLOSABLE)

    # --- what is due ------------------------------------------------------------------------------

    def _on_outbox_changed(self, event: OutboxChanged) -> None:
        if not event.return_id:
            self._all_stale = True
            self._closable = None
            self._bell.ring()
            return
        self.watch(event.return_id)

    async def _closable_returns(self) -> set[str]:
        if self._closable is None:
            heads = await self._outbox.lanes(CLOSABLE, 1_000_000)
            self._closable = {head.return_id for head in heads}
        return self._closable

    async def _refresh(self) -> None:
        """Bring the watches in line with the outbox, where something may have changed."""
        stale, self._stale = self._stale, set()
        if self._all_stale:
            self._all_stale = False
            heads = await self._outbox.lanes(DOUBTS, 1_000_000)
            stale = {head.return_id for head in heads} | {x.return_id for x in self._watches.values()}
        for return_id in sorted(stale):
            lane = await self._outbox.lane(return_id)
            doubts = {x.entry_id: x for x in lane if x.stage in DOUBTS and self._keys.fits(x)}
            gone = [
                x.entry_id
                for x in self._watches.values()
                if x.return_id == return_id and x.entry_id not in doubts
            ]
            for entry_id in gone:
                del self._watches[entry_id]
            for entry in doubts.values():
                self._begin(entry)

    def _begin(self, entry: Entry) -> None:
        key = (entry.stage, entry.tries)
        known = self._watches.get(entry.entry_id)
        if known is not None and known.key == key:
            return
        now = self._clock.monotonic()
        due = now + next_poll(self._limits().polls, 0.0)
        since = entry.moved_at or self._clock.now()
        self._watches[entry.entry_id] = Watch(
            entry.entry_id, entry.return_id, entry.kind, key, now, since, due
        )

    def _due(self) -> list[str]:
        """Return the returns to read now, the one in doubt for longest first."""
        now = self._clock.monotonic()
        due = sorted((x for x in self._watches.values() if x.due <= now), key=lambda x: x.began)
        return list(dict.fromkeys(x.return_id for x in due))

    def _seconds_to_next(self) -> float | None:
        if not self._connection.may_ask:
            return self._connection.pause_seconds or None
        if not self._watches:
            return None
        return max(0.0, min(x.due for x in self._watches.values()) - self._clock.monotonic())

    # --- reading ----------------------------------------------------------------------------------

    async def _read(self, due: Sequence[str]) -> None:
        """Read the returns that are due: many states by the list, the rest one by one."""
        left = list(due)
        by_state = [x for x in due if all(w.kind in STATE_OF for w in self._of(x))]
        if len(by_state) >= SWEEP_FROM:
            settled = await self._sweep(by_state)
            left = [x for x in due if x not in settled]
        while left and self._connection.may_ask and not self._stopping:
            some, left = left[:READS_AT_ONCE], left[READS_AT_ONCE:]
            running = [self._tasks.spawn(self._read_one(x), name=f"read back {x}") for x in some]
            await asyncio.wait(running)
            for task in running:
                task.result()

    def _of(self, return_id: str) -> list[Watch]:
        return [x for x in self._watches.values() if x.return_id == return_id]

    async def _read_one(self, return_id: str) -> None:
        doubts = self._of(return_id)
        lane = await self._outbox.lane(return_id)
        ids = {x.entry_id for x in doubts}
        try:
            sight = await self._look(return_id, [x for x in lane if x.entry_id in ids])
        except (ApiError, RuleBroken) as failure:
            log.info("read_back_failed return=%s code=%s", return_id, failure.code)
        else:
            await self._judge(return_id, sight, DOUBTS)
        self._put_off(return_id)

    async def _look(self, return_id: str, entries: Sequence[Entry]) -> _Sight:
        """Ask Loop for what these entries need: details, notes, or both.

        Raises:
            ApiError: Loop could not be asked. "No such return" is an answer, not a failure.
        """
        sight = _Sight(self._clock.monotonic())
        if any(x.kind is not Kind.NOTE for x in entries):
            try:
                fetched = await self._gateway.details(return_id, priority=Priority.READ_BACK)
            except NotFound:
                fetched = None
            sight = replace(sight, has_return=True, fetched=fetched)
        if any(x.kind is Kind.NOTE for x in entries):
            try:
                notes = await self._gateway.notes(return_id, priority=Priority.READ_BACK)
            except NotFound:
                notes = None
            sight = replace(sight, has_notes=True, notes=notes)
        return sight

    async def _sweep(self, return_ids: Sequence[str]) -> set[str]:
        """Read many states by the list. Returns those whose answer was there and said enough."""
        watches = [x for return_id in return_ids for x in self._of(return_id)]
        start = min(x.since for x in watches) - SWEEP_REACH
        at = self._clock.monotonic()
        rows: dict[str, Fetched] = {}
        for state in {STATE_OF[x.kind] for x in watches}:
            try:
                rows |= await self._list(start, state)
            except ApiError as failure:
                log.info("sweep_failed code=%s", failure.code)
                return set()
        settled = set()
        for return_id in return_ids:
            row = rows.get(return_id)
            if row is not None and await self._judge_row(return_id, row, at):
                settled.add(return_id)
                self._put_off(return_id)
        log.info("sweep asked=%s settled=%s", len(return_ids), len(settled))
        return settled

    async def _list(self, start: datetime, state: ReturnState | None) -> dict[str, Fetched]:
        rows: dict[str, Fetched] = {}
        cursor = ""
        for _ in range(SWEEP_PAGES):
            page = await self._gateway.list_page(
                start=start,
                end=self._clock.now() + SWEEP_REACH,
                filter_by="updated_at",
                state=state,
                cursor=cursor,
                priority=Priority.READ_BACK,
            )
            rows |= {x.ret.return_id: x for x in page.returns}
            if not page.cursor or page.cursor == cursor:
                break
            cursor = page.cursor
        return rows

    # --- judging ----------------------------------------------------------------------------------

    async def _judge_row(self, return_id: str, row: Fetched, at: float) -> bool:
        """Judge by a row of the list; only what it confirms counts, a person is asked after details."""
        sight = _Sight(at, has_return=True, fetched=row)
        found = await self._verdicts(return_id, sight, DOUBTS)
        if any(isinstance(v, Park | Again) for _, v in found):
            return False
        await self._apply(found, row)
        return True

    async def _judge(self, return_id: str, sight: _Sight, stages: Sequence[Stage]) -> int:
        return await self._apply(await self._verdicts(return_id, sight, stages), sight.fetched)

    async def _verdicts(
        self, return_id: str, sight: _Sight, stages: Sequence[Stage]
    ) -> list[tuple[Entry, Verdict]]:
        seen = sight.fetched.ret if sight.fetched else None
        is_details = sight.fetched is None or sight.fetched.is_details
        found: list[tuple[Entry, Verdict]] = []
        for entry in await self._outbox.lane(return_id):
            was_read = sight.has_notes if entry.kind is Kind.NOTE else sight.has_return
            watch = self._watches.get(entry.entry_id)
            is_new = watch is None or watch.key != (entry.stage, entry.tries) or watch.began > sight.at
            if entry.stage not in stages or not was_read or not self._keys.fits(entry):
                continue
            elapsed = 0.0 if watch is None or is_new else sight.at - watch.began
            patience = patience_of(self._limits(), entry.kind)
            found.append((entry, verdict(entry, seen, sight.notes, elapsed, patience, is_details=is_details)))
        return found

    async def _apply(self, found: Sequence[tuple[Entry, Verdict]], saw: Fetched | None) -> int:
        """Write verdicts of one return, those with the same event in one commit."""
        groups: dict[str, list[Move]] = {}
        for entry, judged in found:
            move = move_of(entry, judged)
            if move is not None:
                groups.setdefault(_event_of(judged), []).append(move)
        moved = 0
        for event, moves in groups.items():
            try:
                await self._ledger.write(found[0][0], moves, saw=saw, event=event)
            except StageMoved as late:
                log.info("raced return=%s %s", found[0][0].return_id, late)
                self.watch(found[0][0].return_id)
                continue
            moved += len(moves)
            for move in moves:
                self._watches.pop(move.entry_id, None)
        return moved

    def _put_off(self, return_id: str) -> None:
        """Plan the next read of what still is in doubt."""
        now = self._clock.monotonic()
        polls = self._limits().polls
        for watch in self._of(return_id):
            due = watch.began + next_poll(polls, now - watch.began)
            self._watches[watch.entry_id] = replace(watch, due=due)


def patience_of(limits: Limits, kind: Kind) -> Patience:
    """Return how long a kind may show no effect and how often it may be sent by itself."""
    match kind:
        case Kind.FLAG:
            sends = limits.flag_sends
        case Kind.NOTE:
            sends = limits.note_sends
        case Kind.GRADE | Kind.ASSESS:
            sends = limits.value_sends
        case _:
            sends = 1
    return Patience(limits.seconds(kind), sends)


def _event_of(judged: Verdict) -> str:
    match judged:
        case Done(twice=True):
            return "twice"
        case Done() | Superseded():
            return "confirmed"
        case Again():
            return "again"
        case _:
            return "parked"
