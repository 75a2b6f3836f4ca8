"""The return on the bench: what is entered for it, kept at once, and its settlement."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from loopdesk.domain.errors import RuleBroken, StoreError
from loopdesk.domain.labels.classify import item_codes_equal
from loopdesk.domain.outbox.actions import Action, Carries
from loopdesk.domain.projection import Picture, project
from loopdesk.domain.returns import inspecting
from loopdesk.domain.returns.grading import Disposition, Draft, Grade, Vocabulary
from loopdesk.domain.returns.returns import Return, fingerprint
from loopdesk.domain.settlement import Proposal, SettlementKind, plan, propose
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.ports.store import Drafts, HeldSettlement, KeepRequest, Known, Outbox, ScanTransactions
from loopdesk.services.station.events import Feed, OutboxChanged

log = logging.getLogger("loopdesk.outbox")

PAST_MOST = 50
"""Most decisions that undo can take back on one return."""


@dataclass(frozen=True, slots=True)
class OnBench:
    """The return on the bench as it stands.

    Attributes:
        known: What the store holds of it, as last read.
    """

    picture: Picture
    proposal: Proposal
    known: Known


class InspectionDesk:
    """Holds the one return that is open and writes every change to disk before it counts.

    Args:
        station: Returns who works where, now.
        vocabulary: The station's grades.
    """

    def __init__(
        self,
        *,
        openings: ScanTransactions,
        drafts: Drafts,
        outbox: Outbox,
        clock: Clock,
        feed: Feed,
        station: Callable[[], Station],
        vocabulary: Vocabulary,
    ) -> None:
        self._openings = openings
        self._drafts = drafts
        self._outbox = outbox
        self._clock = clock
        self._feed = feed
        self._station = station
        self.vocabulary = vocabulary
        self._past: list[Draft] = []
        self.on_bench: OnBench | None = None

    def shows(self, return_id: str) -> bool:
        """Whether this return is on the bench."""
        return self.on_bench is not None and self.on_bench.picture.ret.return_id == return_id

    async def open(self, known: Known) -> OnBench:
        """Put a return on the bench with everything entered for it before.

        Args:
            known: As just read. When another return has to be put aside first, it is read again.
        """
        before, return_id = self.on_bench, known.stored.ret.return_id
        if not self.shows(return_id):
            await self.park()
            self._past.clear()
        if known.draft.parked:
            await self._drafts.save(replace(known.draft, parked=False))
        if known.draft.parked or (before is not None and not before.picture.draft.is_empty):
            known = await self._openings.known(return_id) or known  # meanwhile the outbox may have moved
        draft = inspecting.fitted(known.stored.ret, known.draft)
        draft = replace(draft, parked=False, selected=inspecting.first_selected(known.stored.ret, draft))
        return self._lay_out(known, draft)

    async def reload(self) -> OnBench | None:
        """Take over what changed at Loop or in the outbox; what was entered stays."""
        if self.on_bench is None:
            return None
        known = await self._openings.known(self.on_bench.picture.ret.return_id) or self.on_bench.known
        return self._lay_out(known, inspecting.fitted(known.stored.ret, self.on_bench.picture.draft))

    async def park(self) -> str:
        """Put the open return aside with everything entered. Returns its order name, "" when none is open."""
        if self.on_bench is None:
            return ""
        picture = self.on_bench.picture
        if not (picture.draft.is_empty and picture.is_finished):
            await self._drafts.save(replace(picture.draft, parked=True, updated_at=self._clock.now()))
        self.on_bench = None
        self._past.clear()
        return picture.ret.order_name

    async def grade(self, grade: Grade, line_ids: tuple[str, ...], *, note: str = "") -> None:
        """Grade lines, then select the next undecided one.

        Args:
            note: What is remarked on each of them, "" to leave what is there.

        Raises:
            RuleBroken: ``closed_for_changes``, ``no_line_selected``, or ``not_expected`` for a keep or
                donate line.
        """
        ret, draft = self._changeable()
        expected = {line.line_item_id for line in ret.expected_lines}
        if not line_ids:
            raise RuleBroken("no_line_selected")
        if any(line_id not in expected for line_id in line_ids):
            raise RuleBroken("not_expected")
        now, operator = self._clock.now(), self._station().operator
        new = inspecting.graded(draft, line_ids, grade, self.vocabulary, operator=operator, at=now)
        if note:
            new = inspecting.remarked(new, line_ids, note)
        await self._keep(replace(new, selected=inspecting.next_undecided(ret, new, line_ids[-1])))

    async def dispose(self, disposition: Disposition, line_ids: tuple[str, ...]) -> None:
        """Choose where graded lines go. Raises ``RuleBroken("grade_first")`` for an undecided line."""
        _, draft = self._changeable()
        if not line_ids or any(draft.inspection(line_id) is None for line_id in line_ids):
            raise RuleBroken("grade_first")
        await self._keep(inspecting.disposed(draft, line_ids, disposition, self._clock.now()))

    async def tick(self, code: str) -> inspecting.Ticked | None:
        """Tick the unit with this code; None when no line carries it."""
        ret, draft = self._changeable()
        ticked = inspecting.tick(ret, draft, code, self._clock.now(), equal=item_codes_equal)
        if ticked is not None:
            await self._keep(ticked.draft)
        return ticked

    def expects(self, code: str) -> bool:
        """Whether a unit with this code is still to be ticked."""
        on_bench = self.on_bench
        if on_bench is None:
            return False
        picture = on_bench.picture
        return inspecting.expects(picture.ret, picture.draft, code, equal=item_codes_equal)

    async def add_extra(self, text: str) -> None:
        """Note an item that is on no line."""
        _, draft = self._changeable()
        await self._keep(inspecting.with_extra(draft, text, self._clock.now()))

    async def wrong_item(self, code: str) -> None:
        """Say that another item, with this code, lay where the selected line's should be.

        Raises:
            RuleBroken: As of ``grade``.
        """
        _, draft = self._changeable()
        line_ids = (draft.selected,) if draft.selected else ()
        await self.grade(Grade.WRONG, line_ids, note=code)

    async def empty_box(self) -> None:
        """Say that the box is empty."""
        ret, draft = self._changeable()
        now, operator = self._clock.now(), self._station().operator
        await self._keep(inspecting.emptied(ret, draft, self.vocabulary, operator=operator, at=now))

    async def add_note(self, text: str) -> None:
        """Add a note for the return's timeline."""
        _, draft = self._changeable()
        await self._keep(replace(draft, notes=(*draft.notes, text)))

    async def flag_because(self, reason: str) -> None:
        """Choose to flag, with the reason. Raises ``RuleBroken`` as ``check_legal`` does."""
        draft = self.check_legal(SettlementKind.FLAG)
        await self._keep(replace(draft, flag_reason=reason, chosen=SettlementKind.FLAG.value))

    async def wrong_parcel(self) -> None:
        """Say that the parcel belongs to another return or shop; it is to be flagged.

        Raises:
            RuleBroken: As of ``check_legal``.
        """
        draft = self.check_legal(SettlementKind.FLAG)
        await self._keep(replace(draft, wrong_parcel=True, chosen=SettlementKind.FLAG.value))

    async def go_on_without(self) -> None:
        """Settle without the parcels that were not seen. Raises ``RuleBroken("no_parcel_awaited")``."""
        _, draft = self._changeable()
        if self.on_bench is None or not self.on_bench.picture.awaited or draft.not_waiting:
            raise RuleBroken("no_parcel_awaited")
        await self._keep(replace(draft, not_waiting=True))

    async def add_photo(self, line_id: str, path: str) -> None:
        """Attach a photo to a graded line. Raises ``RuleBroken("grade_first")``."""
        _, draft = self._changeable()
        found = draft.inspection(line_id)
        if found is None:
            raise RuleBroken("grade_first")
        await self._keep(draft.with_inspection(replace(found, photos=(*found.photos, path))))

    async def choose(self, kind: SettlementKind) -> None:
        """Choose another legal settlement than the proposed one. Raises as ``check_legal`` does."""
        draft = self.check_legal(kind)
        await self._keep(replace(draft, chosen=kind.value))

    async def select(self, line_id: str) -> None:
        """Select a line."""
        if self.on_bench is None or self.on_bench.picture.ret.line(line_id) is None:
            return
        self._lay_out(self.on_bench.known, replace(self.on_bench.picture.draft, selected=line_id))

    async def move_selection(self, step: int) -> None:
        """Select the line ``step`` places further."""
        if self.on_bench is not None:
            picture = self.on_bench.picture
            await self.select(inspecting.neighbor(picture.ret, picture.draft.selected, step))

    def check_changeable(self) -> None:
        """Refuse what would be entered for nothing: ``no_return_open`` or ``closed_for_changes``."""
        self._changeable()

    def check_legal(self, kind: SettlementKind) -> Draft:
        """Refuse a settlement that cannot be chosen now. Returns the draft as it stands.

        Raises:
            RuleBroken: ``no_return_open``, ``closed_for_changes``, or ``not_legal_in_state``.
        """
        _, draft = self._changeable()
        if self.on_bench is None or kind not in self.on_bench.proposal.legal:
            raise RuleBroken("not_legal_in_state")
        return draft

    async def settle(self) -> HeldSettlement:
        """Keep the settlement that stands proposed or chosen, in one commit.

        Returns:
            What was kept. After this the bench shows the return with its held entries.

        Raises:
            RuleBroken: What was found does not allow it; ``detail`` names the rule.
            DiskFull: Nothing was kept; what was entered stays.
        """
        ret, _ = self._changeable()
        assert self.on_bench is not None
        request = _request(self.on_bench, self.vocabulary, self._station(), self._clock.now())
        try:
            entries = await self._outbox.keep(request)
        except StoreError:
            self._feed.tell(OutboxChanged(ret.return_id))  # a commit that failed may have been kept
            raise
        log.info("kept return=%s kind=%s actions=%s", ret.return_id, request.kind, len(request.actions))
        self._past.clear()
        known = self.on_bench.known
        settled = (*known.settled, request.draft)
        known = replace(known, entries=(*known.entries, *entries), settled=settled)
        self._lay_out(known, Draft(ret.return_id))
        kept = HeldSettlement(
            entries[0].settlement_id, ret.return_id, ret.order_name, request.kind, request.hold_seconds
        )
        self._feed.tell(OutboxChanged(ret.return_id, kept))
        return kept

    async def undo_decision(self) -> bool:
        """Take the last decision back. False when there is none."""
        if self.on_bench is None or not self._past:
            return False
        before = self._past.pop()
        await self._drafts.save(before)
        self._lay_out(self.on_bench.known, before)
        return True

    async def withdraw(self, settlement_id: str) -> str | None:
        """Withdraw a settlement that was not sent and give its draft back.

        Returns:
            The return's id, or None when it is too late.
        """
        draft = await self._outbox.withdraw(settlement_id, self._station().operator, self._clock.now())
        if draft is None:
            return None
        self._feed.tell(OutboxChanged(draft.return_id))
        return draft.return_id

    @property
    def can_undo_decision(self) -> bool:
        """Whether there is a decision on the open return that can be taken back."""
        return self.on_bench is not None and bool(self._past)

    async def latest_unsent(self) -> HeldSettlement | None:
        """Return the settlement that undo would withdraw: the open return's, or the latest; None if none."""
        return self.undoable(await self._outbox.unsent())

    def undoable(self, unsent: Sequence[HeldSettlement]) -> HeldSettlement | None:
        """Choose among the settlements that were not sent, oldest first, what undo would withdraw."""
        here = [x for x in unsent if self.shows(x.return_id)]
        return next(reversed(here or unsent), None)

    def _changeable(self) -> tuple[Return, Draft]:
        if self.on_bench is None:
            raise RuleBroken("no_return_open")
        picture = self.on_bench.picture
        if picture.closed_for_changes or picture.gate is not None:
            raise RuleBroken("closed_for_changes")
        return picture.ret, picture.draft

    async def _keep(self, draft: Draft) -> None:
        assert self.on_bench is not None
        stamped = replace(draft, updated_at=self._clock.now())
        if self._clock.skew_seconds is None:
            stamped = inspecting.on_local_time(self.on_bench.picture.draft, stamped)
        await self._drafts.save(stamped)
        self._past = [*self._past[-PAST_MOST + 1 :], self.on_bench.picture.draft]
        self._lay_out(self.on_bench.known, stamped)  # what changes elsewhere is told, and read then

    def _lay_out(self, known: Known, draft: Draft) -> OnBench:
        ret = known.stored.ret
        picture = project(ret, known.entries, draft, known.seen, known.settled)
        self.on_bench = OnBench(picture, propose(ret, draft, self.vocabulary, picture.awaited), known)
        return self.on_bench


def _request(on_bench: OnBench, vocabulary: Vocabulary, where: Station, at: datetime) -> KeepRequest:
    """Write down the settlement that stands proposed or chosen.

    Raises:
        RuleBroken: What was found does not allow it, or there is nothing to ask of Loop.
    """
    picture, kind = on_bench.picture, on_bench.proposal.kind
    if picture.settled:
        raise RuleBroken("settled_already")
    if kind is None:
        raise RuleBroken(on_bench.proposal.blocked)
    ret, draft = picture.ret, picture.draft
    actions = plan(
        ret, draft, kind, vocabulary, picture.awaited, operator=where.operator, station=where.station
    )
    if where.process_body:
        actions = tuple(_with_body(action, dict(where.process_body)) for action in actions)
    if not actions:
        raise RuleBroken("nothing_to_send")
    return KeepRequest(
        return_id=ret.return_id,
        order_name=ret.order_name,
        kind=kind.value,
        actions=actions,
        seen=fingerprint(ret),
        draft=draft,
        operator=where.operator,
        station=where.station,
        key_fingerprint=where.key_fingerprint,
        hold_seconds=where.hold_seconds,
        decided_at=at,
    )


def _with_body(action: Action, body: Mapping[str, str]) -> Action:
    """Let a processing carry the shop's own words; only that call takes any."""
    return replace(action, payload={"body": body}) if action.kind.spec.carries is Carries.BODY else action
