"""Which of several stations may finish a return: the one whose claim is first among Loop's notes.

A claim is a note. Loop numbers notes as they arrive, so every station sees the same order, whatever their
clocks say. Claims are identified by the entry they were made for, never by the station's name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from loopdesk.domain.returns.returns import Note

CLAIMED = "claimed: "
"""Prefix of ``last_error`` if another station has the return; its name follows."""

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
