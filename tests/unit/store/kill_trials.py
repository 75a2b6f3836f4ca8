"""Kills processes that use the store, before every statement in turn; run as a module by ``test_kill.py``.

Each trial is a forked child that ends by SIGKILL just before its n-th SQL statement. What it
had been told is on disk is written to a pipe first. A second child then opens what is left.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import apsw

from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Move, Stage
from loopdesk.services.ports.station import Station
from loopdesk.store.audit import Audit
from loopdesk.store.database import Database
from loopdesk.store.outbox.entries import Outbox
from loopdesk.store.returns.drafts import Drafts
from loopdesk.store.returns.returns import Returns
from loopdesk.store.scan_transaction import ScanTransactions
from loopdesk.store.sql import Migration, migrations
from tests.builders import AT, RETURN_ID, a_draft, a_fetched, a_keep_request, a_scan, rebuild

SECOND_ID = "70000002"
THIRD_ID = "70000003"

NEXT_SCRIPT = "CREATE TABLE more (a TEXT) STRICT; INSERT INTO more VALUES ('x'); DROP INDEX return_by_age;"
NEXT_VERSION = (*migrations(), Migration(len(migrations()) + 1, "next", NEXT_SCRIPT))

Tell = Callable[[Any], None]
Job = Callable[[Tell], Coroutine[Any, Any, None]]


async def opened(folder: Path, steps: tuple[Migration, ...] | None = None) -> Database:
    """Open a store with a small reserve."""
    return await Database.open(folder / "loopdesk.db", steps=steps, reserve_bytes=4096)


async def _keep_first(database: Database) -> None:
    await Outbox(database).keep(a_keep_request())


async def _release(database: Database) -> None:
    outbox = Outbox(database)
    await outbox.release((await outbox.lane(RETURN_ID))[0].settlement_id)


async def _claim(database: Database) -> None:
    outbox = Outbox(database)
    await outbox.claim((await outbox.lane(RETURN_ID))[:1], "", AT)


async def _finish(database: Database) -> None:
    outbox = Outbox(database)
    entry = (await outbox.lane(RETURN_ID))[0]
    move = Move(entry.entry_id, Stage.SENDING, Stage.DONE, counts=True)
    await outbox.apply((move,), at=AT, evidence="accepted", http_status=200, saw=a_fetched())


async def _keep_second(database: Database) -> None:
    await Outbox(database).keep(a_keep_request(Kind.FLAG, return_id=SECOND_ID))


async def _withdraw(database: Database) -> None:
    outbox = Outbox(database)
    await outbox.withdraw((await outbox.lane(SECOND_ID))[0].settlement_id, Operator(name="Ana"), AT)


async def _draft(database: Database) -> None:
    await Drafts(database).save(a_draft(THIRD_ID))


async def _scan(database: Database) -> None:
    await ScanTransactions(database, rebuild).take(a_scan(), Station("dock 1", Operator(name="Ana")))


STEPS: tuple[Callable[[Database], Awaitable[None]], ...] = (
    _keep_first,
    _release,
    _claim,
    _finish,
    _keep_second,
    _withdraw,
    _draft,
    _scan,
)
"""A little of everything, in the order done."""


async def picture(database: Database) -> list[Any]:
    """Return what a store holds, without names that differ from run to run."""
    outbox, drafts, audit = Outbox(database), Drafts(database), Audit(database)
    entries = (*await outbox.lane(RETURN_ID), *await outbox.lane(SECOND_ID))
    return [
        [[x.kind.value, x.stage.value, len(await outbox.attempts(x.entry_id))] for x in entries],
        [not (await drafts.get(name)).is_empty for name in (RETURN_ID, SECOND_ID, THIRD_ID)],
        await Returns(database, rebuild).count(),
        len(await audit.rows()),
        await audit.verify(),
        list(await database.integrity()),
    ]


def kill_before(number: int) -> Callable[[Any, str, Any], bool]:
    """Make a tracer that ends this process before its n-th statement."""
    left = number

    def trace(_cursor: Any, _sql: str, _bindings: Any) -> bool:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    return trace


def in_child(job: Job) -> tuple[bool, list[Any]]:
    """Run a coroutine in a forked child. Returns whether it was killed, and what it told, in order."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)

        def tell(value: Any) -> None:
            os.write(writing, json.dumps(value).encode() + b"\n")

        asyncio.run(job(tell))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = [json.loads(line) for line in pipe]
    _, status = os.waitpid(child, 0)
    if status not in (0, signal.SIGKILL):
        raise RuntimeError(f"a child ended with status {status}")
    return status == signal.SIGKILL, told


def calm_pictures(folder: Path) -> list[Any]:
    """Return what a store holds before the first step and after each one, undisturbed."""

    async def run(tell: Tell) -> None:
        database = await opened(folder)
        tell(await picture(database))
        for step in STEPS:
            await step(database)
            tell(await picture(database))
        await database.close()

    return in_child(run)[1]


def picture_of(folder: Path, steps: tuple[Migration, ...] | None = None) -> Any:
    """Open what a killed process left behind and return what it holds."""

    async def look(tell: Tell) -> None:
        database = await opened(folder, steps)
        report = database.report
        found = await picture(database)
        tell({"found": found, "calm": not (report.damaged or report.lost), "restored": report.restored})
        await database.close()

    return in_child(look)[1][0]


def kill_while_working(folder: Path) -> int:
    """Kill before every statement of the steps. Returns the number of kills."""
    pictures = calm_pictures(folder / "calm")
    number, killed = 0, True
    while killed:
        number += 1
        trial = folder / f"work-{number}"

        async def run(tell: Tell, trial: Path = trial, number: int = number) -> None:
            database = await opened(trial)

            def arm(connection: apsw.Connection) -> None:
                connection.exec_trace = kill_before(number)

            await database.read(arm)
            for step in STEPS:
                await step(database)
                tell("done")
            await database.read(lambda connection: setattr(connection, "exec_trace", None))
            await database.close()

        killed, told = in_child(run)
        left = picture_of(trial)
        allowed = pictures[len(told) : len(told) + 2]
        if left["found"] not in allowed or not left["calm"] or left["restored"]:
            raise RuntimeError(f"killed before statement {number} after {len(told)} steps: {left}")
        shutil.rmtree(trial)
    return number - 1


def kill_while_opening(folder: Path, before: Path | None, steps: tuple[Migration, ...] | None) -> int:
    """Kill before every statement of opening a new store, or one of an older version."""
    expected = None
    number, killed = 0, True
    while killed:
        number += 1
        trial = folder / f"open-{number}"
        if before is not None:
            shutil.copytree(before, trial)

        async def run(_tell: Tell, trial: Path = trial, number: int = number) -> None:
            trace = kill_before(number)
            apsw.connection_hooks.append(lambda connection: setattr(connection, "exec_trace", trace))
            database = await opened(trial, steps)
            apsw.connection_hooks.pop()
            await database.read(lambda connection: setattr(connection, "exec_trace", None))
            await database.close()

        killed, _ = in_child(run)
        left = picture_of(trial, steps)
        expected = expected or (picture_of(before) if before else left)
        if left != expected or not left["calm"]:
            raise RuntimeError(f"killed before statement {number} of opening: {left}")
        shutil.rmtree(trial)
    return number - 1


def an_older_store(folder: Path) -> Path:
    """Make a store of this version with something in it."""

    async def run(_tell: Tell) -> None:
        database = await opened(folder)
        for step in STEPS:
            await step(database)
        await database.close()

    in_child(run)
    return folder


def moved_aside(folder: Path) -> list[str]:
    """Name the damaged databases in a folder."""
    return sorted(file.name for file in folder.glob("damaged-*.db"))


def kill_while_repairing(folder: Path) -> int:
    """Kill before every statement of replacing a damaged store. Returns the number of kills."""
    before = an_older_store(folder / "damaged")
    content = (before / "loopdesk.db").read_bytes()
    place = content.index(b"CREATE INDEX entry_by_settlement")
    (before / "loopdesk.db").write_bytes(content[:place] + b"BROKEN" + content[place + 6 :])
    wanted = None
    number, killed = 0, True
    while killed:
        number += 1
        trial = folder / f"repair-{number}"
        shutil.copytree(before, trial)

        async def run(_tell: Tell, trial: Path = trial, number: int = number) -> None:
            trace = kill_before(number)
            apsw.connection_hooks.append(lambda connection: setattr(connection, "exec_trace", trace))
            database = await opened(trial)
            apsw.connection_hooks.pop()
            await database.read(lambda connection: setattr(connection, "exec_trace", None))
            await database.close()

        async def look(tell: Tell, trial: Path = trial) -> None:
            database = await opened(trial)
            entries = await Outbox(database).entries()
            tell([sorted([x.kind.value, x.stage.value, x.reason or ""] for x in entries), 0])
            tell([moved_aside(trial), await database.integrity()])
            await database.close()

        killed, _ = in_child(run)
        _, told = in_child(look)
        wanted = wanted or told
        if told != wanted or not told[0][0] or len(told[1][0]) != 1:
            raise RuntimeError(f"killed before statement {number} of repairing: {told}")
        shutil.rmtree(trial)
    return number - 1


async def _write_without_transaction(
    self: Database, work: Callable[[apsw.Connection], Any], **_: bool
) -> Any:
    """Stand in for ``Database.write`` and commit after every statement: a planted fault."""
    return await self._on_thread(lambda: work(self._ready()))


def main(folder: Path, *, with_fault: bool) -> None:
    """Run all trials and print how many processes were killed in each kind."""
    if with_fault:
        Database.write = _write_without_transaction  # type: ignore[method-assign]
    kills = {
        "working": kill_while_working(folder / "working"),
        "first opening": kill_while_opening(folder / "first", None, None),
        "repairing": kill_while_repairing(folder / "repairing"),
        "migrating": kill_while_opening(folder / "next", an_older_store(folder / "older"), NEXT_VERSION),
    }
    print(json.dumps(kills))  # noqa: T201 - read by the test


if __name__ == "__main__":
    main(Path(sys.argv[1]), with_fault=sys.argv[2:] == ["--with-fault"])
