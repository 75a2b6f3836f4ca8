"""Reads back what is true at Loop: one return by its details and notes, or many states by the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loopdesk.domain.errors import NotFound
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Entry
from loopdesk.domain.returns.returns import Note
from loopdesk.domain.sync import LONGEST
from loopdesk.domain.sync import since as begins
from loopdesk.services.ports.loop import Fetched, Priority, ReadingGateway
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.loop_clock import LoopTime

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
