"""What the other benches of a site have entered, as a bench keeps it; and what becomes of it here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from loopdesk.domain.operators import Operator
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.shared_drafts import (
    Elsewhere,
    Entered,
    Meeting,
    Presence,
    SharedDraft,
    meet,
    what_is_entered,
)
from loopdesk.domain.sync import HubContact
from loopdesk.services.ports.sharing import Came, DraftToSay, SharingPorts
from loopdesk.services.ports.store import Known
from tests.fakes.memory_store import MemoryStore


class OtherBenches:
    """Fake of the shared drafts of a store in memory.

    Attributes:
        theirs: What the hub told last.
        open_at: Where the return is open.
        hub: Whether the hub can be heard.
        chosen: What a person let stand: theirs or not.
        is_ours: What the hub told was entered here, and is not known here.
    """

    def __init__(self) -> None:
        self.theirs: SharedDraft | None = None
        self.open_at: tuple[Presence, ...] = ()
        self.hub = HubContact(is_heard=True)
        self.chosen: list[bool] = []
        self.is_ours = False
        self._store: MemoryStore
        self._base = ""

    @property
    def ports(self) -> SharingPorts:
        """What a bench is composed with; nothing of it is started without a hub."""
        nothing = cast("Any", None)
        return SharingPorts(
            shares=nothing,
            drafts=self,
            presence=nothing,
            people=nothing,
            mysteries=nothing,
            given=nothing,
            texts=nothing,
            hub=nothing,
            audit=nothing,
            audit_hub=nothing,
        )

    def beside(self, store: MemoryStore) -> None:
        """Tell of the others whatever is read of a return."""
        self._store = store
        known_here = store.openings.known

        async def known(return_id: str) -> Known | None:
            known = await known_here(return_id)
            return replace(known, elsewhere=self._elsewhere(known.draft)) if known is not None else None

        store.openings.known = known  # type: ignore[method-assign]

    def _elsewhere(self, here: Draft) -> Elsewhere:
        content = "" if here.is_empty else str(hash(what_is_entered(here)))
        entered = Entered(content, here.updated_at, self._base)
        return Elsewhere(meet(entered, self.theirs), self.theirs, self.open_at, is_ours=self.is_ours)

    async def take_over(self, return_id: str, revision: str) -> bool:
        """Let theirs replace what is here."""
        here, theirs = await self._store.drafts.get(return_id), self.theirs
        if theirs is None or theirs.draft is None or self._elsewhere(here).meeting is not Meeting.THEIRS:
            return False
        self._base = revision
        await self._store.drafts.save(theirs.draft)
        return True

    async def choose(
        self, return_id: str, revision: str, *, theirs: bool, by: Operator, station: str, at: datetime
    ) -> bool:
        """Let one of two stand."""
        self.chosen.append(theirs)
        self._base = revision
        if theirs and self.theirs is not None and self.theirs.draft is not None:
            await self._store.drafts.save(self.theirs.draft)
        return True

    async def elsewhere(self, most: int = 50) -> tuple[SharedDraft, ...]:
        """Return what the others have."""
        return (self.theirs,) if self.theirs is not None and self.theirs.draft is not None else ()

    async def open_elsewhere(self) -> tuple[Presence, ...]:
        """Return what is open there."""
        return self.open_at

    async def take(self, *_: object) -> Came:
        """Nothing is told."""
        raise NotImplementedError

    async def to_say(self, return_id: str) -> DraftToSay:
        """Nothing is said."""
        raise NotImplementedError

    async def answered(self, *_: object, **__: object) -> Came:
        """Nothing is answered."""
        raise NotImplementedError
