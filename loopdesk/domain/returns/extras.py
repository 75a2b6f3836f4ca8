"""How a draft changes for the items in a parcel that are on no line: graded, placed, taken away. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from loopdesk.domain.returns.grading import Disposition, Draft, ExtraItem, Grade, Vocabulary


def graded(draft: Draft, item_id: str, grade: Grade, vocabulary: Vocabulary, at: datetime) -> Draft:
    """Grade an item, with the grade's default disposition; one that is missing after all is taken away."""
    if grade is Grade.MISSING:
        return without(draft, item_id, at)
    suggested = vocabulary.rule(grade).suggests
    return _changed(draft, item_id, at, lambda x: replace(x, grade=grade, disposition=suggested))


def disposed(draft: Draft, item_id: str, disposition: Disposition, at: datetime) -> Draft:
    """Choose where a graded item goes."""
    return _changed(draft, item_id, at, lambda x: replace(x, disposition=disposition))


def photographed(draft: Draft, item_id: str, photo: str, at: datetime) -> Draft:
    """Attach a kept photo to an item."""
    return _changed(draft, item_id, at, lambda x: replace(x, photos=(*x.photos, photo)))


def without(draft: Draft, item_id: str, at: datetime) -> Draft:
    """Take an item away again; the line in whose place it lay stays as it was graded."""
    kept = tuple(x for x in draft.extras if x.item_id != item_id)
    return replace(draft, extras=kept, updated_at=at)


def _changed(draft: Draft, item_id: str, at: datetime, change: Callable[[ExtraItem], ExtraItem]) -> Draft:
    extras = tuple(change(x) if x.item_id == item_id else x for x in draft.extras)
    return replace(draft, extras=extras, updated_at=at)


def described(item: ExtraItem, vocabulary: Vocabulary) -> str:
    """Say in a note what an item is, its condition, and where it goes."""
    name = f"{item.title} {item.text}".strip()
    if item.grade is None or item.disposition is None:
        return name
    condition, place = vocabulary.rule(item.grade).description, vocabulary.dispositions[item.disposition]
    return f"{name} ({condition.lower()}; {place.lower()})"
