"""The station whose claim is first among Loop's notes finishes a return, whatever clocks and names say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.outbox.actions import NOTE_MOST
from loopdesk.domain.outbox.claims import Missing, Ours, Theirs, claim_text, judge_claims
from loopdesk.domain.outbox.stages import marker_of
from loopdesk.domain.returns.returns import Note

MINE, OLDER, FOREIGN, LATER = (marker_of(name) for name in ("mine", "older", "foreign", "later"))


def notes(*texts: str) -> tuple[Note, ...]:
    """Number notes in this order; their times run backwards."""
    return tuple(
        Note(str(number), text, datetime(2026, 11, 20, 12, 59 - number, tzinfo=UTC))
        for number, text in enumerate(texts)
    )


def test_without_a_claim_of_ours_nothing_is_decided() -> None:
    assert judge_claims((), MINE, {MINE}) == Missing()
    assert judge_claims(notes("hello", claim_text("dock 3", FOREIGN)), MINE, {MINE}) == Missing()


def test_the_first_claim_wins() -> None:
    both = claim_text("dock 1", MINE), claim_text("dock 3", FOREIGN)
    assert judge_claims(notes(*both), MINE, {MINE}) == Ours()
    assert judge_claims(notes(*reversed(both)), MINE, {MINE}) == Theirs("dock 3")


@pytest.mark.fault(90)
def test_two_stations_never_both_win() -> None:
    texts = ("torn", claim_text("dock", FOREIGN), "[ld:ABCDEF]", claim_text("dock", MINE))
    assert judge_claims(notes(*texts), FOREIGN, {FOREIGN}) == Ours()
    assert judge_claims(notes(*texts), MINE, {MINE}) == Theirs("dock")


def test_an_earlier_claim_of_this_station_stands_in_nobodys_way() -> None:
    texts = claim_text("dock 1", OLDER), claim_text("dock 3", FOREIGN), claim_text("dock 1", MINE)
    assert judge_claims(notes(*texts), MINE, {MINE, OLDER}) == Ours()


def test_a_station_of_the_same_name_is_another_station() -> None:
    texts = claim_text("dock 1", FOREIGN), claim_text("dock 1", MINE)
    assert judge_claims(notes(*texts), MINE, {MINE}) == Theirs("dock 1")


def test_what_only_looks_like_a_claim_is_none() -> None:
    texts = (
        f"loopdesk dock 3 claims {FOREIGN} or so",
        f"Note of a person: loopdesk dock 3 claims {FOREIGN}",
        "loopdesk dock 3 claims [ld:abc]",
        claim_text("dock 1", MINE),
    )
    assert judge_claims(notes(*texts), MINE, {MINE}) == Ours()


@given(st.text(max_size=400))
def test_every_name_of_a_station_makes_a_claim_that_fits_and_reads_back(name: str) -> None:
    text = claim_text(name, FOREIGN)
    assert 0 < len(text) <= NOTE_MOST
    assert isinstance(judge_claims(notes(text, claim_text("a", MINE)), MINE, {MINE}), Theirs)
