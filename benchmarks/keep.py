"""How long keeping a settlement takes: one commit with all its entries, against a commit of one row."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import apsw

from benchmarks.figures import Result, await_in_turn, show
from loopdesk.domain.actions import Kind
from loopdesk.store.store import Store, open_store
from tests.builders import a_keep_request, an_action, rebuild

TIMES = 200
LINES = 3
GOAL = 3.0

_ROW = "INSERT INTO floor(text) VALUES ('x')"


async def _keep(store: Store, number: int) -> float:
    """Keep a settlement of three lines: three grades, three dispositions, one processing. In ms."""
    line_ids = [str(10_000_000 + number * 10 + n) for n in range(LINES)]
    actions = (
        *(an_action(Kind.GRADE, line_id) for line_id in line_ids),
        *(an_action(Kind.ASSESS, line_id) for line_id in line_ids),
        an_action(Kind.PROCESS, ""),
    )
    return_id = str(90_000_000 + number)
    request = a_keep_request(return_id=return_id, actions=actions)
    began = time.perf_counter()
    await store.outbox.keep(request)
    return (time.perf_counter() - began) * 1000


async def _commit(store: Store) -> float:
    """Commit one row in an equal database, by the same thread. In ms."""

    def insert(connection: apsw.Connection) -> None:
        connection.execute(_ROW)

    began = time.perf_counter()
    await store.database.write(insert)
    return (time.perf_counter() - began) * 1000


async def measure(times: int = TIMES) -> Result:
    """Keep and commit in turn, each in a database of its own with the same pragmas on the same disk."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as folder:
        ours = await open_store(Path(folder) / "ours", rebuild)
        floor = await open_store(Path(folder) / "floor", rebuild)
        try:
            await floor.database.write(_make_table)
            numbers = iter(range(times))
            pair = await await_in_turn(lambda: _keep(ours, next(numbers)), lambda: _commit(floor), times)
        finally:
            await ours.close()
            await floor.close()
    return Result("keep: a settlement of 3 lines, 7 actions", "a commit of one row", "ms", *pair, GOAL)


def _make_table(connection: apsw.Connection) -> None:
    connection.execute("CREATE TABLE floor(text TEXT) STRICT")


def main() -> None:
    """Measure and print."""
    show(asyncio.run(measure()))


if __name__ == "__main__":
    main()
