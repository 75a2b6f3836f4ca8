"""The bodies of Loop's webhooks, one model for each topic, in the form of either age of its documents.

They differ in whether ids are texts or numbers, whether a label names its return ``return_id`` or ``id``,
whether a return lists its labels or carries one flat. Like all of ``api/wire`` they never fail because of a
scalar; what is missing is "".
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import AliasChoices, BeforeValidator, Field

from loopdesk.api.lenient_json import elements
from loopdesk.api.wire import Id, LabelWire, OtherId, Said, Text, Time, Wire

MOST_LABELS: Final = 200
"""Of one return that are read; none was seen with more than a few."""


def _labels(value: Any) -> list[Any]:
    value = elements(value)
    found = value if isinstance(value, list) else []
    return [each for each in found if isinstance(each, dict)][:MOST_LABELS]


class HookWire(Wire):
    """What every webhook says of itself; the empty body of a pair that does not fit says nothing."""

    topic: Said = ""
    trigger: Said = ""


class ReturnHookWire(HookWire):
    """Topic ``return``. It has neither outcome nor ``updated_at``: a hint, no record."""

    return_id: Id = Field(default="", validation_alias=AliasChoices("id", "return_id"))
    state: Text = ""
    labels: Annotated[list[LabelWire], BeforeValidator(_labels)] = Field(default_factory=list)
    carrier: Said = ""
    tracking_number: Said = ""
    label_status: Said = ""
    label_updated_at: Time = None


class LabelHookWire(HookWire):
    """Topic ``label``. Its return is ``return_id`` in the older documents and ``id`` in the newer ones."""

    return_id: Id = Field(default="", validation_alias=AliasChoices("return_id", "id"))
    carrier: Said = ""
    tracking_number: Said = ""
    label_status: Said = ""
    label_updated_at: Time = None


class ProcessingHookWire(HookWire):
    """Topic *return.processing*; message and source may be null."""

    return_id: Id = ""
    return_state: Text = ""
    message: Said = ""
    source: Said = ""


class RestockHookWire(HookWire):
    """Topic ``restock``; ``id`` is the return's."""

    return_id: Id = Field(default="", validation_alias=AliasChoices("return_id", "id"))


class GiftCardHookWire(HookWire):
    """Topic ``giftcard``; ``id`` is the gift card's, and null for one that was made by itself."""

    id: OtherId = ""
    return_id: Id = ""


class ShipmentHookWire(HookWire):
    """Topic *happy.returns.shipment*."""

    loop_shipment_id: Id = ""
    happy_returns_shipment_id: Id = ""


class LabelRequestHookWire(HookWire):
    """Topic *label.request*; its own id is a UUID or a number."""

    id: OtherId = ""
    return_id: Id = ""
