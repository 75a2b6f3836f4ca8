"""What Loop shows of an entry's effect: the only place that knows how each kind is recognized.

A person at Loop closes a return with one click and nothing is paid. So "closed" alone proves nothing: Loop
must show that it processed, or what it paid, shipped or issued. Zero amounts and empty objects prove nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from loopdesk.domain.outbox.actions import Witness
from loopdesk.domain.outbox.stages import Entry, agreed
from loopdesk.domain.returns.returns import (
    Fingerprint,
    HeldCondition,
    HeldDisposition,
    LineItem,
    Note,
    Return,
)

# --- proof that Loop processed ----------------------------------------------------------------------


class Belief(StrEnum):
    """Why a return is believed to be processed; codes, stored with the entry."""

    PROCESSED = "by_processed"  # Loop says so itself
    REFUND = "by_refund"  # a refund above zero
    STAMP = "by_stamp"  # Loop says when it processed a promised part
    EXCHANGE = "by_exchange"  # the order of the promised exchange
    GIFT_CARD = "by_gift_card"  # the promised gift card
    NOTHING_PROMISED = "by_nothing_promised"  # closed, and there was nothing to pay or to ship
    UNTOLD = "by_untold"  # closed; this shop's answers never contain payment fields


def witness_of(seen: Fingerprint | None, ret: Return) -> Belief | None:
    """Return what Loop shows of the processing, None for nothing.

    Args:
        seen: What was promised when a person decided; None if unknown.
        ret: What Loop shows now, from the list or from details.
    """
    if ret.was_processed is True:
        return Belief.PROCESSED
    if ret.refunds_paid > (seen.paid if seen is not None else 0):  # an earlier one proves nothing
        return Belief.REFUND
    if ret.outcomes_processed & _stamps_of(seen):
        return Belief.STAMP
    if ret.exchange_order_ids and _promises_exchange(seen):
        return Belief.EXCHANGE
    if ret.gift_card_order_ids and _promises_credit(seen):
        return Belief.GIFT_CARD
    return None


def belief_of(entry: Entry, ret: Return, *, is_details: bool = True, tells: bool) -> Belief | None:
    """Return why a closed return counts as processed; None if it does not, or the kind pays nothing.

    Args:
        ret: What Loop shows, closed.
        is_details: False for a row of the list, which counts only with a witness.
        tells: Whether answers of this shop have ever contained a payment field.
    """
    if not entry.kind.spec.pays:
        return None
    seen = agreed(entry)
    found = witness_of(seen, ret)
    if found is not None or not is_details:
        return found
    if seen is not None and promises_nothing(seen):
        return Belief.NOTHING_PROMISED
    return None if tells or ret.tells_payment else Belief.UNTOLD


def promises_nothing(seen: Fingerprint) -> bool:
    """Whether nothing of value was promised: no exchange, all amounts zero, and the lines agree.

    Amounts that Loop left out read as zero, so if no line states its refund, Loop must have said that the
    goods are worth nothing. Fingerprints of the first version do not show whether Loop said so.
    """
    refunds = [line.refund for line in seen.lines if line.refund]
    if seen.exchanges or not all(map(_is_zero, (*seen.totals[1:], *refunds))):
        return False
    worth = _sum(seen, 0) if seen.version > 1 else ""
    return bool(refunds) or (bool(worth) and _is_zero(worth))


def _is_zero(text: str) -> bool:
    return not text.strip("0.-")


def _stamps_of(seen: Fingerprint | None) -> frozenset[str]:
    """The parts whose processing time counts: the return's own, and those that were promised."""
    names = {"return"}
    if seen is None or not _is_zero(_sum(seen, 1)):
        names.add("refund")
    if _promises_credit(seen):
        names |= {"gift_card", "shop_cash"}
    if _promises_exchange(seen):
        names.add("exchange")
    return frozenset(names)


def _promises_exchange(seen: Fingerprint | None) -> bool:
    return (
        seen is None or bool(seen.exchanges) or any(x in seen.outcome.lower() for x in ("exchange", "upsell"))
    )


def _promises_credit(seen: Fingerprint | None) -> bool:
    return seen is None or "credit" in seen.outcome.lower() or not _is_zero(_sum(seen, 2))


def _sum(seen: Fingerprint, n: int) -> str:
    return seen.totals[n] if n < len(seen.totals) else ""


# --- the effect of each kind ------------------------------------------------------------------------


def targets_of(entry: Entry) -> frozenset[str]:
    """Return the line ids to be removed."""
    return frozenset(str(x) for x in entry.payload.get("line_item_ids", ()))


def has_outcomes(ret: Return) -> bool:
    """Whether money or goods moved: a refund, an exchange order or a gift card exists."""
    paid = ret.refunds_paid > 0 or ret.refund_records > 0
    return paid or bool(ret.exchange_order_ids) or bool(ret.gift_card_order_ids)


class Left(StrEnum):
    """Which of the lines to be removed are still there."""

    GONE = "gone"
    SOME = "some"
    ALL = "all"
    UNCLEAR = "unclear"


def left_of_targets(entry: Entry, ret: Return) -> Left:
    """Tell whether the lines to be removed are still there.

    An answer that lacks lines that should have stayed proves nothing.
    """
    wanted = targets_of(entry)
    there = {line.line_item_id for line in ret.lines}
    left = wanted & there
    if left:
        return Left.ALL if left == wanted else Left.SOME
    others = {line.line_item_id for line in entry.seen.lines} - wanted if entry.seen else there
    return Left.GONE if wanted and others & there else Left.UNCLEAR


def has_effect(entry: Entry, ret: Return, *, is_details: bool = True, tells: bool = True) -> bool:
    """Tell whether Loop shows exactly what the entry asked for.

    Args:
        ret: What Loop shows.
        is_details: False for a row of the list, which has no refunds: it cannot prove that a return was
            closed without outcomes, nor that it was processed unless it has a witness.
        tells: As ``belief_of``.
    """
    spec = entry.kind.spec
    match spec.witness:
        case Witness.PAYMENT:
            return (
                is_ended(entry, ret) and belief_of(entry, ret, is_details=is_details, tells=tells) is not None
            )
        case Witness.STATE:
            return ret.state is spec.leads_to
        case Witness.NO_OUTCOMES:
            # The absence of a payment cannot be observed, since it may show late. So only our own close
            # counts: one that this store knows to have sent, not one that an older copy may have forgotten.
            return entry.tries > 0 and is_details and ret.state is spec.leads_to and not has_outcomes(ret)
        case Witness.CONDITION | Witness.DISPOSITION:
            return any(_line_carries(entry, line) for line in ret.lines)
        case Witness.MARKER:
            return False  # a return does not show its notes: see ``marker_count``


def is_ended(entry: Entry, ret: Return) -> bool:
    """Whether the return is closed as after processing or removing, paid or not."""
    spec = entry.kind.spec
    if not spec.pays or ret.state is not spec.leads_to:
        return False
    return not spec.removes_lines or left_of_targets(entry, ret) is Left.GONE


def _line_carries(entry: Entry, line: LineItem) -> bool:
    """Whether Loop's line has exactly the grade or disposition that the entry sets."""
    if line.line_item_id != entry.target:
        return False
    held = line.condition if entry.kind.spec.witness is Witness.CONDITION else line.disposition
    return held is not None and _same(entry, held) and (not entry.repeats or _has_links(entry, held))


def _has_links(entry: Entry, held: HeldCondition | HeldDisposition) -> bool:
    """Whether a grade at Loop has the links that a repeated one brings.

    Told by their number, because Loop may copy the pictures to addresses of its own.
    """
    count = held.images if isinstance(held, HeldCondition) else None
    return count is not None and count >= len(entry.payload.get("images", ()))


def shows_another(entry: Entry, ret: Return) -> bool:
    """Whether Loop shows another grade of the line than the one that an entry repeats, or no such line.

    Where Loop shows no grade at all nothing contradicts.
    """
    line = ret.line(entry.target)
    if line is None:
        return True
    return line.condition is not None and not _same(entry, line.condition)


def _same(entry: Entry, held: HeldCondition | HeldDisposition) -> bool:
    """Compare word, description, processor and time, each if Loop has it.

    A row without the word counts only if its time is present and equal.
    """
    payload = entry.payload
    if isinstance(held, HeldCondition):
        word, wanted = held.grade, payload.get("condition_category", "")
        texts = [(held.description, payload.get("description", ""))]
    else:
        word, wanted, texts = held.disposition, payload.get("disposition_outcome", ""), []
    texts.append((held.processor, payload.get("return_processor", "")))
    if any(shown and shown != sent for shown, sent in texts):
        return False
    stamp = stamp_of(payload)
    if held.inspected_at is not None and stamp is not None and held.inspected_at != stamp:
        return False
    return word == wanted if word else held.inspected_at is not None and stamp is not None


def stamp_of(payload: Mapping[str, object]) -> datetime | None:
    """Parse ``inspected_at`` of a payload: UTC, to the second; None if there is none."""
    try:
        return datetime.strptime(str(payload.get("inspected_at", "")), "%Y-%m-%d %H:%M:%S").replace(
            tzinfo=UTC
        )
    except ValueError:
        return None


def marker_count(entry: Entry, notes: Sequence[Note]) -> int:
    """Count the notes at Loop that contain the entry's marker as a separate word."""
    return sum(1 for note in notes if entry.marker and entry.marker in note.text.split())
