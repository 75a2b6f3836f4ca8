"""What a change of a return makes Loop tell: the triggers, found by comparing it before and after."""

from __future__ import annotations

from dataclasses import dataclass

from loopdesk.simulator.truth import Label, Return, Shipment

TRIGGERS: dict[str, tuple[str, ...]] = {
    "return": ("return.created", "return.updated", "return.closed"),
    "return.processing": ("return.processing.failed",),
    "label": ("label.created", "label.updated"),
    "restock": ("restock.requested",),
    "label.request": ("label.request.issued", "label.request.cancelled"),
    "giftcard": ("giftcard.requested",),
    "happy.returns.shipment": ("shipment.processed",),
}
"""Every topic with the triggers that fit it; Loop accepts any other pair, and sends it empty."""

_UNMADE = ("pending", "requested")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that Loop tells.

    Attributes:
        trigger: What happened.
        ret: The return afterwards; None for a shipment.
        label: The label that it is about; None for the other topics.
        shipment: The shipment that was processed; None for the other topics.
    """

    trigger: str
    ret: Return | None = None
    label: Label | None = None
    shipment: Shipment | None = None


def events_between(before: Return | None, after: Return) -> list[Event]:
    """Return what one change makes Loop tell, in the order in which it would happen.

    Args:
        before: The return before the change; None for a new one.
        after: The return after it, which must not be changed anymore.
    """
    told: list[Event] = []
    if before is None:
        told.append(Event("return.created", after))
    told.extend(_of_labels(before, after))
    if before is None:
        return told
    if len(after.failures) > len(before.failures):
        told.append(Event("return.processing.failed", after))
    if after.was_processed and not before.was_processed:
        if any(line.restock_location_id for line in after.lines):
            told.append(Event("restock.requested", after))
        if after.gift_card_order_id:
            told.append(Event("giftcard.requested", after))
    if _shown(before) != _shown(after):
        told.append(Event("return.updated", after))
    if after.state == "closed" and before.state != "closed":
        told.append(Event("return.closed", after))
    return told


def _of_labels(before: Return | None, after: Return) -> list[Event]:
    known = {} if before is None else {each.tracking_number: each.status for each in before.labels}
    told = []
    for label in after.labels:
        was = known.get(label.tracking_number)
        if was == label.status:
            continue
        if label.status in _UNMADE:
            trigger = "label.request.issued"
        elif was is None or was in _UNMADE:
            trigger = "label.created"
        else:
            trigger = "label.updated"
        told.append(Event(trigger, after, label))
    return told


def _shown(ret: Return) -> tuple[object, ...]:
    """What an update is told for; an edit that changes no timestamp is told to nobody."""
    labels = tuple((each.tracking_number, each.status) for each in ret.labels)
    return (ret.state, ret.updated_at, ret.edited_at, ret.was_processed, labels)
