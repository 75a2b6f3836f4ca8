"""The machine's clocks, corrected by Loop's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from loopdesk.system.host.clock import SystemClock

MACHINE = datetime(2026, 3, 2, 9, 30, 12, 250_000, tzinfo=UTC)


def test_the_wall_clock_is_aware_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def learned(difference: timedelta, monkeypatch: pytest.MonkeyPatch) -> SystemClock:
    """Return a clock that Loop told a time that far from this machine's."""
    monkeypatch.setattr("loopdesk.system.host.clock._machine_time", lambda: MACHINE)
    clock = SystemClock()
    clock.learn(MACHINE + difference)
    return clock


@pytest.mark.fault(88, 156)
@pytest.mark.parametrize("days", [-1095, -1, 1, 730])
def test_loops_date_is_the_time_from_then_on(days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = learned(timedelta(days=days), monkeypatch)
    assert abs(clock.now() - MACHINE - timedelta(days=days)) < timedelta(seconds=10)
    assert clock.skew_seconds == pytest.approx(days * 86_400, abs=1)


@pytest.mark.fault(89)
@pytest.mark.parametrize("seconds", [0, -1, -2])
def test_a_date_cut_to_its_second_proves_no_difference(seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert learned(timedelta(seconds=seconds), monkeypatch).skew_seconds == 0


def test_before_the_first_answer_the_difference_is_not_known() -> None:
    assert SystemClock().skew_seconds is None


@pytest.mark.fault(85, 156)
@pytest.mark.parametrize("hours", [-50_000, -1, 1, 50_000])
def test_setting_the_machines_clock_changes_nothing_after_loop_told_its_time(
    hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = learned(timedelta(hours=2), monkeypatch)
    before, monotonic = clock.now(), clock.monotonic()
    monkeypatch.setattr("loopdesk.system.host.clock._machine_time", lambda: MACHINE + timedelta(hours=hours))
    assert timedelta(0) <= clock.now() - before < timedelta(seconds=10)
    assert clock.monotonic() >= monotonic
    clock.learn(MACHINE + timedelta(hours=2))
    assert clock.skew_seconds == pytest.approx((2 - hours) * 3600, abs=10)


def test_answers_within_a_second_never_let_the_time_go_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = learned(timedelta(hours=2), monkeypatch)
    for _ in range(20):
        before = clock.now()
        clock.learn(before.replace(microsecond=0))
        assert clock.now() >= before


async def test_waiting_gives_way_to_others() -> None:
    clock, done = SystemClock(), list[str]()

    async def other() -> None:
        done.append("other")

    task = asyncio.create_task(other())
    await clock.sleep(0)
    await task
    assert done == ["other"]
