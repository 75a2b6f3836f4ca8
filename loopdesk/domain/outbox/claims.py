"""Several benches on one key: whose claim on a return is first, and which marks are another bench's.

A claim is a note. Loop numbers notes as they arrive, so every station sees the same order, whatever their
clocks say. Claims are identified by the entry they were made for, never by the station's name.

A marker that this station never wrote proves little. It may have written it and forgotten: its ended entries
are purged, its store was recreated or restored from a copy, its machine from an image. So a note counts only
if Loop dates it after this run of the program began on this very store: whatever this station wrote since
then is in that store, because it is committed before it is sent. Names prove nothing: stations are renamed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from loopdesk.domain.returns.returns import Note

NAME_MOST = 80
"""Maximum length of a station's name in a claim."""

_CLAIM = re.compile(r"^loopdesk (?P<station>.*) claims (?P<marker>\[ld:[A-Z2-7]{6}\])$")


@dataclass(frozen=True, slots=True)
class Ours:
    """Our claim is first."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """Another station's claim is before ours."""

    station: str


@dataclass(frozen=True, slots=True)
class Missing:
    """Loop does not show this entry's claim yet."""


Claim = Ours | Theirs | Missing


def claim_text(station: str, marker: str) -> str:
    """Write the note that claims a return."""
    name = " ".join(station.split())[:NAME_MOST] or "station"
    return f"loopdesk {name} claims {marker}"


def claimed_by(text: str) -> str:
    """Return the name of the station that claims with this note; "" if it is not a claim."""
    found = _CLAIM.match(text.strip())
    return found["station"] if found is not None else ""


def judge_claims(notes: Sequence[Note], marker: str, own: Collection[str]) -> Claim:
    """Decide who may finish a return.

    Args:
        notes: All of the return, in Loop's order.
        marker: Of the entry that is about to finish it.
        own: The markers of all entries of the return at this station: its own earlier claims do not conflict.
    """
    claims = [found for note in notes if (found := _CLAIM.match(note.text.strip())) is not None]
    if all(found["marker"] != marker for found in claims):
        return Missing()
    first = claims[0]
    if first["marker"] == marker or first["marker"] in own:
        return Ours()
    return Theirs(first["station"])


# --- marks of a bench nobody spoke of ---------------------------------------------------------------

RECENT = timedelta(hours=12)
"""An older note is no evidence, however long the program has run: ended entries are kept for at least a
day.
"""

MARGIN = timedelta(seconds=60)
"""Loop's clock is known only to the second, and the skew only as of the last answer."""

_MARK = re.compile(r"(?:^|\s)(?P<marker>\[ld:[A-Z2-7]{6}\])$")


@dataclass(frozen=True, slots=True)
class OtherMark:
    """A marker set by another bench.

    Attributes:
        station: The name in a claim; "" if the note is not a claim.
    """

    marker: str
    station: str = ""


def other_marks(
    notes: Sequence[Note], own: Collection[str], now: datetime, alone: timedelta
) -> tuple[OtherMark, ...]:
    """Find the markers on a return that no entry of this station can have set.

    Args:
        notes: All of the return.
        own: The markers of every entry of the return at this station.
        now: Loop's time.
        alone: How long this run has written to its store, alone as far as was known.
    """
    after, before = now - min(alone, RECENT) + MARGIN, now + MARGIN
    found: list[OtherMark] = []
    for note in notes:
        mark = _MARK.search(note.text.rstrip())
        if mark is None or note.created_at is None or not after < note.created_at <= before:
            continue
        if mark["marker"] not in own:
            found.append(OtherMark(mark["marker"], claimed_by(note.text)))
    return tuple(found)
