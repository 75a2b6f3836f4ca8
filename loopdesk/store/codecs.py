"""Converts values to database text and back, losslessly.

JSON is written in ASCII only, so every character from a scanner or a person survives exactly, lone surrogates
included.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import astuple, replace
from datetime import UTC, datetime
from typing import Any

from loopdesk.domain.errors import StoreDamaged
from loopdesk.domain.operators import Operator, Role
from loopdesk.domain.outbox.actions import canonical
from loopdesk.domain.outbox.stages import Cause, Why
from loopdesk.domain.returns.grading import Disposition, Draft, ExtraItem, Grade, Inspection, extra_id
from loopdesk.domain.returns.returns import Fingerprint, LineSeen
from loopdesk.store.codes import storable


def to_json(value: Any) -> str:
    """Write a JSON value as one compact line of ASCII with sorted keys."""
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)


def time_text(at: datetime) -> str:
    """Write an aware time as UTC to the microsecond; the texts sort chronologically.

    Raises:
        ValueError: The time is naive.
    """
    if at.tzinfo is None:
        raise ValueError("a naive time cannot be stored")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def text_time(text: str) -> datetime:
    """Read what ``time_text`` wrote; corrupted text reads as 1970, since no decision depends on a time."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return _EPOCH


def optional_time_text(at: datetime | None) -> str | None:
    """Write an optional time."""
    return None if at is None else time_text(at)


def optional_text_time(text: str | None) -> datetime | None:
    """Read an optional time."""
    return None if text is None else text_time(text)


def operator_text(who: Operator) -> str:
    """Write who decided: the bare name where no people are set up, else a JSON object with id, name and role.

    Half characters are replaced; the others stay as they are, so that the name can be read in the file.
    """
    value = _operator_value(who)
    if isinstance(value, str) and not value.startswith("{"):
        return storable(value)
    return storable(canonical({"id": who.id, "name": who.name, "role": who.role.value}))


def text_operator(text: str) -> Operator:
    """Read what ``operator_text`` wrote, and the names that stood there alone before it."""
    try:
        return _operator_of(json.loads(text) if text.startswith("{") else text)
    except (ValueError, KeyError, TypeError):
        return Operator(name=text)


def _operator_value(who: Operator) -> str | dict[str, str]:
    """Return the JSON value for a person: the name where there is nothing else, an object otherwise."""
    if who == Operator(name=who.name):
        return who.name
    return {"id": who.id, "name": who.name, "role": who.role.value}


def _operator_of(value: str | dict[str, str]) -> Operator:
    if isinstance(value, str):
        return Operator(name=value)
    return Operator(value["id"], value["name"], Role(value["role"]))


def cause_text(cause: Cause) -> str:
    """Write why an entry is where it is as a JSON object, "" for nothing."""
    return to_json(replace(cause, value=storable(cause.value)).plain) if cause else ""


def text_cause(text: str, *, is_dropped: bool = False) -> Cause:
    """Read what ``cause_text`` wrote, or what stores before version 5 kept in its place.

    Args:
        is_dropped: A person dropped the entry: an old text is the reason that they gave.
    """
    try:
        kept = json.loads(text) if text.startswith('{"code":') else {}
    except ValueError:
        kept = {}
    if kept and kept.keys() <= _CAUSE_KEYS:
        return Cause.of(kept)
    return Cause(Why.DROPPED, text) if text and is_dropped else _old_cause(text)


_CAUSE_KEYS = {"code", "value", "doubted"}


_OLD_CLAIM, _OLD_DOUBT = "claimed: ", "refused: "
_OLD_GRADE = re.compile(
    r"Not sent: this API version needs a subject and a title for the grade (.*)\. IT adds.*"
)
_OLD_TEXTS = {
    "Loop refused.": Why.REFUSED,
    "Loop knows no such return.": Why.NOT_FOUND,
    "an older copy of the store was restored": Why.RESTORED,
}
_RULE = re.compile(r"(?:bad|foreign)_[a-z]+")


def _old_cause(text: str) -> Cause:
    """Read a cause as it was kept before version 5: a code, a sentence of ours, or Loop's words."""
    if text.startswith(_OLD_CLAIM):
        return Cause(Why.CLAIMED, text.removeprefix(_OLD_CLAIM))
    if text.startswith(_OLD_DOUBT):
        return replace(_old_cause(text.removeprefix(_OLD_DOUBT)) or Cause(Why.REFUSED), is_doubted=True)
    if found := _OLD_GRADE.fullmatch(text):
        return Cause(Why.CATEGORY_UNNAMED, found[1])
    if not text or text in set(Why) or _RULE.fullmatch(text):
        return Cause(text)
    return Cause(_OLD_TEXTS[text]) if text in _OLD_TEXTS else Cause(Why.REFUSED, text)


def pack(body: str) -> bytes:
    """Compress a body: a million returns of four kilobytes each would not fit on a bench computer."""
    return zlib.compress(body.encode("utf-8", "surrogatepass"), 3)


def unpack(blob: bytes) -> str:
    """Read what ``pack`` wrote.

    Raises:
        StoreDamaged: The bytes are not a packed body.
    """
    try:
        return zlib.decompress(blob).decode("utf-8", "surrogatepass")
    except (zlib.error, UnicodeDecodeError) as failure:
        raise StoreDamaged(why="body") from failure


def draft_json(draft: Draft) -> str:
    """Write a draft with all its fields."""
    return to_json(
        {
            "return_id": draft.return_id,
            "inspections": [_inspection_values(x) for x in draft.inspections],
            "seen": [[line_item_id, time_text(at)] for line_item_id, at in draft.seen],
            "carried": [list(each) for each in draft.carried],
            "extras": [_extra_values(x) for x in draft.extras],
            "notes": list(draft.notes),
            "flag_reason": draft.flag_reason,
            "empty_box": draft.empty_box,
            "wrong_parcel": draft.wrong_parcel,
            "not_waiting": draft.not_waiting,
            "chosen": draft.chosen,
            "selected": draft.selected,
            "parked": draft.parked,
            "updated_at": optional_time_text(draft.updated_at),
        }
    )


def json_draft(text: str) -> Draft:
    """Read what ``draft_json`` wrote.

    Raises:
        ValueError, KeyError, TypeError: The text is not a draft.
    """
    values = json.loads(text)
    return Draft(
        return_id=values["return_id"],
        inspections=tuple(_inspection(x) for x in values["inspections"]),
        seen=tuple((line_item_id, text_time(at)) for line_item_id, at in values["seen"]),
        carried=tuple((str(a), str(b), str(c)) for a, b, c in values.get("carried", ())),
        extras=tuple(_extra(x, n) for n, x in enumerate(values["extras"], start=1)),
        notes=tuple(values["notes"]),
        flag_reason=values["flag_reason"],
        empty_box=values["empty_box"],
        wrong_parcel=values["wrong_parcel"],
        not_waiting=values.get("not_waiting", False),  # missing in drafts saved before the field existed
        chosen=values["chosen"],
        selected=values["selected"],
        parked=values["parked"],
        updated_at=optional_text_time(values["updated_at"]),
    )


def _extra_values(item: ExtraItem) -> dict[str, Any]:
    return {
        "text": item.code or item.words,
        "code": item.code,
        "words": item.words,
        "carried": [list(each) for each in item.carried],
        "found_at": time_text(item.found_at),
        "item_id": item.item_id,
        "instead_of": item.instead_of,
        "title": item.title,
        "grade": item.grade,
        "disposition": item.disposition,
        "photos": list(item.photos),
        "decided_at": optional_time_text(item.decided_at),
    }


def _extra(values: Any, number: int) -> ExtraItem:
    if isinstance(values, list):  # as drafts were saved before an item had a row of its own
        text, at = values
        return ExtraItem(text_time(at), words=text, item_id=extra_id(number))
    is_old = "code" not in values  # as they were before an item could have its code and words
    return ExtraItem(
        found_at=text_time(values["found_at"]),
        code="" if is_old else values["code"],
        words=values["text"] if is_old else values["words"],
        carried=() if is_old else tuple((str(a), str(b)) for a, b in values["carried"]),
        decided_at=None if is_old else optional_text_time(values["decided_at"]),
        item_id=values["item_id"],
        instead_of=values["instead_of"],
        title=values["title"],
        grade=Grade(values["grade"]) if values["grade"] else None,
        disposition=Disposition(values["disposition"]) if values["disposition"] else None,
        photos=tuple(values["photos"]),
    )


def _inspection_values(found: Inspection) -> dict[str, Any]:
    return {
        "line_item_id": found.line_item_id,
        "grade": found.grade.value,
        "disposition": found.disposition.value,
        "operator": _operator_value(found.operator),
        "inspected_at": time_text(found.inspected_at),
        "note": found.note,
        "photos": list(found.photos),
        "is_local_time": found.is_local_time,
    }


def _inspection(values: Mapping[str, Any]) -> Inspection:
    return Inspection(
        line_item_id=values["line_item_id"],
        grade=Grade(values["grade"]),
        disposition=Disposition(values["disposition"]),
        operator=_operator_of(values["operator"]),
        inspected_at=text_time(values["inspected_at"]),
        note=values["note"],
        photos=tuple(values["photos"]),
        is_local_time=values.get("is_local_time", False),  # missing in drafts saved before the field existed
    )


def fingerprint_json(seen: Fingerprint | None) -> str | None:
    """Write a fingerprint; None stays None."""
    if seen is None:
        return None
    return to_json(
        {
            "state": seen.state,
            "outcome": seen.outcome,
            "lines": [list(astuple(line)) for line in seen.lines],
            "totals": list(seen.totals),
            "exchanges": [list(exchange) for exchange in seen.exchanges],
            "edited_at": seen.edited_at,
            "currency": seen.currency,
            "handling_fee": seen.handling_fee,
            "destination_id": seen.destination_id,
            "kind": seen.kind,
            "paid": seen.paid,
            "version": seen.version,
        }
    )


def json_fingerprint(text: str | None) -> Fingerprint | None:
    """Read what ``fingerprint_json`` wrote, now or in earlier versions with fewer fields.

    Raises:
        ValueError, KeyError, TypeError: The text is not a fingerprint.
    """
    if text is None:
        return None
    values = json.loads(text)
    return Fingerprint(
        state=values["state"],
        outcome=values["outcome"],
        lines=tuple(LineSeen(*line) for line in values["lines"]),
        totals=tuple(values["totals"]),
        exchanges=tuple(_exchange_seen(exchange) for exchange in values["exchanges"]),
        edited_at=values["edited_at"],
        currency=values.get("currency", ""),
        handling_fee=values.get("handling_fee", ""),
        destination_id=values.get("destination_id", ""),
        kind=values.get("kind", ""),
        paid=values.get("paid", 0),
        version=values.get("version", 1),
    )


def _exchange_seen(exchange: str | list[str]) -> tuple[str, str, str]:
    """The first version stored only the id."""
    if isinstance(exchange, str):
        return exchange, "", ""
    exchange_id, sku, worth = exchange
    return exchange_id, sku, worth
