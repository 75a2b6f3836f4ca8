"""Claims a return at Loop before finishing it, if several stations share the key."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from loopdesk.domain.outbox.claims import Claim, Missing, Ours, claim_text, judge_claims
from loopdesk.domain.outbox.stages import Entry, marker_of
from loopdesk.services.outbox.key_binding import KeyBinding
from loopdesk.services.ports.loop import ActingGateway, Priority, ReadingGateway
from loopdesk.services.ports.station import Station

log = logging.getLogger("loopdesk.outbox")


class Claims:
    """Writes a claim as a note, reads the notes back, and decides whose claim is first.

    Every step is idempotent: what Loop shows is read before anything is written, so a lost answer causes no
    second claim.

    Args:
        station: Returns who works here, now.
        stations: Returns how many stations share the key, by the settings or as detected; with one, nothing
            is claimed.
    """

    def __init__(
        self,
        *,
        gateway: ReadingGateway,
        actions: ActingGateway,
        keys: KeyBinding,
        station: Callable[[], Station],
        stations: Callable[[], Awaitable[int]],
    ) -> None:
        self._gateway = gateway
        self._actions = actions
        self._keys = keys
        self._station = station
        self._stations = stations

    async def contest(self, entry: Entry, lane: Sequence[Entry]) -> Claim:
        """Claim the return of a finalizer, unless it is claimed already.

        Args:
            lane: All entries of the return at this station.

        Returns:
            ``Missing`` if Loop does not show our claim yet: try again later.

        Raises:
            ApiError: Loop could not be asked, or did not answer.
        """
        if await self._stations() <= 1:
            return Ours()
        marker = marker_of(entry.entry_id)
        own = {marker_of(each.entry_id) for each in lane}
        found = await self._judged(entry, marker, own)
        if isinstance(found, Missing):
            await self._actions.create_note(entry.return_id, claim_text(self._station().station, marker))
            found = await self._judged(entry, marker, own)
        log.info("claim entry=%s return=%s found=%s", entry.entry_id, entry.return_id, type(found).__name__)
        return found

    async def _judged(self, entry: Entry, marker: str, own: set[str]) -> Claim:
        notes = await self._gateway.notes(entry.return_id, priority=Priority.READ_BACK)
        self._keys.must_fit(entry)
        return judge_claims(notes, marker, own)
