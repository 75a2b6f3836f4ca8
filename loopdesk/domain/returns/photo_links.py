"""The photo links that a grade carries; Loop accepts five per line."""

from __future__ import annotations

from loopdesk.domain.returns.grading import Draft, Inspection

MOST = 5


def links_of(found: Inspection) -> list[str]:
    """Return the links sent with a grade: the latest, if there are more than Loop accepts."""
    return _all(found)[-MOST:]


def left_out(draft: Draft) -> int:
    """Count the photos that Loop does not accept, to warn before the settlement is confirmed."""
    return sum(max(0, len(_all(x)) - MOST) for x in draft.inspections)


def _all(found: Inspection) -> list[str]:
    return [photo for photo in found.photos if photo.startswith("https://")]
