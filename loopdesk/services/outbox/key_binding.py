"""Binds the queue to its key and address: under others none of it is sent, and a person is asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from loopdesk.domain.api_key import fits
from loopdesk.domain.errors import Unreachable
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.stages import Entry
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.ports.store import AuditLog, Outbox
from loopdesk.services.station.connection import Connection

log = logging.getLogger("loopdesk.outbox")

SAME_SHOP = "same_shop"
"""Audit event: a person said that two bindings, of key and address, belong to the same shop."""


class KeyBinding:
    """Knows which entries may be sent with the key in use.

    A renewed key has another fingerprint than the entries of the old one, and Loop may move to another
    address. A person confirms that both belong to the same shop; that is audited with the name and remains
    valid.

    Args:
        station: Returns who works where and with which key, now.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        audit: AuditLog,
        clock: Clock,
        connection: Connection,
        station: Callable[[], Station],
    ) -> None:
        self._outbox = outbox
        self._audit = audit
        self._clock = clock
        self._connection = connection
        self._station = station
        self._same: set[tuple[str, str]] = set()

    async def load(self) -> None:
        """Load from the audit log which bindings a person said to be the same shop's."""
        for row in await self._audit.rows(SAME_SHOP, 10_000):
            self._same.add((str(row.detail.get("made_with", "")), str(row.detail.get("in_use", ""))))

    def fits(self, entry: Entry) -> bool:
        """Whether an entry may be sent with the key in use; without a key nothing is sent anyway."""
        in_use = self._station().key_fingerprint
        made_with = entry.key_fingerprint
        return not in_use or fits(made_with, in_use) or (made_with, in_use) in self._same

    def all_fit(self, lane: Sequence[Entry]) -> bool:
        """Whether all unfinished entries of a lane may be sent with the key in use."""
        return all(entry.is_finished or self.fits(entry) for entry in lane)

    def must_fit(self, *entries: Entry) -> None:
        """Fail if another key or address was set during a wait.

        Called right before a call about these entries starts, and right after it has read anything about
        them.

        Raises:
            Unreachable: They belong to another key or address now; nothing was asked.
        """
        if not all(self.fits(entry) for entry in entries):
            raise Unreachable(why="replaced")

    async def refresh(self) -> None:
        """Check whether the queue holds another key's entries, and notify the connection."""
        in_use = self._station().key_fingerprint
        made_with = await self._outbox.key_fingerprints()
        same = {old for old, new in self._same if new == in_use}
        foreign = frozenset(x for x in made_with - same if in_use and not fits(x, in_use))
        if foreign != self._connection.state.foreign_keys:
            log.warning("key_binding foreign=%s", len(foreign))
        self._connection.lock(foreign)

    async def same_shop(self, by: Operator) -> None:
        """Record a person's word that the keys that lock the queue belong to the same shop as the one
        in use.
        """
        in_use = self._station()
        for made_with in sorted(self._connection.state.foreign_keys):
            detail = {"made_with": made_with, "in_use": in_use.key_fingerprint}
            await self._audit.write(
                SAME_SHOP, self._clock.now(), operator=by, station=in_use.station, detail=detail
            )
            self._same.add((made_with, in_use.key_fingerprint))
        await self.refresh()
