"""How fresh an answer must be, and whether a kept one is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from loopdesk.hub.reads.freshness import Freshness, Need, ReadTime, age_of, is_fresh, wanted_in

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "max_age", "max_stale"),
    [
        (None, None, None),
        ("", None, None),
        ("no-cache", 0.0, None),
        ("No-Cache", 0.0, None),
        ("no-store", 0.0, None),
        ("max-age=10", 10.0, None),
        ("max-age = 10 , max-stale=60", 10.0, 60.0),
        ('max-age="10"', 10.0, None),
        ("max-age=10, stale-if-error=86400", 10.0, 86_400.0),
        ("max-stale", None, inf),
        ("max-age=60, no-cache", 0.0, None),
        ("max-age=60, max-age=5", 5.0, None),
        ("max-age=-1", 0.0, None),
        ("max-age", 0.0, None),
        ("max-age=ten", 0.0, None),
        ("max-age=٣", 0.0, None),
        ("private, only-if-cached=1", None, None),
    ],
)
def test_a_cache_control_is_read_and_what_is_odd_asks_for_the_freshest(
    text: str | None, max_age: float | None, max_stale: float | None
) -> None:
    assert wanted_in(text) == Freshness(max_age, max_stale)


def test_an_absurd_age_is_a_long_one() -> None:
    wanted = wanted_in("max-age=" + "9" * 400)

    assert wanted.max_age is not None
    assert 10**8 < wanted.max_age < 10**9


def test_whoever_names_an_age_accepts_no_older_answer_unless_it_says_so() -> None:
    assert wanted_in("no-cache").accepts_older == 0
    assert wanted_in("max-age=60").accepts_older == 0
    assert wanted_in("max-age=60, max-stale=30").accepts_older == 30
    assert wanted_in(None).accepts_older == inf


def test_no_cache_wants_a_read_that_began_after_it_was_asked_for() -> None:
    need = Need(asked=at(0), max_age=0.0)

    assert not is_fresh(ReadTime(at(-0.001), None), need, at(1))
    assert is_fresh(ReadTime(at(0), None), need, at(1))


def test_an_age_counts_from_the_begin_of_the_read() -> None:
    need = Need(asked=at(0), max_age=10.0)

    assert is_fresh(ReadTime(at(-10), None), need, at(0))
    assert not is_fresh(ReadTime(at(-10.5), None), need, at(0))
    assert age_of(at(-3), at(0)) == 3
    assert age_of(at(3), at(0)) == 0


def test_a_hint_makes_old_whatever_was_begun_before_it() -> None:
    need = Need(asked=at(0), max_age=3600.0)

    assert is_fresh(ReadTime(at(-20), at(-21)), need, at(0))
    assert not is_fresh(ReadTime(at(-20), at(-20)), need, at(0))
    assert not is_fresh(ReadTime(at(-20), at(-19)), need, at(0))


def test_a_return_that_changes_all_the_time_is_answered_all_the_same() -> None:
    seen = ReadTime(began=at(0.1), hint_at=at(0.2))

    assert is_fresh(seen, Need(asked=at(0), max_age=0.0), at(0.3))
    assert not is_fresh(seen, Need(asked=at(0.25), max_age=60.0), at(0.3))
