"""The database of a hub process: transactions, who lives, what is told, what a restart of PostgreSQL does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from loopdesk.hub.database.connecting import connect, parameters
from loopdesk.hub.database.migrate import migrate
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Migration, migrations, row, rows
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.services.station.tasks import Tasks
from loopdesk.system.host.clock import SystemClock
from tests.hub.running import until


@asynccontextmanager
async def _opened(database: Database) -> AsyncIterator[Database]:
    """A database, open in the block."""
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    """What keeps the coroutines of another process."""
    kept = Tasks(lambda where, failure: None)
    yield kept
    await kept.aclose()


async def test_a_block_that_raises_leaves_nothing_behind(hub_database: Database) -> None:
    async def fail() -> None:
        async with hub_database.transaction() as connection:
            await connection.execute(b"INSERT INTO shop (id, name, colour) VALUES ('a', 'A', '#000000')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with hub_database.transaction() as connection:
        assert await (await connection.execute(b"SELECT id FROM shop")).fetchall() == []


async def test_every_connection_waits_for_the_disk_and_for_no_lock_for_ever(hub_database: Database) -> None:
    async with hub_database.transaction() as connection:
        told = {
            name: (await (await connection.execute(f"SHOW {name}".encode())).fetchone() or {})[name]
            for name in ("synchronous_commit", "lock_timeout", "idle_in_transaction_session_timeout")
        }
    assert told == {
        "synchronous_commit": "on",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "10s",
    }


async def test_a_process_lives_while_its_connection_does(
    hub_database: Database, hub_url: str, tasks: Tasks
) -> None:
    async with _opened(Database(hub_url, SystemClock(), tasks)) as other:
        assert other.owner != hub_database.owner
        assert await hub_database.is_alive(other.owner)
        assert await other.is_alive(hub_database.owner)
    assert not await hub_database.is_alive(other.owner)


@pytest.mark.expects_log("lock_lost", "lock_taken_again", "listening_ended", "listens_again")
async def test_a_server_that_ended_every_connection_is_used_again(hub_url: str, tasks: Tasks) -> None:
    database = Database(hub_url, SystemClock(), tasks)
    told: list[str] = []
    database.listener.on("hints", told.append)
    others = b"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()"""
    async with _opened(database):
        async with await psycopg.AsyncConnection.connect(hub_url, autocommit=True) as stranger:
            await stranger.execute(others)
        assert (await database.read("site.read"))[0]["name"] == "Site"
        async with database.transaction() as connection:
            assert await row(connection, "site.read")
        await until(lambda: told == [""])  # what was told meanwhile is unknown
        await until(lambda: database.is_alive(database.owner))
        await database.notify("hints", "x")
        await until(lambda: told == ["", "x"])


async def test_an_unreachable_server_is_told_without_its_password(hub_url: str) -> None:
    with pytest.raises(DatabaseUnusable, match="unreachable") as caught:
        await connect("postgresql://hub:secret@/none?host=/nowhere")
    assert "secret" not in str(caught.value)
    with pytest.raises(DatabaseUnusable, match="address"):
        parameters("postgresql:/not an address")


@pytest.mark.parametrize("password", ["se@cret", "se/cret", "12@cret", "cr:e/t@cret", "c?r@et"])
def test_a_password_that_is_not_encoded_is_not_half_told(password: str) -> None:
    with pytest.raises(DatabaseUnusable) as caught:
        parameters(f"postgresql://hub:{password}@127.0.0.1/none")
    assert str(caught.value) == "address"
    assert caught.value.__cause__ is None


def test_every_form_of_an_address_is_read() -> None:
    for url in (
        "postgresql:///loopdesk",
        "postgresql://hub:se%40cret@db.example:5432/loopdesk",
        "postgresql://hub@a.example:5432,b.example:5433/loopdesk",
        "postgresql://hub@/loopdesk?host=/run/postgresql",
        "host=@abstract port=5432 dbname=loopdesk",
    ):
        assert parameters(url)["dbname"] == "loopdesk"


async def test_two_processes_migrate_an_empty_database_once(empty_hub_url: str) -> None:
    one, two = await connect(empty_hub_url), await connect(empty_hub_url)
    ran = await asyncio.gather(migrate(one), migrate(two))
    assert sum(ran) == len(migrations())
    assert [each["version"] for each in await rows(one, "migrations.done")] == [
        step.version for step in migrations()
    ]
    await one.close()
    await two.close()


async def test_a_database_of_a_newer_hub_or_of_changed_migrations_is_left_alone(empty_hub_url: str) -> None:
    connection = await connect(empty_hub_url)
    first = Migration(1, "0001_a.sql", "CREATE TABLE a (x integer)")
    second = Migration(2, "0002_b.sql", "CREATE TABLE b (x integer)")
    assert await migrate(connection, [first, second]) == 2
    with pytest.raises(DatabaseUnusable, match="too_new"):
        await migrate(connection, [first])
    with pytest.raises(DatabaseUnusable, match="changed"):
        await migrate(connection, [first, second._replace(script="CREATE TABLE c (x integer)")])
    await connection.close()


async def test_a_migration_that_fails_leaves_no_half(empty_hub_url: str) -> None:
    connection = await connect(empty_hub_url)
    broken = Migration(1, "0001_a.sql", "CREATE TABLE a (x integer); SELECT 1 / 0")
    with pytest.raises(psycopg.errors.DivisionByZero):
        await migrate(connection, [broken])
    there = await (await connection.execute(b"SELECT to_regclass('a') AS a")).fetchone()
    assert there == {"a": None}
    await connection.close()


async def test_a_restored_copy_is_another_generation(hub_database: Database) -> None:
    first = hub_database.generation
    assert len(first) == 24
    async with hub_database.transaction() as connection:
        await connection.execute(b"UPDATE site SET restored = gen_random_uuid()")
        again = await row(connection, "living.beat")
    assert again is not None
    assert again["generation"] != first
