"""The photos in a draft: attached, replaced, taken away; which are compulsory, and which go to Loop. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from loopdesk.domain.returns.grading import Draft, ExtraItem, Inspection, PhotoRule, Vocabulary
from loopdesk.domain.returns.returns import Return

MOST = 5
"""So many links Loop accepts with one grade."""


def photos_of(draft: Draft, item_id: str) -> tuple[str, ...]:
    """Return the photos of a line, or of an item on no line, oldest first."""
    item = draft.inspection(item_id) or draft.item(item_id)
    return item.photos if item is not None else ()


def with_photo(draft: Draft, item_id: str, photo: str, *, instead_of: str = "") -> Draft:
    """Attach a kept photo to a decided line or to an item on no line; once, however often it is given.

    Args:
        instead_of: The photo whose place it takes; added at the end where that is gone.
    """
    photos = tuple(photo if x == instead_of else x for x in photos_of(draft, item_id))
    return _with(draft, item_id, tuple(dict.fromkeys((*photos, photo))))


def without_photo(draft: Draft, item_id: str, photo: str) -> Draft:
    """Take a photo away again; its grade stays."""
    return _with(draft, item_id, tuple(x for x in photos_of(draft, item_id) if x != photo))


def _with(draft: Draft, item_id: str, photos: tuple[str, ...]) -> Draft:
    found = draft.inspection(item_id)
    if found is not None:
        return draft.with_inspection(replace(found, photos=photos))
    extras = tuple(replace(x, photos=photos) if x.item_id == item_id else x for x in draft.extras)
    return replace(draft, extras=extras)


# --- what the vocabulary asks for ---------------------------------------------------------------------


def photo_rule(found: Inspection | ExtraItem, vocabulary: Vocabulary) -> PhotoRule:
    """Say whether an item needs a photo, by its grade and by where it goes."""
    if found.grade is None or found.disposition is None:
        return PhotoRule.NONE
    if found.disposition in vocabulary.photographed:
        return PhotoRule.REQUIRED
    return vocabulary.rule(found.grade).photo


def unphotographed(ret: Return, draft: Draft, vocabulary: Vocabulary, rule: PhotoRule) -> tuple[str, ...]:
    """Name what has no photo although this rule holds for it: decided lines, then items on no line."""
    return tuple(dict.fromkeys(_named(ret, draft, vocabulary, rule)))


def _named(ret: Return, draft: Draft, vocabulary: Vocabulary, rule: PhotoRule) -> Iterator[str]:
    for line in ret.lines:
        found = draft.inspection(line.line_item_id)
        if found is not None and not found.photos and photo_rule(found, vocabulary) is rule:
            yield line.title or line.sku or line.line_item_id
    for extra in draft.extras:
        if not extra.photos and photo_rule(extra, vocabulary) is rule:
            yield extra.name


# --- what goes to Loop --------------------------------------------------------------------------------


def sent_photos(found: Inspection) -> tuple[str, ...]:
    """Return the photos whose links go with a grade: the latest, if there are more than Loop accepts."""
    return tuple(dict.fromkeys(found.photos))[-MOST:]


def left_out(draft: Draft) -> int:
    """Count the photos that Loop does not accept, to warn before the settlement is confirmed."""
    return sum(max(0, len(set(x.photos)) - MOST) for x in draft.inspections)
