"""The machine's clocks, corrected by Loop's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from loopdesk.system.clock import SystemClock


def test_the_wall_clock_is_aware_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


@pytest.mark.fault(85, 89)
@pytest.mark.parametrize("seconds", [90.0, -3600.0, 0.0])
def test_loops_offset_corrects_the_wall_clock_and_nothing_else(seconds: float) -> None:
    clock, plain = SystemClock(), SystemClock()
    before = clock.monotonic()
    clock.set_offset(seconds)
    assert abs((clock.now() - plain.now()).total_seconds() - seconds) < 1
    assert 0 <= clock.monotonic() - before < 5
    assert clock.offset_seconds == seconds


@pytest.mark.fault(88)
def test_loops_date_teaches_the_offset() -> None:
    clock = SystemClock()
    clock.learn(clock.now() + timedelta(hours=2))
    assert abs(clock.offset_seconds - 7200) < 1
    clock.learn(datetime.now(UTC) + timedelta(seconds=1))
    assert clock.offset_seconds == 0


async def test_waiting_gives_way_to_others() -> None:
    clock, done = SystemClock(), list[str]()

    async def other() -> None:
        done.append("other")

    task = asyncio.create_task(other())
    await clock.sleep(0)
    await task
    assert done == ["other"]
