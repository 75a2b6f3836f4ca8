"""Parcels that no return was found for: kept at once, tried again at every synchronization."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.labels.scans import Meaning
from loopdesk.domain.operators import PROGRAM, Operator
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.ports.store import Hit, Mysteries, Mystery, ReturnCache
from loopdesk.services.station.events import Feed, MysteryKept, MysteryMatched, MysteryUnclear

log = logging.getLogger("loopdesk.scan")


class MysteryDesk:
    """Keeps mystery parcels and finds their returns.

    Args:
        classify: Turns a raw code into what it may stand for.
        station: Returns who works where, now.

    Attributes:
        unclear: The returns of each open record that more than one return carries, as last found.
    """

    def __init__(
        self,
        *,
        mysteries: Mysteries,
        cache: ReturnCache,
        clock: Clock,
        feed: Feed,
        station: Callable[[], Station],
        classify: Callable[[str], Meaning],
    ) -> None:
        self._mysteries = mysteries
        self._cache = cache
        self._clock = clock
        self._feed = feed
        self._station = station
        self._classify = classify
        self.unclear: dict[int, tuple[str, ...]] = {}

    async def keep(self, code: str, words: str = "", shelf: str = "", photo: str = "") -> Mystery:
        """Give a parcel its number; a code that waits already keeps its number and what was told before."""
        where = self._station()
        new = Mystery(0, code, self._clock.now(), where.operator, where.station, words, shelf, photo)
        kept = await self._mysteries.add(new)
        told = replace(
            kept,
            words=_both(kept.words, words),
            shelf=shelf or kept.shelf,
            photo=photo or kept.photo,
        )
        if told != kept:
            await self._change(told, "mystery_described")
        log.info("mystery number=%s", told.number)
        self._feed.tell(MysteryKept(told.number))
        return told

    async def open_records(self) -> tuple[Mystery, ...]:
        """Return those without a return."""
        return await self._mysteries.open()

    async def all_records(self) -> tuple[Mystery, ...]:
        """Return all, newest first."""
        return await self._mysteries.all()

    async def describe(self, number: int, words: str, shelf: str) -> None:
        """Change what is written about a parcel and where it stands. Raises as ``_record``."""
        record = await self._record(number)
        await self._change(replace(record, words=words, shelf=shelf), "mystery_described")

    async def attach(self, number: int, photo: str) -> None:
        """Give a parcel its picture, by the name under which it is kept. Raises as ``_record``."""
        await self._change(replace(await self._record(number), photo=photo), "mystery_described")

    async def end(self, number: int) -> None:
        """End a record without a return. Raises as ``_record``."""
        await self._change(replace(await self._record(number), closed=True), "mystery_ended")

    async def reopen(self, number: int) -> None:
        """Let a record wait for its return again.

        Raises:
            RuleBroken: ``no_such_mystery``, or ``mystery_already_open`` when its code has another record.
        """
        record = await self._record(number)
        waits = replace(record, closed=False, linked_return_id="", linked_by=PROGRAM)
        await self._change(waits, "mystery_reopened")

    async def choices(self, number: int) -> tuple[Hit, ...]:
        """Return the returns that an open record may be; several are for a person to choose from."""
        record = await self._mysteries.get(number)
        is_open = record is not None and not record.closed and not record.linked_return_id
        return await self._hits(record.code) if record is not None and is_open else ()

    async def try_again(self) -> None:
        """Look every open code up in the store.

        One return is linked and told. Several are told once and wait for a person: a guess would send
        somebody's parcel to somebody else.
        """
        unclear: dict[int, tuple[str, ...]] = {}
        for mystery in await self._mysteries.open():
            ids = tuple(hit.return_id for hit in await self._hits(mystery.code))
            if len(ids) == 1:
                await self._link(mystery, ids[0], by=PROGRAM)
                self._feed.tell(MysteryMatched(mystery.number, mystery.code, ids[0], mystery.site_number))
            elif ids:
                unclear[mystery.number] = ids
                if self.unclear.get(mystery.number) != ids:
                    self._feed.tell(MysteryUnclear(mystery.number, mystery.code, ids, mystery.site_number))
        self.unclear = unclear

    async def link(self, number: int, return_id: str) -> None:
        """Link a record to a return by hand.

        Raises:
            RuleBroken: ``no_such_mystery`` or ``no_such_return``.
        """
        mystery = await self._record(number)
        if await self._cache.get(return_id) is None:
            raise RuleBroken("no_such_return")
        await self._link(mystery, return_id, by=self._station().operator)

    async def _hits(self, code: str) -> tuple[Hit, ...]:
        """Every return that any meaning of a code leads to: the most likely meaning is still a guess."""
        hits: dict[str, Hit] = {}
        for candidate in self._classify(code).candidates if code else ():
            for hit in await self._cache.find((candidate,)):
                hits.setdefault(hit.return_id, hit)
        return tuple(hits.values())

    async def _record(self, number: int) -> Mystery:
        """Return a record.

        Raises:
            RuleBroken: ``no_such_mystery``.
        """
        record = await self._mysteries.get(number)
        if record is None:
            raise RuleBroken("no_such_mystery")
        return record

    async def _link(self, mystery: Mystery, return_id: str, by: Operator) -> None:
        linked = replace(mystery, linked_return_id=return_id, linked_by=by)
        self.unclear.pop(mystery.number, None)
        await self._change(linked, "mystery_linked", by_program=not by.is_named)
        log.info("mystery_linked number=%s return=%s", mystery.number, return_id)

    async def _change(self, record: Mystery, event: str, *, by_program: bool = False) -> None:
        where = self._station()
        operator = PROGRAM if by_program else where.operator
        await self._mysteries.change(
            record, event, self._clock.now(), operator=operator, station=where.station
        )


def _both(before: str, now: str) -> str:
    """Join what was told of a parcel with what is told now, without saying anything twice."""
    return before if now in before else f"{before}; {now}" if before else now
