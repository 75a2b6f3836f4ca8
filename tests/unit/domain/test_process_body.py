"""The shop's own data that is sent with a processing."""

from __future__ import annotations

import pytest

from loopdesk.domain.errors import SettingsWrong, ValueWrong
from loopdesk.domain.outbox.process_body import check, filled, with_words
from loopdesk.presenters.words import setting_words

WORDS = {"station": "dock 1", "operator": "Ana", "settlement": "0f" * 16, "return": "91000123", "order": "#1"}


def test_placeholders_are_filled_in_once() -> None:
    body = {"rmaid": "{return}", "custom1": "{operator} at {station}", "fixed": "x", "s": "{settlement}"}
    assert filled(body, **WORDS) == {
        "rmaid": "91000123",
        "custom1": "Ana at dock 1",
        "fixed": "x",
        "s": "0f" * 16,
    }
    assert filled({"a": "{operator}"}, **WORDS | {"operator": "{station}"}) == {"a": "{station}"}


def test_a_payload_without_a_body_stays_without() -> None:
    assert with_words({}, WORDS) == {}
    assert with_words({"body": {"a": "{order}"}}, WORDS) == {"body": {"a": "#1"}}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"rma id": "x"}, "has a key that is not"),
        ({"": "x"}, "has a key that is not"),
        ({"1a": "x"}, "has a key that is not"),
        ({"a": "two\nlines"}, "one line of plain text"),
        ({"a": "{shopper}"}, "known are {station}, {operator}, {settlement}, {return}, {order}"),
        ({"a": "x" * 256}, "longer than 255"),
        ({"a": "{order}{order}{order}"}, "longer than 255"),
        ({f"k{n}": "x" for n in range(11)}, "at most 10 keys"),
        ({f"k{n}": "é" * 255 for n in range(10)}, "larger than 2000 bytes"),
    ],
)
def test_what_loop_might_not_take_is_refused_in_words(body: dict[str, str], why: str) -> None:
    with pytest.raises(ValueWrong) as wrong:
        check(body)
    assert why in setting_words.complaint(SettingsWrong(wrong.value, file=""))


def test_a_body_of_plain_words_is_not_refused() -> None:
    check({})
    check({"rmaid": "{return}", "custom1": "{station}", "custom-2": "{operator} {{x"})
