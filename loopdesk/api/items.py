"""Grade and assess payloads in the form that each API version wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from loopdesk.api.calls import checked_id
from loopdesk.api.versions import ApiVersion
from loopdesk.domain.errors import Refused, RuleBroken
from loopdesk.domain.outbox.actions import BATCH_MOST

_GRADE_WORDS: Final = ("description", "return_processor", "note", "images", "inspected_at")
_ASSESS_WORDS: Final = ("disposition_outcome", "return_processor", "note", "inspected_at")
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], ())


def checked_batch(items: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the line ids of a batch in their wire form.

    Raises:
        RuleBroken: ``bad_batch`` for none or more than 20, ``bad_id`` for an invalid id.
    """
    if not 1 <= len(items) <= BATCH_MOST:
        raise RuleBroken("bad_batch")
    return tuple(checked_id(str(item.get("line_item_id", ""))) for item in items)


def grade_item(item: Mapping[str, Any], version: ApiVersion) -> dict[str, Any]:
    """Build one ``Kind.GRADE`` payload for a version; empty fields are left out.

    Raises:
        Refused: ``CATEGORY_UNNAMED``, without a request: the version wants a category by its two names, and
            neither the payload nor Loop has them. Guessing would create a new category in the shop's account.
            It counts as the 422 that Loop gives for a category without names, so the batch is split and only
            the unnamed grade waits for a person.
    """
    wire = _line(item, _GRADE_WORDS)
    word = str(item.get("condition_category") or "")
    if not word:
        return wire
    if not version.category_is_object:
        wire["condition_category"] = word
        return wire
    subject, title = str(item.get("subject") or ""), str(item.get("title") or "")
    if not (subject and title):
        subject, title = version.built_in_category(word) or ("", "")
    if not subject:
        raise Refused(
            f"Not sent: this API version needs a subject and a title for the grade {word}. "
            "IT adds both to this grade in the vocabulary file.",
            refusal_code="CATEGORY_UNNAMED",
            http_status=422,
        )
    wire["condition_category"] = {"subject": subject, "title": title, "grade": word}
    return wire


def assess_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Build one ``Kind.ASSESS`` payload; empty fields are left out."""
    return _line(item, _ASSESS_WORDS)


def _line(item: Mapping[str, Any], words: tuple[str, ...]) -> dict[str, Any]:
    wire: dict[str, Any] = {"line_item_id": int(checked_id(str(item.get("line_item_id", ""))))}
    wire.update({word: item[word] for word in words if item.get(word) not in _NOTHING})
    return wire
