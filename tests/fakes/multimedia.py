"""A module of the shape of Qt's for cameras: real signals, frames that are painted, and no device.

It behaves as the real one was seen to behave: without a back end nothing is raised, a camera that cannot be
opened tells so by its signal, a frame's image may be empty.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSize, Signal
from PySide6.QtGui import QImage


class FakeForm:
    """A format that a camera can send."""

    def __init__(self, width: int, height: int, rate: float) -> None:
        self._size, self._rate = QSize(width, height), rate

    def resolution(self) -> QSize:
        """Return its size."""
        return self._size

    def maxFrameRate(self) -> float:  # noqa: N802 - Qt's name
        """Return its most frames a second."""
        return self._rate


class FakeInfo:
    """What is known of a camera."""

    def __init__(
        self, key: str, name: str, *, is_default: bool = False, forms: tuple[FakeForm, ...] = ()
    ) -> None:
        self._key, self._name, self._is_default, self._forms = key, name, is_default, forms

    def id(self) -> QByteArray:
        """Return what the system knows it by."""
        return QByteArray(self._key.encode())

    def description(self) -> str:
        """Return its name."""
        return self._name

    def isDefault(self) -> bool:  # noqa: N802 - Qt's name
        """Whether the system would take it."""
        return self._is_default

    def videoFormats(self) -> list[FakeForm]:  # noqa: N802 - Qt's name
        """Return its formats."""
        return list(self._forms)


class FakeFrame:
    """A frame of a camera."""

    def __init__(self, image: QImage, *, is_valid: bool = True) -> None:
        self._image, self._is_valid = image, is_valid

    def isValid(self) -> bool:  # noqa: N802 - Qt's name
        """Whether it is one."""
        return self._is_valid

    def toImage(self) -> QImage:  # noqa: N802 - Qt's name
        """Return its picture."""
        return self._image


class FakeMultimedia:
    """The module.

    Attributes:
        infos: The cameras that are connected.
        has_backend: Whether the system has a way to its cameras.
        opened: Every camera that was made, in order.
        refuses: What a camera says when it is started; "" if it can be.
    """

    def __init__(self, *infos: FakeInfo) -> None:
        self.infos = list(infos)
        self.has_backend = True
        self.opened: list[Any] = []
        self.refuses = ""
        self.sessions: list[Any] = []
        self.devices: list[Any] = []
        self.QMediaDevices = _devices(self)
        self.QCamera = _camera(self)
        self.QMediaCaptureSession = _session(self)
        self.QVideoSink = FakeSink
        self.QImageCapture = SimpleNamespace(supportedFormats=lambda: [1, 2] if self.has_backend else [])

    def send(self, frame: FakeFrame) -> None:
        """Let the camera that was opened last send a frame, if it is active."""
        session = self.sessions[-1]
        if session.camera is not None and session.camera.is_active:
            session.sink.videoFrameChanged.emit(frame)

    def plug(self, *infos: FakeInfo) -> None:
        """Have these cameras connected from now on."""
        self.infos = list(infos)
        for devices in self.devices:
            devices.videoInputsChanged.emit()


class FakeSink(QObject):
    """Where frames come out."""

    videoFrameChanged = Signal(object)  # noqa: N815 - Qt's name


def _devices(fake: FakeMultimedia) -> type[QObject]:
    class Devices(QObject):
        videoInputsChanged = Signal()  # noqa: N815 - Qt's name

        def __init__(self, parent: QObject | None = None) -> None:
            super().__init__(parent)
            fake.devices.append(self)

        @staticmethod
        def videoInputs() -> list[FakeInfo]:  # noqa: N802 - Qt's name
            return list(fake.infos)

    return Devices


def _camera(fake: FakeMultimedia) -> type[QObject]:
    class Camera(QObject):
        errorOccurred = Signal(object, str)  # noqa: N815 - Qt's name

        def __init__(self, info: FakeInfo, parent: QObject | None = None) -> None:
            super().__init__(parent)
            self.info, self.is_active = info, False
            self.form: FakeForm | None = None
            fake.opened.append(self)

        def setCameraFormat(self, form: FakeForm) -> None:  # noqa: N802 - Qt's name
            self.form = form

        def start(self) -> None:
            self.is_active = not fake.refuses
            if fake.refuses:
                self.errorOccurred.emit(object(), fake.refuses)

        def stop(self) -> None:
            self.is_active = False

    return Camera


def _session(fake: FakeMultimedia) -> type[QObject]:
    class Session(QObject):
        def __init__(self, parent: QObject | None = None) -> None:
            super().__init__(parent)
            self.camera: Any = None
            self.sink: Any = None
            fake.sessions.append(self)

        def setCamera(self, camera: Any) -> None:  # noqa: N802 - Qt's name
            self.camera = camera

        def setVideoSink(self, sink: Any) -> None:  # noqa: N802 - Qt's name
            self.sink = sink

    return Session
