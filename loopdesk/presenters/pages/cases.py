"""A return that needs a person, as a lead reads it: why, what was done, what can be done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import AT_HUB, Entry, ParkReason, Stage, Why
from loopdesk.domain.returns.returns import Fingerprint, LineOutcome, LineSeen, Note, fingerprint, same_word
from loopdesk.i18n import formats
from loopdesk.i18n.catalogue import N_, _, ngettext
from loopdesk.presenters.pages.history import history, summed
from loopdesk.presenters.screens.pages import CaseChoice, CaseRow, CaseScreen, FactRow
from loopdesk.presenters.words import words
from loopdesk.services.ports.store import AuditRow, Stored

# --- both sides -------------------------------------------------------------------------------------

MOST_NOTES = 6
"""Maximum number of notes shown, the latest; more would push the choices off the screen."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The two sides, row by row; a row that only one side has is empty on the other."""

    then: tuple[FactRow, ...]
    now: tuple[FactRow, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """What is needed to describe fingerprints in words.

    Attributes:
        line_name: Names a line by its id.
        currency: Of the amounts, "" if unknown.
        zone / today: For times.
    """

    line_name: Callable[[str], str]
    currency: str
    zone: tzinfo
    today: datetime


Pair = tuple[str, str]


def compare(
    seen: Fingerprint, found: Fingerprint, telling: Telling, notes: tuple[str, Sequence[str]] | None = None
) -> Pictures:
    """Compare two fingerprints side by side.

    Args:
        notes: The number of notes at that time, in words, and the texts of the notes since; None if the notes
            are unknown.
    """
    pairs: list[Pair] = [(words.state_word(seen.state), words.state_word(found.state))]
    pairs.append((words.lines(len(seen.lines)), words.lines(len(found.lines))))
    pairs.extend(_lines(seen, found, telling))
    pairs.extend(_promise(seen, found, telling))
    pairs.extend(_exchanges(seen, found))
    pairs.extend(_facts(seen, found, telling))
    pairs.extend(_edited(seen, found, telling))
    if notes is not None:
        pairs.extend(_notes(*notes))
    return Pictures(
        tuple(FactRow(left, left != right) for left, right in pairs),
        tuple(FactRow(right, left != right) for left, right in pairs),
    )


def alone(seen: Fingerprint, telling: Telling) -> tuple[FactRow, ...]:
    """Describe one fingerprint if there is nothing to compare it with."""
    return compare(seen, seen, telling).then


def _lines(seen: Fingerprint, found: Fingerprint, telling: Telling) -> list[Pair]:
    """Rows for each line that is gone, new, or differs in anything that a person decides on."""
    gone = list((Counter(seen.lines) - Counter(found.lines)).elements())
    come = list((Counter(found.lines) - Counter(seen.lines)).elements())
    pairs: list[Pair] = []
    for line in gone:
        twin = next((x for x in come if x.line_item_id == line.line_item_id), None)
        name = telling.line_name(line.line_item_id)
        if twin is None:
            pairs.append((name, _("{line}: no longer there", line=name)))
            continue
        come.remove(twin)
        pairs.extend(_line_pairs(name, line, twin, telling))
    names = (telling.line_name(line.line_item_id) for line in come)
    pairs.extend(("", _("{line}: new", line=name)) for name in names)
    return pairs


def _line_pairs(name: str, a: LineSeen, b: LineSeen, telling: Telling) -> list[Pair]:
    """Describe what differs between a line then and now."""
    pairs: list[Pair] = []
    if (a.outcome, a.exchange_variant) != (b.outcome, b.exchange_variant):
        pairs.append((_line(name, a.outcome, a.exchange_variant), _line(name, b.outcome, b.exchange_variant)))
    for template, left, right in (
        (N_("{line}: product {what}"), a.product_id, b.product_id),
        (N_("{line}: variant {what}"), a.variant_id, b.variant_id),
        (N_("{line}: SKU {what}"), a.sku, b.sku),
        (N_("{line}: price {what}"), _money(a.price, telling), _money(b.price, telling)),
        (N_("{line}: refund {what}"), _money(a.refund, telling), _money(b.refund, telling)),
    ):
        if not same_word(left, right):
            then, now = (_(template, line=name, what=what) for what in (left, right))
            pairs.append((then, now))
    return pairs


def _money(amount: str, telling: Telling) -> str:
    return formats.current().money(amount, telling.currency) if amount else ""


def _line(name: str, outcome: str, variant: str) -> str:
    try:
        said = words.line_outcome(LineOutcome(outcome))
    except ValueError:
        said = words.line_outcome(LineOutcome.UNKNOWN, outcome)
    swapped = _("exchange for variant {variant}", variant=variant) if variant else ""
    return _("{line}: {outcome}", line=name, outcome=said or swapped or _("as promised"))


_SUMS = (
    ("", ""),  # the total is told only where nothing else differs
    (N_("Refund {sum}"), N_("No refund")),
    (N_("Store credit {sum}"), N_("No store credit")),
    (N_("Exchange worth {sum}"), N_("No exchange")),
    (N_("Extra payment {sum}"), N_("No extra payment")),
)


def _promise(seen: Fingerprint, found: Fingerprint, telling: Telling) -> list[Pair]:
    """The promised amounts that either side has; the outcome's word if it says more."""
    pairs: list[Pair] = []
    for n, (some, none) in enumerate(_SUMS):
        left, right = _sum(seen, n), _sum(found, n)
        if some and not (_is_nothing(left) and _is_nothing(right)):
            pairs.append((_told(left, some, none, telling), _told(right, some, none, telling)))
    if not pairs or seen.outcome != found.outcome:
        pairs.insert(0, (words.outcome_word(seen.outcome), words.outcome_word(found.outcome)))
    left, right = _sum(seen, 0), _sum(found, 0)
    if left != right and all(a == b for a, b in pairs):
        pairs.append(
            (_told(left, N_("Total {sum}"), "", telling), _told(right, N_("Total {sum}"), "", telling))
        )
    return pairs


def _sum(picture: Fingerprint, n: int) -> str:
    return (picture.totals[n] if n < len(picture.totals) else "") or "0.00"


def _is_nothing(amount: str) -> bool:
    return not amount.strip("0.-")


def _told(amount: str, some: str, none: str, telling: Telling) -> str:
    if _is_nothing(amount) and none:
        return _(none)
    return _(some, sum=formats.current().money(amount, telling.currency))


def _exchanges(seen: Fingerprint, found: Fingerprint) -> list[Pair]:
    if not seen.exchanges and not found.exchanges:
        return []
    left, right = _items(seen), _items(found)
    if left == right and seen.exchanges != found.exchanges:
        right = _("{items}, other ones", items=right)
    return [(left, right)]


def _facts(seen: Fingerprint, found: Fingerprint, telling: Telling) -> list[Pair]:
    """Rows for the currency, the fee, the destination and the type, if they differ."""
    pairs: list[Pair] = []
    for template, left, right in (
        (N_("Currency {what}"), seen.currency, found.currency),
        (N_("For destination {what}"), seen.destination_id, found.destination_id),
        (N_("Type: {what}"), seen.kind, found.kind),
    ):
        if not same_word(left, right):
            pairs.append((_(template, what=left), _(template, what=right)))
    left, right = seen.handling_fee, found.handling_fee
    if not same_word(left, right):
        left, right = _money(left, telling), _money(right, telling)
        pairs.append((_("Fee {what}", what=left), _("Fee {what}", what=right)))
    return pairs


def _items(picture: Fingerprint) -> str:
    number = len(picture.exchanges)
    return ngettext("1 exchange item", "{n} exchange items", number) if number else _("No exchange item")


def _edited(seen: Fingerprint, found: Fingerprint, telling: Telling) -> list[Pair]:
    if seen.edited_at == found.edited_at:
        return []
    return [(_edit(seen, telling), _edit(found, telling))]


def _edit(picture: Fingerprint, telling: Telling) -> str:
    if not picture.edited_at:
        return _("Not edited by the shopper")
    at = datetime.fromisoformat(picture.edited_at)
    return _("Edited by the shopper {when}", when=words.moment(at, telling.zone, telling.today))


def _notes(before: str, since: Sequence[str]) -> list[Pair]:
    if not since:
        return [(before, before)]
    shown = [_("Note: “{text}”", text=text) for text in since[-MOST_NOTES:]]
    return [(before, shown[0]), *(("", text) for text in shown[1:])]


def sort_notes(notes: Sequence[Note], decided_at: datetime) -> tuple[str, tuple[str, ...]]:
    """Split the notes at Loop into the number of earlier ones and the texts of later ones.

    Notes with our own marker are not a change at Loop and are left out.
    """
    foreign = [note for note in notes if not note.text.rstrip().endswith("]") or "[ld:" not in note.text]
    since = tuple(x.text for x in foreign if x.created_at is not None and x.created_at > decided_at)
    old = len(foreign) - len(since)
    return (ngettext("1 note", "{n} notes", old) if old else _("No notes")), since


# --- the case ---------------------------------------------------------------------------------------


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
        case _ if main.cause.code == Why.FAILED_LATER:
            return words.sentence(words.failure(main.cause))
        case ParkReason.CONFLICT if main.cause.code in AT_HUB:
            return words.sentence(words.failure(main.cause))
        case ParkReason.CONFLICT:
            return _conflict(main.found or _stored_print(case), main.kind)
        case ParkReason.REFUSED:
            said = words.sentence(words.failure(main.cause))
            if main.cause.code != Why.REFUSED:
                return said
            return _("Loop said: {words}", words=said) if main.cause.value else _("Loop refused it.")
        case ParkReason.UNDECIDED if main.cause.code == Why.NO_WITNESS:
            return _(
                "Loop has closed it, and nothing shows that it was paid. Look in Loop whether somebody "
                "closed it by hand, and pay there what was promised."
            )
        case ParkReason.UNDECIDED:
            return _("Look at the return in Loop: did it happen?")
        case ParkReason.DAMAGED:
            return _("It cannot be sent any more. Drop it and decide again at the bench.")
        case ParkReason.DEPENDENCY | None:
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


class Intent(StrEnum):
    """What a lead can do with a case."""

    CHECK_AGAIN = "check_again"
    IT_IS_DONE = "it_is_done"
    SEND_AGAIN = "send_again"
    WAIVE = "waive"
    DROP = "drop"
    OPEN_AT_BENCH = "open_at_bench"


def choices(case: Case, main: Entry) -> tuple[CaseChoice, ...]:
    """List what a lead can do, the best first; each with its consequence in words."""
    out = [CaseChoice(Intent.CHECK_AGAIN, _("Check again"), primary=True)]
    what = summed(x.kind for x in case.roots)
    out.append(
        CaseChoice(
            Intent.IT_IS_DONE,
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
            Intent.DROP,
            _("Drop, with a reason…"),
            needs_reason=True,
            consequence=_(
                "This is never sent to Loop: {what}. What Loop has already stays as it is.",
                what=summed(x.kind for x in case.parked),
            ),
            accept=_("Drop"),
        )
    )
    out.append(CaseChoice(Intent.OPEN_AT_BENCH, _("Open at the bench")))
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
    return CaseChoice(Intent.SEND_AGAIN, text, consequence=" ".join(parts), accept=_("Send it"))


def _may_waive(case: Case) -> bool:
    """Whether a flag or finalizer waits for these entries, all of lower rank, and is still blocked."""
    last = case.roots[-1].seq
    waits = any(x.kind.spec.is_gated and not x.is_finished and x.seq > last for x in case.lane)
    return waits and all(not x.kind.spec.is_gated and x.entry_id not in case.waived for x in case.roots)


def _waive(what: str) -> CaseChoice:
    return CaseChoice(
        Intent.WAIVE,
        _("Go on without it…"),
        consequence=_(
            "The rest of the return goes to Loop without this: {what}. Your name stands beside it.", what=what
        ),
        accept=_("Go on without it"),
    )
