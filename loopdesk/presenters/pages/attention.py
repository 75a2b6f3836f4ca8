"""What needs a person: cases by return, both sides of each, and what can be done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from loopdesk.domain.errors import ApiError, LoopdeskError
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.stages import Entry, Stage
from loopdesk.domain.returns.returns import Note
from loopdesk.i18n.catalogue import N_, NOTHING, Said, _, ngettext
from loopdesk.presenters.pages.cases import Case, Intent, case_row, case_screen, choices, weightiest
from loopdesk.presenters.pages.page import PagePresenter, PageServices
from loopdesk.presenters.screens.pages import AttentionScreen, CaseChoice
from loopdesk.presenters.words import errors
from loopdesk.services.ports.station import Station
from loopdesk.services.ports.store import AuditLog, ReadingOutbox, ReturnCache
from loopdesk.services.station.events import NeedsPerson, OutboxChanged, ReturnChanged


class AttentionDesk(Protocol):
    """What a person can do with parked entries; ``by`` is the person's name, for the audit log."""

    async def send_again(self, entry_ids: Sequence[str], by: Operator) -> None:
        """Move parked entries back to ready."""
        ...

    async def it_is_done(self, entry_ids: Sequence[str], by: Operator) -> None:
        """Take a person's word that parked entries have happened."""
        ...

    async def drop(self, entry_ids: Sequence[str], reason: str, by: Operator) -> None:
        """Withdraw parked entries for good."""
        ...

    async def waive(self, entry_id: str, by: Operator) -> None:
        """Let the finalizer go without this parked entry."""
        ...

    async def check_again(self, return_id: str) -> int:
        """Read a return from Loop and apply what it proves; returns how many entries moved. Raises
        ``ApiError``.
        """
        ...


class AttentionPresenter(PagePresenter[AttentionScreen]):
    """Groups parked entries by return and carries out what a lead chooses.

    Args:
        read_notes: Reads a return's notes at Loop; its ``ApiError`` leaves the notes out.
        station: Returns who works where, now; the operator's name is recorded with each choice.
        open_return: Opens a return at the bench.
        masked: Returns a text as it may be stored: with command codes replaced by their names.
    """

    def __init__(
        self,
        page: PageServices,
        *,
        desk: AttentionDesk,
        outbox: ReadingOutbox,
        cache: ReturnCache,
        audit: AuditLog,
        read_notes: Callable[[str], Awaitable[tuple[Note, ...]]],
        station: Callable[[], Station],
        open_return: Callable[[str], None],
        masked: Callable[[str], str],
    ) -> None:
        super().__init__(page, "attention")
        self._desk = desk
        self._outbox = outbox
        self._cache = cache
        self._audit = audit
        self._read_notes = read_notes
        self._station = station
        self._open_return = open_return
        self._masked = masked
        self._parked: dict[str, tuple[Entry, ...]] = {}
        self._selected = ""
        self._case: Case | None = None
        self._notes: dict[str, tuple[Note, ...]] = {}
        self._notes_asked: set[str] = set()
        self._asking: CaseChoice | None = None
        self._message: tuple[LoopdeskError | Said, str] = (NOTHING, "plain")
        self._busy = 0
        for kind in (OutboxChanged, ReturnChanged, NeedsPerson):
            page.feed.on(kind, self.refresh)

    def select(self, return_id: str) -> None:
        """Select a case; "" selects the first."""
        if return_id == self._selected:
            return
        self._selected = return_id
        self._case = None
        self._asking = None
        self._message = (NOTHING, "plain")
        self.refresh()
        self._draw()

    def choose(self, intent: str) -> None:
        """Choose what to do with the selected case; a choice with a consequence must be confirmed."""
        case = self._case
        if case is None or not case.parked:
            return
        choice = next((x for x in self._choices(case) if x.intent == intent), None)
        if choice is None:
            return
        self._message = (NOTHING, "plain")
        if choice.consequence:
            self._asking = choice
            self._draw()
        elif intent == Intent.OPEN_AT_BENCH:
            self._open_return(case.return_id)
        else:
            self._start(self._carry_out(case, Intent(intent), ""))

    def confirm(self, reason: str = "") -> None:
        """Carry out the pending choice. One that needs a reason waits until there is one."""
        asked, case = self._asking, self._case
        if asked is None or case is None or self._busy:
            return
        reason = self._masked(" ".join(reason.split()))
        if asked.needs_reason and not reason:
            self._message = (Said(N_("Say why: a few words are enough.")), "blocked")
            self._draw()
            return
        self._asking = None
        self._message = (NOTHING, "plain")
        self._start(self._carry_out(case, Intent(asked.intent), reason))

    def dismiss(self) -> None:
        """Cancel the pending choice."""
        self._asking = None
        self._message = (NOTHING, "plain")
        self._draw()

    def _start(self, work: Awaitable[Said]) -> None:
        self._busy += 1
        self._tasks.spawn(self._carried(work), name="attention choice")
        self._draw()

    async def _carried(self, work: Awaitable[Said]) -> None:
        """Await a choice and report its result."""
        try:
            self._message = (await work, "plain")
        except LoopdeskError as failure:
            self._message = (failure, "offline" if isinstance(failure, ApiError) else "blocked")
        finally:
            self._busy -= 1
            self.refresh()
            self._draw()

    async def _check_again(self, return_id: str) -> Said:
        moved = await self._desk.check_again(return_id)
        self._notes_asked.discard(return_id)
        at = {"time": self._clock.now().astimezone(self._zone).time()}
        if moved:
            return Said(N_("Asked Loop at {time}: something has moved on."), at)
        return Said(N_("Asked Loop at {time}: nothing has changed that would settle it."), at)

    async def _carry_out(self, case: Case, intent: Intent, reason: str) -> Said:
        by, order = self._station().operator, {"order": case.order_name}
        roots = tuple(x.entry_id for x in case.roots)
        match intent:
            case Intent.CHECK_AGAIN | Intent.OPEN_AT_BENCH:
                said = await self._check_again(case.return_id)
            case Intent.SEND_AGAIN:
                await self._desk.send_again(roots, by)
                said = Said(N_("{order} goes to Loop again."), order)
            case Intent.IT_IS_DONE:
                await self._desk.it_is_done(roots, by)
                said = Said(N_("{order}: kept as done on your word."), order)
            case Intent.WAIVE:
                for entry_id in roots:
                    await self._desk.waive(entry_id, by)
                said = Said(N_("{order} goes on without it."), order)
            case Intent.DROP:
                await self._desk.drop(tuple(x.entry_id for x in case.parked), reason, by)
                said = Said(N_("{order}: dropped."), order)
        return said

    async def _load(self) -> None:
        parked: dict[str, list[Entry]] = {}
        for entry in sorted(await self._outbox.entries(Stage.PARKED), key=_since):
            parked.setdefault(entry.return_id, []).append(entry)
        self._parked = {return_id: tuple(entries) for return_id, entries in parked.items()}
        if self._selected not in self._parked:
            self._selected = next(iter(self._parked), "")
            self._asking = None
        selected = self._selected
        case = await self._read_case(selected) if selected else None
        if selected == self._selected:
            before, self._case = self._case, case if case is not None and case.parked else None
            self._forget_stale_question(before)
        else:
            self._stale = True

    def _forget_stale_question(self, before: Case | None) -> None:
        """Dismiss a question about what can no longer be done, or about the case that was shown before."""
        if self._asking is not None:
            case = self._case
            is_same = case is not None and before is not None and case.return_id == before.return_id
            still = self._choices(case) if case is not None and is_same else ()
            self._asking = next((x for x in still if x.intent == self._asking.intent), None)

    async def _read_case(self, return_id: str) -> Case:
        if return_id not in self._notes_asked:
            self._notes_asked.add(return_id)
            self._tasks.spawn(self._learn_notes(return_id), name="attention notes")
        return Case(
            return_id=return_id,
            lane=await self._outbox.lane(return_id),
            stored=await self._cache.get(return_id),
            audit=await self._audit.of_return(return_id),
            notes=self._notes.get(return_id),
            waived=await self._outbox.waived(return_id),
        )

    async def _learn_notes(self, return_id: str) -> None:
        """Read the notes in the background; without them there is no row for notes."""
        try:
            self._notes[return_id] = await self._read_notes(return_id)
        except ApiError:
            return
        self.refresh()

    def _choices(self, case: Case) -> tuple[CaseChoice, ...]:
        return choices(case, weightiest(case.parked))

    def _screen(self) -> AttentionScreen:
        now = self._clock.now()
        rows = tuple(case_row(x[0].order_name, x, now) for x in self._parked.values())
        number = len(rows)
        return AttentionScreen(
            cases=rows,
            selected=self._selected,
            case=case_screen(self._case, self._zone, now) if self._case else None,
            summary=ngettext("1 return needs a lead.", "{n} returns need a lead.", number)
            if number
            else _("Nothing needs you."),
            oldest=_("The oldest has waited {age}.", age=rows[0].waited) if rows else "",
            asking=self._asking,
            message=errors.told(self._message[0]),
            message_tone=self._message[1],
            busy=self._busy > 0,
        )


def _since(entry: Entry) -> tuple[datetime, int]:
    """Sort parked entries by how long they have waited."""
    return entry.moved_at or entry.decided_at, entry.seq
