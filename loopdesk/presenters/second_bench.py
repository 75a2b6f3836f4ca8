"""What the bench says when another bench works with the key that was thought to be its own."""

from __future__ import annotations

from loopdesk.presenters import words
from loopdesk.presenters.band import Band


def say(band: Band, station: str) -> None:
    """Say it once, beside what stands there; Health says what IT does about it."""
    if station:
        other = words.say(
            "Another bench ({station}) uses this key. Returns are claimed at Loop before they are finished "
            "now. Call IT: see Health.",
            station=station,
        )
    else:
        other = words.say(
            "Another bench uses this key. Returns are claimed at Loop before they are finished now. "
            "Call IT: see Health."
        )
    band.update(band.screen.sentence, words.listed((band.screen.detail, other)))
