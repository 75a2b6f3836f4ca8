"""Product pictures in memory: a scripted source, those that are kept, and what services need of both."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

from loopdesk.domain.errors import PictureRefused, StoreError
from loopdesk.domain.pictures import KeptPicture, PictureLink
from loopdesk.services.ports.pictures import PicturePorts
from loopdesk.services.ports.station import Clock

HOST = "pictures.example"


class MemoryPictures:
    """Twin of the folder of pictures.

    Attributes:
        refusal: What the disk says to every picture; None for yes.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._content: dict[str, bytes] = {}
        self._kept: dict[str, KeptPicture] = {}
        self.refusal: StoreError | None = None

    async def kept(self) -> Mapping[str, KeptPicture]:
        """Return what is there."""
        return dict(self._kept)

    async def put(self, key: str, content: bytes) -> KeptPicture:
        """Keep a picture."""
        if self.refusal is not None:
            raise self.refusal
        self._content[key] = content
        self._kept[key] = KeptPicture(key, len(content), self._clock.now().timestamp())
        return self._kept[key]

    async def get(self, key: str) -> bytes:
        """Return a picture, empty if it is not there."""
        return self._content.get(key, b"")

    async def remove(self, keys: Collection[str]) -> None:
        """Remove pictures."""
        for key in keys:
            self._content.pop(key, None)
            self._kept.pop(key, None)


class ScriptedSource:
    """A source that answers with its own path, or as a test wants.

    Attributes:
        asked: The targets that were asked for, in order.
        answers: By target: what comes instead, or the exception that does.
        gate: While it is not set, every answer waits for it.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, bytes | Exception] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.most_at_once = 0
        self._at_once = 0

    async def fetch(self, link: PictureLink) -> bytes:
        """Answer."""
        self.asked.append(link.target)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await self.gate.wait()
        finally:
            self._at_once -= 1
        answer = self.answers.get(link.target, link.target.encode())
        if isinstance(answer, Exception):
            raise answer
        return answer


async def as_it_is(content: bytes) -> bytes:
    """Make a picture small by leaving it alone; what is not to be decoded begins with "bomb"."""
    if content.startswith(b"bomb"):
        raise PictureRefused("pixels")
    return content


def some_pictures(clock: Clock, *, hosts: Collection[str] = ()) -> PicturePorts:
    """What a rig's services need; without hosts nothing is fetched."""
    return PicturePorts(
        source=ScriptedSource(),
        kept=MemoryPictures(clock),
        shrink=as_it_is,
        hosts=lambda: hosts,
        most_bytes=lambda: 1_000_000,
    )
