"""The queue: one row a return, unfolding to its calls, with what it waits for and what happened to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from loopdesk.domain.errors import LoopdeskError
from loopdesk.domain.outbox.ladder import Standing, standing
from loopdesk.domain.outbox.stages import Attempt, Entry, Stage
from loopdesk.i18n.catalogue import N_, NOTHING, Said, _, ngettext
from loopdesk.presenters.pages.evidence_choice import EVIDENCE, EvidenceWriter, evidence_choice
from loopdesk.presenters.pages.history import history
from loopdesk.presenters.pages.page import PagePresenter, PageServices
from loopdesk.presenters.pages.return_page import ReturnPageParts
from loopdesk.presenters.screens.pages import CaseChoice, HistoryRow, QueueRow, QueueScreen
from loopdesk.presenters.words import errors, queue_words, words
from loopdesk.services.ports.overview import LanePage
from loopdesk.services.ports.store import AuditRow, Counts
from loopdesk.services.station.events import (
    ConnectionChanged,
    OutboxChanged,
    ReturnChanged,
    StationChanged,
)

FILTERS: Mapping[str, tuple[str, Standing | None]] = {
    "open": (N_("Not finished"), None),
    "parked": (N_("Needs you"), Standing.PARKED),
    "held": (N_("Undo possible"), Standing.HELD),
    "ready": (N_("Waiting"), Standing.READY),
    "sent": (N_("At Loop"), Standing.SENT),
    "ended": (N_("Ended"), Standing.ENDED),
}
"""The filters: caption, and where the returns stand that match (None for all that are not ended)."""

PAGE = 100
"""So many returns are read and drawn at once, however many wait."""


class QueuePresenter(PagePresenter[QueueScreen]):
    """Shows the outbox by returns and lets a lead inspect it.

    Args:
        show_case: Opens a return in the attention list.
    """

    def __init__(
        self,
        page: PageServices,
        parts: ReturnPageParts,
        *,
        show_case: Callable[[str], None],
    ) -> None:
        super().__init__(page, "queue")
        self._parts = parts
        self._rows = parts.rows
        self._names = parts.rows.names
        self._show_case = show_case
        self._filter = "open"
        self._skipped = 0
        self._page = LanePage()
        self._counts = Counts()
        self._selected = ""
        self._selected_return = ""
        self._lane: tuple[Entry, ...] = ()
        self._attempts: tuple[Attempt, ...] = ()
        self._told: tuple[AuditRow, ...] = ()
        self._asking: CaseChoice | None = None
        self._message: tuple[LoopdeskError | Said, str] = (NOTHING, "plain")
        self._evidence = EvidenceWriter(parts.show_evidence, page.tasks, self._say)
        page.feed.on(ReturnChanged, self._names.forget)
        for kind in (OutboxChanged, ReturnChanged, ConnectionChanged, StationChanged):
            page.feed.on(kind, self.refresh)

    # --- what is shown ----------------------------------------------------------------------------------

    def choose_filter(self, filter_id: str) -> None:
        """Show the returns that stand somewhere only, from the first page on."""
        if filter_id in FILTERS:
            self._filter = filter_id
            self._skipped = 0
            self._select("", "")
            self.refresh()

    def turn_page(self, by: int) -> None:
        """Show the next page (1) or the previous one (-1)."""
        skipped = self._skipped + by * PAGE
        if 0 <= skipped < self._total():
            self._skipped = skipped
            self.refresh()

    def select(self, key: str) -> None:
        """Select a return, or a call, by the key of its row; "" for none."""
        if key != self._selected:
            lane = next((x for x in self._page.lanes if key in _keys(x)), ())
            self._select(key, lane[0].return_id if lane else "")
            self._lane = lane
            self.refresh()
            self._draw()

    def unfold(self, key: str) -> None:
        """Show the calls of a return below it, or hide them again; a call's key does nothing."""
        if any(key == lane[0].return_id for lane in self._page.lanes):
            self._rows.unfolded ^= {key}
            self._draw()

    def turn(self, key: str, unfolded: bool) -> None:
        """Show or hide the calls of the return that a row belongs to."""
        lane = next((x for x in self._page.lanes if key in _keys(x)), None)
        if lane is not None and (lane[0].return_id in self._rows.unfolded) is not unfolded:
            if key != lane[0].return_id:
                self.select(lane[0].return_id)
            self.unfold(lane[0].return_id)

    def _select(self, key: str, return_id: str) -> None:
        self._selected, self._selected_return = key, return_id
        self._lane, self._attempts, self._told = (), (), ()
        self._asking = None
        self._message = (NOTHING, "plain")

    def _total(self) -> int:
        counts, wanted = self._page.counts, FILTERS[self._filter][1]
        if wanted is not None:
            return counts.get(wanted, 0)
        return sum(number for where, number in counts.items() if where is not Standing.ENDED)

    # --- what can be done -------------------------------------------------------------------------------

    def choose(self, intent: str) -> None:
        """Do something with the selected return: open it, read its case, its evidence, ``withdraw``."""
        if not self._lane:
            return
        if intent == "open_at_bench":
            self._parts.open_return(self._selected_return)
        elif intent == "attention":
            self._show_case(self._selected_return)
        elif intent == EVIDENCE:
            self._evidence.write(self._selected_return, self._order())
        else:
            self._asking = next((x for x in self._choices() if x.intent == intent), None)
            self._draw()

    def confirm(self) -> None:
        """Carry out the pending choice: withdraw the unsent settlement of the selected return."""
        asked, unsent = self._asking, self._unsent()
        self._asking = None
        if asked is not None and unsent:
            self._tasks.spawn(self._withdraw(unsent[0]), name="queue withdraw")
        self._draw()

    def dismiss(self) -> None:
        """Cancel the pending choice."""
        self._asking = None
        self._say(NOTHING, "plain")

    def _say(self, message: LoopdeskError | Said, tone: str) -> None:
        self._message = (message, tone)
        self._draw()

    async def _withdraw(self, entry: Entry) -> None:
        try:
            return_id = await self._parts.withdraw(entry.settlement_id)
        except LoopdeskError as failure:
            self._say(failure, "blocked")
        else:
            said = (
                Said(
                    N_("Withdrawn. What was entered is back on the bench for {order}."),
                    {"order": entry.order_name},
                )
                if return_id is not None
                else Said(N_("Too late to withdraw: part of it has been sent."))
            )
            self._say(said, "plain")
        self.refresh()

    def _choices(self) -> tuple[CaseChoice, ...]:
        if not self._lane:
            return ()
        order = self._order()
        choices: list[CaseChoice] = []
        if standing(self._lane) is Standing.PARKED:
            text = _("Decide what to do with {order}", order=order)
            choices.append(CaseChoice("attention", text, primary=True))
        opening = _("Open {order} at the bench", order=order)
        choices.append(CaseChoice("open_at_bench", opening, primary=not choices))
        choices.append(evidence_choice(order))
        if self._unsent():
            choices.append(_withdrawing(order))
        return tuple(choices)

    def _order(self) -> str:
        return self._lane[-1].order_name or self._selected_return

    def _unsent(self) -> tuple[Entry, ...]:
        """Return the entries of the selected return's latest settlement, if nothing of it was sent."""
        latest = next((x for x in reversed(self._lane) if not x.is_finished), None)
        mates = tuple(x for x in self._lane if latest and x.settlement_id == latest.settlement_id)
        return mates if all(_is_unsent(x) for x in mates) else ()

    # --- reading ----------------------------------------------------------------------------------------

    async def _load(self) -> None:
        wanted = FILTERS[self._filter][1]
        page = await self._parts.overview.page(wanted, skip=self._skipped, most=PAGE)
        if not page.lanes and self._skipped:
            self._skipped = 0  # what stood on later pages is gone
            page = await self._parts.overview.page(wanted, skip=0, most=PAGE)
        self._page = page
        self._counts = await self._parts.outbox.counts()
        await self._load_selected()
        await self._names.learn(lane[0].return_id for lane in (*page.lanes, self._lane) if lane)
        self._follow_countdown(self._is_holding)

    async def _load_selected(self) -> None:
        selected, return_id = self._selected, self._selected_return
        if not return_id:
            return
        lane = await self._parts.outbox.lane(return_id)
        is_call = selected != return_id
        attempts = await self._parts.outbox.attempts(selected) if is_call else ()
        told = () if is_call else await self._parts.audit.of_return(return_id)
        if selected == self._selected:
            self._lane, self._attempts, self._told = lane, attempts, told

    def _is_holding(self) -> bool:
        return any(entry.stage is Stage.HELD for lane in self._page.lanes for entry in lane)

    # --- the screen -------------------------------------------------------------------------------------

    def _screen(self) -> QueueScreen:
        now = self._clock.now()
        total, shown = self._total(), len(self._page.lanes)
        chosen = self._chosen_row(now)
        return QueueScreen(
            rows=tuple(row for lane in self._page.lanes for row in self._rows.rows(lane, now)),
            filters=tuple((key, self._caption(key)) for key in FILTERS),
            chosen_filter=self._filter,
            selected=self._selected if self._lane else "",
            history=self._history(now),
            summary=self._summary(),
            title=self._title(),
            stage=chosen.stage if chosen else "",
            tone=chosen.tone if chosen else "plain",
            choices=self._choices(),
            asking=self._asking,
            message=errors.told(self._message[0]),
            message_tone=self._message[1],
            range=self._range(total, shown),
            has_previous=self._skipped > 0,
            has_next=self._skipped + shown < total,
        )

    def _range(self, total: int, shown: int) -> str:
        if shown == total:
            return ""
        first, last = words.number(self._skipped + 1), words.number(self._skipped + shown)
        if FILTERS[self._filter][1] is Standing.ENDED:  # which are counted up to the next page only
            return f"{first}–{last}"
        return _("{first} to {last} of {n} returns", first=first, last=last, n=words.number(total))

    def _caption(self, filter_id: str) -> str:
        text, where = FILTERS[filter_id]
        number = self._page.counts.get(where, 0) if where not in (None, Standing.ENDED) else 0
        return _("{text} {n}", text=_(text), n=words.number(number)) if number else _(text)

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

    # --- the selected row -------------------------------------------------------------------------------

    def _call(self) -> Entry | None:
        return next((x for x in self._lane if x.entry_id == self._selected), None)

    def _chosen_row(self, now: datetime) -> QueueRow | None:
        if not self._lane:
            return None
        call = self._call()
        return self._rows.call_row(call, self._lane, now) if call else self._rows.return_row(self._lane, now)

    def _title(self) -> str:
        if not self._lane:
            return ""
        call = self._call()
        return words.listed((self._names.title(self._lane), self._names.action(call) if call else ""))

    def _history(self, now: datetime) -> tuple[HistoryRow, ...]:
        call = self._call()
        if call is None:
            return history(self._told, self._lane, self._zone, now) if self._lane else ()
        kept = _("Kept on {station} by {operator}", station=call.station, operator=call.operator.name)
        rows = [(call.decided_at, kept)]
        rows.extend((x.ended_at or x.began_at, queue_words.attempt_words(x)) for x in self._attempts)
        if call.moved_at is not None and call.stage is not Stage.HELD:
            rows.append((call.moved_at, _last_word(call)))
        return tuple(
            HistoryRow(words.moment(at, self._zone, now, seconds=True), words.sentence(what))
            for at, what in rows
        )


def _keys(lane: Sequence[Entry]) -> tuple[str, ...]:
    """Return the keys of a return's rows: its own, and that of each of its calls."""
    return (lane[0].return_id, *(entry.entry_id for entry in lane))


def _is_unsent(entry: Entry) -> bool:
    return entry.stage in (Stage.HELD, Stage.READY) and entry.tries == 0


def _last_word(entry: Entry) -> str:
    text = (
        words.reason(entry.reason)
        if entry.stage is Stage.PARKED
        else words.stage(entry.stage, entry.cause.code)
    )
    why = queue_words.failure(entry)
    return f"{text}: {why}" if why else text


def _withdrawing(order: str) -> CaseChoice:
    return CaseChoice(
        "withdraw",
        _("Withdraw {order}…", order=order),
        consequence=_(
            "Nothing of this settlement of {order} has been sent. It is taken back as a whole, and what was "
            "entered is on the bench again.",
            order=order,
        ),
        accept=_("Withdraw {order}", order=order),
    )
