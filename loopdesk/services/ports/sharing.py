"""The ports of what the benches of a site share: what is kept of it here, and the hub that passes it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final, Protocol

from loopdesk.domain.operators import Operator
from loopdesk.domain.returns.shared_drafts import DraftEnd, Presence, SharedDraft
from loopdesk.services.ports.audit import AuditHub, AuditUploads
from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.ports.people import People
from loopdesk.services.ports.publishing import GivenShelf, GivenTexts
from loopdesk.services.ports.site_mysteries import SiteMysteries


@dataclass(frozen=True, slots=True)
class Mark:
    """Something of this bench that the hub is to be told.

    Attributes:
        version: Rises with every change; the mark of a later change is another one.
    """

    version: int
    kind: str
    key: str


class Shares(Protocol):
    """What is still to be said to the hub, and how far what it tells was taken."""

    async def turn(self, *, on: bool) -> None:
        """Begin or end to share: without a hub nothing is remembered of it."""
        ...

    async def position(self) -> int | None:
        """Return the number of the last event that was taken; None without a hub."""
        ...

    async def generation(self) -> str:
        """Return the hub's generation as last heard, "" for none."""
        ...

    async def hear(self, generation: str) -> bool:
        """Learn the hub's generation. If it is another one, everything of this bench is to be said again.

        Returns:
            Whether it is another one.
        """
        ...

    async def begin_anew(self) -> None:
        """Forget what was told, because it is told again from the beginning, and say everything again."""
        ...

    async def skip(self, seq: int) -> None:
        """Remember that an event was passed over."""
        ...

    async def pending(self, most: int = 50) -> tuple[Mark, ...]:
        """Return what is to be said, oldest first; without what is held."""
        ...

    async def said(self, mark: Mark) -> None:
        """Remember that it was said; a later change stays to be said."""
        ...

    async def hold(self, mark: Mark) -> None:
        """Say it no more until it changes."""
        ...


@dataclass(frozen=True, slots=True)
class HubSaid:
    """What the hub answered: 2xx, or 404, 409, 410, 413 or 422 with its own words."""

    status: int
    value: Mapping[str, Any]

    @property
    def is_yes(self) -> bool:
        """Whether it was done."""
        return self.status < 300

    @property
    def code(self) -> str:
        """The hub's code for why not, "" if it was done."""
        error = self.value.get("error")
        code = error.get("code") if isinstance(error, Mapping) else None
        return code if isinstance(code, str) else ""


class HubShared(Protocol):
    """The hub, for what is shared."""

    @property
    def is_hub(self) -> bool:
        """Whether there is one."""
        ...

    @property
    def generation(self) -> str:
        """The hub's generation as last told; "" if it has not said."""
        ...

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> HubSaid:
        """Ask for something; never tried again by itself.

        Raises:
            ApiError: It could not be asked, or does not want this bench, or its answer was lost.
        """
        ...


LONGEST_TEXT: Final = 120


def sayable(text: str) -> str:
    """Return a name as a hub takes it: bounded, and without characters that no database holds."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")[:LONGEST_TEXT]


# --- drafts -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DraftToSay:
    """What is entered here for a return, or how that ended, as the hub is to be told.

    Attributes:
        turn: This bench's own count of what it puts.
        base: The revision at the hub that it came from.
        body: What is entered, as a text of JSON; None where it ended.
        content: A hash of it.
        person: Who entered or ended it; None for who works here now.
        at: When; None for now.
        is_held: A person has to choose first, or take over what came from it elsewhere.
    """

    return_id: str
    order_name: str
    turn: int
    base: str
    body: str | None
    content: str
    ended: DraftEnd
    person: Operator | None
    at: datetime | None
    is_held: bool = False


class Came(Enum):
    """What an event about a draft has changed here."""

    NOTHING = "nothing"
    TOLD = "told"
    """What the other benches have is something else now."""
    DROPPED = "dropped"
    """What was entered here had ended elsewhere, and is in the audit log."""


class SharedDrafts(Protocol):
    """What is entered at the benches of a site."""

    async def take(self, event: SharedEvent, shown: str, at: datetime) -> Came:
        """Take what the hub tells.

        Args:
            shown: The return that is on the bench: nothing is dropped under somebody's hands.
            at: Now.
        """
        ...

    async def to_say(self, return_id: str) -> DraftToSay:
        """Return what the hub is to be told about a return, with a turn of its own."""
        ...

    async def answered(
        self, said: DraftToSay, value: Mapping[str, Any] | None, *, is_kept: bool, shown: str, at: datetime
    ) -> Came:
        """Take what the hub has after a put.

        Args:
            is_kept: It is what was put.
            shown, at: As of ``take``.
        """
        ...

    async def take_over(self, return_id: str, revision: str) -> bool:
        """Let what another bench entered replace what is here, from which it came.

        Returns:
            False if it is something else by now.
        """
        ...

    async def choose(
        self, return_id: str, revision: str, *, theirs: bool, by: Operator, station: str, at: datetime
    ) -> bool:
        """Take a person's word for which of two is to stand. The other one is in the audit log.

        Returns:
            False if what the other bench has is something else by now.
        """
        ...

    async def elsewhere(self, most: int = 50) -> tuple[SharedDraft, ...]:
        """Return what other benches have entered and nobody here changed since, latest first."""
        ...

    async def open_elsewhere(self) -> tuple[Presence, ...]:
        """Return what is open at the other benches, as the hub told last."""
        ...


class SharedPresence(Protocol):
    """Which returns are open at the other benches."""

    async def take(self, event: SharedEvent) -> frozenset[str]:
        """Take what the hub tells. Returns the returns that are open there now, or no longer; none of what
        is nothing new, or of this bench itself.
        """
        ...

    async def learn_self(self, bench_id: str) -> None:
        """Learn which bench this is."""
        ...


@dataclass(frozen=True, slots=True)
class SharingPorts:
    """What sharing needs of this bench's store, and the hub."""

    shares: Shares
    drafts: SharedDrafts
    presence: SharedPresence
    people: People
    audit: AuditUploads
    mysteries: SiteMysteries
    given: GivenShelf
    texts: GivenTexts
    hub: HubShared
    audit_hub: AuditHub
