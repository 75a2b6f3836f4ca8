"""An unexpected failure is counted, logged with a number and reported once, wherever it happened."""

from __future__ import annotations

import asyncio
import gc
import logging
import re
import sys
import threading
from collections.abc import Iterator

import pytest

from loopdesk.app.faults import Faults
from loopdesk.domain.errors import SettingsWrong
from loopdesk.presenters.words import errors
from loopdesk.services.station.events import FaultFound
from loopdesk.services.station.tasks import Tasks

WORD = "nobody expected this"


@pytest.fixture
def faults() -> Iterator[Faults]:
    """The program's fault path, in place of the interpreter's."""
    faults = Faults()
    faults.install()
    yield faults
    faults.restore()


@pytest.fixture
def told(faults: Faults) -> list[FaultFound]:
    """The faults that the operator was told of."""
    told: list[FaultFound] = []
    faults.tell = told.append
    return told


def _fail() -> None:
    raise RuntimeError(WORD)


class _FailsWhenCollected:
    def __del__(self) -> None:
        _fail()


@pytest.mark.fault(128)
def test_a_failure_in_a_thread_is_reported(
    faults: Faults, told: list[FaultFound], caplog: pytest.LogCaptureFixture
) -> None:
    thread = threading.Thread(target=_fail)
    thread.start()
    thread.join()
    assert faults.count == 1
    assert told[0].number in caplog.text
    assert "where=thread" in caplog.text


@pytest.mark.fault(128)
def test_a_failure_while_something_is_collected_is_reported(
    faults: Faults, told: list[FaultFound], caplog: pytest.LogCaptureFixture
) -> None:
    thing = _FailsWhenCollected()
    del thing
    assert faults.count == 1
    assert "where=unraisable" in caplog.text


@pytest.mark.fault(128)
def test_a_failure_that_reaches_the_top_is_reported(
    faults: Faults, told: list[FaultFound], caplog: pytest.LogCaptureFixture
) -> None:
    failure = RuntimeError(WORD)
    sys.excepthook(RuntimeError, failure, None)
    assert faults.count == 1
    assert "where=main" in caplog.text


@pytest.mark.fault(128, 129)
async def test_a_failure_in_a_callback_and_in_a_task_is_reported(
    faults: Faults, told: list[FaultFound], caplog: pytest.LogCaptureFixture
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(faults.handle_loop)
    loop.call_soon(_fail)

    async def work() -> None:
        _fail()

    tasks = Tasks(faults.report)
    await asyncio.gather(tasks.spawn(work(), name="some work"), return_exceptions=True)
    await asyncio.sleep(0)
    loop.set_exception_handler(None)
    assert faults.count == 2
    assert "where=loop" in caplog.text
    assert "where=some work" in caplog.text


@pytest.mark.fault(128)
def test_the_operator_is_told_once_of_each_kind(
    faults: Faults, told: list[FaultFound], caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        faults.report("sender", RuntimeError(WORD))
    faults.report("sender", SettingsWrong("must_be_switch", file="a", key="b"))
    assert faults.count == 4
    assert len(told) == 2
    assert re.fullmatch(r"[0-9A-F]{6}", told[0].number)
    assert WORD not in "".join(errors.fault(told[0].number, told[0].failure))
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 4


@pytest.mark.fault(128)
def test_a_window_that_cannot_show_a_fault_does_not_stop_who_reports_it(
    faults: Faults, caplog: pytest.LogCaptureFixture
) -> None:
    def cannot(_: FaultFound) -> None:
        raise RuntimeError("the window is broken")

    faults.tell = cannot
    faults.report("sender", ValueError(WORD))
    assert faults.count == 1
    assert "fault_not_shown" in caplog.text


@pytest.mark.fault(128)
def test_what_ends_the_program_on_purpose_is_no_fault(faults: Faults, told: list[FaultFound]) -> None:
    for ending in (KeyboardInterrupt(), SystemExit(0), asyncio.CancelledError()):
        faults.report("main", ending)
    assert (faults.count, told) == (0, [])


@pytest.mark.fault(129)
async def test_a_task_that_nobody_holds_is_not_collected_before_it_ends() -> None:
    tasks = Tasks(lambda _name, _failure: None)
    ended = asyncio.Event()

    async def work() -> None:
        for _ in range(50):
            await asyncio.sleep(0)
            gc.collect(0)
        ended.set()

    tasks.spawn(work(), name="held by nobody")
    async with asyncio.timeout(5):
        await ended.wait()
    await tasks.aclose()


def test_the_hooks_go_back_to_whoever_had_them() -> None:
    def hooks() -> tuple[object, ...]:
        return sys.excepthook, threading.excepthook, sys.unraisablehook

    before = hooks()
    outer, inner = Faults(), Faults()
    outer.install()
    taken = hooks()
    inner.install()
    assert hooks() != taken
    inner.restore()
    assert hooks() == taken
    outer.restore()
    assert hooks() == before
