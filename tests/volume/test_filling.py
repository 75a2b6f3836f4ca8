"""A first fill goes on where it was killed, within the calls that its pages need."""

from __future__ import annotations

from benchmarks.figures import say
from tests.volume.filling import fill
from tests.volume.rig import play


def test_a_first_fill_survives_kills_and_leaves_three_calls_for_each_minute() -> None:
    found = play(lambda: fill(1500, (2, 5)))
    say("\n".join(found.said()))
    assert found.known == 1500
    assert found.calls <= 6 + 1 + 1 + 5 + 2 + found.kills  # pages of three passes, notice, boxes, kills
    assert found.throttled == 0
    assert found.increment <= 3
