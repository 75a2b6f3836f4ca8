"""The returns that were finished last: what was done with each, how far it got, and its undo; offline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from loopdesk.domain.errors import LoopdeskError
from loopdesk.domain.outbox.stages import Stage
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.i18n.catalogue import N_, NOTHING, Said, _
from loopdesk.presenters.pages.evidence_choice import EVIDENCE, EvidenceWriter, evidence_choice
from loopdesk.presenters.pages.history import history
from loopdesk.presenters.pages.page import PagePresenter, PageServices
from loopdesk.presenters.pages.return_page import ReturnPageParts
from loopdesk.presenters.screens.pages import CaseChoice, DoneRow, FinishedScreen, HistoryRow, QueueRow
from loopdesk.presenters.words import errors, words
from loopdesk.services.ports.overview import Finished
from loopdesk.services.ports.store import AuditRow
from loopdesk.services.station.events import ConnectionChanged, OutboxChanged, ReturnChanged

MOST = 10
"""So many returns are listed."""


class FinishedPresenter(PagePresenter[FinishedScreen]):
    """Lists what was finished last, shows one of it as it was entered, and takes it back while it can be.

    Args:
        vocabularies: Returns the words of each shop, now.
    """

    def __init__(
        self,
        page: PageServices,
        parts: ReturnPageParts,
        *,
        vocabularies: Callable[[], Vocabularies],
    ) -> None:
        super().__init__(page, "finished")
        self._parts = parts
        self._rows = parts.rows
        self._names = parts.rows.names
        self._vocabularies = vocabularies
        self._finished: tuple[Finished, ...] = ()
        self._unsent: frozenset[str] = frozenset()
        self._selected = ""
        self._told: tuple[AuditRow, ...] = ()
        self._message: tuple[LoopdeskError | Said, str] = (NOTHING, "plain")
        self._evidence = EvidenceWriter(parts.show_evidence, page.tasks, self._say)
        page.feed.on(ReturnChanged, self._names.forget)
        for kind in (OutboxChanged, ReturnChanged, ConnectionChanged):
            page.feed.on(kind, self.refresh)

    def show(self) -> None:
        """The page came to the front: begin with the latest."""
        if not self.is_visible:
            self.select("")
        super().show()

    def select(self, return_id: str) -> None:
        """Show one of them; "" for the latest."""
        if return_id != self._selected:
            self._selected, self._told, self._message = return_id, (), (NOTHING, "plain")
            self.refresh()
            self._draw()

    def dismiss(self) -> None:
        """Put away what was said last."""
        self._say(NOTHING, "plain")

    def choose(self, intent: str) -> None:
        """Do something with the return that is shown: ``undo``, ``evidence`` or ``open_at_bench``."""
        one = self._one()
        if one is None:
            return
        if intent == "undo":
            self._tasks.spawn(self._undo(one), name="finished undo")
        elif intent == EVIDENCE:
            self._evidence.write(one.return_id, one.order_name or one.return_id)
        else:
            self._parts.open_return(one.return_id)

    async def _undo(self, one: Finished) -> None:
        """Take a settlement back and open its return as it was entered."""
        try:
            return_id = await self._parts.withdraw(one.settlement_id)
        except LoopdeskError as failure:
            self._say(failure, "blocked")
        else:
            if return_id is not None:
                self._parts.open_return(return_id)
                return
            order = {"order": one.order_name or one.return_id}
            self._say(Said(N_("Too late to undo {order}: part of it has been sent."), order), "blocked")
        self.refresh()

    def _say(self, message: LoopdeskError | Said, tone: str) -> None:
        self._message = (message, tone)
        self._draw()

    async def _load(self) -> None:
        self._finished = await self._parts.overview.finished(MOST)
        self._unsent = frozenset(x.settlement_id for x in await self._parts.outbox.unsent())
        await self._names.learn(x.return_id for x in self._finished)
        if (one := self._one()) is not None:
            told = await self._parts.audit.of_return(one.return_id)
            self._told = told if one is self._one() else ()
        self._follow_countdown(self._is_holding)

    def _is_holding(self) -> bool:
        return any(entry.stage is Stage.HELD for one in self._finished for entry in one.entries)

    def _one(self) -> Finished | None:
        """Return the one that is shown: the selected one, else the latest."""
        latest = self._finished[0] if self._finished else None
        return next((x for x in self._finished if x.return_id == self._selected), latest)

    # --- the screen -------------------------------------------------------------------------------------

    def _screen(self) -> FinishedScreen:
        now, one = self._clock.now(), self._one()
        rows = tuple(self._row(x, now) for x in self._finished)
        chosen = next((x for x in rows if one is not None and x.key == one.return_id), None)
        return FinishedScreen(
            rows=rows,
            selected=chosen.key if chosen is not None else "",
            title=chosen.what if chosen is not None else "",
            stage=chosen.stage if chosen is not None else "",
            tone=chosen.tone if chosen is not None else "plain",
            lines=self._lines(one) if one is not None else (),
            history=self._history(one, now) if one is not None else (),
            choices=self._choices(one) if one is not None else (),
            message=errors.told(self._message[0]),
            message_tone=self._message[1],
        )

    def _row(self, one: Finished, now: datetime) -> QueueRow:
        """Make the row of one: what was done with it, and how far it got."""
        row = self._rows.return_row(one.entries, now)
        done = _("{what} by {operator}", what=words.settlement(one.kind), operator=one.operator.name)
        decided = words.moment(one.decided_at, self._zone, now)
        return replace(row, detail=done, decided=decided, is_unfolded=False)

    def _lines(self, one: Finished) -> tuple[DoneRow, ...]:
        """Say what was entered, as it stood when it was kept."""
        vocabulary = self._vocabularies().of(self._names.shop(one.return_id))
        draft = one.draft
        rows = [
            DoneRow(
                self._names.line_title(one.return_id, each.line_item_id),
                words.decision(each, vocabulary),
            )
            for each in draft.inspections
        ]
        rows.extend(DoneRow(_("Extra item"), each.title or each.words or each.code) for each in draft.extras)
        rows.extend(DoneRow(_("Note"), note) for note in draft.notes)
        if draft.flag_reason:
            rows.append(DoneRow(_("Flag for review"), draft.flag_reason))
        return tuple(rows)

    def _history(self, one: Finished, now: datetime) -> tuple[HistoryRow, ...]:
        return history(self._told, one.entries, self._zone, now)

    def _choices(self, one: Finished) -> tuple[CaseChoice, ...]:
        order = one.order_name or one.return_id
        opening = CaseChoice("open_at_bench", _("Open {order} at the bench", order=order))
        always = (opening, evidence_choice(order))
        if one.settlement_id not in self._unsent:
            return always
        return (CaseChoice("undo", _("Undo {order}", order=order), primary=True), *always)
