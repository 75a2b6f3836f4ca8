"""What sends goes on after a failing disk, and a person was told."""

from __future__ import annotations

import pytest

from loopdesk.domain.errors import StoreError
from loopdesk.services.keeper import RESTART_SECONDS, keep_running
from loopdesk.services.tasks import Tasks
from tests.fakes.clock import HandClock


async def test_a_failing_store_is_told_and_tried_again_later() -> None:
    clock, told, runs = HandClock(), [], []

    async def run() -> None:
        runs.append(clock.monotonic())
        if len(runs) < 3:
            raise StoreError("the disk failed")

    tasks = Tasks(lambda name, failure: pytest.fail(f"{name}: {failure}"))
    task = tasks.spawn(
        keep_running("sender", run, clock, lambda name, failure: told.append((name, str(failure)))),
        name="sender",
    )
    await clock.until(task.done)
    assert runs == [0.0, RESTART_SECONDS, 2 * RESTART_SECONDS]
    assert [name for name, _ in told] == ["sender", "sender"]


async def test_what_is_no_failure_of_the_store_is_not_swallowed() -> None:
    async def run() -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        await keep_running("sender", run, HandClock(), lambda name, failure: None)
