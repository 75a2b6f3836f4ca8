"""The station's camera: opened when a photo is wanted, live while photos are taken, closed when it rests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from loopdesk.domain.camera import CameraDevice, CameraState, chosen
from loopdesk.domain.errors import CameraUnusable
from loopdesk.services.ports.camera import Cameras, OpenCamera
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.events import CameraChanged, Feed, StationChanged
from loopdesk.services.station.tasks import Tasks, Wakeup

log = logging.getLogger("loopdesk.camera")

REST_SECONDS = 60.0
"""A camera that nobody takes a photo with for so long is closed."""

SILENT_SECONDS = 5.0
"""A camera that sends no frame for so long is given up. Some need three seconds for their first."""


class LiveCamera:
    """Holds the camera that the settings name while it is live, and takes stills of it.

    Args:
        wanted: Returns the name of the camera in the settings; "" for the first that is found, None for no
            camera at all.

    Attributes:
        state: How it is now.
    """

    def __init__(
        self, cameras: Cameras, *, clock: Clock, tasks: Tasks, feed: Feed, wanted: Callable[[], str | None]
    ) -> None:
        self._cameras = cameras
        self._clock = clock
        self._tasks = tasks
        self._feed = feed
        self._wanted = wanted
        self._name: str | None = None
        self._run: asyncio.Task[None] | None = None
        self._opened: OpenCamera | None = None
        self._used_at = 0.0
        self.state = CameraState.OFF
        feed.on(StationChanged, self._on_settings)

    async def find(self) -> Sequence[CameraDevice]:
        """Return the cameras that are connected. Raises ``CameraUnusable``: none can be read here."""
        return await self._cameras.find()

    def open(self) -> None:
        """Make it live; ``CameraChanged`` tells what comes of it. One that is live rests later."""
        self._used_at = self._clock.monotonic()
        if self.state in (CameraState.OPENING, CameraState.LIVE):
            return
        self._name = self._wanted()
        self._become(CameraState.OPENING)
        self._run = self._tasks.spawn(self._hold(self._name or ""), name="camera")

    async def still(self) -> bytes:
        """Return what it sees now as the file of a picture.

        Raises:
            CameraUnusable: It is not live, or its newest frame is no photo.
        """
        self._used_at = self._clock.monotonic()
        if self._opened is None:
            raise CameraUnusable(why=self.state)
        return await self._opened.still()

    def close(self) -> None:
        """Put it out at once; idempotent."""
        run, self._run = self._run, None
        if run is not None:
            run.cancel()
        if self._opened is not None:
            self._release(self._opened)
        if self.state in (CameraState.OPENING, CameraState.LIVE):
            self._become(CameraState.OFF)

    def _on_settings(self, _: StationChanged) -> None:
        if self._wanted() != self._name:
            self.close()

    async def _hold(self, name: str) -> None:
        """Open a camera and hold it until it rests, or fails."""
        try:
            await self._watch(await self._find(name))
        except CameraUnusable as failure:
            self._become(CameraState(failure.why), failure)
        else:
            self._become(CameraState.OFF)

    async def _find(self, name: str) -> CameraDevice:
        found = await self._cameras.find()
        device = chosen(found, name)
        if device is None:
            raise CameraUnusable(why=CameraState.AWAY if found else CameraState.NONE)
        return device

    async def _watch(self, device: CameraDevice) -> None:
        wakeup, seen = Wakeup(self._clock, self._tasks, "camera"), 0
        opened = await self._cameras.open(device, wakeup.wake)
        self._opened = opened
        self._used_at = self._clock.monotonic()  # a person may have been asked meanwhile
        try:
            while self._clock.monotonic() - self._used_at < REST_SECONDS:
                await wakeup.wait(SILENT_SECONDS)
                if opened.failure is not None:
                    raise opened.failure
                if opened.frames == seen:
                    raise CameraUnusable(why=CameraState.SILENT)
                seen = opened.frames
                self._become(CameraState.LIVE)
                opened.paint()
        finally:
            self._release(opened)

    def _release(self, opened: OpenCamera) -> None:
        """Close a camera; by the time its run has ended another one may be open."""
        opened.close()
        if self._opened is opened:
            self._opened = None

    def _become(self, state: CameraState, failure: CameraUnusable | None = None) -> None:
        if state is not self.state:
            log.info("camera state=%s", state.value)
            self.state = state
            self._feed.tell(CameraChanged(state, failure))
