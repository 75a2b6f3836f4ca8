"""Only a note that this station cannot have written itself is another bench's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from loopdesk.domain.outbox.claims import MARGIN, RECENT, OtherMark, claim_text, other_marks
from loopdesk.domain.outbox.stages import marker_of
from loopdesk.domain.returns.returns import Note

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALONE = timedelta(hours=2)
MINE, FOREIGN = marker_of("mine"), marker_of("foreign")


def found(text: str, at: datetime | None, alone: timedelta = ALONE) -> tuple[OtherMark, ...]:
    """Look at one note."""
    return other_marks((Note("1", text, at),), {MINE}, NOW, alone)


def test_a_claim_of_this_run_that_is_not_ours_is_another_benchs_and_names_it() -> None:
    claim = claim_text("dock 3", FOREIGN)
    assert found(claim, NOW - timedelta(hours=1)) == (OtherMark(FOREIGN, "dock 3"),)


@pytest.mark.parametrize("text", [f"Box torn {FOREIGN}", FOREIGN, f"Box torn\n{FOREIGN} "])
def test_a_marked_note_of_this_run_that_is_not_ours_is_another_benchs(text: str) -> None:
    assert found(text, NOW - timedelta(hours=1)) == (OtherMark(FOREIGN),)


@pytest.mark.parametrize("text", [f"Box torn {MINE}", claim_text("a name it had", MINE)])
def test_our_own_mark_is_none_under_whatever_name_it_was_set(text: str) -> None:
    assert found(text, NOW - timedelta(hours=1)) == ()


@pytest.mark.parametrize(
    "text", ["", "Box torn", f"{FOREIGN} said the shopper", f"x{FOREIGN}", "[ld:abcdef]", "[ld:ABCDE]"]
)
def test_what_ends_in_no_mark_is_anybodys(text: str) -> None:
    assert found(text, NOW - timedelta(hours=1)) == ()


def test_what_may_be_older_than_this_run_proves_nothing() -> None:
    edge = NOW - ALONE + MARGIN
    assert found(claim_text("dock 3", FOREIGN), edge) == ()
    assert found(claim_text("dock 3", FOREIGN), edge + timedelta(seconds=1)) != ()


def test_in_a_run_of_weeks_what_may_be_purged_here_proves_nothing() -> None:
    old = NOW - RECENT
    assert found(claim_text("dock 3", FOREIGN), old, timedelta(days=30)) == ()
    assert found(claim_text("dock 3", FOREIGN), old + 2 * MARGIN, timedelta(days=30)) != ()


@pytest.mark.parametrize("at", [None, NOW + timedelta(hours=1)], ids=["no time", "a time to come"])
def test_a_time_that_cannot_be_right_proves_nothing(at: datetime | None) -> None:
    assert found(claim_text("dock 3", FOREIGN), at) == ()
