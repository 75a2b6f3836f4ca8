"""The writes of the bench: what is entered is kept at once, and settlements are kept and withdrawn."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from loopdesk.domain.errors import StoreError
from loopdesk.domain.outbox.photo_links import PhotoAddress, linked
from loopdesk.domain.outbox.stages import Entry
from loopdesk.domain.returns.grading import Draft, Vocabulary
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.services.bench.on_bench import By, held
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.ports.store import Drafts, KeepRequest, Outbox
from loopdesk.services.station.events import Feed, OutboxChanged, ReturnShown, SharedHere

log = logging.getLogger("loopdesk.outbox")


class InspectionDesk:
    """Writes every change to disk before it counts, and publishes what changed.

    Args:
        station: Returns who works where, now.
        vocabularies: Returns the grades and texts of each shop, now.
        public_place: Returns where photos can be opened by anyone, now; None for nowhere.

    Attributes:
        shown: The return that is on the bench, "" when none is.
    """

    def __init__(
        self,
        *,
        drafts: Drafts,
        outbox: Outbox,
        clock: Clock,
        feed: Feed,
        station: Callable[[], Station],
        vocabularies: Callable[[], Vocabularies],
        public_place: Callable[[], PhotoAddress | None],
    ) -> None:
        self._drafts = drafts
        self._outbox = outbox
        self._clock = clock
        self._feed = feed
        self._station = station
        self._public_place = public_place
        self.vocabularies = vocabularies
        self.shown = ""

    def show(self, return_id: str, order_name: str) -> None:
        """Learn which return is on the bench, "" for none."""
        if return_id != self.shown:
            self.shown = return_id
            self._feed.tell(ReturnShown(return_id, order_name))

    def shows(self, return_id: str) -> bool:
        """Whether this return is on the bench."""
        return bool(return_id) and self.shown == return_id

    @property
    def vocabulary(self) -> Vocabulary:
        """What holds where no return is open, now."""
        return self.vocabularies().of("")

    @property
    def by(self) -> By:
        """Who would decide now, and when."""
        is_local = self._clock.skew_seconds is None
        return By(self._station().operator, self._clock.now(), self.vocabulary, is_local)

    async def save(self, draft: Draft) -> None:
        """Keep what is entered. Raises ``StoreError``: nothing was kept."""
        await self._drafts.save(draft)
        self._feed.tell(SharedHere())

    async def keep(self, request: KeepRequest) -> tuple[Entry, ...]:
        """Keep a settlement with the links of its photos, in one commit. Returns its entries.

        Raises:
            RuleBroken: The outbox does not allow it.
            DiskFull: Nothing was kept; what was entered stays.
        """
        actions, photos = linked(request.actions, request.draft, self._public_place())
        try:
            entries = await self._outbox.keep(replace(request, actions=actions, photos=photos))
        except StoreError:
            self._feed.tell(OutboxChanged(request.return_id))  # a commit that failed may have been kept
            raise
        log.info("kept return=%s kind=%s actions=%s", request.return_id, request.kind, len(entries))
        self._feed.tell(OutboxChanged(request.return_id, held(request, entries)))
        return entries

    async def withdraw(self, settlement_id: str) -> str | None:
        """Withdraw a settlement that was not sent and give its draft back.

        Returns:
            The return's id, or None when it is too late.

        Raises:
            StoreError: The commit failed; everyone who shows the outbox is told to look again.
        """
        try:
            draft = await self._outbox.withdraw(settlement_id, self._station().operator, self._clock.now())
        except StoreError:
            self._feed.tell(OutboxChanged(""))  # a commit that failed may have been kept
            raise
        if draft is None:
            return None
        self._feed.tell(OutboxChanged(draft.return_id))
        return draft.return_id
