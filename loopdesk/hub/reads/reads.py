"""Answers a bench's read: from what is kept if that is fresh enough, else from Loop, asked once for all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from loopdesk.api.connections import WireFactory, real_wire
from loopdesk.hub.budget.budget import HubBudget
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection
from loopdesk.hub.failures import HubFailure, InTwoShops, LoopAway, NoTurn, ShopUnnamed
from loopdesk.hub.reads.copies import Copies, Copy, LoopPage, hint
from loopdesk.hub.reads.flights import Asker, Flights, Landed, OnAnswer
from loopdesk.hub.reads.freshness import Freshness, Need, age_of, is_fresh
from loopdesk.hub.reads.homes import Homes
from loopdesk.hub.reads.joining import joined
from loopdesk.hub.reads.loop_reader import LoopKeys, LoopReader
from loopdesk.hub.reads.readings import LoopRead, details_of
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.tasks import Tasks

FORGET_SECONDS: Final = 600.0
"""How often what was kept for long enough is deleted."""


@dataclass(frozen=True, slots=True)
class Given:
    """The answer to a bench.

    Attributes:
        age: Seconds since the begin of the read; of the oldest part, if several shops answered.
        is_kept: It was not read for this request.
        shops: Of each element of the answer if it has several, otherwise of the answer.
        missing: Shops that might have had something and could not be asked.
    """

    page: LoopPage
    age: float
    is_kept: bool
    shops: tuple[str, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """One shop's answer."""

    shop_id: str
    page: LoopPage
    age: float
    is_kept: bool
    is_answer: bool = True
    is_absent: bool = False

    def given(self) -> Given:
        return Given(self.page, self.age, self.is_kept, (self.shop_id,))


class Reads:
    """What benches read of Loop.

    Attributes:
        homes: In which shop a return is.
    """

    def __init__(
        self, copies: Copies, flights: Flights, homes: Homes, loop: LoopReader, clock: Clock
    ) -> None:
        self.homes = homes
        self._copies = copies
        self._flights = flights
        self._loop = loop
        self._clock = clock

    async def answer(self, reading: LoopRead, wanted: Freshness, asker: Asker, shops: Sequence[str]) -> Given:
        """Answer a bench.

        Args:
            wanted: How fresh the answer must be.
            shops: In which to look; a bench's own, or the one that it named.

        Raises:
            ShopUnnamed: It can be read of one shop only, and there are several.
            InTwoShops: Two shops have a return with that id.
            LoopAway: Loop does not answer, and nothing that is kept will do.
            HubFailure: No turn in the budget in time, or a shop has no key.
        """
        if len(shops) == 1:
            return (await self._part(reading, wanted, asker, shops[0])).given()
        if not shops or not reading.is_lookup:
            raise ShopUnnamed(why="shop_unnamed")
        home = await self._home(reading, asker, shops)
        if home is not None:
            return (await self._part(reading, wanted, asker, home)).given()
        return await self._sought(reading, wanted, asker, shops)

    def on_answer(self, told: OnAnswer) -> None:
        """Tell somebody, behind whoever asked, of every answer of Loop that names returns."""
        self._flights.on_answer(told)

    async def hint(self, connection: Connection, shop_id: str, return_id: str) -> None:
        """Say, in the caller's transaction, that a return changed: what was read of it before is old."""
        await hint(connection, shop_id, return_id)

    async def run(self) -> None:
        """Delete what has been kept for long enough, until canceled."""
        while True:
            await self._copies.forget_old()
            await self._clock.sleep(FORGET_SECONDS)

    async def aclose(self) -> None:
        """Close the connections to Loop."""
        await self._loop.aclose()

    # --- one shop -------------------------------------------------------------------------------------

    async def _part(self, reading: LoopRead, wanted: Freshness, asker: Asker, shop_id: str) -> _Part:
        known = await self._copies.known(reading, (shop_id,))
        need = _need(reading, wanted, known.at)
        copy = known.copies.get(shop_id)
        if copy is not None and is_fresh(copy.seen, need, known.at):
            return _kept(shop_id, copy, known.at)
        running = self._flights.running(shop_id, reading)
        if need.max_age > 0 and running is not None:
            # It began before it was asked for here and may do all the same
            await asyncio.wait((running,))
            known = await self._copies.known(reading, (shop_id,))
            copy = known.copies.get(shop_id)
            if copy is not None and is_fresh(copy.seen, need, known.at):
                return _kept(shop_id, copy, known.at)
        try:
            landed = await self._flights.join(shop_id, reading, asker, need)
        except (LoopAway, NoTurn):
            at = await self._copies.now()
            if copy is None or age_of(copy.seen.began, at) > need.max_age + wanted.accepts_older:
                raise
            return _kept(shop_id, copy, at)
        return await self._landed(shop_id, landed)

    async def _landed(self, shop_id: str, landed: Landed) -> _Part:
        age = age_of(landed.began, await self._copies.now())
        return _Part(shop_id, landed.page, age, False, landed.is_answer, landed.is_absent)

    # --- several shops --------------------------------------------------------------------------------

    async def _home(self, reading: LoopRead, asker: Asker, shops: Sequence[str]) -> str | None:
        """Return the shop of the return that is read, None if that is not known or it is about an order."""
        if reading.return_id is None:
            return None
        home = await self.homes.shop_of(reading.return_id, shops)
        if home is None and reading.kind != "details":
            # Loop may say of any number that it has no notes; of a return it says whether it exists
            details = details_of(reading.version, reading.return_id)
            await self._sought(details, Freshness(), asker, shops)
            home = await self.homes.shop_of(reading.return_id, shops)
        return home

    async def _sought(
        self, reading: LoopRead, wanted: Freshness, asker: Asker, shops: Sequence[str]
    ) -> Given:
        """Ask every shop, all at once; each has a budget of its own."""
        results = await asyncio.gather(
            *(self._part(reading, wanted, asker, shop_id) for shop_id in shops), return_exceptions=True
        )
        parts, failures = _sorted(shops, results)
        found = [part for part in parts if part.is_answer]
        missing = (*failures, *(part.shop_id for part in parts if not (part.is_answer or part.is_absent)))
        if not found:
            return _nothing(parts, failures)
        if len(found) == 1:
            return replace(found[0].given(), missing=missing)
        if reading.return_id is not None:
            raise InTwoShops(why="in_two_shops")
        page, counts = joined([part.page for part in found])
        return Given(
            page,
            max(part.age for part in found),
            all(part.is_kept for part in found),
            tuple(part.shop_id for part, n in zip(found, counts, strict=True) for _ in range(n)),
            missing,
        )


def _need(reading: LoopRead, wanted: Freshness, asked: datetime) -> Need:
    keeping = reading.keeping
    if not keeping.days:
        return Need(asked, 0.0)
    return Need(asked, keeping.max_age if wanted.max_age is None else wanted.max_age)


def _kept(shop_id: str, copy: Copy, at: datetime) -> _Part:
    return _Part(shop_id, copy.page, age_of(copy.seen.began, at), True)


def _sorted(
    shops: Sequence[str], results: Sequence[_Part | BaseException]
) -> tuple[list[_Part], dict[str, HubFailure]]:
    """Tell answers from failures that a shop may have.

    Raises:
        BaseException: The first one that no shop may have.
    """
    parts: list[_Part] = []
    failures: dict[str, HubFailure] = {}
    for shop_id, result in zip(shops, results, strict=True):
        if isinstance(result, HubFailure):
            failures[shop_id] = result
        elif isinstance(result, BaseException):
            raise result
        else:
            parts.append(result)
    return parts, failures


def _nothing(parts: Sequence[_Part], failures: dict[str, HubFailure]) -> Given:
    """No shop has it; that counts only if every shop said so.

    Raises:
        HubFailure: One could not be asked.
    """
    for failure in failures.values():
        raise failure
    other = next((part for part in parts if not part.is_absent), None)
    return (other or parts[0]).given()


def reads_of(
    base_url: str,
    database: Database,
    budget: HubBudget,
    keys: LoopKeys,
    clock: Clock,
    tasks: Tasks,
    *,
    learn: Callable[[datetime], None],
    make_wire: WireFactory = real_wire,
) -> Reads:
    """Put together what reads, before the database is open.

    Args:
        base_url: Loop's address.
        learn: LoopAnswer Loop's time by each of its answers.
    """
    copies = Copies(database)
    loop = LoopReader(base_url, clock, keys, learn=learn, make_wire=make_wire)
    flights = Flights(database, copies, loop, budget, clock, tasks)
    return Reads(copies, flights, Homes(database), loop, clock)
