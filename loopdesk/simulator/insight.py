"""The truth as JSON, for tests that run beside the simulator and for people who want to look."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from loopdesk.simulator.loop import Loop
from loopdesk.simulator.truth import Effect, Job, Label, LineItem, Note, Return


def truth(loop: Loop, return_id: str) -> dict[str, Any]:
    """Return everything that is true about a return now.

    Counts are of effects caused by an API client; `effects` lists those of every actor, in order.

    Raises:
        KeyError: The return does not exist.
    """
    with loop.lock:
        ret = loop.get(return_id)
        return {
            "return_id": ret.return_id,
            "order_name": ret.order_name,
            "provider_order_id": ret.provider_order_id,
            "state": ret.state,
            "flagged": ret.flagged,
            "outcome": ret.outcome,
            "was_processed": ret.was_processed,
            "created_at": ret.created_at.isoformat(),
            "updated_at": ret.updated_at.isoformat(),
            "edited_at": None if ret.edited_at is None else ret.edited_at.isoformat(),
            "closed_at": None if ret.closed_at is None else ret.closed_at.isoformat(),
            "destination_id": ret.destination_id,
            "lines": [_line(line) for line in ret.lines],
            "labels": [_label(label) for label in ret.labels],
            "notes": [_note(note) for note in ret.notes],
            "processings": ret.count("processed"),
            "removals": ret.count("removed"),
            "cancellations": ret.count("cancelled"),
            "closings": ret.count("closed"),
            "flaggings": ret.count("flagged"),
            "effects": [_effect(effect) for effect in ret.effects],
            "failed_processings": len(ret.failures),
            "queued": [_job(job) for job in ret.jobs],
            "removed_line_ids": list(ret.removed_line_ids),
            "additional_details": list(ret.additional_details),
        }


def summary(ret: Return) -> dict[str, Any]:
    """Summarize a return in one line."""
    return {
        "return_id": ret.return_id,
        "order_name": ret.order_name,
        "state": ret.state,
        "flagged": ret.flagged,
        "lines": len(ret.lines),
        "tracking_numbers": [label.tracking_number for label in ret.labels],
    }


def _line(line: LineItem) -> dict[str, Any]:
    body = asdict(line)
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in body.items()}


def _label(label: Label) -> dict[str, Any]:
    return {
        "tracking_number": label.tracking_number,
        "carrier": label.carrier,
        "status": label.status,
        "updated_at": label.updated_at.isoformat(),
        "line_item_ids": list(label.line_item_ids),
        "plan": [[at.isoformat(), status] for at, status in label.plan],
    }


def _note(note: Note) -> dict[str, Any]:
    return {
        "id": note.note_id,
        "content": note.content,
        "created_at": note.created_at.isoformat(),
        "by": note.by,
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return _dated(asdict(effect))


def _job(job: Job) -> dict[str, Any]:
    return _dated(asdict(job))


def _dated(body: dict[str, Any]) -> dict[str, Any]:
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in body.items()}
