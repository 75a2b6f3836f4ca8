"""The ports of a bench that is told by its hub: the stream of changes, and where what it tells is kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.domain.returns.parcels import Sighting
from loopdesk.services.ports.loop import Fetched


@dataclass(frozen=True, slots=True)
class HubShopName:
    """A shop of the hub, as it is shown.

    Attributes:
        colour: ``#rrggbb`` or "".
        last: The number of its last change.
        synced_at: Up to when the hub knows with that what changed at Loop; None if it does not know.
    """

    shop_id: str
    name: str
    colour: str = ""
    last: int = field(default=0, compare=False)
    synced_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class HubPosition:
    """How far a bench has followed the hub.

    Attributes:
        generation: Of the hub's database; numbers of another one mean something else.
        after: The last change of each shop that is in the store.
    """

    generation: str = ""
    after: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToldReturn:
    """All that the hub tells of a return.

    Attributes:
        seq: Its number in the feed of its shop; 0 in a fill.
        answers: The newest details where the newest answer is a list's, then the newest answer; none of a
            return that the hub no longer knows, or that cannot be read.
        fetched_at: When the hub had the newest answer, by Loop's time; None without one.
        mark: By which the hub knows that this bench holds just this.
        codes: Of the parcel, which no answer holds, with their kinds.
        parcels: What is known of the labels.
        is_unread: It cannot be read here.
    """

    shop: str
    return_id: str
    seq: int = 0
    answers: tuple[Fetched, ...] = ()
    fetched_at: datetime | None = None
    mark: str = ""
    codes: tuple[tuple[str, CandidateKind], ...] = ()
    parcels: tuple[Sighting, ...] = ()
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class SharedEvent:
    """Something else that the benches of the site share; ``value`` is None if it is gone."""

    kind: str
    seq: int
    key: str
    value: Any


HubTold = ToldReturn | SharedEvent


@dataclass(frozen=True, slots=True)
class LateFailure:
    """A processing that Loop accepted and then could not do.

    Attributes:
        number: Rises from one to the next.
        entry_id: The entry of this bench that asked for it.
        message: Loop's words, "" for none.
    """

    number: int
    return_id: str
    entry_id: str
    message: str


@dataclass(frozen=True, slots=True)
class FillBegun:
    """The first thing of a fill.

    Attributes:
        position: Where the stream goes on after it.
        rows: How many returns the hub has, with those that are not sent.
    """

    position: HubPosition
    rows: int


class HubWithout(Exception):
    """This hub tells no changes: it is older. Loop's lists are read through it."""


class HubOutdated(Exception):
    """The stream cannot go on from that position without missing something."""


class HubStream(Protocol):
    """What a hub tells. Every method may raise ``ApiError`` and ``HubWithout``; nothing is retried here."""

    async def shops(self) -> tuple[HubShopName, ...]:
        """Return the shops that this bench may work for."""
        ...

    async def failures(self, after: int) -> tuple[LateFailure, ...]:
        """Return what failed of this bench's own after the one of that number, oldest first; a page of it."""
        ...

    def fill(
        self, shops: Sequence[str], held: Mapping[str, Mapping[str, str]]
    ) -> AsyncGenerator[FillBegun | tuple[ToldReturn, ...], None]:
        """Read everything that the hub knows, but for what is held: first ``FillBegun``, then pieces.

        If it ends without a failure it is complete. Close it.

        Args:
            held: By shop, the mark of each return that is here.
        """
        ...

    def changes(self, position: HubPosition, shared: int | None) -> AsyncGenerator[tuple[HubTold, ...], None]:
        """Read what changes after a position, in order for each shop, until the hub ends it. Close it.

        A piece is what came at once; it is empty when the hub has accepted the position, and when it only
        says that it lives. A stream that is silent for longer than that allows is broken off.

        Args:
            shared: The last shared event that is known here; None if they are not followed.

        Raises:
            HubOutdated: Something would be missing.
        """
        ...


class HubReturns(Protocol):
    """Where what the hub tells of returns is kept."""

    async def position(self) -> HubPosition:
        """Return how far the hub was followed."""
        ...

    async def take(
        self, told: Sequence[ToldReturn], at: datetime, position: HubPosition | None = None
    ) -> None:
        """Keep what was told, and how far that goes, in one commit.

        An older answer never replaces a newer one. Taking the same again changes nothing.

        Args:
            at: Now; what is told is no newer.
            position: The position after it; None leaves it as it is.
        """
        ...

    async def held(self, after: str, most: int, shop: str) -> tuple[tuple[str, str, str], ...]:
        """Return what is here by its mark, a page at a time, in the order of ids.

        Args:
            after: The last id of the page before, "" for the first.
            shop: Whose returns those are of which that is not known; "" leaves them out.

        Returns:
            Shop, return id and mark; "" for the mark of one that the hub has to tell again. Empty at the end.
        """
        ...


class SharedTaker(Protocol):
    """Takes what the benches of the site share, and keeps how far that goes."""

    async def position(self) -> int:
        """Return the number of the last event whose effect is kept; 0 for none."""
        ...

    async def shared(self, event: SharedEvent) -> None:
        """Keep the effect of an event with its number, in one commit. An unknown kind is only counted."""
        ...

    async def beat(self) -> None:
        """Note that the hub is there, and has told all up to now."""
        ...

    async def begin_anew(self) -> None:
        """Set the position to 0: the hub counts anew, or the bench has other shops; each key is told once."""
        ...
