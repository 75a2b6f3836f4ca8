"""What becomes of a draft that a bench puts: which value stays, and when a person has to choose. Pure.

Nothing that was entered is overwritten by what did not come from it: a bench says on which revision its value
stands, and where that is not the newest one, both stay until a person has chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

LINEAGE = 20
"""Of so many revisions before it a value is known to have come from them."""


class Ended(StrEnum):
    """How a draft ended."""

    SETTLED = "settled"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision; numbers of one generation of the database follow each other."""

    number: int
    generation: str

    def __str__(self) -> str:
        return f"{self.number}@{self.generation}"


def revision_in(text: str) -> Revision | None:
    """Read a revision; None if it is none."""
    number, sign, generation = text.partition("@")
    if not sign or not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    return Revision(int(number), generation)


@dataclass(frozen=True, slots=True)
class Put:
    """What a bench puts.

    Attributes:
        base: The revision that it stands on; None for one begun there.
        content: A hash of what is entered, "" where it ended.
        turn: The bench's own count of its puts.
        ended: How it ended; None while it did not.
        at: When it was entered, or ended.
    """

    bench: UUID
    base: Revision | None
    content: str
    turn: int
    ended: Ended | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Current:
    """What the hub has.

    Attributes:
        lineage: The contents that it came from.
        others: As of ``Put``.
    """

    revision: Revision
    bench: UUID
    content: str
    lineage: tuple[str, ...]
    turn: int
    ended: Ended | None
    at: datetime


class PutOutcome(StrEnum):
    """What becomes of a put."""

    KEPT = "kept"
    SAME = "same"
    """It was kept before, or there is nothing to keep."""
    BEHIND = "behind"
    """What the hub has came from it, or ends it."""
    CONFLICT = "conflict"
    """Neither came from the other."""
    LATE = "late"
    """The same bench has put something that this one does not stand on: it looks at that first."""


def decide(current: Current | None, put: Put) -> PutOutcome:
    """Decide what becomes of a put."""
    if current is None:
        return PutOutcome.SAME if put.ended is Ended.DISCARDED else PutOutcome.KEPT
    if current.bench == put.bench and put.turn <= current.turn:
        is_repeat = (put.turn, put.content, put.ended) == (current.turn, current.content, current.ended)
        return PutOutcome.SAME if is_repeat else PutOutcome.LATE
    follows = _follows(current, put)
    outcome = _met(current, put, follows=follows)
    is_apart = outcome in (PutOutcome.CONFLICT, PutOutcome.BEHIND) and not follows
    return PutOutcome.LATE if is_apart and put.bench == current.bench else outcome


def _met(current: Current, put: Put, *, follows: bool) -> PutOutcome:
    """Decide by what both are, whoever wrote them.

    The same bench need not know what it wrote: it lost the answer, or its store was put back from an older
    copy. Only the bench can tell these apart.
    """
    if put.ended is not None:
        return _ends(current, put, follows=follows)
    if current.ended is Ended.SETTLED and not follows and put.at <= current.at:
        return PutOutcome.BEHIND
    if follows or current.ended is not None or put.content == current.content:
        return PutOutcome.KEPT
    return PutOutcome.BEHIND if put.content in current.lineage else PutOutcome.CONFLICT


def _ends(current: Current, put: Put, *, follows: bool) -> PutOutcome:
    """A settlement ends whatever was entered before it; what was discarded, only what it was."""
    if current.ended is Ended.SETTLED or (current.ended is not None and put.ended is Ended.DISCARDED):
        return PutOutcome.BEHIND
    if follows or (put.ended is Ended.SETTLED and current.at <= put.at):
        return PutOutcome.KEPT
    return PutOutcome.BEHIND


def _follows(current: Current, put: Put) -> bool:
    """Whether a put came from the current value, because it stands on it.

    A smaller number of the generation that it stands on is what a restored copy of the database has.
    """
    if put.base is None or put.base.generation != current.revision.generation:
        return False
    return put.base.number >= current.revision.number


def lineage_after(current: Current | None) -> tuple[str, ...]:
    """Return the contents that a value came from which replaces the current one."""
    if current is None:
        return ()
    return tuple(dict.fromkeys((current.content, *current.lineage) if current.content else current.lineage))[
        :LINEAGE
    ]
