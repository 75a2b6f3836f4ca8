"""The station's camera in the window: by its settings, wired to the live picture and the folder of photos."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QApplication

from loopdesk.app.startup_tuning import LazyPart
from loopdesk.domain.camera import CameraDevice, CameraState
from loopdesk.services.station.camera import LiveCamera
from loopdesk.ui.main_window import BENCH, MainWindow

if TYPE_CHECKING:
    from loopdesk.app.program import Program
    from loopdesk.services.ports.camera import Cameras


class StationCamera(QObject):
    """Takes photos with the camera that the settings name. What reads it is loaded when it is first needed.

    It is put out when the bench is left, and when another program comes to the front, such as the one that
    locks the screen: nobody looks at its light then.

    Attributes:
        make: Makes the cameras of this machine; called once.
    """

    def __init__(self, app: QApplication, program: Program, window: MainWindow) -> None:
        super().__init__()
        self._app = app
        self._runtime = program.runtime
        self._window = window
        self.make: Callable[[], Cameras] = self._make
        parts = program.parts
        self._live = LiveCamera(
            cast("Cameras", LazyPart(self._made)),
            clock=program.runtime.clock,
            tasks=parts.tasks,
            feed=parts.feed,
            wanted=self._wanted,
        )
        app.applicationStateChanged.connect(self._on_application)
        window.view_shown.connect(self._on_view)

    @property
    def state(self) -> CameraState | None:
        """How the camera is now; None where photos come from elsewhere."""
        return self._live.state if self._wanted() is not None else None

    async def find(self) -> Sequence[CameraDevice]:
        """Return the cameras that are connected. Raises ``CameraUnusable``."""
        return await self._live.find()

    def open(self) -> None:
        """Make it live; ``CameraChanged`` tells what comes of it."""
        self._live.open()

    async def take(self) -> str:
        """Take a photo, and return the name that it is kept under.

        Raises:
            CameraUnusable: It gives none.
            StoreError: It could not be kept.
        """
        content = await self._live.still()
        return await asyncio.to_thread(_keep, content, self._runtime.profile.photo_folder)

    def close(self) -> None:
        """Put it out for good."""
        self._app.applicationStateChanged.disconnect(self._on_application)
        self._window.view_shown.disconnect(self._on_view)
        self._live.close()

    def _wanted(self) -> str | None:
        evidence = self._runtime.settings.evidence
        return evidence.camera if evidence.source == "camera" else None

    def _made(self) -> Cameras:
        return self.make()

    def _make(self) -> Cameras:
        from loopdesk.ui.camera import QtCameras

        cameras = QtCameras(
            monotonic=self._runtime.clock.monotonic,
            turned=lambda: int(self._runtime.settings.evidence.camera_turned),
            parent=self,
        )
        cameras.painted.connect(self._window.bench.show_frame)
        return cameras

    @Slot(Qt.ApplicationState)
    def _on_application(self, state: Any) -> None:
        """Put it out when another program comes to the front; while it opens, the system may ask a person."""
        if state is not Qt.ApplicationState.ApplicationActive and self._live.state is CameraState.LIVE:
            self._live.close()

    @Slot(str)
    def _on_view(self, name: str) -> None:
        if name != BENCH:
            self._live.close()


def _keep(content: bytes, folder: Path) -> str:
    from loopdesk.ui.photos import decoded, write_photo

    return write_photo(decoded(content), folder)
