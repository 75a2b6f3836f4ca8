"""Where a whole return stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.ladder import Rung, Standing, lowest, lowest_rung, rung, standing
from loopdesk.domain.outbox.stages import Entry, Stage
from tests import builders


def a_lane(*stages: Stage, **fields: int) -> tuple[Entry, ...]:
    return tuple(builders.an_entry(n, Kind.NOTE, stage, **fields) for n, stage in enumerate(stages, 1))


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ((Stage.DONE, Stage.DONE), Rung.CONFIRMED),
        ((Stage.DONE, Stage.SETTLING), Rung.ACCEPTED),
        ((Stage.DONE, Stage.SENDING, Stage.SETTLING), Rung.SENT),
        ((Stage.DONE, Stage.UNCERTAIN), Rung.SENT),
        ((Stage.DONE, Stage.DONE, Stage.READY), Rung.KEPT),
        ((Stage.HELD,), Rung.KEPT),
        ((Stage.SUPERSEDED, Stage.WITHDRAWN), Rung.CONFIRMED),
        ((Stage.WITHDRAWN, Stage.WITHDRAWN), None),
    ],
)
def test_a_return_got_as_far_as_the_last_of_its_calls(
    stages: tuple[Stage, ...], expected: Rung | None
) -> None:
    assert lowest_rung(a_lane(*stages)) is expected


def test_what_needs_a_person_counts_as_sent_only_if_it_may_have_left() -> None:
    assert lowest_rung(a_lane(Stage.DONE, Stage.PARKED)) is Rung.KEPT
    assert lowest_rung(a_lane(Stage.DONE, Stage.PARKED, tries=1)) is Rung.SENT


@given(some.lists(some.sampled_from(Stage), min_size=1, max_size=8))
def test_nothing_is_called_confirmed_while_one_call_is_not(stages: list[Stage]) -> None:
    lane = a_lane(*stages)
    found = lowest_rung(lane)
    assert all(found is not None and each >= found for entry in lane if (each := rung(entry)) is not None)
    if found is Rung.CONFIRMED:
        assert standing(lane) is Standing.ENDED
    assert (standing(lane) is Standing.ENDED) is all(entry.is_finished for entry in lane)
    assert (standing(lane) is Standing.PARKED) is (Stage.PARKED in stages)


@given(some.lists(some.sampled_from(Stage), min_size=1, max_size=8))
def test_a_return_is_judged_by_what_needs_a_person_else_by_the_least_advanced(stages: list[Stage]) -> None:
    lane = a_lane(*stages)
    chosen = lowest(lane)
    assert (chosen.stage is Stage.PARKED) is (Stage.PARKED in stages)
    assert chosen.is_finished is (standing(lane) is Standing.ENDED)
