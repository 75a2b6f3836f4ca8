"""What arrives is known before it is scanned."""

from __future__ import annotations

from benchmarks.figures import say
from tests.volume.arriving import replay
from tests.volume.rig import play


def test_nearly_every_parcel_opens_from_the_store_before_anything_is_asked() -> None:
    found = play(lambda: replay(2, 12, 3600.0))
    say("\n".join(found.said()))
    assert found.scanned >= 15
    assert found.known >= 0.95 * found.scanned
    assert found.detailed >= 0.95 * found.known
    assert found.announced >= 0.95 * found.known
    assert found.throttled == 0
