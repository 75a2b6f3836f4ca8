"""The rows of the queue: a return with how far it got and why, and its calls below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo

from loopdesk.domain.outbox.ladder import Rung, lowest, lowest_rung, rung
from loopdesk.domain.outbox.stages import Entry, Stage, ended_elsewhere
from loopdesk.domain.returns.returns import LineItem
from loopdesk.i18n.catalogue import _, ngettext
from loopdesk.presenters.pages.history import summed
from loopdesk.presenters.pages.page import ConnectionStatus
from loopdesk.presenters.screens.pages import QueueRow
from loopdesk.presenters.words import hub_words, queue_words, words
from loopdesk.services.ports.store import ReturnCache, Stored
from loopdesk.services.station.events import ReturnChanged

MOST_RETURNS = 500
"""So many returns are cached for their names."""


class ReturnNames:
    """Caches the recently needed returns, for the names of their lines and shoppers."""

    def __init__(self, cache: ReturnCache) -> None:
        self._cache = cache
        self._known: dict[str, Stored | None] = {}

    async def learn(self, return_ids: Iterable[str]) -> None:
        """Read returns that are not cached yet."""
        for return_id in return_ids:
            if return_id not in self._known:
                self._known[return_id] = await self._cache.get(return_id)
        while len(self._known) > MOST_RETURNS:
            del self._known[next(iter(self._known))]

    def title(self, lane: Sequence[Entry]) -> str:
        """Name a return by its order and shopper."""
        stored = self._known.get(lane[0].return_id)
        order = lane[-1].order_name or lane[-1].return_id
        return words.listed((order, words.shopper(stored.ret) if stored is not None else ""))

    def shop(self, return_id: str) -> str:
        """Return the id of a return's shop; "" if it is not known."""
        stored = self._known.get(return_id)
        return stored.shop if stored is not None else ""

    def action(self, entry: Entry) -> str:
        """Say what a call asks."""
        return words.action(entry, self._line(entry.return_id, entry.target))

    def line_title(self, return_id: str, line_item_id: str) -> str:
        """Name a line, by its number if it is not known."""
        line = self._line(return_id, line_item_id)
        return words.line_title(line) if line else _("line {line_id}", line_id=line_item_id)

    def _line(self, return_id: str, line_item_id: str) -> LineItem | None:
        stored = self._known.get(return_id)
        lines = stored.ret.lines if stored is not None and line_item_id else ()
        return next((x for x in lines if x.line_item_id == line_item_id), None)

    def forget(self, event: ReturnChanged) -> None:
        """Drop a return from the cache."""
        self._known.pop(event.return_id, None)


class QueueRows:
    """Makes rows.

    Args:
        names: The returns that rows are about, learned before.
        key_fits: Whether an entry may be sent with the key in use.
        hold_left: Seconds left of a settlement's undo window; None when nobody times it.

    Attributes:
        unfolded: Ids of the returns whose calls are shown.
    """

    def __init__(
        self,
        names: ReturnNames,
        zone: tzinfo,
        *,
        line: ConnectionStatus,
        key_fits: Callable[[Entry], bool],
        hold_left: Callable[[str], float | None],
    ) -> None:
        self.names = names
        self._zone = zone
        self._line = line
        self._key_fits = key_fits
        self._hold_left = hold_left
        self.unfolded: set[str] = set()

    def rows(self, lane: Sequence[Entry], now: datetime) -> list[QueueRow]:
        """Make the row of a return, and those of its calls if it is unfolded."""
        row = self.return_row(lane, now)
        if not row.is_unfolded:
            return [row]
        return [row, *(self.call_row(entry, lane, now) for entry in lane)]

    def return_row(self, lane: Sequence[Entry], now: datetime) -> QueueRow:
        """Make the row of a return: it is judged by the lowest of its calls."""
        entry, reached = lowest(lane), lowest_rung(lane)
        is_parked = entry.stage is Stage.PARKED
        return QueueRow(
            key=entry.return_id,
            return_id=entry.return_id,
            what=self.names.title(lane),
            detail=words.capitalized(summed(x.kind for x in lane if x.stage is not Stage.WITHDRAWN)),
            rung=words.stage(Stage.PARKED) if is_parked else self._rung(entry, reached),
            steps=0 if reached is None else reached + 1,
            stage=self._stage(entry, lane, now),
            tone=words.stage_tone(entry.stage, entry.cause.code),
            decided=words.moment(lane[-1].decided_at, self._zone, now),
            age="" if entry.is_finished else queue_words.age(now - entry.decided_at),
            error=words.sentence(queue_words.failure(entry)),
            is_unfolded=entry.return_id in self.unfolded,
        )

    def call_row(self, entry: Entry, lane: Sequence[Entry], now: datetime) -> QueueRow:
        """Make the row of one call."""
        reached = rung(entry)
        return QueueRow(
            key=entry.entry_id,
            return_id=entry.return_id,
            what=self.names.action(entry),
            detail=ngettext("Tried once", "Tried {n} times", entry.tries) if entry.tries else "",
            rung=self._rung(entry, reached),
            steps=0 if reached is None else reached + 1,
            stage=self._stage(entry, lane, now),
            tone=words.stage_tone(entry.stage, entry.cause.code),
            decided=words.moment(entry.decided_at, self._zone, now),
            age="" if entry.is_finished else queue_words.age(now - entry.decided_at),
            error=words.sentence(queue_words.failure(entry)),
            is_call=True,
        )

    @staticmethod
    def _rung(entry: Entry, reached: Rung | None) -> str:
        """Name how far something got; what nothing proves to have been done here is not called confirmed."""
        return _("Settled already") if ended_elsewhere((entry,)) is not None else queue_words.rung(reached)

    def _stage(self, entry: Entry, lane: Sequence[Entry], now: datetime) -> str:
        match entry.stage:
            case Stage.PARKED:
                return words.listed((words.stage(entry.stage), words.reason(entry.reason)))
            case Stage.HELD:
                return queue_words.held_stage(self._hold_left(entry.settlement_id))
            case Stage.READY:
                fits = self._key_fits(entry)
                line = self._line.state
                return queue_words.waiting_reason(
                    entry, lane, line.link, now, fits=fits, trouble=line.trouble
                )
            case Stage.SUPERSEDED:
                stage = words.stage(entry.stage, entry.cause.code)
                return words.listed((stage, hub_words.finished(entry.cause)))
            case _:
                return words.stage(entry.stage, entry.cause.code)
