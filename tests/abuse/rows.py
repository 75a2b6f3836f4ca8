"""A shop of rows that are JSON texts, so that a row may hold what no JSON writer would write."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.abuse.answerer import Answer, Asked

NOT_FOUND = b'{"error":{"message":"No return found with this ID."}}'


def a_row(return_id: int, at: datetime, **other: Any) -> dict[str, Any]:
    """Return one row of the list as Loop documents it, created and changed at a moment."""
    moment = f"{at:%Y-%m-%dT%H:%M:%S+00:00}"
    return {
        "id": str(return_id),
        "state": "open",
        "created_at": moment,
        "updated_at": moment,
        "edited_at": None,
        "total": "49.34",
        "outcome": "refund",
        "order_id": str(return_id + 500_000),
        "order_name": f"#{return_id % 100_000}",
        "order_number": str(return_id % 100_000),
        "provider_order_id": str(5_000_000_000_000 + return_id),
        "customer": "pat@example.test",
        "currency": "USD",
        "refund": "49.34",
        "gift_card": "0.00",
        "handling_fee": "0.00",
        "upsell": "0.00",
        "exchange_total": "0.00",
        "exchanges": [],
        "carrier": "USPS",
        "tracking_number": f"94001118992231{return_id:08d}",
        "label_status": "in_transit",
        "label_url": None,
        "label_rate": 4.5,
        "label_updated_at": moment,
        "status_page_url": None,
        "destination_id": 4021,
        "return_method": None,
        "package_reference": None,
        "type": "standard",
        "labels": [
            {
                "status": "in_transit",
                "updated_at": moment,
                "url": None,
                "rate": 4.5,
                "carrier": "USPS",
                "tracking_number": f"94001118992231{return_id:08d}",
                "line_items": [return_id * 10 + 1],
            }
        ],
        "line_items": [
            {
                "line_item_id": str(return_id * 10 + 1),
                "provider_line_item_id": str(13_000_000_000_000 + return_id),
                "product_id": "7001",
                "variant_id": "8001",
                "sku": "TEE-M",
                "title": "Cotton tee - Medium",
                "price": "49.34",
                "discount": "0.00",
                "tax": "0.00",
                "refund": "49.34",
                "returned_at": f"{at:%Y-%m-%d %H:%M:%S}",
                "exchange_variant": "",
                "return_reason": "Too small",
                "parent_return_reason": "Size",
                "return_comment": "N/A",
                "barcode": "0123456789012",
                "outcome": "default",
                "condition": None,
                "disposition": None,
            }
        ],
        **other,
    }


@dataclass(slots=True)
class _Kept:
    text: str
    state: str
    created_at: datetime
    updated_at: datetime


@dataclass
class RawShop:
    """Answers reads as Loop would, from texts; use ``answer`` as an answerer's script.

    Attributes:
        now: Loop's time; the true one when not given.
        with_date: Whether answers carry ``Date``.
    """

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    with_date: bool = True
    _rows: dict[str, _Kept] = field(default_factory=dict)

    def add(
        self, return_id: int, *, at: datetime | None = None, text: str = "", state: str = "open", **other: Any
    ) -> None:
        """Put a return in the shop, or another in its place.

        Args:
            at: When it was created and changed; now when not given.
            text: Its JSON; a plain row when not given.
            other: Fields over those of the plain row.
        """
        at = at or self.now()
        known = self._rows.get(str(return_id))
        written = text or json.dumps(a_row(return_id, at, state=state, **other))
        self._rows[str(return_id)] = _Kept(written, state, known.created_at if known else at, at)

    def answer(self, asked: Asked) -> Answer:
        """Answer one request."""
        body = self._body(asked)
        headers = {} if self.with_date else {"Date": ""}
        return Answer(body.encode("utf-8", "surrogatepass"), headers=headers, date=self.now())

    def _body(self, asked: Asked) -> str:
        match asked.words:
            case ("warehouse", "return", "list"):
                return self._list(asked)
            case ("warehouse", "return", "details"):
                return self._details(asked)
            case ("warehouse", "return", _, "notes") | ("warehouse", "reporting", "asn"):
                return "[]"
            case ("destinations", *_):
                return '{"destinations":[]}'
            case ("happy-returns", *_):
                return '{"data":[],"last_page":1}'
        return NOT_FOUND.decode()

    def _list(self, asked: Asked) -> str:
        start, end = self._window(asked)
        by = asked.query.get("filter", "created_at")
        states = [asked.query["state"]] if "state" in asked.query else ["open", "closed", "expired"]
        rows = [
            x
            for x in self._rows.values()
            if x.state in states and start <= (x.created_at if by == "created_at" else x.updated_at) <= end
        ]
        rows.sort(key=lambda x: x.created_at if by == "created_at" else x.updated_at, reverse=True)
        size, place = int(asked.query.get("pageSize", "100")), int(asked.query.get("cursor", "0"))
        link = (
            json.dumps(f"https://elsewhere.test/x?cursor={place + size}")
            if place + size < len(rows)
            else "null"
        )
        texts = ",".join(x.text for x in rows[place : place + size])
        return f'{{"returns":[{texts}],"nextPageUrl":{link},"previousPageUrl":null}}'

    def _window(self, asked: Asked) -> tuple[datetime, datetime]:
        if "from" not in asked.query:
            return self.now() - timedelta(days=1), self.now()
        start, end = (
            datetime.strptime(asked.query[name], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
            for name in ("from", "to")
        )
        assert start <= end, "a window that ends before it begins"
        assert end - start <= timedelta(days=120), "a window that Loop refuses"
        return start, end

    def _details(self, asked: Asked) -> str:
        query = asked.query
        if "return_id" in query:
            found = self._rows.get(query["return_id"])
            return found.text if found else NOT_FOUND.decode()
        wanted = query.get("order_name", "")
        named = [x.text for x in self._rows.values() if f'"order_name": "{wanted}"' in x.text]
        return f"[{','.join(named)}]" if named else NOT_FOUND.decode()
