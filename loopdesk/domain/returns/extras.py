"""How a draft changes for the items in a parcel that are on no line: graded, placed, taken away. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from loopdesk.domain.returns.grading import Disposition, Draft, ExtraItem, Grade, Vocabulary


def graded(draft: Draft, item_id: str, grade: Grade, vocabulary: Vocabulary, at: datetime) -> Draft:
    """Grade an item, with the grade's default disposition; one that is missing after all is taken away."""
    if grade is Grade.MISSING:
        return without(draft, item_id, at)
    suggested = vocabulary.rule(grade).suggests
    return _changed(
        draft, item_id, at, lambda x: replace(x, grade=grade, disposition=suggested, decided_at=at)
    )


def disposed(draft: Draft, item_id: str, disposition: Disposition, at: datetime) -> Draft:
    """Choose where a graded item goes."""
    return _changed(draft, item_id, at, lambda x: replace(x, disposition=disposition, decided_at=at))


def told_more(draft: Draft, item_id: str, more: ExtraItem) -> Draft:
    """Add to an item what else is known of it: its code with what that carries, or what it is in words.

    Args:
        more: What is empty there stays as it was.
    """

    def change(item: ExtraItem) -> ExtraItem:
        if more.code:
            item = replace(item, code=more.code, title=more.title, carried=more.carried)
        return replace(item, words=more.words or item.words)

    return _changed(draft, item_id, more.found_at, change)


def without(draft: Draft, item_id: str, at: datetime) -> Draft:
    """Take an item away again; the line in whose place it lay stays as it was graded."""
    kept = tuple(x for x in draft.extras if x.item_id != item_id)
    return replace(draft, extras=kept, updated_at=at)


def _changed(draft: Draft, item_id: str, at: datetime, change: Callable[[ExtraItem], ExtraItem]) -> Draft:
    extras = tuple(change(x) if x.item_id == item_id else x for x in draft.extras)
    return replace(draft, extras=extras, updated_at=at)


def told_of(item: ExtraItem) -> str:
    """Say in a note what an item is: its name at Loop, the operator's words, its code and its data."""
    name = " ".join(part for part in (item.title, item.words, item.code) if part)
    return ", ".join((name, *noted(item.carried)))


def described(item: ExtraItem, vocabulary: Vocabulary) -> str:
    """Say in a note what an item is, its condition, and where it goes."""
    name = told_of(item)
    if item.grade is None or item.disposition is None:
        return name
    condition, place = vocabulary.rule(item.grade).description, vocabulary.dispositions[item.disposition]
    return f"{name} ({condition.lower()}; {place.lower()})"


SOLD = "sold"
"""Stands for the serial number that a unit was sold with."""

_CARRIES = {
    "10": "lot",
    "21": "serial",
    "17": "expires",
    "15": "best before",
    "11": "made",
    "run": "unclear",  # labels.gs1.RUN_TOGETHER
    SOLD: "sold serial",
}
"""How a note names what the code of an item carries: by the identifiers of ``labels.gs1``, which may import
returns and not the other way round."""


def noted(carried: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Say in a note what the codes of an item carried."""
    return tuple(f"{_CARRIES[name]} {value}" for name, value in carried)
