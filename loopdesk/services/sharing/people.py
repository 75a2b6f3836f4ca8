"""The people of the site, as the hub tells them. The list comes whole, and replaces the one before."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from loopdesk.domain.operators import Role
from loopdesk.domain.people import PEOPLE_MOST, PeopleSource, Person, email_fault, language_fault, name_fault
from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.ports.people import People
from loopdesk.services.ports.sharing import Mark, Shares
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.events import Feed, PeopleChanged

log = logging.getLogger("loopdesk.sharing")

HEARD_SECONDS: Final = 60.0
"""So often it is recorded that the hub was heard."""

_LONGEST: Final = 512


class PeopleOfHub:
    """Takes the list, and notes its age. A bench has nothing to say of it.

    Args:
        people: Where lists are kept.
        shares: Where it is kept which events were taken.
    """

    name = "people"

    def __init__(self, *, people: People, shares: Shares, clock: Clock, feed: Feed) -> None:
        self._people = people
        self._shares = shares
        self._clock = clock
        self._feed = feed
        self._heard_at: float | None = None

    async def push(self, _mark: Mark) -> bool:
        """Say nothing."""
        return True

    async def take(self, event: SharedEvent) -> None:
        """Take a list. What is none leaves the one that is there.

        Raises:
            StoreError: It cannot be stored now; the event comes again.
        """
        people = people_in(event.value)
        if people is None:
            log.error("people_unread seq=%s", event.seq)
            await self._shares.skip(event.seq)
            return
        if await self._people.take(event, people, self._clock.now()):
            log.info("people_taken n=%s", len(people))
            self._heard_at = self._clock.monotonic()
            self._feed.tell(PeopleChanged())

    async def heard(self) -> None:
        """Note that the hub was heard, and told of no other list.

        Raises:
            StoreError: It cannot be stored now.
        """
        now = self._clock.monotonic()
        if self._heard_at is None or now - self._heard_at >= HEARD_SECONDS:
            await self._people.heard(PeopleSource.HUB, self._clock.now())
            self._heard_at = now


def people_in(value: Mapping[str, Any] | None) -> tuple[Person, ...] | None:
    """Read a list as the hub tells it; None if it is none.

    Somebody who cannot be read, such as one with a role of a newer hub, is left out: a list that was dropped
    for them would leave others here who are gone there.
    """
    listed = value.get("people") if value is not None else None
    if not isinstance(listed, list) or len(listed) > PEOPLE_MOST:
        return None
    people = {each.id: each for each in map(_person, listed) if each is not None}
    return tuple(people.values())


def _person(given: Any) -> Person | None:
    if not isinstance(given, dict):
        return None
    texts = {
        name: given.get(name, "")
        for name in ("id", "name", "role", "email", "language", "badge", "pin", "changed_at")
    }
    if not all(isinstance(text, str) and len(text) <= _LONGEST for text in texts.values()):
        return None
    try:
        role, changed_at = Role(texts["role"]), datetime.fromisoformat(texts["changed_at"])
    except ValueError:
        return None
    if role is Role.NONE or changed_at.tzinfo is None or not texts["id"] or name_fault(texts["name"]):
        return None
    if email_fault(texts["email"]) or language_fault(texts["language"]):
        return None
    return Person(
        texts["id"],
        texts["name"],
        role,
        changed_at,
        texts["email"],
        texts["language"],
        texts["badge"],
        texts["pin"],
    )
