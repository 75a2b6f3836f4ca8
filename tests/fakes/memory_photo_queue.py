"""The queue of photos in a world that has none: what the twins keep names no photo."""

from __future__ import annotations

from datetime import datetime

from loopdesk.services.ports.photos import PhotoCounts, WaitingPhoto


class MemoryPhotoQueue:
    """Stands for the queue where nothing is ever in it; the real one is tested on the real file."""

    async def waiting(self, most: int) -> tuple[WaitingPhoto, ...]:
        """Return what waits: nothing."""
        return ()

    async def begin(self, photo: WaitingPhoto) -> None:
        """Refuse: nothing was handed out."""
        raise AssertionError(f"{photo.photo} was never kept")

    async def stored(self, photo: WaitingPhoto, at: datetime) -> None:
        """Refuse, as above."""
        raise AssertionError(f"{photo.photo} was never kept")

    async def lost(self, photo: WaitingPhoto, at: datetime) -> None:
        """Refuse, as above."""
        raise AssertionError(f"{photo.photo} was never kept")

    async def missing(self, settlement_id: str) -> int:
        """Return how many photos a settlement waits for: none."""
        return 0

    async def repeat_owed(self, at: datetime) -> tuple[str, ...]:
        """Return what is owed: nothing."""
        return ()

    async def move_to(self, url: str) -> int:
        """Return how many links changed: none."""
        return 0

    async def was_begun(self, return_id: str, photo: str) -> bool:
        """Whether a photo may be at the place: none is."""
        return False

    async def counts(self) -> PhotoCounts:
        """Return how many wait: none."""
        return PhotoCounts()
