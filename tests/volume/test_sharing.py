"""Twenty stations on one key stay within Loop's limit, and no operator waits."""

from __future__ import annotations

from benchmarks.figures import say
from tests.volume.rig import LIMIT, play
from tests.volume.sharing import share


def test_twenty_stations_stay_within_the_limit_and_no_lookup_waits() -> None:
    found = play(lambda: share(20, 6.0))
    say("\n".join(found.said()))
    assert found.most < LIMIT
    assert found.longest <= 2.0
    assert found.lookups >= 20
    assert found.settled >= 10
    assert found.parked == 0
    assert found.throttled == 0
