"""A place for photos that is scripted, and a station without one."""

from __future__ import annotations

from collections.abc import Callable

from loopdesk.domain.errors import PhotoNotStored
from loopdesk.domain.outbox.photo_links import PhotoAddress
from loopdesk.services.ports.photos import PhotoPorts


class ScriptedPlace:
    """Stores photos in memory.

    Attributes:
        there: What is stored, by name.
        times: How often each name was stored.
        fault: Called with what is asked and the name; raises or returns. None for a place that works.
    """

    def __init__(self) -> None:
        self.there: dict[str, bytes] = {}
        self.times: dict[str, int] = {}
        self.asked: list[str] = []
        self.fault: Callable[[str, str], None] | None = None

    async def store(self, name: str, content: bytes) -> None:
        """Store a photo, unless the script says otherwise."""
        if self.fault is not None:
            self.fault("store", name)
        self.there[name] = content
        self.times[name] = self.times.get(name, 0) + 1

    async def has(self, name: str, size: int) -> bool:
        """Tell whether it is there."""
        self.asked.append(name)
        if self.fault is not None:
            self.fault("has", name)
        return len(self.there.get(name, b"")) == size


def is_down(_what: str, _name: str) -> None:
    """A place that cannot be reached."""
    raise PhotoNotStored(why="unreachable")


async def _no_photo(_name: str) -> bytes | None:
    return None


def no_photo_place() -> PhotoPorts:
    """A station without a place for photos."""
    return PhotoPorts(public=lambda: None, place=ScriptedPlace(), read=_no_photo, wait_seconds=lambda: 120.0)


def public_place() -> PhotoAddress:
    """Where the photos of a test can be opened."""
    return PhotoAddress("https://photos.example.test/dock", "s" * 64)
