"""The port to the people of the site, as far as this station knows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from loopdesk.domain.people import PeopleList, PeopleSource, Person
from loopdesk.services.ports.following import SharedEvent


class People(Protocol):
    """Lists of people, one from each that keeps one.

    The list that counts is the hub's before IT's file before the bench's own.
    """

    async def people(self) -> PeopleList:
        """Return the list that counts, with its source and age; one without a source if there is none."""
        ...

    async def replace(
        self, source: PeopleSource, people: Sequence[Person], heard_at: datetime | None
    ) -> None:
        """Let a list replace the one of the same source, in one commit.

        Args:
            heard_at: When whoever keeps it said so; None for a list that is kept here.
        """
        ...

    async def take(self, event: SharedEvent, people: Sequence[Person], at: datetime) -> bool:
        """Let the hub's list replace the one before, with the event's number, in one commit.

        Returns:
            False if the event was taken before; then nothing is changed.
        """
        ...

    async def heard(self, source: PeopleSource, at: datetime) -> None:
        """Record that whoever keeps a list was heard, and had nothing else to say of it."""
        ...
