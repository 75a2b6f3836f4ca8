"""The ports of photos in grades: the place where anyone can open them, the queue of those on their way there,
and the folder that a camera fills.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from loopdesk.domain.outbox.photo_links import PhotoAddress

# --- the place --------------------------------------------------------------------------------------


class PhotoPlace(Protocol):
    """Stores photos where anyone can open them; knows nothing of Loop, its key or its budget."""

    async def store(self, name: str, content: bytes) -> None:
        """Store a photo under a name, once more if it is there already: the content is the same.

        Raises:
            PhotoNotStored: It is not known to be there.
        """
        ...

    async def has(self, name: str, size: int) -> bool:
        """Ask whether a photo of that size is there. False also if the place does not say.

        Raises:
            PhotoNotStored: The place did not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoPorts:
    """What the photos of grades depend on.

    Attributes:
        public: Where photos can be opened, now; None if there is no place for them.
        place: Stores them there.
        read: Returns the content of a photo; None if its file is gone. Raises ``OSError``.
        wait_seconds: How long a grade waits for its photos, now.
    """

    public: Callable[[], PhotoAddress | None]
    place: PhotoPlace
    read: Callable[[str], Awaitable[bytes | None]]
    wait_seconds: Callable[[], float]


# --- the queue --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WaitingPhoto:
    """A photo that is to be stored at the place for photos.

    Attributes:
        link: Where anyone can open it, once it is there.
        name: Its name at the place.
        photo: Its name here.
        tries: How often storing it has begun; if ever, it may be there already.
    """

    link: str
    name: str
    photo: str
    tries: int = 0


@dataclass(frozen=True, slots=True)
class PhotoCounts:
    """How the photos of kept grades stand.

    Attributes:
        waiting: Not at the place yet.
        owed: Grades that went without all their links and are to be sent once more with them.
        lost: Photos that can never be stored, because their file is gone from this machine.
        oldest_at: When the oldest that waits was kept; None if none waits.
    """

    waiting: int = 0
    owed: int = 0
    lost: int = 0
    oldest_at: datetime | None = None


class PhotoQueue(Protocol):
    """The queue of photos on their way to the place for photos, and the grades that wait for them.

    ``Outbox.keep`` fills it, in the same commit as the grade. ``Outbox.release`` takes the links of photos
    that are not there out of a grade and notes that it is owed them.
    """

    async def waiting(self, most: int) -> tuple[WaitingPhoto, ...]:
        """Return photos that a kept grade names and that are not there, the least tried first."""
        ...

    async def begin(self, photo: WaitingPhoto) -> None:
        """Record that storing it begins, before the first byte."""
        ...

    async def stored(self, photo: WaitingPhoto, at: datetime) -> None:
        """Record that it is there."""
        ...

    async def lost(self, photo: WaitingPhoto, at: datetime) -> None:
        """Record that it can never be stored; its grade goes, or has gone, without it."""
        ...

    async def missing(self, settlement_id: str) -> int:
        """Return how many photos of a held settlement are not there and may still come."""
        ...

    async def repeat_owed(self, at: datetime) -> tuple[str, ...]:
        """Keep once more, with all links, each grade that went without and whose photos are there by now.

        Only a grade that came true and was not followed by a newer one of the same line; others are let go,
        and one that a person dropped at once.

        Returns:
            The returns of grades that are owed nothing any more. New entries are ready.
        """
        ...

    async def move_to(self, url: str) -> int:
        """Change the links of photos that are not there yet to another public address. Returns how many."""
        ...

    async def was_begun(self, return_id: str, photo: str) -> bool:
        """Whether storing a photo of a return, by the name of its file, was ever begun."""
        ...

    async def counts(self) -> PhotoCounts:
        """Return how many wait."""
        ...


# --- a camera's folder --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FileState:
    """How a file of the folder is at a moment.

    Attributes:
        size: In bytes.
        changed_ns: When it was written last, in nanoseconds.
    """

    size: int
    changed_ns: int


class PhotoFiles(Protocol):
    """The files of a folder on this machine, or of a share, that a camera fills."""

    async def within(self, folder: str) -> Mapping[str, FileState]:
        """Return its files by name, without those of folders in it. Raises ``OSError``."""
        ...
