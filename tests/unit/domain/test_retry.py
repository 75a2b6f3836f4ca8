"""Back-off, breaker and the schedule of reading back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.outbox.retry import Breaker, backoff, next_poll, probe_backoff

POLLS = (2.0, 5.0, 10.0, 20.0, 40.0, 60.0)


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_back_off_is_full_jitter_between_nothing_and_a_doubling_limit_of_a_minute(n: int, x: float) -> None:
    assert backoff(n, lambda: x) == pytest.approx(x * min(60.0, 2.0 ** min(n, 6)))


@pytest.mark.parametrize(("n", "most"), [(0, 1.0), (1, 2.0), (3, 8.0), (5, 32.0), (6, 60.0), (900, 60.0)])
def test_the_longest_back_off_doubles_up_to_a_minute(n: int, most: float) -> None:
    assert backoff(n, lambda: 1.0) == most


@given(st.integers(0, 1000))
def test_probes_never_wait_longer_than_eight_seconds(n: int) -> None:
    assert probe_backoff(n, lambda: 1.0) <= 8.0


@pytest.mark.fault(14)
def test_the_breaker_opens_at_the_fifth_failure_within_thirty_seconds() -> None:
    breaker = Breaker()
    for at in (0.0, 7.0, 14.0, 21.0):
        breaker = breaker.after_failure(at)
        assert not breaker.is_open
    assert breaker.after_failure(28.0).is_open


def test_failures_longer_than_thirty_seconds_ago_do_not_count() -> None:
    breaker = Breaker()
    for n in range(50):
        breaker = breaker.after_failure(n * 8.0)
    assert not breaker.is_open


def test_one_answer_closes_the_breaker_and_forgets_the_failures() -> None:
    breaker = Breaker().opened(3.0).after_probe()
    assert breaker.is_open
    assert breaker.probes == 1
    assert breaker.after_success() == Breaker()


def test_an_open_breaker_stays_open_however_many_failures_follow() -> None:
    breaker = Breaker().opened(3.0)
    assert breaker.after_failure(500.0) == breaker
    assert breaker.opened(9.0) == breaker


def test_read_backs_come_at_two_five_ten_twenty_forty_sixty_seconds_and_then_each_minute() -> None:
    times, at = [], 0.0
    for _ in range(9):
        at = next_poll(POLLS, at)
        times.append(at)
    assert times == [2, 5, 10, 20, 40, 60, 120, 180, 240]


@given(st.floats(0, 1e6))
def test_the_next_read_back_always_lies_ahead_and_at_most_a_minute_away(elapsed: float) -> None:
    assert elapsed < next_poll(POLLS, elapsed) <= elapsed + 60.0


def test_a_late_read_back_does_not_make_up_for_the_missed_ones() -> None:
    assert next_poll(POLLS, 47.0) == 60.0
    assert next_poll(POLLS, 125.0) == 180.0
    assert next_poll((), 61.0) == 120.0
