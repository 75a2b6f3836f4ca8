"""Odd values for rows of Loop's list, and every place of a row where one can stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.abuse.rows import a_row
from tests.builders import AT

Place = tuple[str | int, ...]

ODD: dict[str, str] = {
    "null": "null",
    "true": "true",
    "false": "false",
    "zero": "0",
    "negative": "-1",
    "fraction": "1.5",
    "small": "1e-400",
    "large": "1e300",
    "too large": "1e999",
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "19 digits": "9" * 19,
    "80 digits": "9" * 80,
    "5,000 digits": "9" * 5_000,
    "a long fraction": "0." + "3" * 5_000,
    "empty": '""',
    "blank": '"  "',
    "n/a": '"N/A"',
    "the word null": '"null"',
    "the word false": '"false"',
    "zero as text": '"0"',
    "grouped": '"1,234.50"',
    "half an emoji": r'"ab\ud83d"',
    "the other half": r'"\ude00cd"',
    "null sign": r'"a\u0000b"',
    "escape": r'"\u001b[2J"',
    "raw control signs": '"a\x07\nb\tc"',
    "no UTF-8": '"a\udcff\udcfeb"',
    "turned round": '"\u202eabc"',
    "markup": '"<img src=x onerror=alert(1)>"',
    "SQL": '"\'); DROP TABLE ret; --"',
    "100 kB": '"' + "x" * 100_000 + '"',
    "array": "[]",
    "object": "{}",
    "array of nothing": "[null]",
    "keyed array": '{"3": {"a": 1}}',
    "deep": '{"a":' * 5_000 + "1" + "}" * 5_000,
    "no JSON": "undefined",
    "no number": "1.2.3",
    "open quote": '"',
}
"""Forty values by name, as they are written; three of them are no JSON."""

NO_JSON = frozenset({"no JSON", "no number", "open quote"})

_MARK = "@@odd@@"


def a_rich_row(number: int) -> dict[str, Any]:
    """Return a row in which everything is there that Loop documents."""
    row = a_row(number, AT)
    line = row["line_items"][0]
    line["condition"] = {
        "condition_category": "grade_a",
        "description": "As new",
        "note": "n",
        "return_processor": "Ada",
        "inspected_at": "2026-03-02 09:30:00",
        "images": ["https://pictures.example.test/1.jpg"],
    }
    line["disposition"] = {
        "disposition_outcome": "back_to_stock",
        "note": "n",
        "return_processor": "Ada",
        "inspected_at": "2026-03-02 09:30:00",
    }
    row["exchanges"] = [
        {
            "exchange_id": "5",
            "exchange_order_id": 6,
            "exchange_order_name": "#7",
            "title": "Cap",
            "total": "1.00",
        }
    ]
    row["return_method"] = {
        "provider": "x",
        "state": "new",
        "rma_id": f"R{number}",
        "scannable_id": f"S{number}",
    }
    row["refunds"] = [{"gateway": "card", "amount": "1.00", "currency": "USD", "provider_refund_id": "8"}]
    row["outcomes_processed_at"] = {"refund_processed": {"date": "2026-03-02 09:30:00", "timezone": "UTC"}}
    row["was_processed"] = False
    return row


def places(value: Any, before: Place = ()) -> Iterator[Place]:
    """Name every place in a row, the row itself left out."""
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield (*before, key)
        yield from places(child, (*before, key))


def poisoned(number: int, place: Place, odd: str) -> bytes:
    """Write a row with an odd value at one place; as it should be when the place is ()."""
    row = a_rich_row(number)
    if not place:
        return json.dumps(row).encode()
    parent: Any = row
    for key in place[:-1]:
        parent = parent[key]
    parent[place[-1]] = _MARK
    return json.dumps(row).replace(f'"{_MARK}"', odd).encode("utf-8", "surrogateescape")


def has_its_ids(place: Place, name: str) -> bool:
    """Whether the ids of a row are still there: the return's own, and those of its lines."""
    if name in NO_JSON:
        return False
    if place == ("line_items",):
        return name in ("null", "object")  # how PHP writes that there are none
    return place not in (("id",), ("line_items", 0), ("line_items", 0, "line_item_id"))
