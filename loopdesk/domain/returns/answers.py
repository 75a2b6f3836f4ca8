"""Which of two answers of Loop about a return is believed, and what the older one lends. Pure functions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from loopdesk.domain.returns.returns import LineItem, Return


def may_replace(known_at: datetime | None, new_at: datetime | None) -> bool:
    """Tell whether an answer may replace the known one, by Loop's own ``updated_at``.

    An older answer never does. Of two of the same age, or if Loop gave no time, the last to arrive wins; this
    station's clock has no say.
    """
    return known_at is None or new_at is None or new_at >= known_at


def enriched(newest: Return, details: Return) -> Return:
    """Fill in the words and pictures that the list leaves out, from an earlier details answer.

    No fact is taken over: state, totals, outcomes, lines and parcels are those of ``newest``.
    """
    known = {line.line_item_id: line for line in details.lines}
    return replace(
        newest,
        customer_name=newest.customer_name or details.customer_name,
        customer_email=newest.customer_email or details.customer_email,
        refund_gateways=newest.refund_gateways or details.refund_gateways,
        lines=tuple(_enriched_line(line, known.get(line.line_item_id)) for line in newest.lines),
    )


def _enriched_line(line: LineItem, known: LineItem | None) -> LineItem:
    if known is None:
        return line
    return replace(
        line,
        title=known.title if known.variant_title and not line.variant_title else line.title or known.title,
        variant_title=line.variant_title or known.variant_title,
        image_url=line.image_url or known.image_url,
        sku=line.sku or known.sku,
        barcode=line.barcode or known.barcode,
    )
