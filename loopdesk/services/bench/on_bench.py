"""The open return as a value, and every decision about it as a function from one value to the next. Pure.

A decision that the dock's rules forbid raises ``RuleBroken``; nothing is written here (``inspection.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.labels.classify import item_codes_equal
from loopdesk.domain.labels.gs1 import is_gtin, item_data, item_in
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Action, Carries
from loopdesk.domain.outbox.stages import Entry
from loopdesk.domain.projection import Picture, project
from loopdesk.domain.returns import extras, grading, photos, serials
from loopdesk.domain.returns.grading import Disposition, Draft, ExtraItem, Grade, Vocabulary
from loopdesk.domain.returns.parcels import lines_of, parcel_with
from loopdesk.domain.returns.returns import LineItem, Return, ReturnState, fingerprint
from loopdesk.domain.returns.shared_drafts import DraftEnd
from loopdesk.domain.settlement import Proposal, SettlementKind, plan, propose
from loopdesk.services.ports.station import Station
from loopdesk.services.ports.store import HeldSettlement, KeepRequest, Known

PAST_MOST = 50
"""Most decisions that undo can take back on one return."""


@dataclass(frozen=True, slots=True)
class OnBench:
    """The return on the bench.

    Attributes:
        known: What the store holds of it, as last read or written.
        vocabulary: By which it was opened, and is inspected until it leaves the bench.
        past: The drafts before each decision, oldest first; undo takes them back one by one.
    """

    picture: Picture
    proposal: Proposal
    known: Known
    vocabulary: Vocabulary
    past: tuple[Draft, ...] = ()

    @property
    def ret(self) -> Return:
        """The return as Loop last gave it."""
        return self.picture.ret

    @property
    def draft(self) -> Draft:
        """What is entered and not settled."""
        return self.picture.draft

    @property
    def takes_more(self) -> bool:
        """Whether anything can still be entered."""
        return not (self.picture.held or self.picture.closed_for_changes)


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, when (aware UTC), and by which grades.

    Attributes:
        is_local_time: Loop has not told its time, so only this machine vouches for ``at``.
        sends_separators: The station's scanner has sent a separator of GS1 since the start.
    """

    operator: Operator
    at: datetime
    vocabulary: Vocabulary
    is_local_time: bool = False
    sends_separators: bool = False


# --- opening and leaving ----------------------------------------------------------------------------


def laid_out(known: Known, draft: Draft, vocabulary: Vocabulary, past: tuple[Draft, ...] = ()) -> OnBench:
    """Lay a draft over what is known."""
    ret = known.stored.ret
    picture = project(ret, known.entries, draft, known.seen, known.settled)
    return OnBench(picture, propose(ret, draft, vocabulary, picture.awaited), known, vocabulary, past)


def opened(
    before: OnBench | None, known: Known, vocabulary: Vocabulary, *, is_taken_back: bool = False
) -> OnBench:
    """Put a return on the bench with everything entered for it before.

    Args:
        is_taken_back: Its settlement was withdrawn; if that was a flag, one more undo takes the flag back
            too, because one press, the answer why, did both.
    """
    ret = known.stored.ret
    draft = grading.fitted(ret, known.draft)
    draft = replace(draft, parked=False, selected=grading.first_selected(ret, draft))
    is_same = before is not None and before.ret.return_id == ret.return_id
    past = before.past if before is not None and is_same else ()
    if is_taken_back and not past and draft.chosen == SettlementKind.FLAG.value:
        past = (replace(draft, chosen="", flag_reason="", wrong_parcel=False),)
    return laid_out(known, draft, vocabulary, past)


def reloaded(before: OnBench, known: Known, vocabulary: Vocabulary) -> OnBench:
    """Take over what changed at Loop or in the outbox; what was entered stays."""
    return laid_out(known, grading.fitted(known.stored.ret, before.draft), vocabulary, before.past)


def put_aside(on_bench: OnBench, at: datetime) -> Draft | None:
    """Return the draft to be kept when the return leaves the bench; None when nothing is left to do."""
    draft, theirs = on_bench.draft, on_bench.known.elsewhere.theirs
    is_settled_elsewhere = theirs is not None and theirs.ended is DraftEnd.SETTLED
    if draft.is_empty and (on_bench.picture.is_finished or is_settled_elsewhere):
        return None
    if waits_for_nobody(draft, on_bench.ret):
        return None
    return replace(on_bench.draft, parked=True, updated_at=at)


def waits_for_nobody(draft: Draft, ret: Return) -> bool:
    """Whether a return was only looked at that is over at Loop, however it came there."""
    return draft.is_empty and ret.state in (ReturnState.CLOSED, ReturnState.CANCELLED)


# --- what may be done -------------------------------------------------------------------------------


def changeable(on_bench: OnBench | None) -> OnBench:
    """Return the open return if anything may be decided about it.

    Raises:
        RuleBroken: ``no_return_open`` or ``closed_for_changes``.
    """
    if on_bench is None:
        raise RuleBroken("no_return_open")
    if on_bench.picture.closed_for_changes or on_bench.picture.gate is not None:
        raise RuleBroken("closed_for_changes")
    return on_bench


def allowing(on_bench: OnBench | None, kind: SettlementKind) -> OnBench:
    """Return the open return if this settlement may be chosen.

    Raises:
        RuleBroken: As ``changeable``, or ``not_legal_in_state``.
    """
    here = changeable(on_bench)
    if kind not in here.proposal.legal:
        raise RuleBroken("not_legal_in_state")
    return here


def expects(on_bench: OnBench, code: str) -> bool:
    """Whether a unit with this code is still to be ticked."""
    return grading.expects(on_bench.ret, on_bench.draft, code, equal=item_codes_equal)


def left_with_shopper(on_bench: OnBench | None, code: str) -> LineItem | None:
    """Return the line with this code that is not expected, because the shopper keeps it or gives it away."""
    lines = on_bench.ret.lines if on_bench is not None else ()
    item = item_in(code) or code
    return next((x for x in lines if not x.is_expected and _has_code(x, item)), None)


def _has_code(line: LineItem, code: str) -> bool:
    return any(item_codes_equal(own, code) for own in (line.barcode, line.sku))


def undecided_here(on_bench: OnBench) -> tuple[str, ...]:
    """Return the undecided lines, seen item or not, that do not come in a parcel that is still awaited.

    A return that was opened without any of its labels has them all.
    """
    waiting, awaited = grading.undecided_ids(on_bench.ret, on_bench.draft), on_bench.picture.awaited
    if on_bench.draft.not_waiting or len(awaited) == len(on_bench.picture.parcels):
        return waiting
    elsewhere = {line_id for parcel in awaited for line_id in lines_of(on_bench.ret, parcel)}
    return tuple(line_id for line_id in waiting if line_id not in elsewhere)


# --- decisions: each returns the return as it is afterwards -----------------------------------------


def _entered(here: OnBench, draft: Draft, by: By) -> OnBench:
    stamped = replace(draft, updated_at=by.at)
    if by.is_local_time:
        stamped = grading.on_local_time(here.draft, stamped)
    past = (*here.past[-PAST_MOST + 1 :], here.draft)
    return laid_out(here.known, stamped, by.vocabulary, past)


def grade(on_bench: OnBench | None, grade: Grade, line_ids: tuple[str, ...], by: By) -> OnBench:
    """Grade lines, or one item that is on no line, then select the next undecided line.

    Raises:
        RuleBroken: As ``changeable``, ``no_line_selected``, ``not_expected`` for a keep or donate line, or
            ``not_for_extra``.
    """
    here = changeable(on_bench)
    expected = {line.line_item_id for line in here.ret.expected_lines}
    if not line_ids:
        raise RuleBroken("no_line_selected")
    if here.draft.item(line_ids[0]) is not None:
        return _grade_extra(here, grade, line_ids[0], by)
    if any(line_id not in expected for line_id in line_ids):
        raise RuleBroken("not_expected")
    new = grading.graded(here.draft, line_ids, grade, by.vocabulary, operator=by.operator, at=by.at)
    return _entered(here, replace(new, selected=grading.next_undecided(here.ret, new, line_ids[-1])), by)


def _grade_extra(here: OnBench, grade: Grade, item_id: str, by: By) -> OnBench:
    """Grade an item that is on no line; *missing* takes it away, and it is no wrong item of any line."""
    if grade is Grade.WRONG:
        raise RuleBroken("not_for_extra")
    new = extras.graded(here.draft, item_id, grade, by.vocabulary, by.at)
    return _entered(here, replace(new, selected=grading.next_undecided(here.ret, new, item_id)), by)


def dispose(on_bench: OnBench | None, disposition: Disposition, line_ids: tuple[str, ...], by: By) -> OnBench:
    """Choose where graded lines go. Raises ``RuleBroken("grade_first")`` for an undecided line."""
    here = changeable(on_bench)
    extra = here.draft.item(line_ids[0]) if line_ids else None
    if extra is not None and extra.grade is not None:
        return _entered(here, extras.disposed(here.draft, extra.item_id, disposition, by.at), by)
    if not line_ids or any(here.draft.inspection(line_id) is None for line_id in line_ids):
        raise RuleBroken("grade_first")
    return _entered(here, grading.disposed(here.draft, line_ids, disposition, by.at), by)


def tick(
    on_bench: OnBench | None, code: str, by: By, *, raw: str = "", parcel: str = ""
) -> tuple[OnBench, grading.Ticked] | None:
    """Tick the unit with this code, and keep what the whole scan says of it.

    Args:
        raw: The scan that the code was found in.
        parcel: The tracking number of the parcel at hand, "" if it was not scanned. Of several lines with
            the code, the one that was sold with the serial number is ticked, else one that lies in it.

    Returns:
        None when no line has the code.

    Raises:
        RuleBroken: As ``changeable``.
    """
    here = changeable(on_bench)
    data = item_data(raw, sends_separators=by.sends_separators)
    ticked = grading.tick(
        here.ret,
        here.draft,
        code,
        by.at,
        equal=item_codes_equal,
        data=data,
        taken=_taken(here),
        preferred=(
            serials.owner(here.ret.expected_lines, data, by.vocabulary.serials),
            *(
                lines_of(here.ret, box)
                if parcel and (box := parcel_with(here.ret, parcel)) is not None
                else ()
            ),
        ),
    )
    return (_entered(here, ticked.draft, by), ticked) if ticked is not None else None


def add_extra(
    on_bench: OnBench | None, text: str, by: By, *, is_code: bool = False, instead_of: str = ""
) -> OnBench:
    """Note an item that is on no line, in the place of a wrong one where that is named.

    Args:
        text: What it is in words, or its code.
        instead_of: A line; if it is not graded as a wrong item any more, the item is one too many.
        is_code: It was scanned; a typed code is known by its check digit, or by a line that has it.

    Raises:
        RuleBroken: As ``changeable``.
    """
    here = changeable(on_bench)
    place = instead_of if here.draft.is_wrong(instead_of) else ""
    new = replace(_item(here, text, by, is_code=is_code), instead_of=place)
    return _entered(here, grading.with_extra(here.draft, new, taken=_taken(here)), by)


def tell_of_extra(on_bench: OnBench | None, item_id: str, text: str, by: By, *, is_code: bool) -> OnBench:
    """Add the code or the words of an item that is on no line. Raises as ``changeable``.

    Args:
        text: As for ``add_extra``.
    """
    here = changeable(on_bench)
    return _entered(here, extras.told_more(here.draft, item_id, _item(here, text, by, is_code=is_code)), by)


def wrong_item(on_bench: OnBench | None, code: str, by: By) -> OnBench:
    """Say that another item, with this code, lay where the selected line's should be. Raises as ``grade``."""
    here = changeable(on_bench)
    selected = here.draft.selected
    now = grade(here, Grade.WRONG, (selected,) if selected else (), by)
    new = replace(_item(here, code, by, is_code=True), instead_of=selected)
    both = grading.with_extra(now.draft, new, taken=_taken(here))
    return laid_out(now.known, both, by.vocabulary, now.past)


def _item(here: OnBench, text: str, by: By, *, is_code: bool) -> ExtraItem:
    """Return what is known of an item by its words or its code; a line with the same code says its title."""
    code = item_in(text) or text
    line = next((line for line in here.ret.lines if _has_code(line, code)), None)
    if not is_code and line is None and not is_gtin(text):
        return ExtraItem(by.at, words=text)
    return ExtraItem(
        by.at,
        code,
        title=line.title if line is not None else "",
        carried=item_data(text, sends_separators=by.sends_separators),
    )


def _taken(here: OnBench) -> int:
    """Return the highest number of an item on no line in what was settled or taken back."""
    drafts = (*here.known.settled, *here.past)
    return max((extra.number for draft in drafts for extra in draft.extras), default=0)


def empty_box(on_bench: OnBench | None, by: By) -> OnBench:
    """Say that the box is empty. Raises as ``changeable``."""
    here = changeable(on_bench)
    new = grading.emptied(here.ret, here.draft, by.vocabulary, operator=by.operator, at=by.at)
    return _entered(here, new, by)


def add_note(on_bench: OnBench | None, text: str, by: By) -> OnBench:
    """Add a note for the return's timeline. Raises as ``changeable``."""
    here = changeable(on_bench)
    return _entered(here, replace(here.draft, notes=(*here.draft.notes, text)), by)


def flag_because(on_bench: OnBench | None, reason: str, by: By) -> OnBench:
    """Choose to flag, with the reason. Raises as ``allowing``."""
    here = allowing(on_bench, SettlementKind.FLAG)
    return _entered(here, replace(here.draft, flag_reason=reason, chosen=SettlementKind.FLAG.value), by)


def wrong_parcel(on_bench: OnBench | None, by: By) -> OnBench:
    """Say that the parcel belongs elsewhere; it is to be flagged. Raises as ``allowing``."""
    here = allowing(on_bench, SettlementKind.FLAG)
    return _entered(here, replace(here.draft, wrong_parcel=True, chosen=SettlementKind.FLAG.value), by)


def go_on_without(on_bench: OnBench | None, by: By) -> OnBench:
    """Settle without the parcels that were not seen. Raises ``RuleBroken("no_parcel_awaited")``."""
    here = changeable(on_bench)
    if not here.picture.awaited or here.draft.not_waiting:
        raise RuleBroken("no_parcel_awaited")
    return _entered(here, replace(here.draft, not_waiting=True), by)


def add_photo(on_bench: OnBench | None, item_id: str, photo: str, by: By, *, instead_of: str = "") -> OnBench:
    """Attach a kept photo to a line, or to an item on no line.

    Args:
        instead_of: The photo whose place it takes.

    Raises:
        RuleBroken: As ``changeable``, or ``grade_first`` for an undecided line.
    """
    here = changeable(on_bench)
    if here.draft.inspection(item_id) is None and here.draft.item(item_id) is None:
        raise RuleBroken("grade_first")
    return _entered(here, photos.with_photo(here.draft, item_id, photo, instead_of=instead_of), by)


def remove_photo(on_bench: OnBench | None, item_id: str, photo: str, by: By) -> OnBench:
    """Take a photo away that was not settled. Raises as ``changeable``."""
    here = changeable(on_bench)
    return _entered(here, photos.without_photo(here.draft, item_id, photo), by)


def choose(on_bench: OnBench | None, kind: SettlementKind, by: By) -> OnBench:
    """Choose another legal settlement than the proposed one. Raises as ``allowing``."""
    here = allowing(on_bench, kind)
    wrong = here.draft.wrong_parcel and kind is SettlementKind.FLAG
    return _entered(here, replace(here.draft, chosen=kind.value, wrong_parcel=wrong), by)


def select(on_bench: OnBench, line_id: str, vocabulary: Vocabulary) -> OnBench:
    """Select a line, or an item on no line; one that the return does not have changes nothing."""
    if line_id not in grading.row_ids(on_bench.ret, on_bench.draft, on_bench.picture.kept_extras):
        return on_bench
    draft = replace(on_bench.draft, selected=line_id)
    return laid_out(on_bench.known, draft, vocabulary, on_bench.past)


def move_selection(on_bench: OnBench, step: int, vocabulary: Vocabulary) -> OnBench:
    """Select the line ``step`` places further."""
    line_id = grading.neighbor(on_bench.ret, on_bench.draft, step, on_bench.picture.kept_extras)
    return select(on_bench, line_id, vocabulary)


def undone(on_bench: OnBench, vocabulary: Vocabulary) -> OnBench | None:
    """Take the last decision back; None when there is none."""
    if not on_bench.past:
        return None
    return laid_out(on_bench.known, on_bench.past[-1], vocabulary, on_bench.past[:-1])


# --- settling ---------------------------------------------------------------------------------------


def settlement(on_bench: OnBench | None, vocabulary: Vocabulary, where: Station, at: datetime) -> KeepRequest:
    """Write down the settlement that stands proposed or chosen.

    Raises:
        RuleBroken: What was found does not allow it, or there is nothing to ask of Loop.
    """
    here = changeable(on_bench)
    kind = here.proposal.kind
    if here.picture.settled:
        raise RuleBroken("settled_already")
    if kind is None:
        raise RuleBroken(here.proposal.blocked)
    ret, draft = here.ret, here.draft
    actions = plan(
        ret, draft, kind, vocabulary, here.picture.awaited, operator=where.operator, station=where.station
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


def settled(
    on_bench: OnBench, request: KeepRequest, entries: Sequence[Entry], vocabulary: Vocabulary
) -> OnBench:
    """Return the return with its settlement just kept, held and withdrawable."""
    known = on_bench.known
    known = replace(known, entries=(*known.entries, *entries), settled=(*known.settled, request.draft))
    return laid_out(known, Draft(request.return_id), vocabulary)


def held(request: KeepRequest, entries: Sequence[Entry]) -> HeldSettlement:
    """Return a settlement that was just kept as undo sees it."""
    return HeldSettlement(
        entries[0].settlement_id, request.return_id, request.order_name, request.kind, request.hold_seconds
    )


def undoable(on_bench: OnBench | None, unsent: Sequence[HeldSettlement]) -> HeldSettlement | None:
    """Choose what undo withdraws among the unsent, oldest first: the open return's, else the latest."""
    here = [x for x in unsent if on_bench is not None and x.return_id == on_bench.ret.return_id]
    return next(reversed(here or unsent), None)
