"""Foreign calls that may never return are asked in threads of their own."""

from __future__ import annotations

import asyncio
import threading

import pytest

from loopdesk.system.host.watchdog import ask_in_thread


async def test_who_is_canceled_in_the_moment_of_the_answer_ends_all_the_same() -> None:
    """A lost cancellation leaves the program open forever: whoever closes it waits for its tasks."""
    may_answer = threading.Event()
    asking = asyncio.ensure_future(
        ask_in_thread(may_answer.wait, limit_seconds=60, name="loopdesk-test-answer")
    )
    await asyncio.sleep(0)
    may_answer.set()
    for thread in threading.enumerate():
        if thread.name == "loopdesk-test-answer":
            thread.join()  # the answer waits at the loop, which has not seen it yet
    asking.get_loop().call_soon(asking.cancel)  # right behind the answer
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_call_that_takes_too_long_is_left_behind() -> None:
    may_end = threading.Event()
    with pytest.raises(TimeoutError):
        await ask_in_thread(may_end.wait, limit_seconds=0.01, name="loopdesk-test-late")
    may_end.set()


async def test_what_the_call_raises_reaches_who_asked() -> None:
    def fails() -> None:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await ask_in_thread(fails, limit_seconds=60, name="loopdesk-test-failing")
