"""Where rows of a bench's audit log belong. Pure functions over what the hub holds of that bench.

Two rows with the same number and the same hash have the same past, so a place in a chain is known by these
two alone, whichever run holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from loopdesk.domain.audit_chain import ChainLink, ChainRow


class RunCause(StrEnum):
    """Why a run of a bench's audit log begins."""

    FIRST = "first"
    """It is the bench's first."""
    REPLACED = "replaced"
    """The bench's store is another than before: it was wiped, set up again, or replaced after damage."""
    FORKED = "forked"
    """Rows that were held here go on differently: an older copy was put back, or they were rewritten."""
    GAP = "gap"
    """Rows between what is held and what came are missing, for they were purged at the bench."""
    REFUSED = "refused"
    """The row before it was refused."""


@dataclass(frozen=True, slots=True)
class Run:
    """One unbroken chain that the hub holds.

    Attributes:
        store: The id of the bench's database file.
        start: The place after which it begins.
        end: The place after its last row.
    """

    id: int
    store: str
    start: ChainLink
    end: ChainLink


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with rows that follow a place.

    Attributes:
        skipped: How many of them are held already, from the first on.
        place: The place after these.
        run: The run that goes on with the others; None if they begin another one.
        parent: The run that holds the place, if they begin another one after it.
        cause: Why they begin another one; None if they do not.
    """

    skipped: int
    place: ChainLink
    run: int | None = None
    parent: int | None = None
    cause: RunCause | None = None


def holder_of(place: ChainLink, runs: Sequence[Run], held: Mapping[ChainLink, int]) -> int | None:
    """Return the run that holds a place, None if it is not known.

    Args:
        runs: Those of the store.
        held: The runs of the rows that are held around the place.
    """
    if place in held:
        return held[place]
    return next((run.id for run in reversed(runs) if place in (run.end, run.start)), None)


def plan(
    place: ChainLink,
    rows: Sequence[ChainRow],
    *,
    runs: Sequence[Run],
    store: str,
    held: Mapping[ChainLink, int],
    is_after_refusal: bool,
) -> Plan:
    """Decide what is to be done with rows that follow a place, and each other.

    Args:
        runs: All of the bench, oldest first.
        store: From which the rows come.
        held: Run of each row that is held in their range, of this store.
        is_after_refusal: The row before the place was refused.
    """
    skipped = 0
    while skipped < len(rows) and rows[skipped].link in held:
        skipped += 1
    place = rows[skipped - 1].link if skipped else place
    if skipped == len(rows):
        return Plan(skipped, place)
    own = [run for run in runs if run.store == store]
    going_on = next((run.id for run in reversed(own) if run.end == place), None)
    if going_on is not None:
        return Plan(skipped, place, run=going_on)
    cause = _cause(place, own, is_alone=not runs, is_after_refusal=is_after_refusal)
    return Plan(skipped, place, parent=holder_of(place, own, held), cause=cause)


def _cause(place: ChainLink, own: Sequence[Run], *, is_alone: bool, is_after_refusal: bool) -> RunCause:
    if is_after_refusal:
        return RunCause.REFUSED
    if not own:
        return RunCause.FIRST if is_alone else RunCause.REPLACED
    return RunCause.FORKED if place.seq <= max(run.end.seq for run in own) else RunCause.GAP
