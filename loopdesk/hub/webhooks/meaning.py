"""What a webhook means: which return to read again, what a label's state is, which processing failed.

A webhook is a hint, never the record: no body has ``updated_at``, the order of arrival promises nothing, and
one that is expected may never come. Two things of it are taken as they are: the state of a label, which
carries its own time, and that a processing failed, which no read shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from loopdesk.api import lenient_json, strict_json
from loopdesk.api.strict_json import Unreadable
from loopdesk.domain.returns.returns import is_loop_id
from loopdesk.hub.webhooks.wire import (
    GiftCardHookWire,
    HookWire,
    LabelHookWire,
    LabelRequestHookWire,
    ProcessingHookWire,
    RestockHookWire,
    ReturnHookWire,
    ShipmentHookWire,
)

TRIGGERS: Final[dict[str, tuple[str, ...]]] = {
    "return": ("return.created", "return.updated", "return.closed"),
    "return.processing": ("return.processing.failed",),
    "label": ("label.created", "label.updated"),
    "restock": ("restock.requested",),
    "giftcard": ("giftcard.requested",),
    "happy.returns.shipment": ("shipment.processed",),
    "label.request": ("label.request.issued", "label.request.cancelled"),
}
"""Every topic, with the triggers that Loop's documents name for it."""

SHIPMENT: Final = "happy.returns.shipment"
"""The topic that names no return, but a box of many."""

_FAILED: Final = "return.processing.failed"
_LONGEST: Final = 500
"""Characters that are kept of a text of Loop's."""
_LONGEST_ID: Final = 100
"""Of what duplicates are told apart by, besides the hash of the body."""

_NO_BODIES: Final = frozenset({b"", b"[]", b"{}", b"null", b'""'})


@dataclass(frozen=True, slots=True)
class ToldLabel:
    """What a webhook says of one label.

    Attributes:
        tracking_number: As Loop wrote it.
        status: Loop's word, in lower case: ``in_transit``.
        updated_at: Since when; None if it does not say so.
    """

    tracking_number: str
    carrier: str
    status: str
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class FailedProcessing:
    """A processing that Loop accepted and then could not do.

    Attributes:
        state: Of the return afterwards; Loop leaves it open or in review.
        message: Loop's words, "" for none.
        source: Who began it: ``api``, ``admin``, ``warehouse`` or "".
    """

    state: str
    message: str
    source: str


@dataclass(frozen=True, slots=True)
class HookMeaning:
    """What one webhook means.

    Attributes:
        topic: A key of ``TRIGGERS``.
        trigger: As it says, "" if it does not.
        subject: The id of what it is about, by which duplicates are told apart; "" if it names none.
        return_id: The return that is to be read again, "" for none.
        labels: States of labels, to be stored by their own time.
        failed: Set if a processing failed.
    """

    topic: str
    trigger: str = ""
    subject: str = ""
    return_id: str = ""
    labels: tuple[ToldLabel, ...] = ()
    failed: FailedProcessing | None = None


def is_empty(raw: bytes) -> bool:
    """Whether a body says nothing at all, as Loop sends for a topic and a trigger that do not fit."""
    return raw.strip() in _NO_BODIES


def meaning_of(topic: str, raw: bytes) -> HookMeaning:
    """Return what a webhook means. One that cannot be read, or names nothing, means nothing but that it came.

    Args:
        topic: The one whose address it was sent to, a key of ``TRIGGERS``. The body's own goes before it.
        raw: A body whose signature was checked.
    """
    body = _parsed(raw)
    if not isinstance(body, dict):
        return HookMeaning(topic)
    said = HookWire.model_validate(body)
    own = said.topic if said.topic in TRIGGERS else topic
    return _kept_short(replace(_MEANINGS[own](body), topic=own, trigger=said.trigger))


def _parsed(raw: bytes) -> Any:
    """Return the JSON, mended where it is odd; None for what is none. The strict parser is far faster."""
    for loads in (strict_json.loads, lenient_json.loads):
        try:
            return loads(raw)
        except Unreadable:
            continue
    return None


def _kept_short(found: HookMeaning) -> HookMeaning:
    """Bound what tells duplicates apart; an id that is none names no return."""
    return replace(
        found,
        trigger=_short(found.trigger, _LONGEST_ID),
        subject=_short(found.subject, _LONGEST_ID),
        return_id=str(int(found.return_id)) if is_loop_id(found.return_id) else "",
    )


def _short(text: str, most: int = _LONGEST) -> str:
    """Return a text that the database can keep: it takes no NUL."""
    return text.replace("\0", "")[:most]


def _of_return(body: Any) -> HookMeaning:
    said = ReturnHookWire.model_validate(body)
    listed = [(x.tracking_number, x.carrier, x.status, x.updated_at) for x in said.labels]
    flat = (said.tracking_number, said.carrier, said.label_status, said.label_updated_at)
    labels = tuple(filter(None, (_label(*each) for each in listed or [flat])))
    return HookMeaning("", subject=said.return_id, return_id=said.return_id, labels=labels)


def _of_label(body: Any) -> HookMeaning:
    said = LabelHookWire.model_validate(body)
    label = _label(said.tracking_number, said.carrier, said.label_status, said.label_updated_at)
    labels = () if label is None else (label,)
    return HookMeaning("", subject=said.return_id, return_id=said.return_id, labels=labels)


def _label(number: str, carrier: str, status: str, updated_at: datetime | None) -> ToldLabel | None:
    """Return a label's state, None for one that is still in the making."""
    if not number or not status:
        return None
    return ToldLabel(_short(number), _short(carrier), _short(status.lower()), updated_at)


def _of_processing(body: Any) -> HookMeaning:
    said = ProcessingHookWire.model_validate(body)
    failed = None
    if said.trigger in (_FAILED, ""):
        failed = FailedProcessing(_short(said.return_state), _short(said.message), _short(said.source))
    return HookMeaning("", subject=said.return_id, return_id=said.return_id, failed=failed)


def _of_restock(body: Any) -> HookMeaning:
    said = RestockHookWire.model_validate(body)
    return HookMeaning("", subject=said.return_id, return_id=said.return_id)


def _of_gift_card(body: Any) -> HookMeaning:
    said = GiftCardHookWire.model_validate(body)
    return HookMeaning("", subject=said.id or said.return_id, return_id=said.return_id)


def _of_shipment(body: Any) -> HookMeaning:
    said = ShipmentHookWire.model_validate(body)
    return HookMeaning("", subject=said.loop_shipment_id or said.happy_returns_shipment_id)


def _of_label_request(body: Any) -> HookMeaning:
    said = LabelRequestHookWire.model_validate(body)
    return HookMeaning("", subject=said.id or said.return_id, return_id=said.return_id)


_MEANINGS: Final[dict[str, Callable[[Any], HookMeaning]]] = {
    "return": _of_return,
    "return.processing": _of_processing,
    "label": _of_label,
    "restock": _of_restock,
    "giftcard": _of_gift_card,
    "happy.returns.shipment": _of_shipment,
    "label.request": _of_label_request,
}
