"""The camera's frames by Qt's own module, without a device: run by ``make camera-check``, which installs it.

``make test`` has only the module's shape (``tests/fakes/multimedia``): here it is shown that it is right.
No plugin is needed for what is painted into a sink.
"""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QImage

from loopdesk.domain.camera import CameraState, StillFault
from loopdesk.domain.errors import CameraUnusable
from loopdesk.ui.camera import FrameUse, QtCameras, QtOpenCamera, load_multimedia
from tests.fakes import multimedia as shape

USED = {
    "QMediaDevices": ("videoInputs", "videoInputsChanged"),
    "QCamera": ("setCameraFormat", "start", "stop", "errorOccurred"),
    "QMediaCaptureSession": ("setCamera", "setVideoSink"),
    "QVideoSink": ("videoFrameChanged",),
    "QImageCapture": ("supportedFormats",),
    "QCameraDevice": ("id", "description", "isDefault", "videoFormats"),
    "QCameraFormat": ("resolution", "maxFrameRate"),
    "QVideoFrame": ("isValid", "toImage"),
}
"""What the program uses of the module."""

pytestmark = pytest.mark.qt_log_ignore("load .*library", "resolve .*symbols", "No RHI backend", extend=True)


@pytest.fixture
def real(qapp: QCoreApplication) -> Any:
    return load_multimedia()


def painted(color: str) -> QImage:
    """Paint what a camera sees."""
    image = QImage(1920, 1080, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    return image


def opened(real: Any, paint: Any, changed: Any) -> QtOpenCamera:
    """Open a camera that does not exist: it sends nothing, and everything behind it is Qt's own."""
    seconds = iter(range(1000))
    use = FrameUse(paint, lambda: 0, lambda: float(next(seconds)) / 2)
    return QtOpenCamera(real, real.QMediaDevices(), real.QCameraDevice(), use, changed)


def test_the_module_has_what_is_used_of_it_and_so_has_its_stand_in(real: Any) -> None:
    for name, members in USED.items():
        for member in members:
            assert hasattr(getattr(real, name), member), (name, member)
    stands_for = {
        **vars(shape.FakeMultimedia()),
        "QCameraDevice": shape.FakeInfo,
        "QCameraFormat": shape.FakeForm,
        "QVideoFrame": shape.FakeFrame,
    }
    for name, members in USED.items():
        known = {each for each in vars(stands_for[name]) if not each.startswith("_")}
        assert known - {"staticMetaObject"} == set(members), name


async def test_a_machine_without_cameras_is_searched_and_nothing_is_raised(real: Any) -> None:
    found = list(real.QMediaDevices.videoInputs())
    cameras = QtCameras(monotonic=lambda: 0.0)
    if real.QImageCapture.supportedFormats():
        assert len(await cameras.find()) == len(found)
        return
    with pytest.raises(CameraUnusable) as refused:  # no plugin could be loaded: libpulse is not there
        await cameras.find()
    assert refused.value.why is CameraState.UNSUPPORTED


async def test_frames_go_through_the_sink_to_the_live_picture_and_into_a_still(real: Any) -> None:
    shown: list[QImage] = []
    changes: list[int] = []
    camera = opened(real, shown.append, lambda: changes.append(1))
    for color in ("#ff0000", "#336699"):
        camera._sink.setVideoFrame(real.QVideoFrame(painted(color)))
    assert (camera.frames, len(changes)) == (2, 2)
    camera.paint()
    assert shown[-1].pixelColor(900, 500).name() == "#336699"
    still = QImage.fromData(await camera.still())
    assert (still.width(), still.height()) == (1920, 1080)
    assert abs(still.pixelColor(900, 500).blue() - 0x99) < 8
    camera.close()
    assert shown[-1].isNull()
    camera._sink.setVideoFrame(real.QVideoFrame(painted("#ffffff")))
    assert camera.frames == 2


async def test_frames_as_cameras_send_them_are_read_too(real: Any) -> None:
    """Not RGB, but the brightness of every pixel and the color of every second one."""
    form = real.QVideoFrameFormat(painted("#000000").size(), real.QVideoFrameFormat.PixelFormat.Format_YUYV)
    frame = real.QVideoFrame(form)
    assert frame.map(real.QVideoFrame.MapMode.WriteOnly)
    bits = frame.bits(0)
    bits[:] = bytes((120, 128)) * (len(bits) // 2)
    frame.unmap()
    camera = opened(real, lambda _image: None, lambda: None)
    camera._sink.setVideoFrame(frame)
    still = QImage.fromData(await camera.still())
    assert abs(still.pixelColor(900, 500).red() - still.pixelColor(900, 500).green()) < 4
    camera.close()


async def test_a_sink_that_shows_nothing_gives_no_photo(real: Any) -> None:
    camera = opened(real, lambda _image: None, lambda: None)
    camera._sink.setVideoFrame(real.QVideoFrame())
    assert camera.frames == 0
    with pytest.raises(CameraUnusable) as refused:
        await camera.still()
    assert refused.value.why is StillFault.BROKEN
    camera.close()


def test_it_is_the_module_of_this_very_version(real: Any) -> None:
    core = importlib.import_module("PySide6.QtCore")
    assert real.__name__ == "PySide6.QtMultimedia"
    assert core.qVersion() == core.__version__
