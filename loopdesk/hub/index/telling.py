"""What a bench is told about a return, as JSON: one event of the feed, one line of a fill. Pure functions."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from loopdesk.hub.database.sql import Row


def mark_of(body: bytes, details: bytes | None) -> str:
    """Return the mark by which a bench tells that it holds these bodies of a return.

    Args:
        body: The newest answer, UTF-8.
        details: The newest details if the answer is a list's, UTF-8.

    Returns:
        32 hexadecimal digits.
    """
    return hashlib.sha256(body + b"\0" + (details or b"")).hexdigest()[:32]


def told_mark(row: Row) -> str:
    """Return the mark of all that is told of a row of ``told_return``: of the bodies and what stands beside.

    Where nothing stands beside them it is the bodies' alone, which a bench can make of what it read itself.
    """
    mark, beside = str(row["mark"]), (row["codes"] or [], row["parcels"] or [])
    if not any(beside):
        return mark
    return hashlib.sha256(f"{mark}{json.dumps(beside)}".encode()).hexdigest()[:32]


def told(row: Row) -> dict[str, Any]:
    """Return what is told of a row of ``told_return``; bodies are Loop's JSON as texts, untouched.

    A return that the hub knows no more has no body.
    """
    if row["body"] is None:
        return {"shop": row["shop"], "return_id": row["return_id"], "body": None}
    return {
        "shop": row["shop"],
        "return_id": row["return_id"],
        "body": _text(row["body"]),
        "is_details": row["is_details"],
        "details": None if row["details"] is None else _text(row["details"]),
        "fetched_at": row["fetched_at"].isoformat(),
        "codes": row["codes"] or [],
        "parcels": row["parcels"] or [],
        "mark": told_mark(row),
    }


def event(row: Row) -> bytes:
    """Return a change as a server-sent event; its id is a position."""
    data = {"seq": row["seq"], **told(row)}
    return f"id: {row['shop']}:{row['seq']}\nevent: return\ndata: {json.dumps(data)}\n\n".encode()


def line(value: dict[str, Any]) -> bytes:
    """Return one line of NDJSON."""
    return json.dumps(value).encode() + b"\n"


def _text(body: bytes) -> str:
    return bytes(body).decode("utf-8", "surrogatepass")
