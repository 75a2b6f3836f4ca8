"""Converts outbox rows to domain values and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any
from uuid import uuid4

from loopdesk.domain.errors import RuleBroken, StoreDamaged
from loopdesk.domain.outbox.actions import (
    NOTE_MOST,
    Action,
    Kind,
    canonical,
    marked,
    payload_sha,
)
from loopdesk.domain.outbox.process_body import with_words
from loopdesk.domain.outbox.stages import (
    Attempt,
    Entry,
    ParkReason,
    Stage,
    has_open_gate,
    is_closed_for_changes,
    marker_of,
)
from loopdesk.domain.returns.returns import Fingerprint
from loopdesk.services.ports.store import KeepRequest
from loopdesk.store.codecs import (
    draft_json,
    fingerprint_json,
    json_fingerprint,
    operator_text,
    optional_text_time,
    text_cause,
    text_operator,
    text_time,
    time_text,
)
from loopdesk.store.codes import storable

Row = tuple[Any, ...]


def entry_of(row: Row) -> Entry:
    """Make an entry from a row of the view ``kept``.

    A corrupted payload or fingerprint reads as empty; ``payload_is_whole`` then reports it.

    Raises:
        StoreDamaged: The kind or the stage is unknown.
    """
    values = dict(zip(_COLUMNS, row, strict=True))
    try:
        kind, stage = Kind(values["kind"]), Stage(values["stage"])
    except ValueError as failure:
        raise StoreDamaged(why="entry", seq=values["seq"]) from failure
    return Entry(
        seq=values["seq"],
        entry_id=values["entry_id"],
        settlement_id=values["settlement_id"],
        return_id=values["return_id"],
        order_name=values["order_name"],
        kind=kind,
        target=values["target"],
        payload=_payload(values["payload"]),
        payload_sha=values["payload_sha"],
        marker=values["marker"],
        stage=stage,
        reason=_reason(values["reason"]),
        seen=_fingerprint(values["seen"]),
        found=_fingerprint(values["found"]),
        operator=text_operator(values["operator"]),
        station=values["station"],
        key_fingerprint=values["key_fingerprint"],
        hold_seconds=values["hold_seconds"],
        decided_at=text_time(values["decided_at"]),
        tries=values["tries"],
        unresolved=values["unresolved"],
        cause=text_cause(values["last_error"]),
        due_at=optional_text_time(values["due_at"]),
        moved_at=optional_text_time(values["moved_at"]),
    )


_COLUMNS = (
    "seq",
    "entry_id",
    "settlement_id",
    "return_id",
    "order_name",
    "kind",
    "target",
    "payload",
    "payload_sha",
    "marker",
    "stage",
    "reason",
    "seen",
    "found",
    "operator",
    "station",
    "key_fingerprint",
    "hold_seconds",
    "decided_at",
    "tries",
    "unresolved",
    "last_error",
    "due_at",
    "moved_at",
    "settlement",
)
"""The columns of the view ``kept``, in its order."""


def _reason(text: str | None) -> ParkReason | None:
    try:
        return ParkReason(text) if text else None
    except ValueError:
        return ParkReason.DAMAGED


def _payload(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _fingerprint(text: str | None) -> Fingerprint | None:
    try:
        return json_fingerprint(text)
    except (ValueError, KeyError, TypeError):
        return None


def is_addressed_right(entry: Entry) -> bool:
    """Check that target and marker, stored next to the payload, agree with it."""
    if entry.kind.spec.sets_value:
        return entry.target == entry.payload.get("line_item_id")
    return entry.marker == (marker_of(entry.entry_id) if entry.kind.spec.is_marked else "")


def attempt_of(row: Row) -> Attempt:
    """Make an attempt from its row."""
    entry_id, n, before, evidence, http_status, code, began_at, ended_at, asked_as = row
    began, ended = text_time(began_at), optional_text_time(ended_at)
    return Attempt(entry_id, n, before, evidence, http_status, code, began, ended, asked_as)


def check_may_keep(lane: Sequence[Entry], actions: Sequence[Action]) -> None:
    """Reject a settlement that the return's existing entries forbid.

    Nothing is accepted behind a held finalizer, because it would reach Loop after it. Grades and notes are
    accepted behind an unfinished flag: a return in review is still graded.

    Raises:
        RuleBroken: ``closed_for_changes``, ``already_settling`` or ``nothing_to_settle``.
    """
    if is_closed_for_changes(lane):
        raise RuleBroken("closed_for_changes")
    gates = any(action.kind.spec.is_gated for action in actions)
    before_finalizer = any(entry.kind.spec.is_final and not entry.is_finished for entry in lane)
    if has_open_gate(lane) and (gates or before_finalizer):
        raise RuleBroken("already_settling")
    if not actions:
        raise RuleBroken("nothing_to_settle")


def settlement_values(request: KeepRequest) -> dict[str, Any]:
    """Return the values of a new settlement row."""
    return {
        "settlement_id": uuid4().hex,
        "return_id": request.return_id,
        "order_name": storable(request.order_name),
        "kind": request.kind,
        "draft": draft_json(request.draft),
        "seen": fingerprint_json(request.seen),
        "operator": operator_text(request.operator),
        "station": storable(request.station),
        "key_fingerprint": request.key_fingerprint,
        "hold_seconds": float(request.hold_seconds),
        "decided_at": time_text(request.decided_at),
    }


def entry_rows(
    request: KeepRequest, settlement: int, settlement_id: str, markers: set[str]
) -> list[dict[str, Any]]:
    """Return the values of a settlement's new entry rows, one per action.

    Args:
        request: The settlement.
        settlement: The number of its row.
        settlement_id: Its id.
        markers: Markers already used by notes of this return; new ones are added.

    Raises:
        RuleBroken: ``note_too_long``: text and marker do not fit in one note.
    """
    same = {
        "settlement": settlement,
        "return_id": request.return_id,
        "due_at": time_text(request.decided_at + timedelta(seconds=request.hold_seconds)),
        "moved_at": time_text(request.decided_at),
    }
    seen = fingerprint_json(request.seen)
    words = {
        "station": request.station,
        "operator": request.operator.name,
        "settlement": settlement_id,
        "return": request.return_id,
        "order": request.order_name,
    }
    return [same | _own_values(action, markers, seen, words) for action in request.actions]


def _own_values(
    action: Action, markers: set[str], seen: str | None, words: Mapping[str, str]
) -> dict[str, Any]:
    entry_id, marker = _name(action.kind, markers)
    payload = _sound(with_words(action.payload, words))
    if action.kind.spec.is_marked:
        payload["content"] = marked(payload["content"], marker)
        if len(payload["content"]) > NOTE_MOST:
            raise RuleBroken("note_too_long")
    text = canonical(payload)
    return {
        "entry_id": entry_id,
        "kind": action.kind.value,
        "target": action.target,
        "payload": text,
        "payload_sha": payload_sha(text),
        "marker": marker,
        "seen": seen if action.kind.spec.is_gated else None,
    }


def kept_entries(
    request: KeepRequest, settlement_id: str, rows: Iterable[tuple[int, Mapping[str, Any]]]
) -> tuple[Entry, ...]:
    """Return the entries of a settlement as just written, without reading them back.

    Args:
        request: The settlement.
        settlement_id: Its id.
        rows: The number of each entry with the values of its row.
    """
    decided_at = request.decided_at.astimezone(UTC)
    return tuple(
        Entry(
            seq=seq,
            entry_id=row["entry_id"],
            settlement_id=settlement_id,
            return_id=request.return_id,
            order_name=storable(request.order_name),
            kind=Kind(row["kind"]),
            target=row["target"],
            payload=_payload(row["payload"]),
            payload_sha=row["payload_sha"],
            marker=row["marker"],
            stage=Stage.HELD,
            reason=None,
            seen=request.seen if row["seen"] is not None else None,
            found=None,
            operator=text_operator(operator_text(request.operator)),
            station=storable(request.station),
            key_fingerprint=request.key_fingerprint,
            hold_seconds=float(request.hold_seconds),
            decided_at=decided_at,
            due_at=decided_at + timedelta(seconds=request.hold_seconds),
            moved_at=decided_at,
        )
        for seq, row in rows
    )


def _name(kind: Kind, markers: set[str]) -> tuple[str, str]:
    """Choose an id; for a note one whose marker no other note of the return has."""
    while True:
        entry_id = uuid4().hex
        marker = marker_of(entry_id)
        if not kind.spec.is_marked:
            return entry_id, ""
        if marker not in markers:
            markers.add(marker)
            return entry_id, marker


def _sound(value: Any) -> Any:
    """Replace lone surrogates in a payload: neither the file nor Loop accepts them."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(str(key)): _sound(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_sound(part) for part in value]
    return value
