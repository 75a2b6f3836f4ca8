"""Background loops continue after a failing disk or a bug, and a person is told."""

from __future__ import annotations

import pytest

from loopdesk.domain.errors import StoreError, Unreachable
from loopdesk.services.station.tasks import RESTART_SECONDS, Tasks, isolated, keep_running
from tests.fakes.clock import HandClock
from tests.fakes.faults import unexpected


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


async def test_a_bug_is_told_and_does_not_end_the_work_for_the_shift() -> None:
    clock, told, runs = HandClock(), [], []

    async def run() -> None:
        runs.append(clock.monotonic())
        if len(runs) == 1:
            raise ValueError("a bug")

    tasks = Tasks(unexpected)
    running = keep_running("sender", run, clock, lambda name, failure: told.append((name, str(failure))))
    await clock.until(tasks.spawn(running, name="sender").done)
    assert runs == [0.0, RESTART_SECONDS]
    assert told == [("sender", "a bug")]


async def test_a_listeners_bug_is_told_and_does_not_end_whoever_told_it() -> None:
    told, heard = [], []

    async def listen(text: str) -> None:
        heard.append(text)
        raise KeyError(text)

    listened = isolated("observing", listen, lambda name, failure: told.append((name, type(failure))))
    await listened("one")
    await listened("two")
    assert heard == ["one", "two"]
    assert told == [("observing", KeyError)] * 2


@pytest.mark.parametrize("failure", [StoreError("the disk failed"), Unreachable("no network")])
async def test_what_the_store_or_loop_refuses_ends_the_teller_too(failure: Exception) -> None:
    async def listen() -> None:
        raise failure

    with pytest.raises(type(failure)):
        await isolated("observing", listen, unexpected)()
