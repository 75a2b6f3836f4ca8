"""Detects another bench by its notes on a return: loopdesk markers that this station never wrote.

A marker alone proves little. This station may have written it and forgotten: its ended entries are purged,
its store was recreated or restored from a copy, its machine from an image. So a note counts only if Loop
dates it after this run of the program began on this very store: whatever this station wrote since then is in
that store, because it is committed before it is sent. Names prove nothing: stations are renamed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from loopdesk.domain.outbox.claims import claimed_by
from loopdesk.domain.returns.returns import Note

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
