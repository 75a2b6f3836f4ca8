"""Returns as JSON: the object in the list, the different object in details, and the payment fields of
each.

The two disagree on purpose, as the real ones do: ids are text in the list and numbers in details, `order_id`
is Loop's own in the list and the platform's in details, and reasons and times differ too.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from loopdesk.simulator.answers import RoutedCall
from loopdesk.simulator.scalars import (
    money,
    money_or_bare_zero,
    naive,
    number,
    php_date,
    stamp,
    stamp_millis,
)
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import ZERO, Category, Condition, Disposition, Exchange, Label, LineItem, Return

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


_SURPRISE = {"kind": "beta", "values": [1, None, "x"]}


def in_list(ret: Return, call: RoutedCall, settings: Settings) -> dict[str, Any]:
    """The return object of the Detailed Returns List."""
    when = stamp_millis if settings.list_dates == "millis" else stamp
    body: dict[str, Any] = {
        "id": ret.return_id,
        "state": ret.state,
        "created_at": when(ret.created_at),
        "updated_at": when(ret.updated_at),
        "edited_at": when(ret.edited_at) if ret.edited_at else None,
        "total": money(_worth(ret)),
        "outcome": ret.outcome,
        "order_id": ret.order_id,
        "order_name": ret.order_name,
        "order_number": _platform_number(ret, 1000),
        "provider_order_id": ret.provider_order_id,
        "provider_order_number": _platform_number(ret, 0),
        "customer": ret.customer_email,
        **_totals(ret, money),
        **_parcel(ret, when),
        "line_items": [_line_in_list(ret, line, call, settings) for line in ret.lines],
        "exchanges": [_exchange(each) for each in ret.exchanges],
        **_rest(ret, settings),
    }
    return leave_out(body, settings, is_details=False)


def in_details(
    ret: Return, call: RoutedCall, settings: Settings, presentment: bool = False
) -> dict[str, Any]:
    """The return object of the details."""
    body: dict[str, Any] = {
        "id": number(ret.return_id),
        "state": ret.state,
        "created_at": naive(ret.created_at),
        "updated_at": naive(ret.updated_at),
        "edited_at": naive(ret.edited_at) if ret.edited_at else None,
        "total": money(_worth(ret)),
        "outcome": ret.outcome,
        "order_id": number(ret.provider_order_id),
        "order_name": ret.order_name,
        "order_number": number(_platform_number(ret, 1000)),
        "provider_order_id": number(ret.provider_order_id),
        "provider_order_number": number(_platform_number(ret, 0)),
        "customer": ret.customer_email,
        "customer_email": ret.customer_email,
        "customer_first_name": ret.customer_first_name,
        "customer_last_name": ret.customer_last_name,
        **_totals(ret, money_or_bare_zero),
        "exchange": money(_exchanged(ret)),
        "exchange_order_name": ret.exchanges[0].order_name if ret.exchanges else None,
        "exchange_order_id": number(ret.exchanges[0].order_id) if ret.exchanges else None,
        "refunds": _refunds(ret, settings),
        **_parcel(ret, naive),
        "line_items": [_line_in_details(ret, line, call, settings) for line in ret.lines],
        "exchanges": [_exchange(each) for each in ret.exchanges],
        **_rest(ret, settings),
    }
    if presentment:
        body["multi_currency"] = True
    return leave_out(body, settings, is_details=True)


# Money


def _worth(ret: Return) -> Decimal:
    return sum((line.worth for line in ret.lines), ZERO)


def _by_resolution(ret: Return, resolution: str) -> Decimal:
    return sum((line.worth for line in ret.lines if line.resolution == resolution), ZERO)


def _exchanged(ret: Return) -> Decimal:
    return sum((each.price - each.discount + each.tax for each in ret.exchanges), ZERO)


def _totals(ret: Return, word: Callable[[Decimal], Any]) -> dict[str, Any]:
    """Totals of the return; `word` formats the amounts that may be a bare zero."""
    refund = max(ZERO, _by_resolution(ret, "refund") - ret.handling_fee)
    traded = _by_resolution(ret, "exchange") + _by_resolution(ret, "upsell")
    return {
        "origin_country": ret.country,
        "origin_country_code": ret.country_code,
        "multi_currency": False,
        "currency": ret.currency,
        "return_product_total": money(sum((line.price for line in ret.lines), ZERO)),
        "return_discount_total": money(sum((line.discount for line in ret.lines), ZERO)),
        "return_tax_total": money(sum((line.tax for line in ret.lines), ZERO)),
        "return_total": money(_worth(ret)),
        "return_credit_total": money(ZERO),
        "exchange_product_total": money(sum((each.price for each in ret.exchanges), ZERO)),
        "exchange_discount_total": money(sum((each.discount for each in ret.exchanges), ZERO)),
        "exchange_tax_total": money(sum((each.tax for each in ret.exchanges), ZERO)),
        "exchange_total": money(_exchanged(ret)),
        "exchange_credit_total": money(ZERO),
        "refund_shipping_total": money(ZERO),
        "refund_shipping_tax_total": money(ZERO),
        "gift_card": word(_by_resolution(ret, "credit")),
        "gift_card_order_name": ret.gift_card_order_name,
        "gift_card_order_id": ret.gift_card_order_id,
        "handling_fee": word(ret.handling_fee),
        "refund": word(refund),
        "upsell": word(max(ZERO, _exchanged(ret) - traded) if ret.exchanges else ZERO),
    }


def _refunds(ret: Return, settings: Settings) -> list[dict[str, Any]]:
    amount = _by_resolution(ret, "refund") - ret.handling_fee
    if not ret.was_processed or amount <= 0:
        if settings.unpaid_shows == "null" or ret.state != "closed":
            return []
        amount = ZERO
    return [
        {
            "gateway": "shopify_payments",
            "amount": money(amount),
            "currency": ret.currency,
            "provider_refund_id": f"7{ret.return_id}",
            "provider": "shopify",
        }
    ]


# Parcels


def _parcel(ret: Return, when: Callable[[datetime], str]) -> dict[str, Any]:
    return {
        **_first_label(ret, when),
        "status_page_url": f"https://shop.loopreturns.example/#/status/{ret.return_id}/t0ken",
        "destination_id": number(ret.destination_id),
        "return_method": _method(ret),
        "package_reference": ret.package_reference,
        "labels": [_label(each, when) for each in ret.labels],
    }


def _first_label(ret: Return, when: Callable[[datetime], str]) -> dict[str, Any]:
    """The flat label fields: of the first label, or one of the four ways to say that there is none."""
    if ret.labels and ret.labels[0].status != "pending":
        first = ret.labels[0]
        return {
            "carrier": first.carrier,
            "tracking_number": first.tracking_number,
            "label_status": first.status,
            "label_url": first.url,
            "label_rate": None if first.rate is None else float(first.rate),
            "label_updated_at": when(first.updated_at),
        }
    nothing: str | None = "pending" if ret.labels else ret.no_label
    if nothing == "pending":
        return {
            "carrier": "",
            "tracking_number": "N/A",
            "label_status": "pending",
            "label_url": None,
            "label_rate": None,
            "label_updated_at": "N/A",
        }
    return {
        "carrier": nothing,
        "tracking_number": nothing,
        "label_status": nothing,
        "label_url": None,
        "label_rate": None,
        "label_updated_at": nothing,
    }


def _label(label: Label, when: Callable[[datetime], str]) -> dict[str, Any]:
    pending = label.status == "pending"
    return {
        "status": label.status,
        "updated_at": when(label.updated_at),
        "url": None if pending else label.url,
        "rate": None if label.rate is None else money(label.rate),
        "carrier": "" if pending else label.carrier,
        "tracking_number": "N/A" if pending else label.tracking_number,
        "line_items": [number(each) for each in label.line_item_ids],
    }


def _method(ret: Return) -> dict[str, Any] | None:
    return None if ret.return_method is None else asdict(ret.return_method)


# Lines


def _line_in_list(ret: Return, line: LineItem, call: RoutedCall, settings: Settings) -> dict[str, Any]:
    return {
        "line_item_id": line.line_item_id,
        "provider_line_item_id": line.provider_line_item_id,
        "product_id": line.product_id,
        "variant_id": line.variant_id,
        "sku": line.sku,
        "title": f"{line.title} - {line.variant_title}" if line.variant_title else line.title,
        **_line_money(line),
        "returned_at": naive(ret.created_at),
        "exchange_variant": line.exchange_variant,
        "return_reason": line.reason,
        "parent_return_reason": line.parent_reason,
        **_line_rest(line, call, settings),
    }


def _line_in_details(ret: Return, line: LineItem, call: RoutedCall, settings: Settings) -> dict[str, Any]:
    return {
        "line_item_id": number(line.line_item_id),
        "provider_line_item_id": number(line.provider_line_item_id),
        "product_id": number(line.product_id),
        "variant_id": number(line.variant_id),
        "sku": line.sku,
        "title": f"{line.title} - {line.variant_title}" if line.variant_title else line.title,
        "line_item_title": line.title,
        "variant_title": line.variant_title,
        "image": line.image,
        **_line_money(line),
        "returned_at": naive(ret.created_at),
        "exchange_variant": line.exchange_variant or None,
        "reason": line.reason,
        "parent_reason": line.parent_reason,
        **_line_rest(line, call, settings),
    }


def _line_money(line: LineItem) -> dict[str, Any]:
    refunded = line.resolution == "refund"
    return {
        "price": money(line.price),
        "discount": money(line.discount),
        "tax": money(line.tax),
        "refund": money(line.worth if refunded else ZERO),
        "refund_item": money(line.price - line.discount if refunded else ZERO),
        "refund_tax": money(line.tax if refunded else ZERO),
    }


def _line_rest(line: LineItem, call: RoutedCall, settings: Settings) -> dict[str, Any]:
    rest: dict[str, Any] = {
        "return_comment": line.comment if line.comment is not None else "N/A",
        "barcode": line.barcode,
        "outcome": line.outcome,
        "provider_restock_location_id": line.restock_location_id,
        "consolidation_tracking": line.consolidation_tracking,
        "consolidation_destination_id": line.consolidation_destination_id,
    }
    if settings.inspections_in_reads:
        rest["condition"] = None if line.condition is None else condition(line.condition, call)
        rest["disposition"] = None if line.disposition is None else disposition(line.disposition)
    if settings.extra_fields:
        rest["unit_origin"] = _SURPRISE
    return rest


def condition(held: Condition, call: RoutedCall) -> dict[str, Any]:
    """A stored grade; its category is a string before 2026-10 and an object from then on."""
    return {
        "description": held.description,
        "condition_category": _category(held.category, call),
        "return_processor": held.return_processor,
        "note": held.note,
        "images": list(held.images),
        "inspected_at": held.inspected_at,
    }


def _category(category: Category | None, call: RoutedCall) -> Any:
    if category is None:
        return None
    return asdict(category) if call.categories_are_objects else category.grade


def disposition(held: Disposition) -> dict[str, Any]:
    """A stored disposition."""
    return asdict(held)


# The rest


def _exchange(each: Exchange) -> dict[str, Any]:
    return {
        "exchange_id": each.exchange_id,
        "exchange_order_id": each.order_id,
        "exchange_order_name": each.order_name,
        "product_id": each.product_id,
        "variant_id": each.variant_id,
        "sku": each.sku,
        "type": each.type,
        "title": each.title,
        "price": money(each.price),
        "discount": money(each.discount),
        "tax": money(each.tax),
        "total": money(each.price - each.discount + each.tax),
        "out_of_stock": each.out_of_stock,
        "out_of_stock_resolution": "refund" if each.out_of_stock else None,
        "consolidation_tracking": None,
    }


def _rest(ret: Return, settings: Settings) -> dict[str, Any]:
    nothing = unpaid_stamp(settings)
    paid = php_date(ret.closed_at) if ret.was_processed and ret.closed_at else nothing
    rest: dict[str, Any] = {
        "type": ret.type,
        "was_processed": ret.was_processed,
        "refund_before_inspection": ret.refund_before_inspection,
        "outcomes_processed_at": {
            "return_processed": paid,
            "refund_processed": paid if any(line.resolution == "refund" for line in ret.lines) else nothing,
            "gift_card_processed": paid if ret.gift_card_order_id else nothing,
            "exchange_processed": paid if ret.exchanges else nothing,
            "shop_cash_processed": nothing,
        },
    }
    if settings.extra_fields:
        rest["loyalty_tier"] = _SURPRISE
    return rest


def _platform_number(ret: Return, less: int) -> str:
    """The number in the order's name, minus 1000 for the platform's own count."""
    digits = "".join(sign for sign in ret.order_name if sign.isascii() and sign.isdigit())
    return str(max(0, int(digits or "0") - less))
