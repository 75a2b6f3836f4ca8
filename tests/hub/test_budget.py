"""The budget over PostgreSQL: one bucket a shop for all processes, checked against the plain function."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from prometheus_client import CollectorRegistry

from loopdesk.hub.budget.budget import PATIENCE, HubBudget
from loopdesk.hub.budget.dealing import SHARES, Klass, TokenBucket, Wish, deal, refilled, throttled
from loopdesk.hub.budget.measures import BudgetMeasures
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection
from loopdesk.hub.failures import DatabaseUnusable, NoTurn
from loopdesk.services.station.tasks import Tasks
from loopdesk.system.host.clock import SystemClock
from tests.hub.running import until

SHOP = "acme"
DOCKS = [UUID(int=number + 1) for number in range(40)]
LATER = timedelta(days=1)


@contextlib.asynccontextmanager
async def process(url: str, **given: float) -> AsyncIterator[HubBudget]:
    """The budget as one process of the hub has it; ``given`` is its patience by the class's name."""
    faults: list[tuple[str, BaseException]] = []
    tasks = Tasks(lambda where, failure: faults.append((where, failure)))
    database = Database(url, SystemClock(), tasks, most=4)
    patience = {**PATIENCE, **{Klass[name.upper()]: value for name, value in given.items()}}
    budget = HubBudget(database, SystemClock(), tasks, BudgetMeasures(CollectorRegistry()), patience=patience)
    await database.open()
    await budget.begin()
    try:
        yield budget
    finally:
        await tasks.aclose()
        await database.close()
    assert faults == []


@pytest.fixture
def shop_url(hub_url: str) -> str:
    """A database with one shop."""
    with psycopg.connect(hub_url, autocommit=True) as connection:
        connection.execute("INSERT INTO shop (id, name, colour) VALUES (%s, 'Acme', '#336699')", (SHOP,))
    return hub_url


def seen(url: str, question: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question.encode()).fetchall()


async def until_waiting(url: str, number: int) -> None:
    """Wait until so many wishes wait in the database."""
    waiting = "SELECT count(*) FROM budget_wish WHERE granted_at IS NULL"
    await until(lambda: seen(url, waiting) == [(number,)])


async def empty(budget: HubBudget) -> None:
    """Leave no request to take, and none that comes soon."""
    await budget.set_pace(SHOP, per_second=0.001, burst=30.0, slow_seconds=60.0)
    for _ in range(15):
        await budget.take(SHOP, DOCKS[0], Klass.LOOKUP)


# --- the two sets of rules ---------------------------------------------------------------------------


def test_the_classes_in_the_database_are_those_of_the_plain_function(shop_url: str) -> None:
    found = seen(shop_url, "SELECT klass, floor, weight FROM budget_class ORDER BY klass")

    assert found == [(int(klass), rule.floor, rule.weight) for klass, rule in SHARES.items()]


def _moment(seconds: float) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


class Twins:
    """The same bucket twice: in the database, and as the plain function has it."""

    def __init__(self, connection: psycopg.Connection, chance: random.Random) -> None:
        self._sql = connection
        self._chance = chance
        self._burst, rate = chance.choice([30.0, 30.0, 15.0]), chance.choice([4.0, 4.0, 0.5])
        self.at = 1000.0
        self.bucket = TokenBucket(self._burst / 2, self.at, burst=self._burst, per_second=rate)
        self.waiting: list[Wish] = []
        self._number = 0
        self._sql.execute(
            "INSERT INTO budget_bucket (shop_id, tokens, counted_at, burst, per_second)"
            " VALUES (%s, %s, %s, %s, %s)",
            (SHOP, self.bucket.tokens, _moment(self.at), self._burst, rate),
        )
        self._sql.execute("INSERT INTO budget_asker VALUES (1, %s)", (_moment(1e6),))

    def wish(self) -> None:
        """Add some wishes to both."""
        for _ in range(self._chance.randrange(8)):
            self._number += 1
            klass = self._chance.choice([*Klass, Klass.ACTION, Klass.ACTION])
            wish = Wish(self._number, self._chance.choice(DOCKS[:5]), klass, self.at)
            self.waiting.append(wish)
            self._sql.execute(
                "INSERT INTO budget_wish VALUES (1, %s, %s, %s, %s, %s, %s)",
                (wish.number, SHOP, wish.bench_id, int(klass), _moment(self.at), _moment(1e6)),
            )

    def throttle(self) -> None:
        """Tell both of a 429."""
        seconds = self._chance.choice([0.0, 0.0, 4.0])
        self.bucket = throttled(self.bucket, self.at, seconds)
        self._sql.execute("SELECT budget_throttled(%s, %s, %s)", (SHOP, seconds, _moment(self.at)))

    def compare(self) -> int:
        """Deal in both; returns how many were granted."""
        dealt = deal(self.bucket, self.waiting, self.at)
        if dealt.granted or self.at < self.bucket.counted_at:  # otherwise nothing is written
            self.bucket = dealt.bucket
        [[look_in]] = self._sql.execute("SELECT budget_deal(%s, 1, %s)", (SHOP, _moment(self.at))).fetchall()
        granted = self._sql.execute(
            "DELETE FROM budget_wish WHERE granted_at IS NOT NULL RETURNING number"
        ).fetchall()
        [[tokens]] = self._sql.execute(
            "SELECT budget_tokens(b, %s) FROM budget_bucket b", (_moment(self.at),)
        ).fetchall()
        assert sorted(number for [number] in granted) == sorted(wish.number for wish in dealt.granted)
        assert tokens == pytest.approx(refilled(self.bucket, self.at).tokens)
        assert look_in == (dealt.look_in if dealt.look_in is None else pytest.approx(dealt.look_in))
        self.waiting = [wish for wish in self.waiting if wish not in dealt.granted]
        return len(granted)


@pytest.mark.parametrize("seed", range(6))
def test_the_database_deals_as_the_plain_function_does(shop_url: str, seed: int) -> None:
    chance = random.Random(seed)
    granted = 0
    with psycopg.connect(shop_url, autocommit=True) as connection:
        twins = Twins(connection, chance)
        for _ in range(60):
            twins.at += chance.choice([0.0, 0.125, 0.25, 1.0, 2.0, 5.0, 20.0, -3.0])
            twins.wish()
            if chance.random() < 0.05:
                twins.throttle()
            granted += twins.compare()

    assert granted > 50


# --- processes ------------------------------------------------------------------------------------------


async def test_two_processes_spend_one_bucket(shop_url: str) -> None:
    left = 0

    async def spend(budget: HubBudget, dock: UUID) -> None:
        nonlocal left
        with contextlib.suppress(NoTurn):
            await budget.take(SHOP, dock, Klass.LOOKUP)
            left += 1

    async with process(shop_url, lookup=1.0) as one, process(shop_url, lookup=1.0) as other:
        await one.set_pace(SHOP, per_second=0.001, burst=30.0, slow_seconds=60.0)
        await asyncio.gather(*(spend(one if n % 2 else other, DOCKS[n]) for n in range(40)))
        await until_waiting(shop_url, 0)
        [state] = await one.state()

    assert left == 15  # half a burst, as a bucket begins
    assert 0 <= state.tokens < 1


async def test_a_hog_in_each_process_starves_no_quiet_bench(shop_url: str) -> None:
    order: list[str] = []

    async def want(budget: HubBudget, dock: UUID, name: str) -> None:
        await budget.take(SHOP, dock, Klass.ACTION)
        order.append(name)

    async with process(shop_url, action=60) as one, process(shop_url, action=60) as other:
        await one.set_pace(SHOP, per_second=60.0, burst=30.0, slow_seconds=60.0)
        hogs = [asyncio.ensure_future(want(one, DOCKS[0], "hog")) for _ in range(100)]
        hogs += [asyncio.ensure_future(want(other, DOCKS[1], "hog")) for _ in range(100)]
        while len(order) < 20:
            await asyncio.wait([hog for hog in hogs if not hog.done()], return_when=asyncio.FIRST_COMPLETED)
        before = len(order)
        await asyncio.gather(*(want(one if n % 2 else other, DOCKS[n], "quiet") for n in range(2, 22)))
        meanwhile = Counter(order[before:])
        for hog in hogs:
            hog.cancel()
        await asyncio.gather(*hogs, return_exceptions=True)

    assert meanwhile["quiet"] == 20
    # Each hog has a bench's turn among those who wait; some more were granted while the quiet ones arrived
    assert meanwhile["hog"] <= 40


@pytest.mark.expects_log("throttled shop=acme")
async def test_a_throttle_that_one_process_met_halves_the_rate_of_all(shop_url: str) -> None:
    async with process(shop_url) as one, process(shop_url) as other:
        await one.set_pace(SHOP, per_second=4.0, burst=30.0, slow_seconds=60.0)
        await one.throttled(SHOP, 0.0)
        [state] = await other.state()

    assert state.is_slow
    assert state.tokens < 1


async def test_whoever_gives_up_takes_nothing_and_leaves_no_wish(shop_url: str) -> None:
    async with process(shop_url, action=0.2) as budget:
        await budget.set_pace(SHOP, per_second=0.001, burst=30.0, slow_seconds=60.0)
        for _ in range(11):
            await budget.take(SHOP, DOCKS[0], Klass.ACTION)
        waiting = asyncio.ensure_future(budget.take(SHOP, DOCKS[1], Klass.ACTION))
        with pytest.raises(NoTurn):
            await budget.take(SHOP, DOCKS[0], Klass.ACTION)
        waiting.cancel()
        await until_waiting(shop_url, 0)
        [state] = await budget.state()

    assert state.tokens == pytest.approx(4, abs=0.1)  # an action leaves four to those before it


@pytest.mark.expects_log("budget_unreachable")
async def test_who_gives_up_while_the_database_is_away_keeps_the_process_free(
    shop_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    def away(_: Database) -> contextlib.AbstractAsyncContextManager[Connection]:
        nonlocal asked
        asked += 1
        assert asked < 50, "it asks in a circle, and nothing else in this process may run"
        raise DatabaseUnusable(why="closed")

    async with process(shop_url, lookup=1.0) as budget:
        await empty(budget)
        waiting = asyncio.ensure_future(budget.take(SHOP, DOCKS[1], Klass.LOOKUP))
        await until_waiting(shop_url, 1)
        with monkeypatch.context() as patch:
            patch.setattr(Database, "transaction", away)
            with pytest.raises(NoTurn):
                await waiting
            await until(lambda: asked > 1)
        await until_waiting(shop_url, 0)  # it is told once the database is back


async def test_a_process_that_ends_asks_no_closed_database(shop_url: str) -> None:
    async with process(shop_url) as budget:
        await empty(budget)
        waiting = asyncio.ensure_future(budget.take(SHOP, DOCKS[1], Klass.LOOKUP))
        await until_waiting(shop_url, 1)
        await budget.end()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        with pytest.raises(NoTurn):
            await budget.take(SHOP, DOCKS[2], Klass.LOOKUP)


async def test_what_a_dead_process_wished_for_is_dealt_to_nobody_and_its_grant_is_spent(
    shop_url: str,
) -> None:
    with psycopg.connect(shop_url, autocommit=True) as dead:
        dead.execute(
            "INSERT INTO budget_bucket (shop_id, tokens, counted_at, per_second)"
            " VALUES (%s, 3, clock_timestamp(), 0.001)",
            (SHOP,),
        )
        dead.execute("SELECT * FROM budget_turn(%s, 7, '{}', '{}', '{}', '{}', '{}')", (SHOP,))
        wish = "INSERT INTO budget_wish VALUES (7, %s, %s, %s, 0, %s, %s, %s)"
        now = datetime.now(UTC)
        dead.execute(wish, (1, SHOP, DOCKS[7], now, now + LATER, now))  # granted, never fetched
        dead.execute(wish, (2, SHOP, DOCKS[7], now, now + LATER, None))
        dead.execute("UPDATE budget_asker SET heard_at = heard_at - interval '6 seconds'")
    async with process(shop_url, lookup=0.3) as budget:
        for _ in range(3):
            await budget.take(SHOP, DOCKS[0], Klass.LOOKUP)
        with pytest.raises(NoTurn):
            await budget.take(SHOP, DOCKS[0], Klass.LOOKUP)

    left = "SELECT number FROM budget_wish WHERE owner = 7 AND granted_at IS NULL"
    assert seen(shop_url, left) == [(2,)]
    with psycopg.connect(shop_url, autocommit=True) as dead:
        dead.execute("UPDATE budget_asker SET heard_at = heard_at - interval '1 hour'")
    async with process(shop_url):
        assert seen(shop_url, "SELECT number FROM budget_wish WHERE owner = 7") == []


async def test_wishes_that_a_crash_of_postgresql_emptied_are_wished_again(shop_url: str) -> None:
    async with process(shop_url, lookup=30) as budget:
        await empty(budget)
        waiting = asyncio.ensure_future(budget.take(SHOP, DOCKS[1], Klass.LOOKUP))
        await until_waiting(shop_url, 1)
        with psycopg.connect(shop_url, autocommit=True) as crash:
            crash.execute("TRUNCATE budget_wish, budget_asker")  # what recovery does to them
            crash.execute("UPDATE budget_bucket SET per_second = 1000")
        await waiting


async def test_a_bucket_outlives_the_process_that_used_it(shop_url: str) -> None:
    async with process(shop_url) as budget:
        await empty(budget)
    async with process(shop_url, lookup=0.3) as budget:
        with pytest.raises(NoTurn):
            await budget.take(SHOP, DOCKS[0], Klass.LOOKUP)
