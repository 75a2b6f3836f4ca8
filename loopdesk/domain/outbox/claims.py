"""Who finishes a return when several stations want to: whose claim stands first among Loop's notes.

A claim is a note. Loop numbers notes as they arrive, so that every station sees the same order, whatever
their clocks say. Claims are told apart by the entry that they were made for, never by the station's name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from loopdesk.domain.returns.returns import Note

CLAIMED = "claimed: "
"""How ``last_error`` begins when another station has the return; its name follows."""

NAME_MOST = 80
"""So many characters of a station's name stand in a claim."""

_CLAIM = re.compile(r"^loopdesk (?P<station>.*) claims (?P<marker>\[ld:[A-Z2-7]{6}\])$")


@dataclass(frozen=True, slots=True)
class Ours:
    """Our claim is the first."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """Another station's claim is before ours."""

    station: str


@dataclass(frozen=True, slots=True)
class Missing:
    """No claim of this entry stands at Loop yet."""


Claim = Ours | Theirs | Missing


def claim_text(station: str, marker: str) -> str:
    """Write the note that claims a return."""
    name = " ".join(station.split())[:NAME_MOST] or "station"
    return f"loopdesk {name} claims {marker}"


def claimed_by(text: str) -> str:
    """Return the name of the station that claims by this note; "" where it is no claim."""
    found = _CLAIM.match(text.strip())
    return found["station"] if found is not None else ""


def judge_claims(notes: Sequence[Note], marker: str, own: Collection[str]) -> Claim:
    """Decide who may finish a return.

    Args:
        notes: All of the return, in the order of Loop's own numbers.
        marker: Of the entry that wants to finish it.
        own: The markers of every entry of the return at this station: its earlier claims stand in
            nobody's way.
    """
    claims = [found for note in notes if (found := _CLAIM.match(note.text.strip())) is not None]
    if all(found["marker"] != marker for found in claims):
        return Missing()
    first = claims[0]
    if first["marker"] == marker or first["marker"] in own:
        return Ours()
    return Theirs(first["station"])
