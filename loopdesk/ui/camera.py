"""The cameras of this machine by Qt's multimedia module, which is loaded when a camera is first asked for.

A still is the newest frame, so what was aimed at is what is kept; ``QImageCapture`` would take another one.

Of the frames on their way only the newest is held. PySide keeps the interpreter's lock while a frame becomes
an image, 15 ms at 1080p without a graphics card, so a thread would not spare the window anything: instead few
of them are painted. What follows on a still, scaling and encoding, is done in a thread.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import sys
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import (
    QCameraPermission,
    QCoreApplication,
    QObject,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QTransform

from loopdesk.domain.camera import (
    PHOTO_EDGE,
    CameraDevice,
    CameraFormat,
    CameraState,
    StillFault,
    best_format,
    fault_of,
)
from loopdesk.domain.errors import CameraUnusable
from loopdesk.ui.images import as_jpeg

log = logging.getLogger("loopdesk.camera")

BACK_ENDS: Final = {"win32": "windows", "darwin": "darwin"}
"""The system's own way to its cameras, by system; elsewhere Qt chooses. The other way brings FFmpeg."""

PAINT_SECONDS: Final = 0.09
"""So often the live picture is painted at most; cameras send three times as many frames."""

REST_SHARE: Final = 4
"""After a frame was made into an image the window has this many times as long for everything else."""

STILL_QUALITY: Final = 95
"""Of the JPEG that a still is handed on as; what keeps it encodes it once more, like every photo."""

_SPOTS: Final = 32
"""A frame is this small, in pixels, when its brightest spot is looked for: one bright pixel is noise."""


def load_multimedia(platform: str = sys.platform, environ: MutableMapping[str, str] = os.environ) -> Any:
    """Load Qt's module for cameras, set to the system's own way to them.

    Raises:
        ImportError: It is not part of this copy of the program, or the system lacks what it needs.
    """
    if platform in BACK_ENDS:  # read once, when the module is first used
        environ.setdefault("QT_MEDIA_BACKEND", BACK_ENDS[platform])
    return importlib.import_module("PySide6.QtMultimedia")


@dataclass(frozen=True, slots=True)
class FrameUse:
    """What is done with frames: where they are painted, how they are turned, by which clock they are old."""

    paint: Callable[[QImage], None]
    turned: Callable[[], int]
    monotonic: Callable[[], float]

    def upright(self, frame: Any) -> QImage:
        """Return the picture of a frame as a person sees it; empty if it cannot be read."""
        image: QImage = QImage() if frame is None else frame.toImage()
        degrees = self.turned()
        return image.transformed(QTransform().rotate(degrees)) if degrees and not image.isNull() else image


class QtCameras(QObject):
    """Finds and opens cameras.

    Args:
        load: Loads Qt's module for cameras; raises ``ImportError``.
        permissions: Asks the system whether this program may use cameras.
        turned: Returns by how many degrees pictures are turned, clockwise: 0, 90, 180 or 270.
        monotonic: Seconds that never go back.

    Signals:
        painted(QImage): The live picture; a null image when it ends.
    """

    painted = Signal(QImage)

    def __init__(
        self,
        load: Callable[[], Any] = load_multimedia,
        permissions: CameraPermissions | None = None,
        *,
        turned: Callable[[], int] = lambda: 0,
        monotonic: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._load = load
        self._permissions = permissions or CameraPermissions(self)
        self._use = FrameUse(self.painted.emit, turned, monotonic)
        self._multimedia: Any = None
        self._devices: Any = None

    async def find(self) -> Sequence[CameraDevice]:
        """Return the cameras that are connected, as ``Cameras.find``."""
        return tuple(_device(info) for info in self._infos())

    async def open(self, device: CameraDevice, changed: Callable[[], None]) -> QtOpenCamera:
        """Open a camera, as ``Cameras.open``."""
        infos = self._infos()
        if not await self._permissions.are_granted():
            raise CameraUnusable(why=CameraState.DENIED)
        info = next((info for info in infos if _device(info).key == device.key), None)
        if info is None:
            raise CameraUnusable(why=CameraState.AWAY)
        opened = QtOpenCamera(self._multimedia, self._devices, info, self._use, changed)
        if opened.failure is not None:
            opened.close()
            raise opened.failure
        return opened

    def _infos(self) -> list[Any]:
        """Return what Qt knows of each camera, the system's own choice first.

        Raises:
            CameraUnusable: ``UNSUPPORTED``.
        """
        if self._multimedia is None:
            try:
                self._multimedia = self._load()
            except ImportError as lacking:
                log.info("camera_unsupported %s", lacking)
                raise CameraUnusable(why=CameraState.UNSUPPORTED) from None
            self._devices = self._multimedia.QMediaDevices(self)
        if not self._multimedia.QImageCapture.supportedFormats():  # without a back end Qt raises nothing
            raise CameraUnusable(why=CameraState.UNSUPPORTED)
        infos = list(self._multimedia.QMediaDevices.videoInputs())
        infos.sort(key=lambda info: not info.isDefault())
        return infos


class QtOpenCamera(QObject):
    """An open camera, read through a video sink.

    Args:
        multimedia: Qt's module for cameras.
        devices: Tells when cameras come and go.
        info: What Qt knows of this one.
        use: What is done with its frames.
        changed: As ``Cameras.open``.
    """

    def __init__(
        self,
        multimedia: Any,
        devices: Any,
        info: Any,
        use: FrameUse,
        changed: Callable[[], None],
    ) -> None:
        super().__init__()
        self._multimedia = multimedia
        self._devices = devices
        self._key = _device(info).key
        self._use = use
        self._changed = changed
        self._newest: Any = None
        self._came_at = self._paints_from = float("-inf")
        self._is_closed = False
        self.frames = 0
        self.failure: CameraUnusable | None = None
        self._camera = multimedia.QCamera(info, self)
        form = best_format([_form(each) for each in info.videoFormats()])
        if form is not None:
            self._camera.setCameraFormat(info.videoFormats()[form])
        self._sink = multimedia.QVideoSink(self)
        self._session = multimedia.QMediaCaptureSession(self)
        self._session.setCamera(self._camera)
        self._session.setVideoSink(self._sink)
        self._sink.videoFrameChanged.connect(self._take)
        self._camera.errorOccurred.connect(self._fail)
        devices.videoInputsChanged.connect(self._look)
        self._camera.start()

    def paint(self) -> None:
        """Paint the newest frame; one that cannot be read leaves the picture as it is."""
        began = self._use.monotonic()
        image = self._use.upright(self._newest)
        if not image.isNull():
            self._use.paint(image)
        ended = self._use.monotonic()
        self._paints_from = max(self._paints_from, ended + REST_SHARE * (ended - began))

    async def still(self) -> bytes:
        """Return the newest frame as a JPEG, as ``OpenCamera.still``."""
        image = self._use.upright(self._newest)
        if image.isNull():
            raise CameraUnusable(why=StillFault.BROKEN)
        return await asyncio.to_thread(_still, image, self._use.monotonic() - self._came_at)

    def close(self) -> None:
        """Release the camera; idempotent."""
        if self._is_closed:
            return
        self._is_closed = True
        self._devices.videoInputsChanged.disconnect(self._look)
        self._camera.errorOccurred.disconnect(self._fail)
        self._sink.videoFrameChanged.disconnect(self._take)
        self._camera.stop()
        self._session.setVideoSink(None)
        self._session.setCamera(None)
        self._newest = None
        self._use.paint(QImage())
        self.deleteLater()

    def _take(self, frame: Any) -> None:
        if not frame.isValid():
            return
        self._newest, self._came_at = frame, self._use.monotonic()
        self.frames += 1
        if self._came_at >= self._paints_from:
            self._paints_from = self._came_at + PAINT_SECONDS
            self._changed()

    def _fail(self, _error: object, text: str) -> None:
        self._end(CameraState.HELD if self.frames == 0 else CameraState.AWAY, text)

    def _look(self) -> None:
        """See whether the camera is still there."""
        if all(_device(info).key != self._key for info in self._multimedia.QMediaDevices.videoInputs()):
            self._end(CameraState.AWAY, "")

    def _end(self, state: CameraState, text: str) -> None:
        if self.failure is None:
            log.info("camera_failed state=%s %s", state.value, text)
            self.failure = CameraUnusable(why=state)
            self._changed()


class CameraPermissions(QObject):
    """Whether the system lets this program use cameras; a Mac asks a person, once."""

    async def are_granted(self) -> bool:
        """Ask, and wait for the person's answer."""
        app, wanted = QCoreApplication.instance(), QCameraPermission()
        if app is None:
            return True
        if app.checkPermission(wanted) is Qt.PermissionStatus.Undetermined:
            answered = asyncio.get_running_loop().create_future()

            def end(*_: object) -> None:
                if not answered.done():
                    answered.set_result(None)

            app.requestPermission(wanted, self, end)
            await answered
        return app.checkPermission(wanted) is Qt.PermissionStatus.Granted


def _device(info: Any) -> CameraDevice:
    return CameraDevice(bytes(info.id().data()).hex(), info.description())


def _form(offered: Any) -> CameraFormat:
    size = offered.resolution()
    return CameraFormat(size.width(), size.height(), offered.maxFrameRate())


def _still(image: QImage, age_seconds: float) -> bytes:
    """Encode a frame; to be called in a thread. Raises ``CameraUnusable`` by a ``StillFault``."""
    fault = fault_of(age_seconds, _brightest(image))
    if fault is not None:
        raise CameraUnusable(why=fault)
    if max(image.width(), image.height()) > PHOTO_EDGE:
        image = image.scaled(
            QSize(PHOTO_EDGE, PHOTO_EDGE),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    content = as_jpeg(image, STILL_QUALITY)
    if not content:
        raise CameraUnusable(why=StillFault.BROKEN)
    return content


def _brightest(image: QImage) -> int:
    """Return the brightest spot of a picture, from 0 to 255."""
    size = QSize(_SPOTS, _SPOTS)
    small = image.scaled(
        size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    gray = small.convertToFormat(QImage.Format.Format_Grayscale8)
    return max(bytes(gray.constBits()))
