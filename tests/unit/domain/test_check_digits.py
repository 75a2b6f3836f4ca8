"""Check digits agree with numbers that carriers published, and catch what scanners get wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.labels import check_digits

SOUND: list[tuple[Callable[[str], bool], str]] = [
    (check_digits.has_mod10_31, "036000291452"),
    (check_digits.has_mod10_31, "4006381333931"),
    (check_digits.has_mod10_31, "9400111202555842332669"),
    (check_digits.has_mod10_31, "041441760228964"),
    (check_digits.has_mod10_31, "000123450000000027"),
    (check_digits.has_mod10_31, "0073938000549297"),
    (check_digits.has_luhn, "320595463938"),
    (check_digits.has_mod7, "3318810025"),
    (check_digits.has_mod7, "73891051146"),
    (check_digits.has_fedex_mod11, "986578788855"),
    (check_digits.has_fedex_mod11, "00794808390594"),
    (check_digits.has_s10, "RB123456785GB"),
    (check_digits.has_ups, "1Z999AA10123456784"),
    (check_digits.has_ups, "1Z5R89390357567127"),
    (check_digits.has_ups_waybill, "K2479825491"),
    (check_digits.has_ups_waybill, "V0490119172"),
    (check_digits.has_ontrac, "C11031500001879"),
    (check_digits.has_ontrac, "D10011354453707"),
    (check_digits.has_mod37_36, "008182709980000020033350276C"),
]
EVERY = sorted({check for check, _ in SOUND}, key=lambda check: check.__name__)


@pytest.mark.parametrize(("check", "number"), SOUND)
def test_published_numbers_are_sound(check: Callable[[str], bool], number: str) -> None:
    assert check(number)


@pytest.mark.parametrize(("check", "number"), SOUND)
def test_another_check_digit_is_a_misread(check: Callable[[str], bool], number: str) -> None:
    place = 10 if check is check_digits.has_s10 else len(number) - 1
    others = [digit for digit in "0123456789" if digit != number[place]]
    assert not any(check(number[:place] + other + number[place + 1 :]) for other in others)


STRONG = (check_digits.has_mod10_31, check_digits.has_luhn, check_digits.has_mod37_36)


@pytest.mark.fault(92)
@pytest.mark.parametrize(("check", "number"), [one for one in SOUND if one[0] in STRONG])
def test_one_wrong_digit_anywhere_is_a_misread(check: Callable[[str], bool], number: str) -> None:
    for place, sign in enumerate(number):
        if sign.isdigit():
            others = (number[:place] + other + number[place + 1 :] for other in "0123456789" if other != sign)
            assert not any(check(other) for other in others)


@given(st.sampled_from(EVERY), st.one_of(st.text(), st.text("0123456789", min_size=4000, max_size=5000)))
def test_no_text_makes_a_check_raise(check: Callable[[str], bool], text: str) -> None:
    assert check(text) in (True, False)


@given(st.sampled_from(EVERY), st.text("٠١٢٣٤٥٦٧٨٩", min_size=12, max_size=12))
def test_digits_of_other_scripts_are_not_digits(check: Callable[[str], bool], text: str) -> None:
    assert not check(text)
