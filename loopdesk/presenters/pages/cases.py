"""A return that needs a person, as a lead reads it: why, what was done, what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.reconcile import Text
from loopdesk.domain.outbox.stages import Entry, ParkReason, Stage
from loopdesk.domain.returns.returns import Fingerprint, Note, fingerprint
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.pages.history import history, summed
from loopdesk.presenters.pages.pictures import Telling, alone, compare, sort_notes
from loopdesk.presenters.screens.pages import CaseChoice, CaseRow, CaseScreen, FactRow
from loopdesk.presenters.words import words
from loopdesk.services.ports.store import AuditRow, Stored


@dataclass(frozen=True, slots=True)
class Case:
    """Everything known about one return that needs a person.

    Attributes:
        lane: All its entries in order.
        stored: The return as this station last saw it, None if it is no longer known.
        notes: The notes at Loop; None if they could not be read.
        waived: Ids of parked entries that the finalizer may leave behind.
    """

    return_id: str
    lane: tuple[Entry, ...]
    stored: Stored | None
    audit: tuple[AuditRow, ...]
    notes: tuple[Note, ...] | None = None
    waived: frozenset[str] = frozenset()

    @property
    def parked(self) -> tuple[Entry, ...]:
        """The entries that need a person."""
        return tuple(x for x in self.lane if x.stage is Stage.PARKED)

    @property
    def roots(self) -> tuple[Entry, ...]:
        """The parked entries that block others, without those that only wait for them."""
        own = tuple(x for x in self.parked if x.reason is not ParkReason.DEPENDENCY)
        return own or self.parked

    @property
    def order_name(self) -> str:
        """The order's name, else the return's id."""
        return next((x.order_name for x in self.lane if x.order_name), "") or self.return_id


def weightiest(parked: Sequence[Entry]) -> Entry:
    """Return the entry that a case is named after: flags and finalizers before values, causes before
    dependents.
    """
    return min(parked, key=lambda x: (x.reason is ParkReason.DEPENDENCY, not x.kind.spec.is_gated, x.seq))


def case_row(order_name: str, parked: Sequence[Entry], now: datetime) -> CaseRow:
    """Make the row of a case in the list; ``parked`` are its parked entries, at least one."""
    since = min(x.moved_at or x.decided_at for x in parked)
    return CaseRow(
        return_id=parked[0].return_id,
        title=order_name or parked[0].return_id,
        reason=words.reason(weightiest(parked).reason),
        waited=words.age(now - since),
    )


def case_screen(case: Case, zone: tzinfo, now: datetime) -> CaseScreen:
    """Make the screen of a case; it has at least one parked entry."""
    main = weightiest(case.parked)
    then, present, now_title = _pictures(case, main, zone, now)
    reason = words.reason(main.reason)
    return CaseScreen(
        return_id=case.return_id,
        title=f"{case.order_name} — {reason[:1].lower()}{reason[1:]}" if main.reason else case.order_name,
        subtitle=subtitle(case, main, zone, now),
        advice=advice(case, main),
        then_title=_(
            "When {who} decided · {time}",
            who=main.operator.name or _("the operator"),
            time=words.moment(main.decided_at, zone, now),
        ),
        then=then,
        now_title=now_title,
        now=present,
        history=history(case.audit, case.lane, zone, now),
        choices=choices(case, main),
    )


def subtitle(case: Case, main: Entry, zone: tzinfo, now: datetime) -> str:
    """Say who asked for what, and how far it got."""
    mates = [x for x in case.lane if x.settlement_id == main.settlement_id]
    ended = [x.kind for x in mates if x.stage in (Stage.DONE, Stage.SUPERSEDED)]
    rest = [x.kind for x in mates if not x.is_finished]
    asked = words.sentence(
        _(
            "{who} asked at {time}: {what}.",
            who=main.operator.name or _("The operator"),
            time=words.moment(main.decided_at, zone, now),
            what=summed(x.kind for x in mates),
        )
    )
    reached = _("Confirmed by Loop: {what}.", what=summed(ended)) if ended else ""
    missing = _("Not confirmed: {what}.", what=summed(rest))
    return " ".join(part for part in (asked, reached, missing) if part)


def advice(case: Case, main: Entry) -> str:
    """Say in a sentence what the lead should look at first."""
    match main.reason:
        case ParkReason.CONFLICT:
            return _conflict(main.found or _stored_print(case), main.kind)
        case ParkReason.REFUSED:
            said = words.sentence(words.failure(main.last_error))
            return _("Loop said: {words}", words=said) if said else _("Loop refused it.")
        case ParkReason.UNDECIDED if main.last_error == Text.NO_WITNESS:
            return _(
                "Loop has closed it, and nothing shows that it was paid. Look in Loop whether somebody "
                "closed it by hand, and pay there what was promised."
            )
        case ParkReason.UNDECIDED:
            return _("Look at the return in Loop: did it happen?")
        case ParkReason.DAMAGED:
            return _("It cannot be sent any more. Drop it and decide again at the bench.")
        case _:
            return _("Settle the step before it first.")


def _conflict(found: Fingerprint | None, kind: Kind) -> str:
    match found.state if found else "":
        case "closed" if kind.spec.pays:
            return _(
                "Loop has closed it meanwhile, and nothing shows that it was paid. Look in Loop: if that was "
                "meant, there is nothing left to send."
            )
        case "review":
            return _("A person at Loop must clear the review first.")
        case "closed":
            return _("Loop has closed it meanwhile. If that was meant, there is nothing left to send.")
        case "cancelled":
            return _("It was cancelled meanwhile. Set the parcel aside.")
        case "expired":
            return _("It expired meanwhile. A person at Loop must open it again first.")
        case _:
            return _("Compare both sides, then choose.")


def _stored_print(case: Case) -> Fingerprint | None:
    return fingerprint(case.stored.ret) if case.stored else None


def _pictures(
    case: Case, main: Entry, zone: tzinfo, now: datetime
) -> tuple[tuple[FactRow, ...], tuple[FactRow, ...], str]:
    """Both sides and the title of the right one; what Loop showed when it parked goes before our copy."""
    seen = main.seen or next((x.seen for x in case.lane if x.seen is not None), None)
    found, at = _latest(case, main)
    title = _("At Loop · {time}", time=words.moment(at, zone, now)) if at else _("At Loop")
    telling = Telling(
        line_name=lambda line_id: _line_name(case, line_id),
        currency=case.stored.ret.currency if case.stored else "",
        zone=zone,
        today=now,
    )
    if seen is None:
        return (), alone(found, telling) if found else (), title
    if found is None:
        return alone(seen, telling), (), _("At Loop · not known here")
    notes = sort_notes(case.notes, main.decided_at) if case.notes is not None else None
    both = compare(seen, found, telling, notes)
    return both.then, both.now, title


def _latest(case: Case, main: Entry) -> tuple[Fingerprint | None, datetime | None]:
    """What Loop showed last: when the entry was parked, or a copy fetched since."""
    stored_at = case.stored.fetched_at if case.stored else None
    if main.found is not None and (stored_at is None or main.moved_at is None or stored_at <= main.moved_at):
        return main.found, main.moved_at
    return _stored_print(case), stored_at


def _line_name(case: Case, line_id: str) -> str:
    line = case.stored.ret.line(line_id) if case.stored else None
    return words.line_title(line) if line else _("Line {line_id}", line_id=line_id)


def choices(case: Case, main: Entry) -> tuple[CaseChoice, ...]:
    """List what a lead can do, the best first; each with its consequence in words."""
    out = [CaseChoice("check_again", _("Check again"), primary=True)]
    what = summed(x.kind for x in case.roots)
    out.append(
        CaseChoice(
            "it_is_done",
            _("It is done…"),
            consequence=_(
                "You say that this has happened at Loop: {what}. It is not sent again, and your name stands "
                "beside it.",
                what=what,
            ),
            accept=_("It is done"),
        )
    )
    if main.reason is not ParkReason.DAMAGED:
        out.append(_send_again(case, main, what))
    if _may_waive(case):
        out.append(_waive(what))
    out.append(
        CaseChoice(
            "drop",
            _("Drop, with a reason…"),
            needs_reason=True,
            consequence=_(
                "This is never sent to Loop: {what}. What Loop has already stays as it is.",
                what=summed(x.kind for x in case.parked),
            ),
            accept=_("Drop"),
        )
    )
    out.append(CaseChoice("open_at_bench", _("Open at the bench")))
    return tuple(out)


def _send_again(case: Case, main: Entry, what: str) -> CaseChoice:
    final = any(x.kind.spec.is_final for x in case.roots)
    text = _("Send anyway…") if main.reason is ParkReason.CONFLICT else _("Send again…")
    parts = [_("It is sent to Loop once more: {what}. Loop is asked again just before.", what=what)]
    if main.reason is ParkReason.CONFLICT:
        parts.append(_("You accept the return as Loop shows it now."))
    if final:
        parts.append(_("Loop can never take it back."))
    if main.reason is ParkReason.UNDECIDED:
        parts.append(_("If the first one did arrive, Loop gets it a second time."))
    return CaseChoice("send_again", text, consequence=" ".join(parts), accept=_("Send it"))


def _may_waive(case: Case) -> bool:
    """Whether a flag or finalizer waits for these entries, all of lower rank, and is still blocked."""
    last = case.roots[-1].seq
    waits = any(x.kind.spec.is_gated and not x.is_finished and x.seq > last for x in case.lane)
    return waits and all(not x.kind.spec.is_gated and x.entry_id not in case.waived for x in case.roots)


def _waive(what: str) -> CaseChoice:
    return CaseChoice(
        "waive",
        _("Go on without it…"),
        consequence=_(
            "The rest of the return goes to Loop without this: {what}. Your name stands beside it.", what=what
        ),
        accept=_("Go on without it"),
    )
