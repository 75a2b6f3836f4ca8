"""The desk itself: it fails a test for everything that must fail one."""

from __future__ import annotations

import asyncio
import threading

import pytest

from loopdesk.domain.outbox.stages import Stage
from loopdesk.selfcheck.ui_driver import NeverCame
from loopdesk.simulator.samples import SAMPLES
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

LONG_SECONDS = 600.0
"""Longer than the test waits: the first processing is still queued at Loop when the second one comes."""


async def _nothing() -> None:
    return


async def _break() -> None:
    raise ZeroDivisionError("planted")


@pytest.mark.expects_log("fault number=")
def test_a_fault_in_a_task_fails_the_run(desk: Desk) -> None:
    async def body() -> None:
        task = desk.program.parts.tasks.spawn(_break(), name="planted")
        await desk.hand.until("its end", task.done)

    with pytest.raises(AssertionError, match="planted"):
        desk.play(body)


@pytest.mark.expects_log("fault number=")
def test_a_fault_in_a_callback_of_the_loop_fails_the_run(desk: Desk) -> None:
    async def body() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 // 0)
        await desk.at_rest()

    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        desk.play(body)


def test_a_task_that_is_left_over_fails_the_run(desk: Desk) -> None:
    tasks: list[asyncio.Task[None]] = []

    async def body() -> None:
        tasks.append(asyncio.create_task(asyncio.sleep(60), name="planted"))

    with pytest.raises(AssertionError, match="planted"):
        desk.play(body)


def test_a_thread_that_is_left_over_fails_the_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.scenarios.desk.THREADS_SECONDS", 0.05)
    over = threading.Event()

    async def body() -> None:
        threading.Thread(target=over.wait, name="planted", daemon=True).start()

    try:
        with pytest.raises(AssertionError, match="planted"):
            desk.play(body)
    finally:
        over.set()


def test_what_fails_in_the_body_fails_the_test_and_ends_the_program(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError):
        desk.play(_break)
    desk.play(_nothing)


def test_a_second_processing_is_found(desk: Desk, shop: SimulatorThread) -> None:
    parcel = SAMPLES["single"]
    shop.loop.settings.change(processing_seconds=LONG_SECONDS)

    async def body() -> None:
        await desk.synced()
        await desk.open(parcel)
        await desk.press("1", "F12")
        await desk.until_lane(parcel.return_id, Stage.SETTLING, Stage.DONE)
        await desk.program.parts.actions.process(parcel.return_id)
        shop.act("hurry", parcel.return_id)
        await desk.until_lane(parcel.return_id, Stage.DONE)

    desk.play(body)

    assert shop.truth(parcel.return_id)["processings"] == 2
    assert traffic.acts(traffic.posts(shop, parcel)).count("process") == 2


def test_what_never_comes_is_said_by_name(desk: Desk) -> None:
    async def body() -> None:
        await desk.hand.until("the moon", lambda: False, seconds=0.05)

    with pytest.raises(NeverCame, match="the moon"):
        desk.play(body)


def test_a_key_from_the_key_store_opens_the_shop_and_stands_in_no_file(
    desk: Desk, shop: SimulatorThread
) -> None:
    del desk.environ["LOOPDESK_API_KEY"]

    async def first() -> None:
        assert not await desk.program.load_key()
        await desk.runtime.secrets.keep_key(shop.key)

    async def second() -> None:
        await desk.synced()
        await desk.open(SAMPLES["single"])

    desk.play(first)
    desk.play(second)

    assert list(desk.key_store.kept.values()) == [shop.key]
    assert shop.requests("GET", "/return/list") != []
    files = [path for path in desk.folder.rglob("*") if path.is_file()]
    assert files != []
    assert not [path.name for path in files if shop.key.encode() in path.read_bytes()]
