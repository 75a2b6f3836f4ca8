"""When Loop is read again about a doubt."""

from __future__ import annotations

import pytest

from loopdesk.domain.outbox.stages import Stage
from loopdesk.services.outbox.doubt_schedule import DoubtSchedule
from loopdesk.services.ports.station import Limits
from tests.builders import an_entry
from tests.fakes.clock import HandClock


@pytest.mark.parametrize("began", [n / 10 for n in range(1, 200)])
async def test_a_read_that_just_happened_is_not_due_again_at_once(began: float) -> None:
    clock = HandClock()
    watches = DoubtSchedule(clock, Limits)
    await clock.turn(began)
    entry = an_entry(stage=Stage.UNCERTAIN)
    watches.take_in(entry.return_id, [entry])
    for _ in range(12):
        wait = watches.seconds_to_next
        assert wait is not None
        await clock.turn(wait)
        watches.put_off(entry.return_id)
        wait = watches.seconds_to_next
        assert wait is not None
        assert wait > 0.5
