"""What we ask Loop to do: eight kinds of action, in four classes of order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """One thing we ask Loop to do."""

    GRADE = "grade"
    ASSESS = "assess"
    NOTE = "note"
    FLAG = "flag"
    PROCESS = "process"
    REMOVE = "remove"
    CANCEL = "cancel"
    CLOSE = "close"


VALUES = frozenset({Kind.GRADE, Kind.ASSESS})
"""Class A: they set a value; the same bytes twice leave the same state."""

FINALIZERS = frozenset({Kind.PROCESS, Kind.REMOVE, Kind.CANCEL, Kind.CLOSE})
"""Class D: Loop can never take them back."""

PAYING = frozenset({Kind.PROCESS, Kind.REMOVE})
"""Kinds that let Loop pay and ship what was promised; done only when Loop shows that it did."""

GATED = FINALIZERS | {Kind.FLAG}
"""Kinds that are asked for only after Loop was read again, and done only after it was read back."""

BATCH_MOST = 20
"""Most items of one grade or assess call; Loop's guide says 20, its reference 30."""

REMOVE_MOST = 50
"""Most line ids of one remove call (they stand in the URL)."""

NOTE_MOST = 254
"""Most characters of a note; Loop says "less than 255"."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action before it is kept.

    Attributes:
        kind: What is asked.
        target: The line id for grade and assess, "" otherwise.
        payload: What the kind needs, as JSON values only:
            grade: ``line_item_id, condition_category, description, return_processor, note, images,
            inspected_at`` plus ``subject, title`` when the vocabulary names a 2026-10 category;
            assess: ``line_item_id, disposition_outcome, return_processor, note, inspected_at``;
            note: ``content`` (without the marker); remove: ``line_item_ids``; flag: ``reason``;
            process: ``body`` with the texts of the settings, where there are any, its placeholders filled in
            when it is kept; cancel, close: nothing.
    """

    kind: Kind
    target: str
    payload: Mapping[str, Any]


def canonical(payload: Mapping[str, Any]) -> str:
    """Write a payload as the one JSON text that is stored and hashed."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def payload_sha(text: str) -> str:
    """Hash a canonical payload (hex SHA-256); checked again before every send."""
    return hashlib.sha256(text.encode()).hexdigest()


def marked(content: str, marker: str) -> str:
    """Put the marker at the end of a note, where it is looked for when reading back."""
    return f"{content} {marker}" if content else marker


MARKER_LENGTH = len(" [ld:ABCDEF]")


def split_note(text: str, most: int = NOTE_MOST - MARKER_LENGTH) -> tuple[str, ...]:
    """Split an operator's text into notes that fit, numbered when there are several; nothing is cut.

    Breaks at spaces where one is near. Every part leaves room for a marker.
    """
    clean = " ".join(text.split())
    if len(clean) <= most:
        return (clean,) if clean else ()
    room = most - len("(99/99) ")
    parts: list[str] = []
    rest = clean
    while rest:
        if len(rest) <= room:
            parts.append(rest)
            break
        cut = rest.rfind(" ", room // 2, room + 1)
        cut = room if cut < 0 else cut
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return tuple(f"({n}/{len(parts)}) {part}" for n, part in enumerate(parts, 1))
