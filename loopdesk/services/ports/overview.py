"""The port to the outbox by returns: what its pages list, of however many there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.ladder import Standing
from loopdesk.domain.outbox.stages import Entry
from loopdesk.domain.returns.grading import Draft


@dataclass(frozen=True, slots=True)
class LanePage:
    """Some of the returns in the outbox.

    Attributes:
        lanes: All entries of each return, in order.
        counts: How many returns stand where; of the ended ones only if those were asked for, and then no
            more than up to one behind this page.
    """

    lanes: tuple[tuple[Entry, ...], ...] = ()
    counts: Mapping[Standing, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finished:
    """A return as it was finished at this station.

    Attributes:
        kind: A ``SettlementKind`` value.
        draft: What was entered for it.
        entries: All entries of the return, in order.
    """

    settlement_id: str
    return_id: str
    order_name: str
    kind: str
    operator: Operator
    station: str
    decided_at: datetime
    draft: Draft
    entries: tuple[Entry, ...]


class Overview(Protocol):
    """The outbox, one return at a time. Reads only; each is one transaction."""

    async def page(self, standing: Standing | None, *, skip: int, most: int) -> LanePage:
        """Return some returns: what needs a person first, then what is held, then the oldest.

        Args:
            standing: Only those that stand there, ended ones latest first; None for all unfinished ones.
            skip: How many to leave out from the front.
            most: How many to return.
        """
        ...

    async def finished(self, most: int) -> tuple[Finished, ...]:
        """Return the returns that were finished last, latest first, without those taken back or dropped."""
        ...
