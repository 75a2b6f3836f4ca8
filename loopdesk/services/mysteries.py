"""Parcels that no return was found for: kept at once, tried again at every synchronization."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.scans import Meaning
from loopdesk.services.events import Feed, MysteryKept, MysteryMatched
from loopdesk.services.ports import AuditLog, Clock, Mysteries, Mystery, ReturnCache, Station

log = logging.getLogger("loopdesk.scan")


class MysteryDesk:
    """Keeps mystery parcels and finds their returns.

    Args:
        classify: Turns a raw code into what it may stand for.
        station: Returns who works where, now.
    """

    def __init__(
        self,
        *,
        mysteries: Mysteries,
        cache: ReturnCache,
        audit: AuditLog,
        clock: Clock,
        feed: Feed,
        station: Callable[[], Station],
        classify: Callable[[str], Meaning],
    ) -> None:
        self._mysteries = mysteries
        self._cache = cache
        self._audit = audit
        self._clock = clock
        self._feed = feed
        self._station = station
        self._classify = classify

    async def keep(self, code: str, words: str = "", shelf: str = "", photo: str = "") -> Mystery:
        """Give a parcel its number."""
        where = self._station()
        new = Mystery(0, code, self._clock.now(), where.operator, where.station, words, shelf, photo)
        kept = await self._mysteries.add(new)
        log.info("mystery number=%s", kept.number)
        self._feed.tell(MysteryKept(kept.number))
        return kept

    async def open_records(self) -> tuple[Mystery, ...]:
        """Return those without a return."""
        return await self._mysteries.open()

    async def all_records(self) -> tuple[Mystery, ...]:
        """Return all, newest first."""
        return await self._mysteries.all()

    async def try_again(self) -> None:
        """Look every open code up in the store; link what is found and tell the station."""
        for mystery in await self._mysteries.open():
            meaning = self._classify(mystery.code)
            hits = await self._cache.find(meaning.candidates)
            if len({hit.return_id for hit in hits}) == 1:
                await self._link(mystery, hits[0].return_id, by="")
                self._feed.tell(MysteryMatched(mystery.number, mystery.code, hits[0].return_id))

    async def link(self, number: int, return_id: str, by: str) -> None:
        """Link a record to a return by hand.

        Raises:
            RuleBroken: ``no_such_mystery`` or ``no_such_return``.
        """
        mystery = next((x for x in await self._mysteries.all() if x.number == number), None)
        if mystery is None:
            raise RuleBroken("no_such_mystery")
        if await self._cache.get(return_id) is None:
            raise RuleBroken("no_such_return")
        await self._link(mystery, return_id, by=by)

    async def _link(self, mystery: Mystery, return_id: str, by: str) -> None:
        await self._mysteries.change(
            replace(mystery, linked_return_id=return_id, linked_by=by or "synchronization")
        )
        await self._audit.write(
            "mystery_linked",
            self._clock.now(),
            operator=by,
            station=self._station().station,
            return_id=return_id,
            detail={"number": mystery.number},
        )
        log.info("mystery_linked number=%s return=%s", mystery.number, return_id)
