"""Cameras by Qt's multimedia module: what of it is used, what it hides, and that it is loaded late."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QCameraPermission, QCoreApplication, QObject, Qt
from PySide6.QtGui import QColor, QImage

from loopdesk.domain.camera import PHOTO_EDGE, CameraState, StillFault
from loopdesk.domain.errors import CameraUnusable
from loopdesk.ui import camera as adapter
from loopdesk.ui.camera import CameraPermissions, QtCameras, QtOpenCamera, load_multimedia
from loopdesk.ui.photos import decoded
from tests.fakes.multimedia import FakeForm, FakeFrame, FakeInfo, FakeMultimedia

TOP = FakeInfo(
    "usb-2", "Top", forms=(FakeForm(640, 480, 30), FakeForm(1920, 1080, 30), FakeForm(3840, 2160, 5))
)
FRONT = FakeInfo("usb-1", "Front", is_default=True)


def picture(color: str = "#336699", width: int = 640, height: int = 480) -> QImage:
    """Paint what a camera sees."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(color))
    return image


class Machine:
    """A machine with cameras, and what was painted of them.

    Attributes:
        seconds: What its clock shows.
        turned: By how many degrees its pictures are turned.
    """

    def __init__(self, *infos: FakeInfo) -> None:
        self.multimedia = FakeMultimedia(*infos)
        self.seconds = 100.0
        self.changes = 0
        self.painted: list[QImage] = []
        self.turned = 0
        self.cameras = QtCameras(
            lambda: self.multimedia, turned=lambda: self.turned, monotonic=lambda: self.seconds
        )
        self.cameras.painted.connect(self.painted.append)

    def changed(self) -> None:
        """Count what is told."""
        self.changes += 1

    async def open(self, place: int = 0) -> QtOpenCamera:
        """Open one of the cameras that are found."""
        return await self.cameras.open((await self.cameras.find())[place], self.changed)

    def see(self, image: QImage, seconds: float = 1.0) -> None:
        """Let a camera send a frame, so long after the one before."""
        self.seconds += seconds
        self.multimedia.send(FakeFrame(image))


@pytest.fixture
def machine(qapp: QCoreApplication) -> Machine:
    return Machine(TOP, FRONT)


# --- finding ----------------------------------------------------------------------------------------


async def test_the_systems_own_choice_is_found_first(machine: Machine) -> None:
    assert [each.name for each in await machine.cameras.find()] == ["Front", "Top"]


@pytest.mark.fault(192)
async def test_a_program_without_the_module_says_that_it_reads_no_cameras(qapp: QCoreApplication) -> None:
    def lacking() -> Any:
        raise ModuleNotFoundError("No module named 'PySide6.QtMultimedia'")

    cameras = QtCameras(lacking, monotonic=lambda: 0.0)
    with pytest.raises(CameraUnusable) as refused:
        await cameras.find()
    assert refused.value.why is CameraState.UNSUPPORTED


@pytest.mark.fault(192)
async def test_a_system_without_a_way_to_its_cameras_is_noticed_although_qt_raises_nothing(
    machine: Machine,
) -> None:
    machine.multimedia.has_backend = False
    with pytest.raises(CameraUnusable) as refused:
        await machine.cameras.find()
    assert refused.value.why is CameraState.UNSUPPORTED


async def test_a_machine_without_a_camera_has_none(qapp: QCoreApplication) -> None:
    assert await Machine().cameras.find() == ()


@pytest.mark.parametrize(
    ("platform", "wanted"), [("win32", "windows"), ("darwin", "darwin"), ("linux", None)]
)
def test_the_systems_own_way_to_cameras_is_chosen_before_the_module_is_loaded(
    monkeypatch: pytest.MonkeyPatch, platform: str, wanted: str | None
) -> None:
    seen: list[str | None] = []

    def load(name: str) -> str:
        seen.append(environ.get("QT_MEDIA_BACKEND"))
        return name

    environ: dict[str, str] = {}
    monkeypatch.setattr(adapter, "importlib", SimpleNamespace(import_module=load))
    assert load_multimedia(platform, environ) == "PySide6.QtMultimedia"
    assert seen == [wanted]


def test_nothing_of_it_is_loaded_with_the_window() -> None:
    said = "import sys, loopdesk.app.session, loopdesk.ui.main_window, loopdesk.ui.camera; "
    said += "print([name for name in sys.modules if 'Multimedia' in name])"
    ran = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


# --- opening ----------------------------------------------------------------------------------------


async def test_a_camera_is_read_in_the_format_that_is_best_for_photos(machine: Machine) -> None:
    opened = await machine.open(1)
    (camera,) = machine.multimedia.opened
    assert (camera.info, camera.is_active) == (TOP, True)
    assert camera.form.resolution().width() == 1920
    opened.close()


@pytest.mark.fault(190)
async def test_a_camera_that_was_pulled_out_since_it_was_found_is_not_opened(machine: Machine) -> None:
    front, _top = await machine.cameras.find()
    machine.multimedia.plug(TOP)
    with pytest.raises(CameraUnusable) as refused:
        await machine.cameras.open(front, machine.changed)
    assert refused.value.why is CameraState.AWAY
    assert machine.multimedia.opened == []


@pytest.mark.fault(190)
async def test_a_camera_that_another_program_has_is_released_again(machine: Machine) -> None:
    machine.multimedia.refuses = "in use"
    with pytest.raises(CameraUnusable) as refused:
        await machine.open()
    assert refused.value.why is CameraState.HELD
    assert machine.multimedia.sessions[-1].camera is None


@pytest.mark.fault(190)
async def test_a_camera_that_the_system_refuses_is_not_opened(qapp: QCoreApplication) -> None:
    class Refusing(CameraPermissions):
        async def are_granted(self) -> bool:
            return False

    multimedia = FakeMultimedia(FRONT)
    cameras = QtCameras(lambda: multimedia, Refusing(), monotonic=lambda: 0.0)
    (front,) = await cameras.find()
    with pytest.raises(CameraUnusable) as refused:
        await cameras.open(front, lambda: None)
    assert refused.value.why is CameraState.DENIED
    assert multimedia.opened == []


@pytest.mark.parametrize("answer", [True, False])
async def test_a_person_who_is_asked_by_the_system_is_waited_for(
    qapp: QCoreApplication, monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    status = Qt.PermissionStatus
    now = [status.Undetermined]

    class Asking(QObject):
        def checkPermission(self, wanted: QCameraPermission) -> Qt.PermissionStatus:  # noqa: N802 - Qt's name
            assert isinstance(wanted, QCameraPermission)
            return now[0]

        def requestPermission(self, _wanted: object, _context: QObject, done: Any) -> None:  # noqa: N802
            now[0] = status.Granted if answer else status.Denied
            done()
            done()  # told twice: it ends once

    asking = Asking()
    monkeypatch.setattr(adapter, "QCoreApplication", SimpleNamespace(instance=lambda: asking))
    assert await CameraPermissions().are_granted() is answer


async def test_where_the_system_asks_nobody_cameras_may_be_used(qapp: QCoreApplication) -> None:
    assert await CameraPermissions().are_granted()


# --- live -------------------------------------------------------------------------------------------


async def test_frames_are_painted_ten_times_a_second_at_most_and_all_are_counted(machine: Machine) -> None:
    opened = await machine.open()
    for _ in range(60):
        machine.see(picture(), 1 / 30)
    assert opened.frames == 60
    assert 19 <= machine.changes <= 21
    opened.paint()
    assert machine.painted[-1].size() == picture().size()
    opened.close()
    assert machine.painted[-1].isNull()


async def test_a_slow_machine_paints_fewer_frames_so_that_the_window_has_four_fifths_of_its_time(
    machine: Machine,
) -> None:
    opened = await machine.open()

    def slowly(_image: QImage) -> None:
        machine.seconds += 0.2

    machine.cameras.painted.connect(slowly)
    began, painted = machine.seconds, 0
    while machine.seconds < began + 10:
        before = machine.changes
        machine.see(picture(), 1 / 30)
        if machine.changes > before:
            opened.paint()
            painted += 1
    assert 9 <= painted <= 11
    opened.close()


async def test_only_the_newest_frame_is_held(machine: Machine) -> None:
    opened = await machine.open()
    for color in ("#ff0000", "#00ff00", "#0000ff"):
        machine.see(picture(color), 0.001)
    opened.paint()
    assert machine.painted[-1].pixelColor(3, 3).name() == "#0000ff"
    opened.close()


async def test_an_empty_frame_and_one_that_cannot_be_read_change_nothing(machine: Machine) -> None:
    opened = await machine.open()
    machine.multimedia.send(FakeFrame(picture(), is_valid=False))
    assert (opened.frames, machine.changes) == (0, 0)
    opened.paint()
    machine.see(QImage())
    opened.paint()
    assert machine.painted == []
    opened.close()


@pytest.mark.fault(190)
async def test_a_camera_that_is_pulled_out_while_live_says_so_once(machine: Machine) -> None:
    opened = await machine.open()
    machine.see(picture())
    machine.multimedia.plug(TOP)
    machine.multimedia.opened[-1].errorOccurred.emit(object(), "device gone")
    assert opened.failure is not None
    assert opened.failure.why is CameraState.AWAY
    assert machine.changes == 2
    opened.close()


@pytest.mark.fault(191)
async def test_a_closed_camera_is_stopped_and_nothing_of_it_is_heard_any_more(machine: Machine) -> None:
    opened = await machine.open()
    machine.see(picture())
    (camera,), (session,) = machine.multimedia.opened, machine.multimedia.sessions
    opened.close()
    opened.close()
    assert (camera.is_active, session.camera, session.sink) == (False, None, None)
    machine.multimedia.plug()
    camera.errorOccurred.emit(object(), "gone")
    assert (opened.failure, machine.changes) == (None, 1)
    again = await Machine(FRONT).open()
    again.close()


# --- stills -----------------------------------------------------------------------------------------


async def test_a_still_is_the_newest_frame_as_a_picture_that_is_kept_like_any_photo(machine: Machine) -> None:
    opened = await machine.open()
    machine.see(picture("#ff0000"))
    machine.see(picture("#336699"))
    still = decoded(await opened.still())
    assert (still.width(), still.height()) == (640, 480)
    seen, kept = QColor("#336699"), still.pixelColor(320, 240)
    assert max(abs(seen.red() - kept.red()), abs(seen.green() - kept.green())) < 8
    opened.close()


async def test_a_still_is_made_as_small_as_photos_are_kept(machine: Machine) -> None:
    opened = await machine.open()
    machine.see(picture(width=4000, height=1000))
    still = QImage.fromData(await opened.still())
    assert (still.width(), still.height()) == (PHOTO_EDGE, PHOTO_EDGE // 4)
    opened.close()


@pytest.mark.fault(190)
async def test_a_frame_that_is_old_or_black_or_broken_is_no_photo(machine: Machine) -> None:
    opened = await machine.open()
    assert await _refusal(opened) is StillFault.BROKEN
    machine.see(picture("#0b0b0b"))
    assert await _refusal(opened) is StillFault.BLACK
    machine.see(picture())
    machine.seconds += 3
    assert await _refusal(opened) is StillFault.LATE
    machine.see(QImage())
    assert await _refusal(opened) is StillFault.BROKEN
    machine.see(picture())
    assert await opened.still()
    opened.close()


@pytest.mark.parametrize(
    ("degrees", "place"), [(0, (10, 10)), (90, (90, 10)), (180, (190, 90)), (270, (10, 190))]
)
async def test_a_camera_on_its_side_or_upside_down_is_turned_in_the_live_picture_and_in_stills(
    machine: Machine, degrees: int, place: tuple[int, int]
) -> None:
    machine.turned = degrees
    seen = picture("#202020", 200, 100)
    for x in range(20):
        for y in range(20):
            seen.setPixelColor(x, y, QColor("#ffffff"))
    opened = await machine.open()
    machine.see(seen)
    opened.paint()
    for shown in (machine.painted[-1], QImage.fromData(await opened.still())):
        assert (shown.width() > shown.height()) is (degrees in (0, 180))
        assert shown.pixelColor(*place).red() > 200
    opened.close()


async def test_one_bright_spot_makes_a_photo_of_a_dark_picture(machine: Machine) -> None:
    opened = await machine.open()
    dark = picture("#050505")
    for x in range(40):
        for y in range(40):
            dark.setPixelColor(300 + x, 200 + y, QColor("#eeeeee"))
    machine.see(dark)
    assert await opened.still()
    opened.close()


async def _refusal(opened: QtOpenCamera) -> str:
    with pytest.raises(CameraUnusable) as refused:
        await opened.still()
    return refused.value.why
