"""Webhooks of labels move the parcels of the index: the one thing of a webhook that is taken as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from loopdesk.domain.returns.parcels import LabelState, label_state
from loopdesk.hub.database.sql import rows
from loopdesk.hub.index.feed import Batch


@dataclass(frozen=True, slots=True)
class LabelMove:
    """What Loop says of a label.

    Attributes:
        return_id: "" for whichever return has a parcel of that number.
        status: Loop's word.
        at: When the label came into that state. Without it nothing is written: the return is read anyway.
    """

    shop_id: str
    number: str
    return_id: str
    carrier: str
    status: str
    at: datetime | None


async def move_parcels(batch: Batch, moves: Iterable[LabelMove]) -> None:
    """Write the labels' states, unless the index knows newer ones, and note that their returns changed."""
    known = [(each, label_state(each.status)) for each in moves]
    meant = [(each, label) for each, label in known if label is not None and each.at is not None]
    for shop_id in sorted({each.shop_id for each, _ in meant}):
        await rows(batch.connection, "index.alone", shop=shop_id)
    for each, label in meant:
        await _move(batch, each, label)


async def _move(batch: Batch, move: LabelMove, label: LabelState) -> None:
    owners = [move.return_id]
    if not move.return_id:
        place = {"shop": move.shop_id, "tracking_number": move.number}
        owners = [each["return_id"] for each in await rows(batch.connection, "index.with_parcel", **place)]
    for owner in owners:
        values = {
            "shop": move.shop_id,
            "return_id": owner,
            "tracking_number": move.number,
            "carrier": move.carrier,
            "label": label.value,
            "label_at": move.at,
            "delivered_at": move.at if label is LabelState.DELIVERED else None,
        }
        if await rows(batch.connection, "index.announce", **values):
            batch.note(move.shop_id, owner)
