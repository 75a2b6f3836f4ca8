"""Whether a return is still what a person decided on: compares two fingerprints.

A value missing on one side is not a change: the list and the details leave out different things, and an entry
kept by an older version has a smaller fingerprint. Nor is what the older version misread: it took Loop's 0
for a variant, and dropped an amount with a thousands separator.
"""

from __future__ import annotations

from loopdesk.domain.returns.returns import Fingerprint, LineSeen

_GROUPED_FROM = 1_000
"""The smallest amount that is written with a thousands separator."""


def has_changed(seen: Fingerprint, found: Fingerprint) -> bool:
    """Tell whether Loop shows anything different from what was seen, of all that a person decides on."""
    if (seen.state, seen.edited_at) != (found.state, found.edited_at):
        return True
    if seen.outcome != found.outcome or len(seen.lines) != len(found.lines):
        return True
    is_older = seen.version < 2
    if any(_has_line_changed(a, b, is_older) for a, b in zip(seen.lines, found.lines, strict=True)):
        return True
    if _have_totals_changed(seen, found, is_older):
        return True
    words = ("handling_fee", "currency", "destination_id", "kind")
    if any(not same_word(getattr(seen, name), getattr(found, name)) for name in words):
        return True
    return _have_exchanges_changed(seen, found)


def _has_line_changed(a: LineSeen, b: LineSeen, is_older: bool) -> bool:
    variant = "" if is_older and a.exchange_variant == "0" else a.exchange_variant
    if (a.line_item_id, a.outcome, variant) != (b.line_item_id, b.outcome, b.exchange_variant):
        return True
    goods = ((a.product_id, b.product_id), (a.variant_id, b.variant_id), (a.sku, b.sku))
    money = ((a.price, b.price), (a.refund, b.refund))
    return any(not same_word(x, y) for x, y in (*goods, *money))


def _have_totals_changed(seen: Fingerprint, found: Fingerprint, is_older: bool) -> bool:
    if len(seen.totals) != len(found.totals):
        return True
    return any(
        not same_word(a, b) and not (is_older and a == "0.00" and float(b) >= _GROUPED_FROM)
        for a, b in zip(seen.totals, found.totals, strict=True)
    )


def _have_exchanges_changed(seen: Fingerprint, found: Fingerprint) -> bool:
    if len(seen.exchanges) != len(found.exchanges):
        return True
    pairs = zip(seen.exchanges, found.exchanges, strict=True)
    return any(a[0] != b[0] or not all(map(same_word, a[1:], b[1:])) for a, b in pairs)


def same_word(a: str, b: str) -> bool:
    """Whether two texts are equal, or one side is unknown."""
    return a == b or not a or not b
