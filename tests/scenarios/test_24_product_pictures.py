"""Scenario 24: product pictures stand beside the lines. In practice they are shipped, and nothing is sent."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from loopdesk.app.pictures import ShippedPictures
from loopdesk.domain.errors import PictureRefused
from loopdesk.domain.pictures import PictureLink
from loopdesk.simulator.samples import SAMPLES
from loopdesk.ui import pictures as pictures_module
from loopdesk.ui.pictures import pictures
from tests.scenarios.desk import Desk
from tests.scenarios.practice_desk import PracticeDesk
from tests.simulator_thread import SimulatorThread

SAMPLE, OTHER = SAMPLES["multi_line"], SAMPLES["single"]


@pytest.fixture
def practice_desk(qapp: QApplication, tmp_path: Path) -> PracticeDesk:
    """A desk that practices, on a profile of its own."""
    return PracticeDesk(qapp, tmp_path / "profile", "http://127.0.0.1:9/api", key=None)


async def _nothing(_self: ShippedPictures, link: PictureLink) -> bytes:
    raise PictureRefused("no network", is_final=False)


def test_practice_shows_its_own_pictures_and_once_kept_they_need_no_source(
    practice_desk: PracticeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = practice_desk

    async def first() -> None:
        await desk.synced()
        await desk.open(SAMPLE)
        await desk.pictured()
        picture, item = desk.session.window.bench.item.picture, desk.screen.item
        assert picture.isVisible()
        assert item is not None
        assert picture.accessibleName() == f"Picture of {item.title}"
        colors = picture.grab().toImage()
        seen = {colors.pixelColor(x, y).name() for x in range(0, 120, 4) for y in range(0, 120, 4)}
        assert len(seen) > 8, "more than a frame and an outline"

    async def later() -> None:
        await desk.synced()
        await desk.open(SAMPLE)
        await desk.pictured()

    desk.play(first)
    assert pictures().used_bytes == 0, "what is closed holds no pictures"
    monkeypatch.setattr(ShippedPictures, "fetch", _nothing)
    desk.play(later)


def test_two_hundred_returns_one_after_another_leave_nothing_that_grows(
    practice_desk: PracticeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, limit = practice_desk, 300_000
    monkeypatch.setattr(pictures(), "_most_bytes", limit)
    labels = [sample for sample in SAMPLES.values() if sample.return_id]
    pixmaps: list[int] = []

    async def body() -> None:
        await desk.synced()
        for n in range(200):
            desk.session.bench.pick(labels[n % len(labels)].return_id)
            await desk.at_rest()
            assert pictures().used_bytes <= limit
            if n in (99, 199):
                await desk.hand.until("loaded", lambda: "load pictures" not in desk.program.parts.tasks.names)
                gc.collect()
                pixmaps.append(sum(isinstance(each, QPixmap) for each in gc.get_objects()))
        assert pixmaps[1] <= pixmaps[0] + 5
        own = [name for name in desk.program.parts.tasks.names if name.startswith("pictures")]
        assert own == ["pictures 1", "pictures 2", "pictures ahead"]

    desk.play(body)


def test_a_bench_asks_no_host_that_the_settings_do_not_name(desk: Desk, shop: SimulatorThread) -> None:
    """The simulator's answers name a host that is not among those of the settings."""

    async def body() -> None:
        await desk.open(OTHER)
        assert {row.picture.key for row in desk.screen.lines} == {""}
        assert desk.session.window.bench.item.picture.accessibleName() == "No picture"
        assert not desk.runtime.profile.picture_folder.exists()
        assert desk.program.parts.pictures.fetched == 0

    desk.play(body)
    assert pictures_module.pictures().used_bytes == 0
