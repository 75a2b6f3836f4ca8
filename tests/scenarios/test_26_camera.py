"""A photo by the camera in the whole program: one input with a live picture, and a light that goes out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from loopdesk.domain.camera import CameraState
from loopdesk.domain.outbox.stages import Stage
from loopdesk.presenters.screens.window import Signal
from loopdesk.simulator.samples import SAMPLES
from tests.fakes.camera import DESK, PaintingCamera, PaintingCameras
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

ONE = SAMPLES["single"]
BY_CAMERA = {"LOOPDESK_EVIDENCE_SOURCE": "camera"}


def drawn(number: int) -> bytes:
    """Draw the n-th frame as a JPEG."""
    image = QImage(320, 240, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    painter = QPainter(image)
    painter.fillRect(0, 0, 20 * number, 240, QColor("#ffffff"))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "JPG", 95)  # type: ignore[call-overload]
    return bytes(data.data())


def cameras(desk: Desk) -> PaintingCameras:
    """Give the computer a camera that paints."""
    made = PaintingCameras(DESK, draw=drawn)
    desk.session.camera.make = lambda: made
    return made


async def live(desk: Desk, made: PaintingCameras) -> PaintingCamera:
    """Press until the picture is live."""
    await desk.press("F8")
    await desk.hand.until("an open camera", lambda: bool(made.opened))
    camera = made.opened[-1]
    camera.see()
    await desk.hand.until("a live picture", lambda: desk.session.camera.state is CameraState.LIVE)
    await desk.at_rest()
    return camera


def kept(desk: Desk) -> list[Path]:
    """Return the photos of the profile."""
    return sorted(desk.runtime.profile.photo_folder.glob("*.jpg"))


def test_damaged_with_a_photo_takes_four_inputs_once_the_camera_is_live(
    desk: Desk, shop: SimulatorThread
) -> None:
    async def body() -> None:
        made = cameras(desk)
        await desk.synced()
        await desk.open(ONE)
        await desk.scan("LDCMDGRADED")
        await live(desk, made)
        assert desk.screen.live is not None
        await desk.scan("LDCMDPHOTO")
        assert desk.screen.band.word == "Photo"
        (photo,) = kept(desk)
        assert QImage(str(photo)).size().toTuple() == (320, 240)
        await desk.scan("LDCMDCONFIRM")
        await desk.until_lane(ONE.return_id, Stage.DONE)

    desk.play(body, **BY_CAMERA)


@pytest.mark.fault(191)
def test_the_light_goes_out_when_the_bench_is_left_the_program_covered_or_closed(desk: Desk) -> None:
    opened: list[PaintingCamera] = []

    async def body() -> None:
        made = cameras(desk)
        await desk.synced()
        await desk.open(ONE)
        await desk.scan("LDCMDGRADED")
        first = await live(desk, made)
        desk.session.window.show_view("queue")
        assert first.is_closed
        desk.session.window.show_view("bench")
        second = await live(desk, made)
        desk.session.app.applicationStateChanged.emit(Qt.ApplicationState.ApplicationInactive)
        assert second.is_closed
        await desk.at_rest()
        assert desk.screen.live is None
        opened.append(await live(desk, made))

    desk.play(body, **BY_CAMERA)
    assert opened[0].is_closed


@pytest.mark.fault(190)
def test_without_a_camera_everything_else_works(desk: Desk, shop: SimulatorThread) -> None:
    async def body() -> None:
        cameras(desk).found.clear()
        await desk.synced()
        await desk.open(ONE)
        await desk.scan("LDCMDGRADEA")
        await desk.press("F8")
        await desk.hand.until("an answer", lambda: desk.screen.band.signal is Signal.BLOCKED)
        assert desk.screen.band.sentence == "No camera is connected."
        await desk.scan("LDCMDCONFIRM")
        await desk.until_lane(ONE.return_id, Stage.DONE)

    desk.play(body, **BY_CAMERA)
    assert shop.truth(ONE.return_id)["processings"] == 1


@pytest.mark.fault(192)
def test_a_program_without_what_reads_cameras_says_so_and_goes_on(desk: Desk) -> None:
    """As it is here, and in the package for Linux."""

    async def body() -> None:
        await desk.synced()
        await desk.open(ONE)
        await desk.scan("LDCMDGRADED")
        await desk.press("F8")
        await desk.hand.until("an answer", lambda: desk.screen.band.signal is Signal.BLOCKED)
        assert desk.screen.band.sentence == "Cameras cannot be read at this computer."
        await desk.press("F8")
        assert desk.screen.prompt is not None

    desk.play(body, **BY_CAMERA)
