"""The ports of product pictures: where they come from, how they are made small, where they are kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from loopdesk.domain.pictures import KeptPicture, PictureLink


class PictureSource(Protocol):
    """Fetches pictures; knows nothing of Loop, its key or its budget."""

    async def fetch(self, link: PictureLink) -> bytes:
        """Fetch a picture once, by its exact address.

        Returns:
            What came, at most ``MOST_BYTES``; nobody has looked into it yet.

        Raises:
            PictureRefused: It did not come, or must not be taken.
        """
        ...


class KeptPictures(Protocol):
    """The small pictures at this station, each under its key. Losing any of them loses nothing."""

    async def kept(self) -> Mapping[str, KeptPicture]:
        """Return what is there, by key."""
        ...

    async def put(self, key: str, content: bytes) -> KeptPicture:
        """Keep a picture, whole or not at all.

        Raises:
            DiskFull: Not while there is so little room left on the disk.
            StoreError: It could not be written.
        """
        ...

    async def get(self, key: str) -> bytes:
        """Return a picture; empty if it is not there or cannot be read."""
        ...

    async def remove(self, keys: Collection[str]) -> None:
        """Remove pictures; one that is not there, or that another program holds, is passed over."""
        ...


Shrink = Callable[[bytes], Awaitable[bytes]]
"""Makes a small JPEG of a picture's content, away from the window's thread. Raises ``PictureRefused``."""


@dataclass(frozen=True, slots=True)
class PicturePorts:
    """What the pictures need from outside. The callables are called each time: settings can change.

    Attributes:
        hosts: The hosts that may be asked, in lower case; none switches fetching off.
        most_bytes: How much room the pictures may take on the disk.
    """

    source: PictureSource
    kept: KeptPictures
    shrink: Shrink
    hosts: Callable[[], Collection[str]]
    most_bytes: Callable[[], int]
