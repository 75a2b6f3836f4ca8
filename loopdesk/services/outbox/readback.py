"""Reads back what is true at Loop, one return or many states at once, and judges the entries by it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loopdesk.domain.errors import NotFound
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.reconcile import Verdict, verdict
from loopdesk.domain.outbox.stages import Entry, Stage, overtaken_by
from loopdesk.domain.returns.returns import Note
from loopdesk.domain.sync import LONGEST
from loopdesk.domain.sync import since as begins
from loopdesk.services.outbox.doubt_schedule import DoubtSchedule
from loopdesk.services.outbox.key_binding import KeyBinding
from loopdesk.services.ports.loop import Fetched, Priority, ReadingGateway
from loopdesk.services.ports.station import Clock, Limits
from loopdesk.services.ports.store import Outbox, ReturnCache
from loopdesk.services.station.connection import LoopTime
from loopdesk.services.station.events import Feed, NextSync

PAYMENT_MARK = "tells_of_payment"


class PaymentFields:
    """Whether this shop's answers have ever contained payment fields: seen once, stored for good.

    If none has, a closed return is all that can be seen of its processing.
    """

    def __init__(self, cache: ReturnCache) -> None:
        self._cache = cache
        self._tells: bool | None = None

    async def learn(self, fetched: Fetched | None) -> bool:
        """Learn from an answer. Returns whether this shop's answers contain payment fields.

        Raises:
            StoreError: It could not be stored.
        """
        if self._tells is None:
            self._tells = await self._cache.marked(PAYMENT_MARK) == "yes"
        if not self._tells and fetched is not None and fetched.ret.tells_payment:
            self._tells = True
            await self._cache.mark(PAYMENT_MARK, "yes")
        return self._tells


# --- one return, or many ----------------------------------------------------------------------------

SWEEP_PAGES = 4
"""Maximum number of pages per state; what is not found is read individually."""

SWEEP_REACH = timedelta(hours=2)
"""How far before the oldest doubt the list is read, to allow for clocks and window edges."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What one read of a return showed; what was not read is not judged.

    Attributes:
        at: Monotonic seconds at the start of the read.
        has_return: The return was requested; ``fetched`` is None if Loop does not know it.
        has_notes: The notes were requested; ``notes`` is None if Loop does not know the return.
    """

    at: float
    has_return: bool = False
    fetched: Fetched | None = None
    has_notes: bool = False
    notes: tuple[Note, ...] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list showed: rows by return id, and whether a missing row means that a return has not
    changed.
    """

    rows: dict[str, Sight]
    is_complete: bool


class Reader:
    """Reads back; decides nothing."""

    def __init__(self, gateway: ReadingGateway, clock: Clock) -> None:
        self._gateway = gateway
        self._clock = clock
        self._time = LoopTime(gateway, clock)

    async def look(self, return_id: str, entries: Sequence[Entry]) -> Sight:
        """Read what these entries need: details, notes, or both.

        Raises:
            ApiError: Loop could not be asked. "No such return" is an answer, not a failure.
        """
        sight = Sight(self._clock.monotonic())
        if any(not x.kind.spec.is_marked for x in entries):
            try:
                fetched = await self._gateway.details(return_id, priority=Priority.READ_BACK)
            except NotFound:
                fetched = None
            sight = replace(sight, has_return=True, fetched=fetched)
        if any(x.kind.spec.is_marked for x in entries):
            try:
                notes = await self._gateway.notes(return_id, priority=Priority.READ_BACK)
            except NotFound:
                notes = None
            sight = replace(sight, has_notes=True, notes=notes)
        return sight

    async def rows(self, kinds: Iterable[Kind], since: datetime, wanted: frozenset[str]) -> Listed:
        """Read from the list what changed since, in the states that these kinds lead to, newest first.

        Args:
            wanted: The returns in question; once all were seen, no further page is read.

        Raises:
            ApiError: Loop could not be asked.
        """
        rows: dict[str, Sight] = {}
        is_complete = True
        end = await self._time.now() + SWEEP_REACH
        start = begins(since, end - SWEEP_REACH, SWEEP_REACH, LONGEST - SWEEP_REACH)
        for state in {kind.spec.list_state for kind in kinds}:
            cursor = ""
            for _ in range(SWEEP_PAGES):
                at = self._clock.monotonic()
                page = await self._gateway.list_page(
                    start=start,
                    end=end,
                    filter_by="updated_at",
                    state=state,
                    cursor=cursor,
                    priority=Priority.READ_BACK,
                )
                rows |= {x.ret.return_id: Sight(at, has_return=True, fetched=x) for x in page.returns}
                is_last = not page.cursor or page.cursor == cursor
                if is_last or wanted <= rows.keys():
                    break
                cursor = page.cursor
            else:
                is_complete = False
        return Listed(rows, is_complete)


# --- many states by one call ------------------------------------------------------------------------

GATHER_SECONDS = 10.0
"""How long a read counts as recent, and so the maximum time that a read-back waits for others."""

BUSY_FROM = 2
"""With this many other recent reads, the next ones are batched."""

MOST_SECONDS = 75.0
"""Unless somebody is looking, a doubt may wait this long for the list that is polled every minute anyway."""

WORTH_A_CALL = 5
"""With this many waiting, a list call is cheap for each of them."""

SYNC_TAKES_SECONDS = 10.0
"""How late that list may be before what waits for it is read individually."""

TOLD_TAKES_SECONDS = 30.0
"""The same where a hub reads it: a bench hears of it with a beat, so up to half a minute late."""


class ReadbackBatching:
    """Remembers which returns were read recently, and when the list is read next.

    Args:
        watches: What is in doubt.
        is_shown: Whether an operator has this return open: then it is read immediately.
    """

    def __init__(
        self, clock: Clock, feed: Feed, watches: DoubtSchedule, is_shown: Callable[[str], bool]
    ) -> None:
        self._clock = clock
        self._watches = watches
        self._is_shown = is_shown
        self._read: dict[str, float] = {}
        self._next_sync: float | None = None
        self._is_shared = False
        feed.on(NextSync, self._on_next_sync)

    def took(self, return_ids: Iterable[str]) -> None:
        """Record that the states of these returns are read now."""
        now = self._clock.monotonic()
        self._read = {x: at for x, at in self._read.items() if now - at < GATHER_SECONDS}
        self._read |= dict.fromkeys(return_ids, now)

    def is_by_state(self, return_id: str) -> bool:
        """Whether a row of the list settles all doubts about a return.

        Not for one that Loop closed: rows may never show payment where details do.
        """
        return all(watch.kind.spec.is_listed and not watch.is_closed for watch in self._watches.of(return_id))

    def ripe(self, due: Sequence[str]) -> list[str]:
        """Leave out what waits for others, or for the list that is polled anyway."""
        by_state = [x for x in due if self.is_by_state(x)]
        few = len(by_state) < WORTH_A_CALL
        waiting = {x for x in by_state if self._gathers(x) or (few and self._is_listed_soon(x))}
        return [x for x in due if x not in waiting]

    def _gathers(self, return_id: str) -> bool:
        """Whether to batch: a quiet bench never waits, a draining queue does."""
        now = self._clock.monotonic()
        others = (at for x, at in self._read.items() if x != return_id)
        return sum(now - at < GATHER_SECONDS for at in others) >= BUSY_FROM

    def _is_listed_soon(self, return_id: str) -> bool:
        """Whether the list will come soon enough. What was accepted can wait for it, a lost answer cannot.

        Nor does somebody who looks at the return, but where the request would be one of all benches together.
        """
        if self._next_sync is None or (self._is_shown(return_id) and not self._is_shared):
            return False
        watches = self._watches.of(return_id)
        if any(watch.stage is not Stage.SETTLING or not watch.kind.spec.is_final for watch in watches):
            return False  # what Loop can take back may be gone again before the list is read
        left = self._next_sync - self._clock.monotonic()
        most = min(MOST_SECONDS, self._watches.shortest_limit(return_id))
        takes = TOLD_TAKES_SECONDS if self._is_shared else SYNC_TAKES_SECONDS
        return left > -takes and self._watches.oldest_seconds(return_id) + left <= most

    def _on_next_sync(self, event: NextSync) -> None:
        now = self._clock.monotonic()
        self._next_sync = None if event.seconds is None else now + event.seconds
        self._is_shared = event.is_shared


# --- what it says of the entries --------------------------------------------------------------------


class ReadbackVerdicts:
    """Gives each entry the verdict that follows from the age of its doubt, its limits and its lane; writes
    nothing.

    Args:
        limits: Returns the limits of each kind, now.
        payment: Whether the shop's answers contain payment fields.
        waits: Whether a hub has to say first what became of an entry.
    """

    def __init__(
        self,
        outbox: Outbox,
        keys: KeyBinding,
        watches: DoubtSchedule,
        limits: Callable[[], Limits],
        payment: PaymentFields,
        waits: Callable[[Entry], Awaitable[bool]],
    ) -> None:
        self._payment = payment
        self._waits = waits
        self._outbox = outbox
        self._keys = keys
        self._watches = watches
        self._limits = limits

    async def verdicts(
        self, return_id: str, sight: Sight, stages: Sequence[Stage]
    ) -> list[tuple[Entry, Verdict]]:
        """Judge the entries of a return that are in these stages now, by what was read."""
        seen = sight.fetched.ret if sight.fetched else None
        is_details = sight.fetched is None or sight.fetched.is_details
        tells = await self._payment.learn(sight.fetched)
        found: list[tuple[Entry, Verdict]] = []
        lane = await self._outbox.lane(return_id)
        for entry in lane:
            was_read = sight.has_notes if entry.kind.spec.is_marked else sight.has_return
            if entry.stage not in stages or not was_read or not self._keys.fits(entry):
                continue
            if await self._waits(entry):
                continue
            elapsed = self._watches.seconds_in_doubt(entry, sight.at)
            patience = self._limits().patience(entry.kind)
            judged = verdict(
                entry,
                seen,
                sight.notes,
                elapsed,
                patience,
                is_details=is_details,
                tells=tells,
                newer=overtaken_by(entry, lane),
            )
            found.append((entry, judged))
        return found
