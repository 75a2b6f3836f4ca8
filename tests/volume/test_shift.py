"""What a shift costs at Loop, by kind, and how quickly a full queue drains."""

from __future__ import annotations

import pytest

from benchmarks.figures import say
from loopdesk.services.sync.budget import PER_MINUTE
from tests.volume.rig import LIMIT, play
from tests.volume.shift import UNHURRIED, replay


def test_a_settled_return_costs_at_most_five_requests() -> None:
    found = play(lambda: replay(40, every_seconds=45.0, offline=False))
    say("\n".join(found.said()))
    assert (found.settled, found.parked) == (40, 0)
    assert found.a_return <= 5.0
    assert found.throttled == 0


def test_waiting_for_done_costs_a_read_and_no_more() -> None:
    found = play(lambda: replay(40, every_seconds=45.0, offline=False, inspecting=UNHURRIED))
    say("\n".join(found.said()))
    assert (found.settled, found.parked) == (40, 0)
    assert found.a_return <= 6.5


@pytest.mark.parametrize("fields", ["details", "none"])
def test_where_rows_do_not_tell_of_payment_a_settled_return_costs_one_read_more(fields: str) -> None:
    found = play(lambda: replay(40, every_seconds=45.0, offline=False, payment_fields=fields))
    say("\n".join(found.said()))
    assert (found.settled, found.parked) == (40, 0)
    assert found.a_return <= 6.0


def test_a_full_queue_drains_as_quickly_as_the_budget_allows(caplog: pytest.LogCaptureFixture) -> None:
    found = play(lambda: replay(80, every_seconds=1.0, offline=True))
    say("\n".join(found.said()))
    assert (found.settled, found.parked) == (80, 0)
    assert found.a_return <= 5.0
    assert found.drain_a_minute >= 0.9 * PER_MINUTE
    assert found.most < LIMIT
    assert {x.message for x in caplog.records if x.levelname == "WARNING"} == {"breaker_opened"}
    assert found.throttled == 0
