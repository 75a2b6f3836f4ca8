"""The feed of changes: no change is lost, doubled or jumped over, whoever writes, reads, stops or is slow."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Mapping
from contextlib import aclosing
from typing import NamedTuple

import pytest

from loopdesk.hub.database.connecting import connect
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, row, rows
from loopdesk.hub.index.feed import CHANNEL, ChangeFeed, append
from loopdesk.hub.index.positions import Extent, first_gap, goes_on, position_in
from loopdesk.hub.index.tail import KEPT, Outdated
from loopdesk.services.station.tasks import Tasks
from loopdesk.system.host.clock import SystemClock
from tests.fakes.clock import HandClock
from tests.hub.feed_rig import IS_FULL, Reader, add_shops, change, events_in, process, say
from tests.hub.running import until

SHOPS = ("acme", "north")
WRITERS, READERS = 8, 20
TRANSACTIONS = 2000 if IS_FULL else 40
"""Of each writer; with ten changes in each of the full ones that is 160,000."""

MOST_CHANGES = 10 if IS_FULL else 4


async def _ends(database: Database) -> dict[str, int]:
    found = await database.read("changes.feeds", shops=list(SHOPS))
    return {each["shop"]: each["last"] for each in found}


async def test_nothing_is_lost_doubled_or_jumped_over_with_many_writers_and_readers_that_reconnect(
    hub_url: str,
) -> None:
    chance = random.Random(5)
    written: dict[tuple[str, str], str] = {}
    is_over = asyncio.Event()
    told: asyncio.Future[dict[str, int]] = asyncio.get_running_loop().create_future()
    readers = [Reader(dict.fromkeys(SHOPS, 0)) for _ in range(READERS)]
    async with process(hub_url) as (database, feed, tail), process(hub_url) as (_, other_feed, other_tail):
        await add_shops(database, *SHOPS)

        async def write(writer: int) -> None:
            for turn in range(TRANSACTIONS):
                shop, count = chance.choice(SHOPS), chance.randint(1, MOST_CHANGES)
                returns = {f"{writer}-{chance.randrange(40)}": f"{turn}.{n}" for n in range(count)}
                await change(chance.choice((feed, other_feed)), shop, returns)
                written.update({(shop, return_id): body for return_id, body in returns.items()})

        async def read(reader: Reader) -> None:
            while not is_over.is_set():
                await reader.follow(
                    chance.choice((tail, other_tail)), database.generation, chance.randint(1, 5)
                )
            await reader.follow_until(tail, database.generation, await told)

        reading = [asyncio.ensure_future(read(reader)) for reader in readers]
        await asyncio.gather(*(write(writer) for writer in range(WRITERS)))
        is_over.set()
        await change(feed, "acme", {"last": "x"})  # wakes those who wait for a change
        written["acme", "last"] = "x"
        ends = await _ends(database)
        told.set_result(ends)
        await asyncio.gather(*reading)
    lost = sum(reader.bodies.get(key) != body for reader in readers for key, body in written.items())
    doubled, jumps = sum(x.doubled for x in readers), sum(x.jumps for x in readers)
    changes = sum(ends.values())
    say(f"changes {changes}, readers {READERS}: lost {lost}, doubled {doubled}, jumps {jumps}")
    assert {reader.read for reader in readers} == {changes}
    assert (lost, doubled, jumps) == (0, 0, 0)
    assert sum(x.refused for x in readers) == 0


# --- how a change gets its number -------------------------------------------------------------------

BY_SEQUENCE = b"INSERT INTO change (shop_id, seq, return_id) VALUES ('acme', nextval('mutant'), %s)"
BY_TIME = b"""INSERT INTO change (shop_id, seq, return_id)
              VALUES ('acme', (extract(epoch FROM now()) * 1000000)::bigint, %s)"""


async def _number(connection: Connection, return_id: str, mutant: bytes | None) -> None:
    if mutant is None:
        await append(connection, "acme", [return_id])
    else:
        await connection.execute(mutant, [return_id])


class Seen(NamedTuple):
    """What a reader missed that asks for what comes after the last that it has, and whether it notices."""

    lost: int
    notices: bool


async def _overtaken(url: str, mutant: bytes | None) -> Seen:
    """Let a writer begin first and commit last, while a reader looks in between and at the end."""
    watcher, early, late = await connect(url), await connect(url), await connect(url)
    held: list[tuple[str, int]] = []

    async def write_late() -> None:
        async with late.transaction():
            await _number(late, "late", mutant)

    async def look() -> None:
        after = held[-1][1] if held else 0
        found = await rows(watcher, "changes.page", shops=["acme"], after=[after], most=10)
        held.extend((each["shop"], each["seq"]) for each in found)

    waits = b"SELECT wait_event_type = 'Lock' AS waits FROM pg_stat_activity WHERE pid = %s"
    async with early.transaction():
        await _number(early, "early", mutant)
        writing = asyncio.ensure_future(write_late())
        async with asyncio.timeout(60):
            while not writing.done():
                cursor = await watcher.execute(waits, [late.info.backend_pid])
                if (await cursor.fetchone() or {})["waits"]:
                    break
        await look()
    await writing
    await look()
    count = await (await watcher.execute(b"SELECT count(*) AS n FROM change")).fetchone()
    for connection in (watcher, early, late):
        await connection.close()
    assert count is not None
    return Seen(count["n"] - len(held), first_gap({"acme": 0}, held) is not None)


async def test_a_writer_that_commits_late_is_not_overtaken(hub_database: Database, hub_url: str) -> None:
    await add_shops(hub_database, "acme")
    assert await _overtaken(hub_url, None) == Seen(lost=0, notices=False)


@pytest.mark.parametrize("mutant", [BY_SEQUENCE, BY_TIME], ids=["by bigserial", "by now()"])
async def test_numbers_that_are_taken_before_the_commit_lose_changes_and_every_reader_notices(
    hub_database: Database, hub_url: str, mutant: bytes
) -> None:
    await add_shops(hub_database, "acme")
    async with hub_database.transaction() as connection:
        await connection.execute(b"CREATE SEQUENCE mutant")
    assert await _overtaken(hub_url, mutant) == Seen(lost=1, notices=True)


async def test_a_transaction_that_is_rolled_back_leaves_no_gap(hub_url: str) -> None:
    async with process(hub_url) as (database, feed, tail):
        await add_shops(database, "acme")

        async def fail() -> None:
            async with feed.transaction() as batch:
                await append(batch.connection, "acme", ["1"])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        await change(feed, "acme", {"2": "b"})
        reader = Reader({"acme": 0})
        await reader.follow(tail, "", 1)
    assert (reader.position, reader.jumps, reader.bodies) == ({"acme": 1}, 0, {("acme", "2"): "b"})


async def test_a_change_of_a_shop_that_is_not_there_is_never_committed(hub_url: str) -> None:
    async with process(hub_url) as (database, feed, _tail):
        with pytest.raises(LookupError):
            async with feed.transaction() as batch:
                batch.note("nowhere", "1")
        async with database.transaction() as connection:
            assert await (await connection.execute(b"SELECT * FROM change")).fetchall() == []


async def test_many_commits_are_notified_once(hub_url: str) -> None:
    told: list[str] = []
    faults: list[BaseException] = []
    tasks, clock = Tasks(lambda _where, failure: faults.append(failure)), HandClock()
    database = Database(hub_url, SystemClock(), tasks)
    database.listener.on(CHANNEL, told.append)
    feed = ChangeFeed(database, clock, tasks)
    await database.open()
    feed.ring()
    await until(lambda: bool(told))
    for _ in range(50):
        feed.ring()
    await clock.turn(0.1)
    await until(lambda: len(told) == 2)
    await clock.turn(0.1)
    await until(lambda: "hub change notice" not in tasks.names)
    await database.close()
    await tasks.aclose()
    assert (len(told), faults) == (2, [])


async def test_a_lost_notification_costs_a_moment_and_no_change(hub_url: str) -> None:
    async with process(hub_url) as (database, _feed, tail):
        await add_shops(database, "acme")
        reader = Reader({"acme": 0})
        following = asyncio.ensure_future(reader.follow(tail, "", 1))
        await until(lambda: tail.streams > 0)
        async with database.transaction() as connection:
            await append(connection, "acme", ["1"])  # nobody rings
        async with asyncio.timeout(60):
            await following
    assert reader.position == {"acme": 1}


# --- readers ----------------------------------------------------------------------------------------


async def test_readers_that_stand_still_keep_no_connection_and_lose_nothing(hub_url: str) -> None:
    async with process(hub_url, most=2) as (database, feed, tail), contextlib.AsyncExitStack() as slow:
        await add_shops(database, "acme")
        await change(feed, "acme", {"0": "a"})
        streams = [await tail.follow({"acme": 0}, "") for _ in range(12)]
        for stream in streams:
            await slow.enter_async_context(aclosing(stream))
            assert len(events_in(await anext(stream))) == 1
        quick = Reader({"acme": 0})
        for turn in range(KEPT // 100 + 2):  # more than memory holds
            async with feed.transaction() as batch:
                for n in range(100):
                    batch.note("acme", f"{turn}-{n}")
        ends = {"acme": (KEPT // 100 + 2) * 100 + 1}
        await quick.follow_until(tail, database.generation, ends)
        late = Reader({"acme": 1})
        async for text in streams[0]:
            late.take(events_in(text))
            if late.position == ends:
                break
    assert (quick.jumps, quick.doubled, late.jumps, late.doubled) == (0, 0, 0, 0)


async def test_one_query_reads_for_all_streams(hub_url: str) -> None:
    async with process(hub_url) as (database, feed, tail):
        await add_shops(database, "acme")
        readers = [Reader({"acme": 0}) for _ in range(100)]
        following = [asyncio.ensure_future(reader.follow(tail, "", 1)) for reader in readers]
        await until(lambda: tail.streams == len(readers))
        before = tail.looks
        await change(feed, "acme", {"1": "a"})
        async with asyncio.timeout(60):
            await asyncio.gather(*following)
        looks = tail.looks - before
    assert all(reader.position == {"acme": 1} for reader in readers)
    assert looks < 20


@pytest.mark.expects_log("feed_gap", "feed_broken")
async def test_a_missing_number_ends_every_stream(hub_url: str) -> None:
    async with process(hub_url) as (database, feed, tail):
        await add_shops(database, "acme")
        stream = await tail.follow({"acme": 0}, "")
        ending = asyncio.ensure_future(_all_of(stream))
        await until(lambda: tail.streams > 0)
        async with database.transaction() as connection:
            await append(connection, "acme", ["1", "2"])
            await connection.execute(b"DELETE FROM change WHERE seq = 1")
        feed.ring()
        async with asyncio.timeout(60):
            assert await ending == b""


async def _all_of(stream: object) -> bytes:
    return b"".join([text async for text in stream])  # type: ignore[attr-defined]


async def test_whoever_would_miss_something_is_refused(hub_url: str) -> None:
    async with process(hub_url) as (database, feed, tail):
        await add_shops(database, "acme")
        await change(feed, "acme", {"1": "a", "2": "b"})
        now = database.generation
        refused: list[tuple[Mapping[str, int], str]] = [
            ({"acme": 3}, now),  # more than there is: of a copy that was restored since
            ({"acme": 1}, "another generation"),
            ({"acme": 1}, ""),
            ({"nowhere": 0}, now),
        ]
        for position, generation in refused:
            with pytest.raises(Outdated):
                await tail.follow(position, generation)
        async with database.transaction() as connection:
            await connection.execute(b"UPDATE change SET made_at = made_at - interval '8 days' WHERE seq = 1")
            await row(connection, "changes.drop_old", days=7)
        with pytest.raises(Outdated):
            await tail.follow({"acme": 0}, now)
        reader = Reader({"acme": 1})
        await reader.follow(tail, now, 1)
    assert reader.position == {"acme": 2}


async def test_a_shop_without_old_changes_drops_none(hub_database: Database) -> None:
    await add_shops(hub_database, "acme")
    async with hub_database.transaction() as connection:
        await append(connection, "acme", ["1"])
    async with hub_database.transaction() as connection:
        await rows(connection, "changes.drop_old", days=7)
    assert [(x["last"], x["dropped"]) for x in await hub_database.read("changes.feeds", shops=["acme"])] == [
        (1, 0)
    ]


@pytest.mark.parametrize(
    ("texts", "position"),
    [
        (["acme:0"], {"acme": 0}),
        (["acme:12", "north:7"], {"acme": 12, "north": 7}),
        ([], None),
        (["12"], None),
        ([":12"], None),
        (["acme:"], None),
        (["acme:-1"], None),
        (["acme:1", "acme:2"], None),
        (["acme:" + "9" * 19], None),
        (["acme:²"], None),
    ],
)
def test_a_position_is_read_or_refused(texts: list[str], position: dict[str, int] | None) -> None:
    assert position_in(texts) == position


def test_the_beginning_of_a_feed_belongs_to_every_generation() -> None:
    extents = {"acme": Extent(last=3, dropped=0)}
    assert goes_on({"acme": 0}, extents, generation="b", began_in="a")
    assert not goes_on({"acme": 1}, extents, generation="b", began_in="a")
