"""Where a whole return stands: on the ladder of truth, and among the returns of the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum, StrEnum

from loopdesk.domain.outbox.stages import Entry, Stage, ended_elsewhere


class Rung(IntEnum):
    """The ladder of truth, from the bottom: "done" is only said of what is confirmed."""

    KEPT = 0
    SENT = 1
    ACCEPTED = 2
    CONFIRMED = 3


_RUNGS: Mapping[Stage, Rung] = {
    Stage.HELD: Rung.KEPT,
    Stage.READY: Rung.KEPT,
    Stage.SENDING: Rung.SENT,
    Stage.UNCERTAIN: Rung.SENT,
    Stage.SETTLING: Rung.ACCEPTED,
    Stage.DONE: Rung.CONFIRMED,
    Stage.SUPERSEDED: Rung.CONFIRMED,
}


def rung(entry: Entry) -> Rung | None:
    """Return how far one entry got; None if it was withdrawn."""
    if entry.stage is Stage.PARKED:
        return Rung.SENT if entry.may_have_left else Rung.KEPT
    return _RUNGS.get(entry.stage)


class Standing(StrEnum):
    """Where a return stands in the outbox: one for each return."""

    PARKED = "parked"  # a person must decide something
    HELD = "held"  # an undo window runs
    READY = "ready"  # something waits to be sent
    SENT = "sent"  # everything left; not all is confirmed
    ENDED = "ended"  # nothing is unfinished


_FIRST = ((Stage.PARKED, Standing.PARKED), (Stage.HELD, Standing.HELD), (Stage.READY, Standing.READY))


def standing(lane: Sequence[Entry]) -> Standing:
    """Return where a return stands, from all its entries; what needs a person counts first."""
    stages = {entry.stage for entry in lane if not entry.is_finished}
    if not stages:
        return Standing.ENDED
    return next((standing for stage, standing in _FIRST if stage in stages), Standing.SENT)


_ORDER = (
    *(Stage.PARKED, Stage.HELD, Stage.READY, Stage.UNCERTAIN, Stage.SENDING, Stage.SETTLING),
    *(Stage.DONE, Stage.SUPERSEDED, Stage.WITHDRAWN),
)


def lowest(lane: Sequence[Entry]) -> Entry:
    """Return the entry that a return is judged by: one that needs a person, else the least advanced.

    Of what has ended, that is the flag or finalizer that nothing proves to have been done here, if it is the
    last one.

    Args:
        lane: Its entries in order, at least one.
    """
    least = min(lane, key=lambda entry: (_ORDER.index(entry.stage), entry.seq))
    if not least.is_finished:
        return least
    gates = [x for x in lane if x.kind.spec.is_gated and x.stage is not Stage.WITHDRAWN]
    return (ended_elsewhere(gates[-1:]) if gates else None) or least


def lowest_rung(lane: Sequence[Entry]) -> Rung | None:
    """Return how far a whole return got: the lowest of its entries; None if all were withdrawn."""
    return min((found for entry in lane if (found := rung(entry)) is not None), default=None)
