"""Whether a return still is what a person decided by: two fingerprints compared.

What one of the two does not tell is no change: the list and the details leave different things out, and an
entry that an older version kept has a smaller fingerprint.
"""

from __future__ import annotations

from loopdesk.domain.returns import Fingerprint, LineSeen


def has_changed(seen: Fingerprint, found: Fingerprint) -> bool:
    """Tell whether Loop shows anything else than was seen, of all that a person decides by."""
    if (seen.state, seen.edited_at) != (found.state, found.edited_at):
        return True
    if seen.outcome != found.outcome or len(seen.lines) != len(found.lines):
        return True
    if any(_has_line_changed(a, b) for a, b in zip(seen.lines, found.lines, strict=True)):
        return True
    if seen.totals != found.totals:
        return True
    words = ("handling_fee", "currency", "destination_id", "kind")
    if any(not same_word(getattr(seen, name), getattr(found, name)) for name in words):
        return True
    return _have_exchanges_changed(seen, found)


def _has_line_changed(a: LineSeen, b: LineSeen) -> bool:
    if (a.line_item_id, a.outcome, a.exchange_variant) != (b.line_item_id, b.outcome, b.exchange_variant):
        return True
    goods = ((a.product_id, b.product_id), (a.variant_id, b.variant_id), (a.sku, b.sku))
    money = ((a.price, b.price), (a.refund, b.refund))
    return any(not same_word(x, y) for x, y in (*goods, *money))


def _have_exchanges_changed(seen: Fingerprint, found: Fingerprint) -> bool:
    if len(seen.exchanges) != len(found.exchanges):
        return True
    pairs = zip(seen.exchanges, found.exchanges, strict=True)
    return any(a[0] != b[0] or not all(map(same_word, a[1:], b[1:])) for a, b in pairs)


def same_word(a: str, b: str) -> bool:
    """Whether two texts are the same, or one side did not tell."""
    return a == b or not a or not b
