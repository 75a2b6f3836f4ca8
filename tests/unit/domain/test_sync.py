"""How far a sweep of the list has come, and when the next one is due."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.sync import estimate, is_night_over, pace, share_done, slices

START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=100)
DOCK = timezone(timedelta(hours=-5))


def test_what_is_left_follows_from_what_was_read() -> None:
    left = estimate(done_before=0.0, done=0.25, read=500, seconds=10.0)
    assert left is not None
    assert (left.returns, left.seconds) == (1500, 30.0)


def test_what_was_read_before_an_interruption_is_not_taken_for_this_runs_speed() -> None:
    left = estimate(done_before=0.5, done=0.75, read=500, seconds=10.0)
    assert left is not None
    assert (left.returns, left.seconds) == (500, 10.0)


@pytest.mark.parametrize(("done", "read"), [(0.0, 10), (0.5, 0), (0.4, 10)])
def test_nothing_is_guessed_before_anything_is_known(done: float, read: int) -> None:
    assert estimate(done_before=0.4, done=done, read=read, seconds=1.0) is None


def test_the_share_done_is_measured_from_the_newest_end() -> None:
    assert share_done(START, END, END - timedelta(days=25)) == 0.25
    assert share_done(START, END, None) == 0.0
    assert share_done(START, END, START - timedelta(days=1)) == 1.0
    assert share_done(START, START, START) == 0.0


@pytest.mark.parametrize(
    ("since", "now", "over"),
    [
        ("2026-03-02T12:00-05:00", "2026-03-02T23:59-05:00", False),
        ("2026-03-02T12:00-05:00", "2026-03-03T01:59-05:00", False),
        ("2026-03-02T12:00-05:00", "2026-03-03T02:00-05:00", True),
        ("2026-03-03T02:01-05:00", "2026-03-03T23:00-05:00", False),
        ("2026-03-02T12:00-05:00", "2026-03-09T08:00-05:00", True),
    ],
)
def test_a_night_begins_at_two_in_the_morning_at_the_dock(since: str, now: str, over: bool) -> None:
    assert is_night_over(datetime.fromisoformat(since), datetime.fromisoformat(now), DOCK) is over


def test_what_was_never_done_is_due() -> None:
    assert is_night_over(None, START, DOCK)


@given(st.integers(1, 40), st.integers(1, 20))
def test_slices_cover_a_window_without_gaps(days: int, step: int) -> None:
    end = START + timedelta(days=days)
    found = list(slices(START, end, timedelta(days=step)))
    assert found[0][1] == end
    assert found[-1][0] == START
    assert all(later[0] == earlier[1] for later, earlier in itertools.pairwise(found))
    assert all(one[1] - one[0] <= timedelta(days=step) for one in found)


def test_many_stations_sync_less_often() -> None:
    assert pace(60.0, 1, 240.0) == 60.0
    assert pace(60.0, 20, 240.0) == 150.0
    assert pace(0.0, 20, 240.0) == 0.0
