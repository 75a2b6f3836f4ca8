"""Several benches on one key: each claims a return before it finishes it; an unexpected bench is noticed.

A station configured to be alone claims nothing and uses the whole budget. It can see another one only by
markers in notes, so every answer with notes that any part of the program reads is checked on its way. What
was noticed is stored: from then on this station assumes two, until IT says how many there are.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, cast

from loopdesk.domain.errors import StoreError
from loopdesk.domain.outbox.claims import (
    Claim,
    Missing,
    OtherMark,
    Ours,
    claim_text,
    judge_claims,
    other_marks,
)
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.domain.outbox.stages import Entry, marker_of
from loopdesk.domain.returns.returns import Note
from loopdesk.services.outbox.key_binding import KeyBinding
from loopdesk.services.ports.loop import (
    ActingGateway,
    HubGateway,
    KeyedGateway,
    Priority,
    ReadingGateway,
    ReturnsGateway,
)
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.ports.store import AuditLog, Outbox, ReturnCache
from loopdesk.services.station.events import Feed, SecondBenchNoticed, StationChanged

# --- claiming before a finish -----------------------------------------------------------------------

log = logging.getLogger("loopdesk.outbox")


class Claims:
    """Writes a claim as a note, reads the notes back, and decides whose claim is first.

    Every step is idempotent: what Loop shows is read before anything is written, so a lost answer causes no
    second claim.

    Args:
        hub: The hub between this station and Loop, if there is one. It claims by itself; notes are only for
            benches that do not use it.
        station: Returns who works here, now.
        stations: Returns how many stations share the key, by the settings or as detected; with one, nothing
            is claimed.
    """

    def __init__(
        self,
        *,
        gateway: ReadingGateway,
        actions: KeyedGateway,
        hub: HubGateway,
        keys: KeyBinding,
        station: Callable[[], Station],
        stations: Callable[[], Awaitable[int]],
    ) -> None:
        self._gateway = gateway
        self._actions = actions
        self._hub = hub
        self._written: dict[str, int] = {}
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
            actions = await self._acting(entry)
            await actions.create_note(entry.return_id, claim_text(self._station().station, marker))
            found = await self._judged(entry, marker, own)
        log.info("claim entry=%s return=%s found=%s", entry.entry_id, entry.return_id, type(found).__name__)
        return found

    async def _acting(self, entry: Entry) -> ActingGateway:
        """Return the gateway for a claim's note; a hub knows each note by a name of its own."""
        if not self._hub.is_hub:
            return self._actions
        number = self._written[entry.entry_id] = self._written.get(entry.entry_id, 0) + 1
        generation = await self._hub.hub_generation()
        name = hashlib.sha256(f"claim {entry.entry_id}".encode()).hexdigest()[:32]
        return self._actions.under(HubKey(name, number, generation, entry.operator.name))

    async def _judged(self, entry: Entry, marker: str, own: set[str]) -> Claim:
        notes = await self._gateway.notes(entry.return_id, priority=Priority.READ_BACK)
        self._keys.must_fit(entry)
        return judge_claims(notes, marker, own)


# --- noticing a bench nobody spoke of ---------------------------------------------------------------

NOTICED_MARK = "second_bench"
"""The store's record of what was noticed, as JSON; "" if nothing, or no longer."""

NEWEST = 2_000
"""A person may have copied this many of the newest entries from one return's notes to another's."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """Another bench.

    Attributes:
        station: Its name, "" if only a marker without a claim was seen.
        return_id: The return with the marker.
        marker: The marker as found there.
        at: When it was noticed, by Loop's time, as ISO 8601.
    """

    station: str
    return_id: str
    marker: str
    at: str


class SecondBench:
    """Knows how many stations share the key: by the settings, or as noticed.

    Args:
        told: Returns the number in the settings.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        cache: ReturnCache,
        audit: AuditLog,
        clock: Clock,
        feed: Feed,
        told: Callable[[], int],
    ) -> None:
        self._outbox = outbox
        self._cache = cache
        self._audit = audit
        self._clock = clock
        self._feed = feed
        self._told = told
        self._alone_since = clock.monotonic()
        self._noticed: Noticed | None = None
        self._is_loaded = False

    @property
    def noticed(self) -> Noticed | None:
        """What was noticed, if it has been loaded."""
        return self._noticed

    def stations(self) -> int:
        """Return how many stations share the key, if it has been loaded: never fewer than the settings
        say.
        """
        return max(self._told(), 2 if self._noticed is not None else 1)

    async def count(self) -> int:
        """Return how many stations share the key.

        With two or more in the settings IT has answered: what was noticed is deleted, so that a later "one"
        is valid until a newer marker is seen.

        Raises:
            StoreError: What was noticed could not be read or deleted.
        """
        if not self._is_loaded:
            kept = await self._cache.marked(NOTICED_MARK)
            if not self._is_loaded:  # nobody else has loaded it in the meantime
                self._noticed, self._is_loaded = Noticed(**json.loads(kept)) if kept else None, True
        if self._told() > 1:
            self._alone_since = self._clock.monotonic()
            if self._noticed is not None:
                self._noticed = None
                await self._cache.mark(NOTICED_MARK, "")
                await self._audit.write("second_bench_settled", self._clock.now())
                self._feed.tell(StationChanged())
        return self.stations()

    def watching(self, gateway: ReturnsGateway) -> ReadingGateway:
        """Wrap the gateway so that every answer with notes is checked."""
        return cast("ReadingGateway", _Watched(gateway, self))

    async def look(self, return_id: str, notes: Sequence[Note], *, is_hub: bool = False) -> None:
        """Check all notes of a return, as Loop has just shown them.

        Args:
            is_hub: Every bench of the hub leaves its marks; only those that do not use it claim by notes.

        Raises:
            StoreError: What is known could not be read, or what was noticed could not be stored.
        """
        if await self.count() > 1 or self._clock.skew_seconds is None:
            return
        alone = timedelta(seconds=self._clock.monotonic() - self._alone_since)
        own = {marker_of(entry.entry_id) for entry in await self._outbox.lane(return_id)}
        found = other_marks(notes, own, self._clock.now(), alone)
        if not found:
            return
        copied = {marker_of(entry.entry_id) for entry in await self._outbox.entries(None, NEWEST)}
        others = [mark for mark in found if mark.marker not in copied and (mark.station or not is_hub)]
        if others:
            await self._notice(return_id, next((mark for mark in others if mark.station), others[0]))

    async def _notice(self, return_id: str, mark: OtherMark) -> None:
        if self._noticed is not None:
            return
        at = self._clock.now()
        self._noticed = Noticed(mark.station, return_id, mark.marker, at.isoformat())
        try:
            await self._cache.mark(NOTICED_MARK, json.dumps(asdict(self._noticed)))
        except StoreError:
            self._noticed = None  # the next answer shows it again
            raise
        log.warning("second_bench return=%s marker=%s", return_id, mark.marker)
        self._feed.tell(SecondBenchNoticed(mark.station))
        await self._audit.write("second_bench", at, return_id=return_id, detail=asdict(mark))


class _Watched:
    """A gateway that checks notes and delegates every other read."""

    def __init__(self, gateway: ReturnsGateway, bench: SecondBench) -> None:
        self._gateway = gateway
        self._bench = bench

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    async def notes(self, return_id: str, *, priority: int = Priority.READ_BACK) -> tuple[Note, ...]:
        """Read the notes. If the store fails, the check is left to the next answer; the notes are
        returned.
        """
        notes = await self._gateway.notes(return_id, priority=priority)
        try:
            await self._bench.look(return_id, notes, is_hub=self._gateway.is_hub)
        except StoreError as failure:
            log.warning("second_bench_unread return=%s code=%s", return_id, failure.code)
        return notes
