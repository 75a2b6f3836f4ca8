"""The ports of the audit log's way to a hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from loopdesk.domain.audit_chain import ChainFault, ChainLink, ChainRow


@dataclass(frozen=True, slots=True)
class UnsentRows:
    """The next rows for the hub.

    Attributes:
        store: The id of this station's database file.
        place: Which the first of them follows.
        anew: The hub is to begin another run there if it does not know the place.
        rows: The rows, in order; some of what there is.
    """

    store: str
    place: ChainLink
    anew: bool
    rows: tuple[ChainRow, ...]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that the hub refused, and why."""

    seq: int
    why: ChainFault
    at: datetime


class AuditUploads(Protocol):
    """How far the audit log has been told to the hub; survives restarts with the log itself."""

    async def unsent(self, most: int) -> UnsentRows:
        """Return at most so many of the rows that the hub has not confirmed; none if it has all."""
        ...

    async def move(self, place: ChainLink) -> None:
        """Record that the hub has everything up to a place."""
        ...

    async def refuse(self, row: ChainRow, why: ChainFault, at: datetime) -> None:
        """Record that the hub refused a row; the upload goes on after it."""
        ...

    async def seek(self, ends: Sequence[ChainLink]) -> None:
        """Go back to the first of these places that is in the log; if none is, to the log's beginning, to
        begin anew there.
        """
        ...

    async def refusals(self) -> tuple[RefusedRow, ...]:
        """Return the refused rows that are not purged, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Brought:
    """What the hub said to rows.

    Attributes:
        place: Up to where it has all; None if it does not know the place that they follow.
        ends: The places that it knows instead.
        refused: Number of the first row that does not follow, and why; None if all do.
    """

    place: ChainLink | None
    ends: tuple[ChainLink, ...] = ()
    refused: tuple[int, ChainFault] | None = None


class AuditHub(Protocol):
    """The hub, as far as it takes audit rows."""

    @property
    def is_hub(self) -> bool:
        """Whether there is a hub."""
        ...

    async def bring(self, unsent: UnsentRows) -> Brought:
        """Bring rows; the same ones may be brought again.

        Raises:
            ApiError: The hub cannot be asked, or did not understand; nothing is known of the rows.
        """
        ...
