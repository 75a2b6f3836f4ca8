"""Brings a database to this version's tables, one migration a transaction, whoever else tries."""

from __future__ import annotations

from collections.abc import Sequence

from loopdesk.hub.database.connecting import LEAST_SERVER
from loopdesk.hub.database.sql import Connection, Migration, Row, migrations, row, rows
from loopdesk.hub.failures import DatabaseUnusable


async def migrate(connection: Connection, steps: Sequence[Migration] = ()) -> int:
    """Run what was not run yet.

    Args:
        connection: One of its own, in no transaction.
        steps: The migrations; replaced in tests.

    Returns:
        How many were run.

    Raises:
        DatabaseUnusable: The server is too old, a newer hub migrated the database, or a migration was changed
            since it was run. Nothing was written.
    """
    check_server(connection)
    known = tuple(steps or migrations())
    ran = 0
    for step in known:
        async with connection.transaction():
            await rows(connection, "migrations.lock")
            await rows(connection, "migrations.table")
            done = _checked(await rows(connection, "migrations.done"), known)
            if step.version not in done:
                await connection.execute(step.script.encode())
                values = {"version": step.version, "name": step.name, "sha256": step.sha256}
                await rows(connection, "migrations.add", **values)
                ran += 1
    return ran


def check_server(connection: Connection) -> None:
    """Check PostgreSQL's version.

    Raises:
        DatabaseUnusable: It is before 15.
    """
    if connection.info.server_version < LEAST_SERVER:
        raise DatabaseUnusable(why="too_old", version=connection.info.server_version // 10_000)


async def check_direct(connection: Connection) -> None:
    """Check that nothing pools connections in between: locks and notifications belong to a session.

    A pooler makes up the number of the backend that it tells at the start, for it does not have one yet.

    Raises:
        DatabaseUnusable: Another backend works for us than the one that we were told.
    """
    [found] = await rows(connection, "migrations.backend")
    if found["pid"] != connection.info.backend_pid:
        raise DatabaseUnusable(why="pooled")


async def check_version(connection: Connection) -> None:
    """Check that the database is exactly of this version.

    Raises:
        DatabaseUnusable: It is not, or it was never migrated.
    """
    there = await row(connection, "migrations.there")
    if there is None or not there["there"]:
        raise DatabaseUnusable(why="empty")
    known = migrations()
    if missing := {step.version for step in known} - _checked(
        await rows(connection, "migrations.done"), known
    ):
        raise DatabaseUnusable(why="behind", version=min(missing))


def _checked(done: Sequence[Row], known: Sequence[Migration]) -> set[int]:
    """Return the versions that were run, all of which must be known and unchanged."""
    by_version = {step.version: step for step in known}
    for each in done:
        step = by_version.get(each["version"])
        if step is None:
            raise DatabaseUnusable(why="too_new", version=each["version"])
        if step.sha256 != bytes(each["sha256"]):
            raise DatabaseUnusable(why="changed", name=each["name"])
    return {each["version"] for each in done}
