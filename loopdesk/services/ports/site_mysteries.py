"""The port to the mystery parcels that the benches of a site share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from loopdesk.domain.site_mysteries import FoundParcel, MysteryPush, ParcelSide


@dataclass(frozen=True, slots=True)
class ToldMystery:
    """A parcel as the hub has it."""

    parcel: FoundParcel
    shared: ParcelSide


@dataclass(frozen=True, slots=True)
class MysteryToSay:
    """A parcel as the hub is to be told of it.

    Attributes:
        is_own: It lies at this bench, which numbers it.
    """

    parcel: FoundParcel
    push: MysteryPush
    is_own: bool


@dataclass(frozen=True, slots=True)
class Series:
    """The letters of this store's numbers.

    Attributes:
        token: By which the hub knows this store.
        letters: "" until the hub has given some.
    """

    token: str
    letters: str


@dataclass(frozen=True, slots=True)
class MysteryNews:
    """What an answer or event of the hub has changed here, for people.

    Attributes:
        number: As of ``Mystery.number``; ``shown`` is how people know it.
        found: The return that it turned out to be just now, by another bench's doing; "" for none.
        overruled_at: What was done here does not stand: at this station somebody ended it before.
        renumbered_from: How it was known before, "" if it is known as it was.
    """

    number: int
    shown: str
    code: str
    found: str = ""
    overruled_at: str = ""
    renumbered_from: str = ""


class SiteMysteries(Protocol):
    """Where they are kept. Each method is one commit."""

    async def series(self) -> Series:
        """Return this store's letters."""
        ...

    async def learn_series(self, letters: str) -> None:
        """Use these letters from now on, also for numbers that have none."""
        ...

    async def to_say(self, uid: str, station: str) -> MysteryToSay | None:
        """Return what the hub is to be told of a parcel; None if there is no such one."""
        ...

    async def take(self, told: ToldMystery, at: datetime, seq: int | None = None) -> MysteryNews | None:
        """Let what the hub has meet what is here.

        Args:
            at: Now, for the audit log.
            seq: The number of the event that told it; None for an answer.

        Returns:
            What has changed; None if nothing has.
        """
        ...

    async def number_again(self, uid: str) -> MysteryNews | None:
        """Put an own parcel behind this store's letters, because another one has its number."""
        ...
