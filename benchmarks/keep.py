"""Keeping a settlement until it is on disk, against committing one row to an equal database."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw

from benchmarks.figures import Result, await_in_turn, show
from benchmarks.shop import pattern
from loopdesk.api.translate import from_body
from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.actions import Action, Kind
from loopdesk.domain.returns.grading import Disposition, Draft, Grade, Inspection
from loopdesk.domain.returns.returns import fingerprint
from loopdesk.services.ports.store import KeepRequest
from loopdesk.store.open_database import open_checked
from loopdesk.store.sql import migrations
from loopdesk.store.store import Store, open_store

LINES = 3
TIMES = 200
WARM_UP = 10
GOAL = 3.0
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def request(number: int) -> KeepRequest:
    """Return a settlement, of another return each time: its lines graded and disposed of, then processed."""
    ret = pattern(LINES).ret
    at = NOW + timedelta(seconds=number)
    lines = [line.line_item_id for line in ret.lines]
    who = Operator(name="somebody")
    found = tuple(Inspection(line, Grade.A, Disposition.BACK_TO_STOCK, who, at) for line in lines)
    grades = [Action(Kind.GRADE, line, _grade(line, at)) for line in lines]
    assessments = [Action(Kind.ASSESS, line, _assessment(line, at)) for line in lines]
    return_id = str(6_000_000_000 + number)
    return KeepRequest(
        return_id=return_id,
        order_name=f"#{number}",
        kind="process",
        actions=(*grades, *assessments, Action(Kind.PROCESS, "", {})),
        seen=fingerprint(ret),
        draft=Draft(return_id, inspections=found, updated_at=at),
        operator=Operator(name="somebody"),
        station="bench 1",
        key_fingerprint="0123456789abcdef",
        hold_seconds=8.0,
        decided_at=at,
    )


def _grade(line: str, at: datetime) -> dict[str, object]:
    return {
        "line_item_id": line,
        "condition_category": "grade_a",
        "description": "As new, complete",
        "return_processor": "somebody",
        "note": "",
        "images": [],
        "inspected_at": at.isoformat(),
    }


def _assessment(line: str, at: datetime) -> dict[str, object]:
    return {
        "line_item_id": line,
        "disposition_outcome": "back_to_stock",
        "return_processor": "somebody",
        "note": "",
        "inspected_at": at.isoformat(),
    }


class Turns:
    """Keeps a settlement and commits a row, in turn."""

    def __init__(self, store: Store, bare: apsw.Connection) -> None:
        self._store = store
        self._bare = bare
        self._requests = iter([request(number) for number in range(WARM_UP + TIMES)])
        self._row = 0

    async def keep(self) -> float:
        """Keep a settlement. Returns milliseconds."""
        wanted = next(self._requests)
        await self._store.drafts.save(wanted.draft)  # the bench has it there; it is emptied by keeping
        began = time.perf_counter()
        entries = await self._store.outbox.keep(wanted)
        ended = time.perf_counter()
        assert len(entries) == 2 * LINES + 1
        return (ended - began) * 1000

    async def commit(self) -> float:
        """Commit one row. Returns milliseconds."""
        self._row += 1
        began = time.perf_counter()
        self._bare.execute("BEGIN IMMEDIATE")
        self._bare.execute("INSERT INTO mark (name, value) VALUES (?, 'x')", (str(self._row),))
        self._bare.execute("COMMIT")
        return (time.perf_counter() - began) * 1000


async def measure(folder: Path) -> Result:
    """Measure both in two stores of one folder."""
    store = await open_store(folder / "store", from_body)
    (folder / "bare").mkdir()
    bare, _ = open_checked(folder / "bare" / "bare.db", migrations())
    try:
        turns = Turns(store, bare)
        await await_in_turn(turns.keep, turns.commit, WARM_UP)
        figure, floor = await await_in_turn(turns.keep, turns.commit, TIMES)
    finally:
        bare.close()
        await store.close()
    name = f"keep: a settlement of {LINES} lines ({2 * LINES + 1} actions) until it is on the disk"
    return Result(name, "a commit of one row in an equal database", "ms", figure, floor, GOAL)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-") as folder:
        show(asyncio.run(measure(Path(folder))))


if __name__ == "__main__":
    main()
