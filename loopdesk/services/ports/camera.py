"""The port of the station's cameras. No frame crosses it: live frames go straight to what paints them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from loopdesk.domain.camera import CameraDevice
from loopdesk.domain.errors import CameraUnusable


class OpenCamera(Protocol):
    """A camera that was opened."""

    @property
    def frames(self) -> int:
        """How many frames came so far."""
        ...

    @property
    def failure(self) -> CameraUnusable | None:
        """Why no further frame will come; None while it works."""
        ...

    def paint(self) -> None:
        """Paint the newest frame where the live picture is shown."""
        ...

    async def still(self) -> bytes:
        """Return the newest frame as the file of a picture. Raises ``CameraUnusable`` by a ``StillFault``."""
        ...

    def close(self) -> None:
        """Release it, and paint nothing any more."""
        ...


class Cameras(Protocol):
    """The cameras of this machine. What reads them is loaded when one of these is first called."""

    async def find(self) -> Sequence[CameraDevice]:
        """Return the cameras that are connected, the system's own choice first.

        Raises:
            CameraUnusable: ``UNSUPPORTED``.
        """
        ...

    async def open(self, device: CameraDevice, changed: Callable[[], None]) -> OpenCamera:
        """Open a camera. The system may ask a person for permission; whether a frame comes shows later.

        Args:
            changed: Called when a frame is due to be painted, and when ``failure`` was set.

        Raises:
            CameraUnusable: ``UNSUPPORTED``, ``AWAY``, ``DENIED`` or ``HELD``.
        """
        ...
