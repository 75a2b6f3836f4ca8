"""The actions that Loop can be asked for: the table of their kinds, and one action as a value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from loopdesk.domain.returns.returns import ReturnState


class Kind(StrEnum):
    """One thing we ask Loop to do. Everything known about it is in ``KINDS``."""

    GRADE = "grade"
    ASSESS = "assess"
    NOTE = "note"
    FLAG = "flag"
    PROCESS = "process"
    REMOVE = "remove"
    CANCEL = "cancel"
    CLOSE = "close"

    @property
    def spec(self) -> KindSpec:
        """Its row in the table."""
        return KINDS[self]


class Order(StrEnum):
    """The classes A to D, which decide what an action waits for and what waits for it."""

    VALUE = "value"  # A: sets a value of a line; idempotent
    NOTE = "note"  # B: appends; its marker shows whether it is there, and how often
    FLAG = "flag"  # C: changes the return's state; a person at Loop can undo it
    FINAL = "final"  # D: irreversible


class Witness(StrEnum):
    """How an action's effect is recognized at Loop; ``effects`` implements each."""

    CONDITION = "condition"  # the line has the grade that was set
    DISPOSITION = "disposition"  # the line has the disposition that was set
    MARKER = "marker"  # a note contains the entry's marker
    STATE = "state"  # the return is in the state that the kind leads to
    PAYMENT = "payment"  # in addition, Loop shows that it paid or shipped what was promised
    # In addition, no money and no goods moved, and we were the ones who closed it
    NO_OUTCOMES = "no_outcomes"


class Carries(StrEnum):
    """Which part of its payload an action sends, and so how its method is called."""

    NOTHING = "nothing"
    BODY = "body"  # a JSON object of free keys, or none
    LINE_IDS = "line_ids"  # the lines that leave the return
    CONTENT = "content"  # one text
    ITEMS = "items"  # the payloads of all entries of the call, one per line


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSpec:
    """Everything that the program knows about one kind of action, except its words.

    Attributes:
        order: The class of order.
        method: Name of the method of ``ports.loop.ActingGateway`` that sends it.
        carries: What it sends.
        witness: How its effect is recognized.
        leads_to: The state of the return after its effect; None if it does not change the state.
        ruled_out_by: States in which the effect can no longer come without a person.
        seconds: How long Loop may show no effect before the entry is resent or parked; a default.
        sends: How often the program may send it automatically; a default, and 1 means never resent.
        entries_most: Maximum number of entries in one call.
        lines_most: Maximum number of line ids in one call; 0 if it has none.
    """

    order: Order
    method: str
    carries: Carries
    witness: Witness
    leads_to: ReturnState | None = None
    ruled_out_by: frozenset[ReturnState] = frozenset()
    seconds: float
    sends: int = 1
    entries_most: int = 1
    lines_most: int = 0

    @property
    def sets_value(self) -> bool:
        """Whether it sets a value of one line, which a later entry of the same kind overwrites."""
        return self.order is Order.VALUE

    @property
    def is_marked(self) -> bool:
        """Whether it is identified by a marker in its text, and read back among the notes."""
        return self.witness is Witness.MARKER

    @property
    def is_gated(self) -> bool:
        """Whether Loop is read again before it is sent, and it is read back before it is done."""
        return self.order in (Order.FLAG, Order.FINAL)

    @property
    def is_final(self) -> bool:
        """Whether it is irreversible."""
        return self.order is Order.FINAL

    @property
    def pays(self) -> bool:
        """Whether it makes Loop pay and ship what was promised."""
        return self.witness is Witness.PAYMENT

    @property
    def removes_lines(self) -> bool:
        """Whether it removes lines from the return."""
        return self.carries is Carries.LINE_IDS

    @property
    def is_listed(self) -> bool:
        """Whether a row of Loop's list can show its effect, so that no details need to be read."""
        return self.witness in (Witness.STATE, Witness.PAYMENT)

    @property
    def list_state(self) -> ReturnState | None:
        """The state to list; None for closed returns, which are in the list without a state."""
        return None if self.leads_to is ReturnState.CLOSED else self.leads_to


_NOT_PROCESSED = frozenset({ReturnState.CANCELLED, ReturnState.EXPIRED, ReturnState.REVIEW})

KINDS: Mapping[Kind, KindSpec] = MappingProxyType(
    {
        Kind.GRADE: KindSpec(
            order=Order.VALUE,
            method="grade",
            carries=Carries.ITEMS,
            witness=Witness.CONDITION,
            seconds=5.0,
            sends=5,
            entries_most=20,  # Loop's guide says 20, its reference 30
            lines_most=20,
        ),
        Kind.ASSESS: KindSpec(
            order=Order.VALUE,
            method="assess",
            carries=Carries.ITEMS,
            witness=Witness.DISPOSITION,
            seconds=5.0,
            sends=5,
            entries_most=20,
            lines_most=20,
        ),
        Kind.NOTE: KindSpec(
            order=Order.NOTE,
            method="create_note",
            carries=Carries.CONTENT,
            witness=Witness.MARKER,
            seconds=30.0,
            sends=2,
        ),
        Kind.FLAG: KindSpec(
            order=Order.FLAG,
            method="flag",
            carries=Carries.NOTHING,
            witness=Witness.STATE,
            leads_to=ReturnState.REVIEW,
            ruled_out_by=frozenset({ReturnState.CLOSED, ReturnState.CANCELLED}),
            seconds=60.0,
            sends=3,
        ),
        Kind.PROCESS: KindSpec(
            order=Order.FINAL,
            method="process",
            carries=Carries.BODY,
            witness=Witness.PAYMENT,
            leads_to=ReturnState.CLOSED,
            ruled_out_by=_NOT_PROCESSED,
            seconds=900.0,
        ),
        Kind.REMOVE: KindSpec(
            order=Order.FINAL,
            method="remove",
            carries=Carries.LINE_IDS,
            witness=Witness.PAYMENT,
            leads_to=ReturnState.CLOSED,
            ruled_out_by=_NOT_PROCESSED,
            seconds=900.0,
            lines_most=50,  # they are in the URL
        ),
        Kind.CANCEL: KindSpec(
            order=Order.FINAL,
            method="cancel",
            carries=Carries.NOTHING,
            witness=Witness.STATE,
            leads_to=ReturnState.CANCELLED,
            ruled_out_by=frozenset({ReturnState.CLOSED, ReturnState.EXPIRED}),
            seconds=120.0,
        ),
        Kind.CLOSE: KindSpec(
            order=Order.FINAL,
            method="close",
            carries=Carries.NOTHING,
            witness=Witness.NO_OUTCOMES,
            leads_to=ReturnState.CLOSED,
            ruled_out_by=frozenset({ReturnState.CANCELLED}),
            seconds=120.0,
        ),
    }
)
"""The table of kinds, the only source of knowledge about a kind."""

NOTE_MOST = 254
"""Maximum length of a note; Loop says "less than 255"."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action before it is kept.

    Attributes:
        kind: What is asked.
        target: The line id for grade and assess, "" otherwise.
        payload: What the kind needs, as JSON values only. grade: ``line_item_id, condition_category,
            description, return_processor, note, images, inspected_at``, plus ``subject, title`` if the
            vocabulary names a 2026-10 category, and ``repeats`` if it only brings late links; assess:
            ``line_item_id, disposition_outcome, return_processor, note, inspected_at``; note: ``content``
            (without the marker); remove: ``line_item_ids``; flag: ``reason``; process: ``body`` with the
            texts of the settings, if any, whose placeholders are filled in when it is kept; cancel, close:
            nothing.
    """

    kind: Kind
    target: str
    payload: Mapping[str, Any]


def canonical(payload: Mapping[str, Any]) -> str:
    """Write a payload as the canonical JSON text that is stored and hashed."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def payload_sha(text: str) -> str:
    """Hash a canonical payload (hex SHA-256); verified before every send."""
    return hashlib.sha256(text.encode()).hexdigest()


def marked(content: str, marker: str) -> str:
    """Append the marker to a note; read-back looks for it there."""
    return f"{content} {marker}" if content else marker


MARKER_LENGTH = len(" [ld:ABCDEF]")


def split_note(text: str, most: int = NOTE_MOST - MARKER_LENGTH) -> tuple[str, ...]:
    """Split an operator's text into notes that fit, numbered if there are several; nothing is cut.

    Breaks at spaces if one is near. Every part leaves room for a marker.
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
