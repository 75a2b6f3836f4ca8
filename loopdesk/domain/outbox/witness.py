"""Proof that Loop processed a return, besides the word "closed".

A person at Loop closes a return with one click and nothing is paid. So "closed" alone proves nothing: Loop
must show that it processed, or what it paid, shipped or issued. Zero amounts and empty objects prove nothing.
"""

from __future__ import annotations

from enum import StrEnum

from loopdesk.domain.outbox.stages import Entry, agreed
from loopdesk.domain.returns.returns import Fingerprint, Return


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
