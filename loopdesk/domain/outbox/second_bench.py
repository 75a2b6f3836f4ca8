"""What another bench leaves on a return: notes with loopdesk's mark that this station never wrote.

A mark alone proves little. This station may have written it and no longer know: its ended entries are purged,
its store was made anew or put back from a copy, its machine from an image. So only a note counts that Loop
dates after this run of the program began on this very store: whatever this station wrote since then stands in
that store, for it is committed before it is sent. Names prove nothing at all: stations are renamed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from loopdesk.domain.outbox.claims import claimed_by
from loopdesk.domain.returns.returns import Note

RECENT = timedelta(hours=12)
"""An older note is no evidence, however long the program runs: ended entries are kept for a day at least."""

MARGIN = timedelta(seconds=60)
"""Loop's clock is known to the second, and the skew as of the last answer."""

_MARK = re.compile(r"(?:^|\s)(?P<marker>\[ld:[A-Z2-7]{6}\])$")


@dataclass(frozen=True, slots=True)
class OtherMark:
    """A mark that another bench set.

    Attributes:
        station: The name in a claim; "" where the note is no claim.
    """

    marker: str
    station: str = ""


def other_marks(
    notes: Sequence[Note], own: Collection[str], now: datetime, alone: timedelta
) -> tuple[OtherMark, ...]:
    """Find the marks on a return that no entry of this station can have set.

    Args:
        notes: All of the return.
        own: The markers of every entry of the return at this station.
        now: Loop's time.
        alone: How long this run has written into its store, with nobody beside it as far as was known.
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
