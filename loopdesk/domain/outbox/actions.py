"""What we ask Loop to do: the table of the kinds of action, and one action as a value."""

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
    """One thing we ask Loop to do. What is known of it stands in ``KINDS``, and nowhere else."""

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
        """Return its row of the table."""
        return KINDS[self]


class Order(StrEnum):
    """What an action waits for, and what waits for it: the classes A to D."""

    VALUE = "value"  # A: sets a value of a line; the same bytes twice leave the same state
    NOTE = "note"  # B: appends; its marker tells whether it is there, and how often
    FLAG = "flag"  # C: changes the return's state, and a person at Loop can take it back
    FINAL = "final"  # D: nobody can ever take it back


class Witness(StrEnum):
    """What at Loop shows that an action had its effect; ``effects`` knows how to look for each."""

    CONDITION = "condition"  # the line holds the grade that was set
    DISPOSITION = "disposition"  # the line holds the disposition that was set
    MARKER = "marker"  # a note carries the entry's marker
    STATE = "state"  # the return is in the state that the kind leads to
    PAYMENT = "payment"  # besides, Loop shows that it paid or shipped what was promised
    NO_OUTCOMES = "no_outcomes"  # besides, no money and no goods moved, and it was we who closed it


class Carries(StrEnum):
    """What of its payload an action takes along, which is also how its method is called."""

    NOTHING = "nothing"
    BODY = "body"  # a JSON object of free keys, or none
    LINE_IDS = "line_ids"  # the lines that leave the return
    CONTENT = "content"  # one text
    ITEMS = "items"  # the payloads of all entries of the call, a line each


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSpec:
    """All that the program knows of one kind of action, but for its words.

    Attributes:
        order: The class of order.
        method: Name of the method of ``ports.loop.ActingGateway`` that sends it.
        carries: What goes along.
        witness: What shows its effect.
        leads_to: The state that its effect leaves the return in; None where it leaves the state alone.
        ruled_out_by: States in which the effect can no longer come on its own.
        seconds: How long Loop may show no effect before the entry is sent again or parked; a default.
        sends: How often the program may send it on its own; a default, and 1 means never a second time.
        entries_most: Entries that one call takes.
        lines_most: Line ids that one call takes; 0 where it names none.
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
        """Whether it sets a value of one line, which a later entry of the same kind replaces."""
        return self.order is Order.VALUE

    @property
    def is_marked(self) -> bool:
        """Whether it is told apart by a marker in its text, and read back among the notes."""
        return self.witness is Witness.MARKER

    @property
    def is_gated(self) -> bool:
        """Whether Loop is read again before it is sent, and read back before it is done."""
        return self.order in (Order.FLAG, Order.FINAL)

    @property
    def is_final(self) -> bool:
        """Whether nobody can ever take it back."""
        return self.order is Order.FINAL

    @property
    def pays(self) -> bool:
        """Whether it lets Loop pay and ship what was promised."""
        return self.witness is Witness.PAYMENT

    @property
    def removes_lines(self) -> bool:
        """Whether lines leave the return by it."""
        return self.carries is Carries.LINE_IDS

    @property
    def is_listed(self) -> bool:
        """Whether a row of Loop's list can show its effect, so that no details need to be read."""
        return self.witness in (Witness.STATE, Witness.PAYMENT)

    @property
    def list_state(self) -> ReturnState | None:
        """The state to ask Loop's list for; None for closed returns, which stand in the list of all."""
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
            lines_most=50,  # they stand in the address
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
"""The one table of kinds: anyone who has to know something of a kind asks here."""

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
            vocabulary names a 2026-10 category; assess: ``line_item_id, disposition_outcome,
            return_processor, note, inspected_at``; note: ``content`` (without the marker); remove:
            ``line_item_ids``; flag: ``reason``; process: ``body`` with the texts of the settings, if any,
            whose placeholders are filled in when it is kept; cancel, close: nothing.
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
