"""Another bench is named beside what the band says, which stays."""

from __future__ import annotations

import pytest

from loopdesk.presenters.screens.window import Signal
from loopdesk.services.station.events import SecondBenchNoticed
from tests.bench_rig import BenchRig
from tests.builders import a_return

RETURN_ID = "91000123"


@pytest.mark.fault(174)
@pytest.mark.parametrize(
    ("station", "named"),
    [
        ("dock 3", "Tell IT: another bench uses this key (dock 3)."),
        ("", "Tell IT: another bench uses this key."),
    ],
)
async def test_another_bench_is_said_once_beside_what_was_scanned(station: str, named: str) -> None:
    rig = await BenchRig(a_return(RETURN_ID)).open()
    try:
        await rig.scan(RETURN_ID)
        before = rig.screen.band
        rig.feed.tell(SecondBenchNoticed(station))
        await rig.clock.settle()
        assert rig.screen.band.sentence == before.sentence
        assert rig.screen.band.detail == f"{named} · {before.detail}"
        assert rig.screen.band.signal is before.signal is Signal.FOUND
    finally:
        await rig.close()
