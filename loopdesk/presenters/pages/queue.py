"""The queue: every action with its stage, why it waits, and what happened to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from loopdesk.domain.errors import LoopdeskError
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Attempt, Entry, Stage, Why
from loopdesk.domain.returns.returns import LineItem
from loopdesk.i18n.catalogue import N_, NOTHING, Said, _, ngettext
from loopdesk.presenters.pages.page import ConnectionStatus, PagePresenter, PageServices
from loopdesk.presenters.screens.pages import CaseChoice, HistoryRow, QueueRow, QueueScreen
from loopdesk.presenters.words import errors, words
from loopdesk.services.ports.store import Counts, ReadingOutbox, ReturnCache
from loopdesk.services.station.connection import LinkState
from loopdesk.services.station.events import (
    ConnectionChanged,
    OutboxChanged,
    ReturnChanged,
    StationChanged,
)

MOST_RETURNS = 2000
"""Maximum number of returns cached; more than a queue view shows."""


class LineNames:
    """Caches the lines of recently needed returns."""

    def __init__(self, cache: ReturnCache) -> None:
        self._cache = cache
        self._lines: dict[str, dict[str, LineItem]] = {}

    async def learn(self, return_ids: Iterable[str]) -> None:
        """Read the lines of returns that are not cached yet."""
        for return_id in dict.fromkeys(return_ids):
            if return_id not in self._lines:
                stored = await self._cache.get(return_id)
                found = stored.ret.lines if stored else ()
                self._lines[return_id] = {line.line_item_id: line for line in found}
        while len(self._lines) > MOST_RETURNS:
            del self._lines[next(iter(self._lines))]

    def line(self, return_id: str, line_item_id: str) -> LineItem | None:
        """Return a cached line, or None."""
        return self._lines.get(return_id, {}).get(line_item_id)

    def forget(self, event: ReturnChanged) -> None:
        """Drop a return from the cache."""
        self._lines.pop(event.return_id, None)


FILTERS: Mapping[str, tuple[str, frozenset[Stage] | None]] = {
    "open": (
        N_("Not finished"),
        frozenset(
            {Stage.HELD, Stage.READY, Stage.SENDING, Stage.UNCERTAIN, Stage.SETTLING, Stage.PARKED},
        ),
    ),
    "held": (N_("Kept"), frozenset({Stage.HELD})),
    "ready": (N_("Waiting"), frozenset({Stage.READY})),
    "sent": (N_("At Loop"), frozenset({Stage.SENDING, Stage.UNCERTAIN, Stage.SETTLING})),
    "parked": (N_("Needs you"), frozenset({Stage.PARKED})),
    "ended": (N_("Ended"), frozenset({Stage.DONE, Stage.SUPERSEDED, Stage.WITHDRAWN})),
    "all": (N_("All"), None),
}
"""The filters: caption, and the stages that match (None for all)."""

SHOWN_MOST = 1000
"""Maximum number of rows in the list; older ended ones are in the return's history."""


_LINE_WORDS: Mapping[LinkState, str] = {
    LinkState.OFFLINE: N_("Waits for the network"),
    LinkState.LOGIN_PAGE: N_("Waits until somebody logs in to the network"),
    LinkState.KEY_REFUSED: N_("Waits: Loop refuses the key"),
}


def waiting_reason(
    entry: Entry, lane: Sequence[Entry], link: LinkState, now: datetime, *, fits: bool = True
) -> str:
    """Return why a ready entry is not being sent; stages are stored, this is computed.

    Args:
        lane: The known entries of its return, in ``seq`` order.
        now: For the rest of a back-off.
        fits: Whether the entry may be sent with the key in use.
    """
    if not fits:
        return _("Waits: it was decided with another key")
    if link in _LINE_WORDS:
        return _(_LINE_WORDS[link])
    before = next((x for x in lane if x.seq < entry.seq and not x.is_finished and _holds_up(x, entry)), None)
    if before is not None:
        return _behind(before)
    if entry.due_at is not None and entry.due_at > now:
        left = max(1, round((entry.due_at - now).total_seconds()))
        return ngettext("Tries again in 1 second", "Tries again in {n} seconds", left)
    return words.stage(Stage.READY)


def _holds_up(before: Entry, entry: Entry) -> bool:
    """Whether an unfinished earlier entry blocks this one; a parked one blocks only flags and finalizers."""
    return before.stage is not Stage.PARKED or entry.kind.spec.is_gated


def _behind(before: Entry) -> str:
    if before.stage is Stage.PARKED:
        return _("Waits for an earlier step that needs you")
    if before.stage is Stage.UNCERTAIN:
        return _("Waits until Loop says what happened before")
    match before.kind:
        case Kind.GRADE:
            return _("Waits for the grades before it")
        case Kind.ASSESS:
            return _("Waits for the places before it")
        case Kind.NOTE:
            return _("Waits for the notes before it")
        case Kind.FLAG | Kind.PROCESS | Kind.REMOVE | Kind.CANCEL | Kind.CLOSE:
            return _("Waits for the step before it")


_EVIDENCE: Mapping[str, str] = {
    "": N_("Sent; Loop's answer is not here yet"),
    "not_sent": N_("Did not leave this station"),
    "accepted": N_("Loop accepted it"),
    "refused": N_("Loop refused it"),
    "key": N_("Loop refused the key"),
    "ambiguous": N_("Sent; the answer got lost"),
}


def attempt_words(attempt: Attempt) -> str:
    """Describe the outcome of one attempt."""
    text = _(_EVIDENCE.get(attempt.evidence, _EVIDENCE["ambiguous"]))
    return _("Try {n}: {what}", n=attempt.n, what=text)


class QueuePresenter(PagePresenter[QueueScreen]):
    """Shows the outbox and lets a lead inspect it.

    Args:
        key_fits: Whether an entry may be sent with the key in use.
        open_return: Opens a return at the bench.
        show_case: Opens a return in the attention list.
        withdraw: Withdraws a settlement by its id; returns None when it is too late.
    """

    def __init__(
        self,
        page: PageServices,
        *,
        outbox: ReadingOutbox,
        cache: ReturnCache,
        line: ConnectionStatus,
        key_fits: Callable[[Entry], bool],
        withdraw: Callable[[str], Awaitable[str | None]],
        open_return: Callable[[str], None],
        show_case: Callable[[str], None],
    ) -> None:
        super().__init__(page, "queue")
        self._outbox = outbox
        self._names = LineNames(cache)
        self._line = line
        self._key_fits = key_fits
        self._keep_withdrawn = withdraw
        self._open_return = open_return
        self._show_case = show_case
        self._filter = "open"
        self._selected = ""
        self._entries: tuple[Entry, ...] = ()
        self._lanes: dict[str, tuple[Entry, ...]] = {}
        self._attempts: tuple[Attempt, ...] = ()
        self._counts = Counts()
        self._asking: CaseChoice | None = None
        self._message: LoopdeskError | Said = NOTHING
        page.feed.on(ReturnChanged, self._names.forget)
        for kind in (OutboxChanged, ReturnChanged, ConnectionChanged, StationChanged):
            page.feed.on(kind, self.refresh)

    def choose_filter(self, filter_id: str) -> None:
        """Show the entries of some stages only."""
        if filter_id in FILTERS:
            self._filter = filter_id
            self._select("")
            self.refresh()

    def select(self, entry_id: str) -> None:
        """Select an entry; "" for none."""
        if entry_id != self._selected:
            self._select(entry_id)
            self.refresh()

    def choose(self, intent: str) -> None:
        """Do something with the selected entry: ``open_at_bench``, ``attention``, ``withdraw``."""
        entry = self._entry()
        if entry is None:
            return
        if intent == "open_at_bench":
            self._open_return(entry.return_id)
        elif intent == "attention":
            self._show_case(entry.return_id)
        else:
            self._asking = next((x for x in self._choices() if x.intent == intent), None)
            self._draw()

    def confirm(self) -> None:
        """Carry out the pending choice: withdraw the settlement of the selected entry."""
        asked, entry = self._asking, self._entry()
        self._asking = None
        if asked is not None and entry is not None:
            self._tasks.spawn(self._withdraw(entry), name="queue withdraw")
        self._draw()

    def dismiss(self) -> None:
        """Cancel the pending choice."""
        self._asking = None
        self._message = NOTHING
        self._draw()

    async def _withdraw(self, entry: Entry) -> None:
        try:
            return_id = await self._keep_withdrawn(entry.settlement_id)
        except LoopdeskError as failure:
            self._message = failure
        else:
            self._message = (
                Said(
                    N_("Withdrawn. What was entered is back on the bench for {order}."),
                    {"order": entry.order_name},
                )
                if return_id is not None
                else Said(N_("Too late to withdraw: part of it has been sent."))
            )
        self.refresh()
        self._draw()

    def _select(self, entry_id: str) -> None:
        self._selected = entry_id
        self._attempts = ()
        self._asking = None
        self._message = NOTHING

    def _entry(self) -> Entry | None:
        return next((x for x in self._entries if x.entry_id == self._selected), None)

    async def _load(self) -> None:
        stages = FILTERS[self._filter][1]
        every = await self._outbox.entries(None, SHOWN_MOST)
        lanes: dict[str, list[Entry]] = {}
        for entry in sorted(every, key=lambda x: x.seq):
            lanes.setdefault(entry.return_id, []).append(entry)
        self._lanes = {return_id: tuple(lane) for return_id, lane in lanes.items()}
        self._entries = await self._ended() if self._filter == "ended" else _passing(every, stages)
        await self._names.learn(x.return_id for x in self._entries)
        self._counts = await self._outbox.counts()
        selected = self._selected
        attempts = await self._outbox.attempts(selected) if selected else ()
        if selected == self._selected:
            self._attempts = attempts

    async def _ended(self) -> tuple[Entry, ...]:
        """Read the ended entries by stage: a long unfinished queue would crowd them out."""
        found: list[Entry] = []
        for stage in (Stage.DONE, Stage.SUPERSEDED, Stage.WITHDRAWN):
            found.extend(await self._outbox.entries(stage, SHOWN_MOST))
        return tuple(sorted(found, key=lambda x: x.seq, reverse=True)[:SHOWN_MOST])

    def _screen(self) -> QueueScreen:
        now = self._clock.now()
        return QueueScreen(
            rows=tuple(self._row(entry, now) for entry in self._entries),
            filters=tuple((key, _(caption)) for key, (caption, _stages) in FILTERS.items()),
            chosen_filter=self._filter,
            selected=self._selected if self._entry() is not None else "",
            history=self._history(now),
            summary=self._summary(),
            choices=self._choices(),
            asking=self._asking,
            message=errors.told(self._message),
        )

    def _row(self, entry: Entry, now: datetime) -> QueueRow:
        line = self._names.line(entry.return_id, entry.target) if entry.target else None
        return QueueRow(
            entry_id=entry.entry_id,
            return_id=entry.return_id,
            order_name=entry.order_name,
            what=words.action(entry, line),
            stage=self._stage(entry, now),
            tone=words.stage_tone(entry.stage, entry.cause.code),
            tries=entry.tries,
            decided=words.moment(entry.decided_at, self._zone, now),
            age="" if entry.is_finished else _age(now - entry.decided_at),
            error=words.sentence(_why(entry)),
        )

    def _stage(self, entry: Entry, now: datetime) -> str:
        if entry.stage is Stage.PARKED:
            return words.listed((words.stage(entry.stage), words.reason(entry.reason)))
        if entry.stage is not Stage.READY:
            return words.stage(entry.stage, entry.cause.code)
        lane = self._lanes.get(entry.return_id, ())
        return waiting_reason(entry, lane, self._line.state.link, now, fits=self._key_fits(entry))

    def _summary(self) -> str:
        counts = self._counts
        parts = (
            _("{n} kept here", n=words.returns(counts.kept)) if counts.kept else "",
            _("{n} not confirmed yet", n=words.returns(counts.sent)) if counts.sent else "",
            ngettext("1 return needs you", "{n} returns need you", counts.attention)
            if counts.attention
            else "",
        )
        return words.sentence(words.listed(parts)) or _("Everything is confirmed by Loop.")

    def _history(self, now: datetime) -> tuple[HistoryRow, ...]:
        entry = self._entry()
        if entry is None:
            return ()
        kept = _("Kept on {station} by {operator}", station=entry.station, operator=entry.operator.name)
        rows = [(entry.decided_at, kept)]
        rows.extend((x.ended_at or x.began_at, attempt_words(x)) for x in self._attempts)
        if entry.moved_at is not None and entry.stage is not Stage.HELD:
            rows.append((entry.moved_at, self._last_word(entry)))
        return tuple(
            HistoryRow(words.moment(at, self._zone, now, seconds=True), words.sentence(what))
            for at, what in rows
        )

    def _last_word(self, entry: Entry) -> str:
        text = (
            words.reason(entry.reason)
            if entry.stage is Stage.PARKED
            else words.stage(entry.stage, entry.cause.code)
        )
        why = _why(entry)
        return f"{text}: {why}" if why else text

    def _choices(self) -> tuple[CaseChoice, ...]:
        entry = self._entry()
        if entry is None:
            return ()
        choices = [CaseChoice("open_at_bench", _("Open at the bench"), primary=True)]
        if entry.stage is Stage.PARKED:
            choices.insert(0, CaseChoice("attention", _("Decide what to do"), primary=True))
            choices[1] = CaseChoice("open_at_bench", _("Open at the bench"))
        if self._is_unsent(entry):
            choices.append(
                CaseChoice(
                    "withdraw",
                    _("Withdraw…"),
                    consequence=_(
                        "Nothing of this settlement has been sent. It is taken back as a whole, and what was "
                        "entered is on the bench again."
                    ),
                    accept=_("Withdraw"),
                )
            )
        return tuple(choices)

    def _is_unsent(self, entry: Entry) -> bool:
        lane = self._lanes.get(entry.return_id, ())
        mates = [x for x in lane if x.settlement_id == entry.settlement_id]
        return bool(mates) and all(x.stage in (Stage.HELD, Stage.READY) and x.tries == 0 for x in mates)


def _passing(entries: Sequence[Entry], stages: frozenset[Stage] | None) -> tuple[Entry, ...]:
    if stages is None:
        return tuple(entries)
    return tuple(x for x in entries if x.stage in stages)


def _why(entry: Entry) -> str:
    """Return what an entry waits for; "" if its stage says so already."""
    is_told = entry.is_finished or (entry.stage is Stage.SETTLING and entry.cause.code == Why.UNPAID)
    return "" if is_told else words.failure(entry.cause)


def _age(since: timedelta) -> str:
    """Describe how long an action has waited, for a narrow column."""
    return words.age(since) if since >= timedelta(minutes=1) else _("just now")
