"""Compares two states of a return side by side: when it was decided, and as Loop shows it now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from loopdesk.domain.returns.returns import Fingerprint, LineOutcome, LineSeen, Note, same_word
from loopdesk.i18n.catalogue import N_, _, decimal, ngettext
from loopdesk.presenters.screens.pages import FactRow
from loopdesk.presenters.words import words

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
    return decimal(f"{amount} {telling.currency}".rstrip()) if amount else ""


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
    told = decimal(f"{amount} {telling.currency}".rstrip())
    return _(some, sum=told)


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
