"""A station learns how fast its gun types, from scans that several of them agree on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.scanner.rhythm import SLOWEST_GAP_MS, GunPace, Rhythm

START_MS = 35


def even(seconds: float, keys: int = 18) -> Rhythm:
    return Rhythm((seconds,) * (keys - 1))


def learned(pace: GunPace, *rhythms: Rhythm) -> GunPace:
    for rhythm in rhythms:
        pace = pace.learn(rhythm, START_MS)
    return pace


@pytest.mark.fault(150)
def test_three_slow_scans_teach_a_longer_gap_and_one_does_not() -> None:
    pace = learned(GunPace(START_MS), even(0.1), even(0.1))
    assert (pace.gap_ms, pace.typical_ms) == (START_MS, None)
    pace = learned(pace, even(0.1))
    assert (pace.gap_ms, pace.typical_ms) == (150, 100)


def test_a_gun_that_was_set_faster_is_learned_again_but_never_below_the_settings() -> None:
    pace = learned(GunPace(150, (100.0,) * 5), *(even(0.004),) * 5)
    assert (pace.gap_ms, pace.typical_ms) == (START_MS, 4)


def test_short_codes_teach_nothing() -> None:
    assert learned(GunPace(START_MS), *(even(0.1, 4),) * 9) == GunPace(START_MS)


@pytest.mark.fault(150)
@given(st.floats(0.002, 0.15), st.lists(st.floats(-0.1, 0.1), min_size=30, max_size=30))
def test_a_gun_that_keeps_its_pace_changes_the_gap_once_at_most(
    seconds: float, unevenness: list[float]
) -> None:
    pace, changes = GunPace(START_MS), 0
    for part in unevenness:
        after = pace.learn(even(seconds * (1 + part)), START_MS)
        changes += after.gap_ms != pace.gap_ms
        pace = after
    assert changes <= 1
    assert START_MS <= pace.gap_ms <= SLOWEST_GAP_MS


def test_an_early_first_key_and_one_hiccup_do_not_make_a_rhythm_uneven() -> None:
    assert Rhythm((0.2, *(0.1,) * 8, 0.2)).is_even
    assert not Rhythm((0.1, 0.2, 0.15, 0.1, 0.24, 0.12, 0.2, 0.1)).is_even
    assert not even(0.1, 7).is_even, "too few to tell"
