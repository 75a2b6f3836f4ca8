"""The links to photos that a grade carries; Loop takes five of a line."""

from __future__ import annotations

from loopdesk.domain.returns.grading import Draft, Inspection

MOST = 5


def links_of(found: Inspection) -> list[str]:
    """Return the links that go with a grade: of more than Loop takes, the latest."""
    return _all(found)[-MOST:]


def left_out(draft: Draft) -> int:
    """Count the photos that Loop does not take, to be said before the settlement is confirmed."""
    return sum(max(0, len(_all(x)) - MOST) for x in draft.inspections)


def _all(found: Inspection) -> list[str]:
    return [photo for photo in found.photos if photo.startswith("https://")]
