"""Guns type into the real window, with their own timestamps and at their own speed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from loopdesk.domain.scanner.burst import WedgeRules
from loopdesk.simulator.barcodes import ups, usps
from loopdesk.ui.app import make_app
from loopdesk.ui.theme import apply_theme
from tests import guns
from tests.builders import a_parcel, a_return, lines
from tests.public.window_rig import VIEWS, WindowRig
from tests.torture import figures

OPEN_AT_LEAST = 0.99
LABELS = tuple(usps(number) for number in range(100, 112)) + tuple(ups(number) for number in range(100, 112))
FIRST_ID = 91_000_300


@pytest.fixture
async def rig(qapp: QApplication) -> AsyncIterator[WindowRig]:
    """A bench that knows two dozen returns of three lines each."""
    make_app(["loopdesk"])
    apply_theme(qapp, "light")
    known = [
        a_return(
            str(FIRST_ID + place),
            order_name=f"#{3000 + place}",
            parcels=(a_parcel(label),),
            lines=lines(3, 1000 + 10 * place),
        )
        for place, label in enumerate(LABELS)
    ]
    made = WindowRig(qapp, *known)
    await made.begin()
    yield made
    await made.end()


class _Runs:
    """Counts what became of scans, each of which must change nothing but the return that is open."""

    def __init__(self, rig: WindowRig, chance: random.Random, counts: figures.Figures) -> None:
        self.rig = rig
        self.chance = chance
        self.counts = counts
        self.opened = self.said = 0
        self._last = -1

    async def prepare(self) -> tuple[guns.Gun, int]:
        """Bring the focus somewhere, and draw a gun, which the station knows by now, and another return."""
        view = self.chance.choice(("bench", "bench", *VIEWS))
        self.rig.window.show_view(view)
        page = self.rig.window.view(view)
        assert page is not None
        page.setFocus()
        if self.chance.random() < 0.3:
            self.rig.window.focusNextChild()
        await self.rig.wait()
        gun = guns.draw(self.chance)
        self.rig.scans.adapt(WedgeRules(typical_seconds=gun.gap))
        others = [number for number in range(len(LABELS)) if number != self._last]
        return gun, self.chance.choice(others)

    def look(self, gun: guns.Gun, number: int, before: tuple[object, ...]) -> None:
        """Check the outcome."""
        rig, where = self.rig, (gun, LABELS[number])
        view, asked, pressed, _, fields = before
        assert rig.decided() == set(), where
        assert (rig.asked, rig.pressed) == (asked, pressed), where
        is_open = str(FIRST_ID + number) in rig.window.windowTitle()
        assert rig.shown_view() == ("bench" if is_open else view), where
        if is_open:
            assert rig.state()[4] == fields, where
        else:
            assert "canner" in rig.screen.band.sentence + rig.screen.band.detail, where
        self.counts.trials += 1
        self._last = number if is_open else self._last
        self.opened += is_open
        self.said += not is_open

    def end(self) -> None:
        """Enter the counts in the table."""
        self.counts.more |= {"opened": self.opened, "said": self.said}
        self.counts.end()
        assert self.opened >= OPEN_AT_LEAST * self.counts.trials


@pytest.mark.fault(150, 151, 152)
async def test_no_gun_decides_or_presses_anything_in_the_window(rig: WindowRig) -> None:
    wanted = figures.size("window_guns", 40, 1_000)
    counts = figures.begin("guns in the window", figures.seed())
    runs = _Runs(rig, random.Random(figures.seed()), counts)
    while counts.trials < wanted and figures.has_time(counts):
        gun, number = await runs.prepare()
        before = rig.state()
        await rig.type_gun(gun, LABELS[number])
        runs.look(gun, number, before)
    runs.end()


@pytest.mark.fault(150, 151, 152)
async def test_no_gun_decides_or_presses_anything_in_real_time(rig: WindowRig) -> None:
    """The keys come when the gun presses them, and carry the system's times as all keys do."""
    wanted = figures.size("real_guns", 3, 50)
    counts = figures.begin("guns in real time", figures.seed())
    runs = _Runs(rig, random.Random(figures.seed() + 1), counts)
    loop = asyncio.get_running_loop()
    while counts.trials < wanted and figures.has_time(counts):
        gun, number = await runs.prepare()
        before = rig.state()
        began = loop.time()
        for each, at in gun.types(LABELS[number], runs.chance):
            while loop.time() - began < at:
                QCoreApplication.processEvents()
            rig.send(each, round(at * 1000))
        while rig.scans.is_holding:
            QCoreApplication.processEvents()
        await rig.wait()
        runs.look(gun, number, before)
    runs.end()
