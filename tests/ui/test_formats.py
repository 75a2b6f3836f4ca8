"""Numbers, money, days and times as a language writes them, and read back as written."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from loopdesk.domain.returns.returns import Money
from loopdesk.i18n.catalogue import ngettext
from loopdesk.i18n.formats import IsoFormats
from loopdesk.presenters.words import words
from loopdesk.ui.language import LocaleFormats, formats_of, speak

AT = datetime(2026, 11, 30, 14, 5, 9, tzinfo=UTC)
ELSEWHERE = "C"
LANGUAGES = ("en", "de", "fr", "pl", "en_GB", "de_AT", "de_CH")


@pytest.mark.parametrize(
    ("language", "money", "moment", "count", "seconds"),
    [
        ("en", "$1,234.50", "11/30/2026, 2:05\N{NO-BREAK SPACE}PM", "12,345 lines", "0.4 s"),
        ("de", "1.234,50 USD", "30.11.2026, 14:05", "12.345 Positionen", "0,4 s"),
        ("pseudo", "$1,234.50", "11/30/2026, 2:05\N{NO-BREAK SPACE}PM", "12,345", "0.4"),
    ],
)
def test_a_language_writes_sums_moments_and_counts_in_its_own_way(
    qapp: QApplication, language: str, money: str, moment: str, count: str, seconds: str
) -> None:
    speak(qapp, language)
    assert words.money(Money(Decimal("1234.5"), "USD")) == money
    assert words.moment(AT, UTC, AT + timedelta(days=2)) == moment
    assert count in ngettext("1 line", "{n} lines", 12_345)
    assert seconds in words.seconds(0.42)


def test_german_writes_euros_behind_the_sum_and_days_with_points() -> None:
    german = formats_of("de", ELSEWHERE)
    assert german.money("1234.50", "EUR") == "1.234,50\N{NO-BREAK SPACE}€"
    assert german.money("-1234.50", "EUR") == "-1.234,50\N{NO-BREAK SPACE}€"
    assert german.day(date(2026, 3, 1)) == "01.03.2026"
    assert german.time(time(9, 5, 7), seconds=True) == "09:05:07"


def test_where_the_computer_speaks_the_language_its_own_country_counts() -> None:
    assert formats_of("en", "en_GB").day(date(2026, 11, 30)) == "30/11/2026"
    assert formats_of("de", "de_CH").number("1234.5") == "1'234.5"
    assert formats_of("de", "en_GB").number("1234.5") == "1.234,5"


def test_a_currency_of_another_country_keeps_its_code_so_that_no_dollar_is_taken_for_another() -> None:
    assert formats_of("en", ELSEWHERE).money("12.00", "CAD") == "12.00 CAD"
    assert formats_of("en", ELSEWHERE).money("12.00", "") == "12.00"


@given(st.decimals(-(10**15), 10**15, places=2), st.sampled_from(LANGUAGES))
def test_every_cent_is_written_whatever_the_size_of_the_sum(amount: Decimal, language: str) -> None:
    shown = LocaleFormats(QLocale(language)).money(str(amount), "XTS").removesuffix(" XTS")
    digits = "".join(sign for sign in shown if sign.isdigit())
    assert digits == str(abs(amount)).replace(".", "")


@given(st.decimals(-(10**9), 10**9, places=3), st.sampled_from(LANGUAGES), st.booleans())
def test_what_is_shown_can_be_entered_again(number: Decimal, language: str, grouped: bool) -> None:
    formats_ = LocaleFormats(QLocale(language))
    assert formats_.read(formats_.number(str(number), grouped=grouped)) == str(number)


@pytest.mark.parametrize("typed", ["1.5", " 1.5 ", "1,5"])
def test_a_german_field_takes_a_number_as_german_or_as_iso_has_it(typed: str) -> None:
    assert formats_of("de", ELSEWHERE).read(typed) == "1.5"


@pytest.mark.parametrize("typed", ["", "abc", "1..5", "1,,5", "--1"])
def test_what_is_no_number_is_left_for_the_check(typed: str) -> None:
    assert formats_of("de", ELSEWHERE).read(typed) == typed
    assert IsoFormats().read(typed) == typed


def test_without_a_window_everything_is_as_iso_has_it() -> None:
    assert words.money(Money(Decimal("1234.5"), "EUR")) == "1234.50 EUR"
    assert words.moment(AT, UTC, AT + timedelta(days=2)) == "2026-11-30, 14:05"
    assert words.number(12_345) == "12\N{THIN SPACE}345"
    assert words.number(-12_345) == "-12\N{THIN SPACE}345"


def test_nothing_below_the_presenters_writes_as_a_language_does() -> None:
    """What is stored, compared and exported has one form everywhere."""
    root = Path(__file__).parents[2] / "loopdesk"
    rooms = ("domain", "services", "api", "store", "system")
    below = [path for room in rooms for path in (root / room).rglob("*.py")]
    assert [path for path in below if "i18n import formats" in path.read_text("utf-8")] == []
