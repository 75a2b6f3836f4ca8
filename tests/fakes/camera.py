"""Cameras without a device: they paint what they see, and fail as a test wants."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from loopdesk.domain.camera import CameraDevice, CameraState, StillFault
from loopdesk.domain.errors import CameraUnusable
from loopdesk.services.station.camera import LiveCamera

DESK = CameraDevice("usb-1", "Desk camera")
OVERHEAD = CameraDevice("usb-2", "Overhead camera")


class PaintingCamera:
    """An open camera, after ``OpenCamera``.

    Attributes:
        painted: How many frames were painted.
        fault: Why the newest frame is no photo; None if it is one.
    """

    def __init__(
        self, device: CameraDevice, changed: Callable[[], None], draw: Callable[[int], bytes]
    ) -> None:
        self.device = device
        self.frames = 0
        self.painted = 0
        self.failure: CameraUnusable | None = None
        self.fault: StillFault | None = None
        self.is_closed = False
        self._changed = changed
        self._draw = draw

    def paint(self) -> None:
        """Count it."""
        assert not self.is_closed
        self.painted += 1

    async def still(self) -> bytes:
        """Draw the newest frame."""
        assert not self.is_closed
        if self.fault is not None:
            raise CameraUnusable(why=self.fault)
        return self._draw(self.frames)

    def close(self) -> None:
        """Be closed from now on."""
        self.is_closed = True

    def see(self) -> None:
        """Send a frame."""
        self.frames += 1
        self._changed()

    def fail(self, state: CameraState) -> None:
        """Send no frame any more."""
        self.failure = CameraUnusable(why=state)
        self._changed()


class DeskCamera:
    """The camera of a bench whose settings name it, or not; photos are named after their frames.

    Attributes:
        is_chosen: Whether photos come from it.
    """

    def __init__(self, live: LiveCamera) -> None:
        self._live = live
        self.is_chosen = False

    @property
    def state(self) -> CameraState | None:
        """How it is."""
        return self._live.state if self.is_chosen else None

    def open(self) -> None:
        """Make it live."""
        self._live.open()

    def close(self) -> None:
        """Put it out."""
        self._live.close()

    async def take(self) -> str:
        """Take a photo."""
        return f"{(await self._live.still()).decode()}.jpg"


class PaintingCameras:
    """The cameras of a machine, after ``Cameras``.

    Args:
        found: Those that are connected.
        draw: Draws the n-th frame as a file.

    Attributes:
        refuses: Why none can be opened; None if one can.
        opened: Every camera that was opened, in order.
    """

    def __init__(
        self,
        *found: CameraDevice,
        draw: Callable[[int], bytes] = lambda number: f"frame {number}".encode(),
    ) -> None:
        self.found = list(found)
        self.refuses: CameraState | None = None
        self.opened: list[PaintingCamera] = []
        self._draw = draw

    async def find(self) -> Sequence[CameraDevice]:
        """Return those that are connected."""
        if self.refuses is CameraState.UNSUPPORTED:
            raise CameraUnusable(why=CameraState.UNSUPPORTED)
        return tuple(self.found)

    async def open(self, device: CameraDevice, changed: Callable[[], None]) -> PaintingCamera:
        """Open one."""
        if self.refuses is not None:
            raise CameraUnusable(why=self.refuses)
        camera = PaintingCamera(device, changed, self._draw)
        self.opened.append(camera)
        return camera
