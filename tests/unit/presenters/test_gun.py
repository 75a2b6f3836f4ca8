"""The bench, Health and the first start say how each scanner at a serial port is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from loopdesk.domain.scanner.serial_ports import GunState
from loopdesk.presenters.bench import scanner
from loopdesk.presenters.screens.window import Signal
from loopdesk.services.station.events import GunChanged
from tests.bench_rig import BenchRig
from tests.builders import a_return

RETURN_ID = "91000123"


@pytest.fixture
async def rig() -> AsyncIterator[BenchRig]:
    """A bench that works for one known return."""
    made = await BenchRig(a_return(RETURN_ID)).open()
    yield made
    await made.close()


async def _tell(rig: BenchRig, state: GunState, before: GunState | None) -> None:
    rig.feed.tell(GunChanged("ttyACM0", state, before))
    await rig.clock.settle()


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (GunState.AWAY, "The scanner at ttyACM0 is not there."),
        (GunState.HELD, "Another program has the scanner at ttyACM0."),
        (GunState.DENIED, "This user may not open the scanner at ttyACM0."),
        (GunState.BROKEN, "The scanner at ttyACM0 cannot be opened."),
    ],
)
async def test_a_scanner_that_cannot_be_had_is_said_and_so_is_its_return(
    rig: BenchRig, state: GunState, sentence: str
) -> None:
    await _tell(rig, state, GunState.READING)
    band = rig.screen.band
    assert (band.signal, band.word, band.sentence) == (Signal.ATTENTION, "Scanner?", sentence)
    assert band.detail
    await _tell(rig, GunState.READING, state)
    assert rig.screen.band.signal is Signal.READY
    assert rig.screen.band.sentence == "The scanner at ttyACM0 is read."


async def test_a_scanner_that_comes_back_leaves_what_the_band_says_of_a_return(rig: BenchRig) -> None:
    await rig.scan(RETURN_ID)
    before = rig.screen.band
    await _tell(rig, GunState.READING, GunState.AWAY)
    assert (rig.screen.band.word, rig.screen.band.sentence) == (before.word, before.sentence)
    assert "The scanner at ttyACM0 is read." in rig.screen.band.detail


def test_health_has_a_row_for_each_and_the_first_start_proposes_the_sure_way() -> None:
    rows = scanner.port_rows({"ttyACM0": GunState.READING, "COM4": GunState.HELD})
    assert rows == (("Scanner at ttyACM0", "is read"), ("Scanner at COM4", "is held by another program"))
    assert "ttyACM0" in scanner.first_run_words(["ttyACM0"])
    assert "USB-COM" in scanner.first_run_words([])
