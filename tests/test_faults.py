"""The catalogue of faults is whole, and its page says what the marks of the tests say."""

from __future__ import annotations

from tests import faults

AUTOMATED_AT_LEAST = 120


def test_every_fault_has_one_number_and_name() -> None:
    numbers = [number for group in faults.GROUPS.values() for number in group]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) == set(range(1, 231))
    assert len(set(faults.names().values())) == len(numbers)


def test_every_fault_is_shown_by_a_test_or_checked_by_a_person() -> None:
    shown = set(faults.shown())
    assert shown <= set(faults.names())
    missing = set(faults.names()) - shown - set(faults.BY_HAND)
    assert missing == set(), "neither a test nor a person looks at these"
    assert not shown & set(faults.BY_HAND), "these are shown by a test now"
    assert len(shown) >= AUTOMATED_AT_LEAST


def test_the_page_is_up_to_date() -> None:
    assert faults.PAGE.read_text("utf-8") == faults.page(), "run `make docs`"
