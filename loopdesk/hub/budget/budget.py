"""The budget as one process uses it: wishes are brought to the database together, and grants fetched."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final
from uuid import UUID

import psycopg

from loopdesk.hub.budget.dealing import Klass
from loopdesk.hub.budget.measures import BudgetMeasures, ShopBudget
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import row, rows
from loopdesk.hub.failures import DatabaseUnusable, NoTurn
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.tasks import Tasks

log = logging.getLogger("loopdesk.hub.budget")

CHANNEL: Final = "loopdesk_budget"

TICK_SECONDS: Final = 0.1
"""A process that waits looks at least this often: a notification may be lost."""

LEAST_SECONDS: Final = 0.005

AGAIN_SECONDS: Final = 0.5
"""After the database failed."""

PATIENCE: Final[Mapping[Klass, float]] = {
    Klass.LOOKUP: 8.0,
    Klass.FINISH: 4.0,
    Klass.READ_BACK: 12.0,
    Klass.ACTION: 12.0,
    Klass.BACKGROUND: 12.0,
}
"""How long a request waits for its turn. A bench waits thirty seconds for an answer and then must take an
action for lost, so the hub says earlier that it was not sent. Nobody loses a place by asking again.
"""


@dataclass(eq=False, slots=True)
class _Wish:
    number: int
    bench_id: UUID
    klass: Klass
    patience: float
    since: float
    turn: asyncio.Future[None]
    may_be_known: bool = False  # to the database: then it must be told of a wish that is given up


class HubBudget:
    """Deals a shop's requests to Loop out to all benches, over all processes.

    Args:
        clock: Measures how long requests waited; the database's own clock fills the buckets.
        tasks: Keeps one coroutine for each shop for which somebody waits.
        patience: Seconds that a request of a class waits at most.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tasks: Tasks,
        measures: BudgetMeasures,
        *,
        patience: Mapping[Klass, float] = PATIENCE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._tasks = tasks
        self._measures = measures
        self._patience = patience
        self._numbers = count(1)
        self._lines: dict[str, _Line] = {}
        self._is_ended = False
        database.listener.on(CHANNEL, self._on_grants)

    async def begin(self) -> None:
        """Forget what dead processes wished for."""
        async with self._database.transaction() as connection:
            await rows(connection, "budget.forget_silent")

    async def end(self) -> None:
        """Ask the database no more; call it before that is closed. What this process still wished for is
        dealt to nobody, as that of a dead one.
        """
        self._is_ended = True
        for line in self._lines.values():
            await line.end()

    async def take(self, shop_id: str, bench_id: UUID, klass: Klass) -> None:
        """Wait until one request may leave. Whoever is canceled meanwhile takes nothing.

        Raises:
            NoTurn: It waited for as long as its class may, or this process ends; nothing was taken.
        """
        if self._is_ended:
            raise NoTurn(why="budget")
        patience, since = self._patience[klass], self._clock.monotonic()
        turn = asyncio.get_running_loop().create_future()
        wish = _Wish(next(self._numbers), bench_id, klass, patience, since, turn)
        line = self._line(shop_id)
        line.add(wish)
        try:
            async with asyncio.timeout(patience):
                await turn
        except TimeoutError:
            self._measures.in_vain(shop_id, klass)
            raise NoTurn(why="budget") from None
        finally:
            line.leave(wish)
        self._measures.granted(shop_id, klass, self._clock.monotonic() - since)

    async def throttled(self, shop_id: str, retry_after_seconds: float = 0.0) -> None:
        """Handle a 429 of Loop: nothing for as long as it said, and half the rate for a minute, for all."""
        log.warning("throttled shop=%s retry_after=%.0f", shop_id, retry_after_seconds)
        self._measures.throttled(shop_id)
        async with self._database.transaction() as connection:
            await rows(connection, "budget.throttled", shop=shop_id, retry_after=retry_after_seconds)

    async def set_pace(self, shop_id: str, *, per_second: float, burst: float, slow_seconds: float) -> None:
        """Change how much of Loop's limit the hub uses, such as for a key that other programs share.

        Args:
            per_second: Requests a second in the long run; with the burst it bounds any minute to
                ``60 * per_second + burst``.
            burst: Requests that a rested bucket holds.
            slow_seconds: How long a 429 halves the rate.
        """
        async with self._database.transaction() as connection:
            await row(
                connection,
                "budget.set_pace",
                shop=shop_id,
                per_second=per_second,
                burst=burst,
                slow_seconds=slow_seconds,
            )

    async def state(self) -> tuple[ShopBudget, ...]:
        """Return what is left for each shop that has sent anything."""
        return tuple(
            ShopBudget(
                shop_id=found["shop"],
                per_minute=60 * found["per_second"],
                tokens=found["tokens"],
                waiting=found["waiting"],
                is_slow=found["is_slow"],
            )
            for found in await self._database.read("budget.state")
        )

    async def show(self) -> None:
        """Measure what is left for each shop: nothing while the database is away, since nobody knows it."""
        found: tuple[ShopBudget, ...] = ()
        if self._database.is_whole:
            with contextlib.suppress(DatabaseUnusable):
                found = await self.state()
        self._measures.left(found)

    def _line(self, shop_id: str) -> _Line:
        line = self._lines.get(shop_id)
        if line is None:
            line = self._lines[shop_id] = _Line(shop_id, self._database, self._tasks)
        return line

    def _on_grants(self, payload: str) -> None:
        if payload in ("", str(self._database.owner)):
            for line in self._lines.values():
                line.look()


class _Line:
    """Those of this process who wait for one shop, and the one coroutine that asks the database for them."""

    def __init__(self, shop_id: str, database: Database, tasks: Tasks) -> None:
        self._shop_id = shop_id
        self._database = database
        self._tasks = tasks
        self._waiting: dict[int, _Wish] = {}
        self._unsaid: dict[int, _Wish] = {}
        self._given_up: list[int] = []
        self._look = asyncio.Event()
        self._asking: asyncio.Task[None] | None = None
        self._is_ended = False

    async def end(self) -> None:
        """Ask no more."""
        self._is_ended = True
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    def add(self, wish: _Wish) -> None:
        """Bring a wish to the database, together with all others that came meanwhile."""
        self._waiting[wish.number] = self._unsaid[wish.number] = wish
        self.look()

    def leave(self, wish: _Wish) -> None:
        """Take a wish back, if it was not granted."""
        if self._waiting.pop(wish.number, None) is None:
            return
        self._unsaid.pop(wish.number, None)
        if wish.may_be_known:
            self._given_up.append(wish.number)
            self.look()

    def look(self) -> None:
        """Ask the database now."""
        self._look.set()
        if self._asking is None and not self._is_ended and (self._waiting or self._given_up):
            self._asking = self._tasks.spawn(self._ask(), name=f"budget of {self._shop_id}")

    async def _ask(self) -> None:
        try:
            while self._waiting or self._given_up:
                self._look.clear()
                pause = await self._turn()
                # Also for those who gave up alone: a database that is away refuses without a pause, and
                # asking it in a circle would stop the whole process.
                if self._waiting or self._given_up:
                    await self._rest(pause)
        finally:
            self._asking = None

    async def _rest(self, seconds: float) -> None:
        """Wait until it is time, or until somebody asks for it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._look.wait()

    async def _turn(self) -> float:
        """Ask once. Returns when to ask again, in seconds."""
        new, self._unsaid = list(self._unsaid.values()), {}
        given_up, self._given_up = self._given_up, []
        for wish in new:
            wish.may_be_known = True
        try:
            async with self._database.transaction() as connection:
                found = await rows(
                    connection,
                    "budget.turn",
                    shop=self._shop_id,
                    owner=self._database.owner,
                    numbers=[wish.number for wish in new],
                    benches=[wish.bench_id for wish in new],
                    klasses=[int(wish.klass) for wish in new],
                    patience=[wish.patience for wish in new],
                    given_up=given_up,
                )
        except (DatabaseUnusable, psycopg.Error) as failure:
            # What was granted in this turn is spent; those who still wait wish again.
            log.warning("budget_unreachable shop=%s kind=%s", self._shop_id, type(failure).__name__)
            self._unsaid = dict(self._waiting)
            self._given_up[:0] = given_up
            return AGAIN_SECONDS
        look_in = found[0]["look_in"]
        if not found[0]["was_known"]:  # PostgreSQL crashed, and with it went the wishes
            said = {wish.number for wish in new}
            self._unsaid |= {number: wish for number, wish in self._waiting.items() if number not in said}
        for numbered in found[1:]:
            granted = self._waiting.pop(numbered["granted"], None)
            if granted is not None and not granted.turn.done():
                granted.turn.set_result(None)
        return TICK_SECONDS if look_in is None else min(TICK_SECONDS, max(LEAST_SECONDS, look_in))
