"""The words of the screens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from gettext import NullTranslations

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import ParkReason, Stage, Why
from loopdesk.domain.returns.grading import Disposition, Grade, Inspection
from loopdesk.domain.returns.returns import Money, Outcome, ReturnState, Totals
from loopdesk.domain.settlement import FlagCause, SettlementKind
from loopdesk.i18n import catalogue
from loopdesk.presenters.words import words
from tests import builders


class Sayings(NullTranslations):
    """A catalogue with a few texts of another language."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__()
        self._texts = texts

    def gettext(self, message: str) -> str:
        """Return the other text, or the English one."""
        return self._texts.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the other text in the form that English would take."""
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture
def english() -> Iterator[None]:
    yield
    catalogue.use(None)


def test_every_word_of_the_domain_has_a_sentence_without_a_code_in_it() -> None:
    spoken = [
        *(words.stage(x) for x in Stage),
        *(words.kind(x) for x in Kind),
        *(words.reason(x) for x in ParkReason),
        *(words.state(x) for x in ReturnState),
        *(words.outcome(x) for x in Outcome),
        *(words.grade(x) for x in Grade),
        *(words.disposition(x) for x in Disposition),
        *(words.settlement(x) for x in SettlementKind),
        *(words.flag_cause(x) for x in FlagCause),
    ]
    assert all(text and "_" not in text for text in spoken)


@pytest.mark.parametrize(
    ("grade", "goes", "said"),
    [
        (Grade.A, Disposition.BACK_TO_STOCK, "A · back to stock"),
        (Grade.MISSING, Disposition.MISSING, "Missing"),
    ],
)
def test_a_decision_says_the_grade_and_where_the_item_goes_once(
    grade: Grade, goes: Disposition, said: str
) -> None:
    found = Inspection("77", grade, goes, builders.OPERATOR, builders.AT)
    assert words.decision(found) == said


@pytest.mark.fault(134)
def test_only_what_loop_confirmed_is_called_confirmed() -> None:
    unsure = set(Stage) - {Stage.DONE}
    for stage in unsure:
        assert "onfirmed" not in words.stage(stage)
        assert "uccess" not in words.stage(stage)
    assert words.stage(Stage.DONE) == "Confirmed by Loop"
    assert "onfirmed" not in words.stage(Stage.DONE, Why.SAID_DONE)
    assert words.stage_tone(Stage.DONE, Why.SAID_DONE) != words.stage_tone(Stage.DONE)


def test_an_address_is_masked() -> None:
    assert words.masked_email("pat.smith@example.test") == "pat.s•••@example.test"
    assert words.masked_email("a@example.test") == "a•••@example.test"
    assert words.masked_email("not an address") == ""
    assert words.masked_email("") == ""


def test_ages_are_words() -> None:
    assert words.age(timedelta(seconds=59)) == "less than a minute"
    assert words.age(timedelta(minutes=1, seconds=5)) == "1 minute"
    assert words.age(39 * 60) == "39 minutes"
    assert words.age(timedelta(hours=1, minutes=59)) == "1 hour"
    assert words.age(timedelta(hours=47)) == "47 hours"
    assert words.age(timedelta(days=3)) == "3 days"
    assert words.age(-5) == "less than a minute"


def test_times_are_those_of_the_station() -> None:
    zone = timezone(timedelta(hours=-5))
    at = datetime(2026, 3, 2, 2, 30, 9, tzinfo=UTC)
    assert words.time_of_day(at, zone) == "21:30"
    assert words.moment(at, zone, at) == "21:30"
    assert words.moment(at, zone, at + timedelta(hours=3), seconds=True) == "2026-03-01, 21:30:09"
    assert words.moment(at, zone, at + timedelta(days=400)) == "2026-03-01, 21:30"
    assert words.moment(None, zone, at) == ""


def test_a_promise_names_the_sum_and_the_lines() -> None:
    assert words.promise(builders.a_return()) == "Refund 49.34 USD to the original payment · 1 line"


def test_a_mixed_promise_names_both_parts() -> None:
    totals = Totals(refund=Money(Decimal("5.00"), "USD"), credit=Money(Decimal("0.00"), "USD"))
    ret = builders.a_return(
        outcome=Outcome.EXCHANGE_REFUND, exchanges=(builders.an_exchange(title="Cap"),), totals=totals
    )
    said = words.promise(ret)
    assert said == "Exchange for Cap and Refund 5.00 USD to the original payment · 1 line"


def test_an_unknown_state_is_quoted() -> None:
    assert words.state_word("limbo") == "Loop says “limbo”"
    assert words.state_word("review") == "In review"


def test_an_entry_is_said_in_words() -> None:
    line = builders.a_line()
    said = words.action(builders.an_entry(kind=Kind.GRADE), line)
    assert said == "Grade: Linen shirt — Blue / M → A"
    assert words.action(builders.an_entry(kind=Kind.ASSESS)) == "Place: line 80000001 → back to stock"
    note = words.action(builders.an_entry(kind=Kind.NOTE))
    assert note.startswith("Note: “Box was wet.")
    assert "[ld:" not in note
    assert words.action(builders.an_entry(kind=Kind.REMOVE)) == "Remove 1 line and process the rest"
    assert words.action(builders.an_entry(kind=Kind.FLAG)) == "Flag for review: looks worn"
    assert words.action(builders.an_entry(kind=Kind.PROCESS)) == "Process"


def test_braces_in_foreign_text_are_only_text() -> None:
    entry = builders.an_entry(kind=Kind.NOTE, payload={"content": "{0} {items} {"})
    assert words.action(entry) == "Note: “{0} {items} {”"


@pytest.mark.usefixtures("english")
def test_a_table_of_templates_puts_another_language_in_place() -> None:
    german = {"{n} lines": "{n} Zeilen", "Needs you": "Braucht Sie"}
    catalogue.use(Sayings(german))
    assert words.lines(3) == "3 Zeilen"
    assert words.stage(Stage.PARKED) == "Braucht Sie"
    assert words.stage(Stage.READY) == "Waits to be sent"


@pytest.mark.usefixtures("english")
def test_a_wrong_translation_falls_back_to_english() -> None:
    catalogue.use(Sayings({"{n} lines": "{lines} {n"}))
    assert words.lines(3) == "3 lines"


def test_sentences_begin_large_and_end_once() -> None:
    assert words.sentence("loop said no") == "Loop said no."
    assert words.sentence("Stopped.") == "Stopped."
    assert words.sentence("  ") == ""


def test_sizes_are_short() -> None:
    assert words.byte_size(999) == "999 bytes"
    assert words.byte_size(12_400_000) == "12.4 MB"
    assert words.byte_size(5_000_000_000_000) == "5\N{THIN SPACE}000.0 GB"
