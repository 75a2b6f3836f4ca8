"""Loop's scalars, however they are written."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from loopdesk.api.scalars import (
    to_amount,
    to_bool,
    to_count,
    to_id,
    to_joined,
    to_other_id,
    to_said,
    to_text,
    to_time,
)
from loopdesk.api.strict_json import Unreadable, dumps, loads

AT = datetime(2023, 8, 22, 14, 8, 31, tzinfo=UTC)
DAY = datetime(2023, 8, 22, tzinfo=UTC)


@pytest.mark.fault(30)
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (91000123, "91000123"),
        ("91000123", "91000123"),
        (" 12 ", "12"),
        (912345678901234567, "912345678901234567"),
        (2**63 - 1, "9223372036854775807"),
        (0, "0"),
        ("gid://shopify/Order/1", "gid://shopify/Order/1"),
        (None, ""),
        ("", ""),
        ("N/A", ""),
        (12.0, ""),
        (True, ""),
        (-5, ""),
        ([1], ""),
        ({"id": 1}, ""),
    ],
)
def test_an_id_is_text_and_never_made_from_a_float(value: Any, text: str) -> None:
    assert to_id(value) == text


def test_zero_is_no_id_of_something_that_may_not_exist() -> None:
    assert list(map(to_other_id, (0, "0", None, 7))) == ["", "", "", "7"]


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("46.00", "46.00"),
        (46, "46"),
        (46.0, "46.0"),
        (0, "0"),
        ("-3.50", "-3.50"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1093, "1093"),
        (None, None),
        ("", None),
        ("N/A", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e400", None),
        ("1,234.50", "1234.50"),
        ("-1,234", "-1234"),
        ("1,234,567.8", "1234567.8"),
        ("1.234,50", "1234.50"),
        ("1 234.50", "1234.50"),
        ("1'234'567.00", "1234567.00"),
        ("12,50", None),
        ("1,23.4", None),
        ({"amount": "4.50", "currency": "USD"}, "4.50"),
        ({"amount": {"amount": 1}}, None),
        (True, None),
        ([], None),
        ({}, None),
        (1e300, None),
        ("9" * 400, None),
        ("٣", None),
    ],
)
def test_money_is_exact_or_absent(value: Any, amount: str | None) -> None:
    assert to_amount(value) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("value", "truth"),
    [
        (True, True),
        (False, False),
        (None, None),
        ("true", True),
        ("FALSE", False),
        (1, True),
        (0, False),
        ("1", True),
        ("yes", None),
        (2, None),
        ([], None),
        (1.0, None),
    ],
)
def test_a_truth_is_read_from_its_words(value: Any, truth: bool | None) -> None:
    assert to_bool(value) is truth


@pytest.mark.fault(32)
@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2023-08-22T14:08:31.000Z", AT),
        ("2023-08-22T14:08:31Z", AT),
        ("2023-08-22t14:08:31z", AT),
        ("2023-08-22T14:08:31+00:00", AT),
        ("2023-08-22T16:08:31+02:00", AT),
        ("2023-08-22T09:08:31-0500", AT),
        ("2023-08-22 14:08:31", AT),
        ("2023-08-22 14:08:31.123456", AT),
        ("22/08/2023 14:08:31", AT),
        ("22/08/2023", DAY),
        ("2023-08-22", DAY),
        ("2023/08/22 14:08:31", AT),
        (" 2023-08-22 14:08:31 ", AT),
        ("2023-08-22dT14:08:31+00:00", AT),
        ({"date": "2023-08-22 14:08:31.000000", "timezone_type": 3, "timezone": "UTC"}, AT),
        ({"date": "2023-08-22 10:08:31.000000", "timezone_type": 3, "timezone": "America/New_York"}, AT),
        ({"date": "2023-08-22 16:08:31.000000", "timezone_type": 1, "timezone": "+02:00"}, AT),
        ({"date": "2023-08-22 14:08:31.000000", "timezone_type": 2, "timezone": "Z"}, AT),
        ({"date": "2023-08-22 14:08:31", "timezone": "Atlantis/Center"}, None),
        ({"date": 5}, None),
        ({}, None),
        ({"date": "2023-08-22 14:08:31", "timezone": "../../etc/passwd"}, None),
        ("N/A", None),
        ("", None),
        (None, None),
        ("0000-00-00 00:00:00", None),
        ("0000-00-00", None),
        ("2023-02-30", None),
        ("2023-08-22 25:00:00", None),
        ("31/31/2023", None),
        ("2023-08-22T14:08:31+99:99", None),
        ("tomorrow", None),
        ("9999-12-31T23:59:59-23:00", None),
        ("0001-01-01T00:00:00+23:00", None),
        (1692713311, None),
        (True, None),
        (["2023-08-22"], None),
        ("2" * 100_000, None),
        ("２０２３-08-22", None),
    ],
)
def test_a_time_is_aware_utc_or_unknown(value: Any, at: datetime | None) -> None:
    found = to_time(value)
    assert found == at
    assert found is None or found.tzinfo is UTC


@pytest.mark.fault(32)
def test_times_of_summer_and_winter_follow_their_zone() -> None:
    winter = to_time({"date": "2023-12-22 09:08:31", "timezone_type": 3, "timezone": "America/New_York"})
    assert winter == datetime(2023, 12, 22, 14, 8, 31, tzinfo=UTC)


def test_words_for_nothing_are_nothing() -> None:
    assert list(map(to_said, ("N/A", "n/a", " ", None, [], 0.5, "x"))) == [
        "",
        "",
        "",
        "",
        "",
        "0.5",
        "x",
    ]
    assert list(map(to_text, ("N/A", 89501, True, None, {}))) == ["N/A", "89501", "", "", ""]
    assert list(map(to_joined, (["HR1", "N/A", "HR2"], "HR1", None))) == ["HR1,HR2", "HR1", ""]
    assert list(map(to_count, (3, "4", None, -1, 1.5, 10**12))) == [3, 4, 0, 0, 0, 0]


def test_whole_numbers_stay_exact() -> None:
    assert loads(b"[912345678901234567, 9223372036854775807]") == [912345678901234567, 2**63 - 1]


def test_the_last_of_two_equal_keys_counts() -> None:
    assert loads(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.fault(31)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"tru",
        b"{'a': 1}",
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"[1e400]",
        b"\xff\xfe{\x00}\x00",
        b'"\xc3"',
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b'["x", {"a": ["\\ud83d x"]}]',
        b"9" * 5000,
        b"[" + b"9" * 65 + b"]",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000,
        b"true\x00",
        b"<html>",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_cannot_be_trusted_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        loads(body)


def test_a_whole_character_in_two_halves_is_readable() -> None:
    assert loads(b'{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}


def test_what_was_read_is_written_compactly_in_loops_order() -> None:
    assert dumps(loads('{"b": "ü\\/", "a": [1, 2.5, null]}'.encode())) == '{"b":"ü/","a":[1,2.5,null]}'
