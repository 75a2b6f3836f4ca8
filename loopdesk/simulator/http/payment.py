"""What responses reveal about payment: immediately, hours late, only in details, or never."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from loopdesk.simulator.settings import Settings
from loopdesk.simulator.shop.truth import Return

FIELDS = ("was_processed", "outcomes_processed_at", "refunds")


def as_told(ret: Return, settings: Settings, now: datetime) -> Return:
    """The return as responses show it now; the truth is not changed."""
    if not ret.was_processed or ret.closed_at is None:
        return ret
    is_late = now < ret.closed_at + timedelta(seconds=settings.payment_seconds)
    if not is_late and settings.payment_fields != "none":
        return ret
    told = copy.copy(ret)
    told.was_processed = False
    told.gift_card_order_id = told.gift_card_order_name = None
    told.exchanges = [replace(each, order_id=None, order_name=None) for each in ret.exchanges]
    return told


def leave_out(body: dict[str, Any], settings: Settings, *, is_details: bool) -> dict[str, Any]:
    """Remove the payment fields from a response that lacks them."""
    told_by = ("all", "details") if is_details else ("all",)
    if settings.payment_fields in told_by:
        return body
    return {name: value for name, value in body.items() if name not in FIELDS}


def unpaid_stamp(settings: Settings) -> Any:
    """The timestamp of a part that was not processed."""
    return {} if settings.unpaid_shows == "zero" else None
