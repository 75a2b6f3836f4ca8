"""Product pictures of a running program: where they come from, and their way into the window's memory."""

from __future__ import annotations

import asyncio
from collections import deque
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast

from loopdesk.app.startup_tuning import LazyPart
from loopdesk.domain.errors import PictureRefused
from loopdesk.domain.pictures import NoPicture, PictureLink
from loopdesk.services.ports.pictures import PicturePorts, PictureSource
from loopdesk.system.host.paths import resources_dir
from loopdesk.system.pictures import PictureFolder, addresses_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from PySide6.QtGui import QImage

    from loopdesk.app.runtime import Runtime
    from loopdesk.services.station.tasks import Tasks
    from loopdesk.services.sync.pictures import ProductPictures
    from loopdesk.ui.pictures import PictureCache


class ShippedPictures:
    """The pictures of practice mode: files of the program, by the name in the simulator's answers.

    Args:
        folder: Where they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def fetch(self, link: PictureLink) -> bytes:
        """Read a picture; nothing is sent. Raises ``PictureRefused``."""
        name = PurePosixPath(link.target.partition("?")[0]).stem
        file = next((each for each in self._folder.glob("*.png") if each.stem == name), None)
        if file is None:
            raise PictureRefused(NoPicture.NO_ADDRESS)
        return await asyncio.to_thread(file.read_bytes)


def picture_ports(runtime: Runtime, *, practice: bool, is_command: bool) -> PicturePorts:
    """Return what the pictures of this program need.

    Args:
        practice: The simulator's pictures are shipped; nothing is fetched.
        is_command: There is no window, and nothing that could decode a picture: nothing is fetched.
    """

    def make_source() -> PictureSource:
        from loopdesk.api.pictures import PictureClient

        return PictureClient(addresses_of, proxy=lambda: runtime.settings.api.proxy)

    def hosts() -> Collection[str]:
        named = runtime.settings.pictures.hosts
        if is_command or not named:
            return ()
        return _practice_hosts() if practice else named

    return PicturePorts(
        source=ShippedPictures(resources_dir() / "pictures")
        if practice
        else cast("PictureSource", LazyPart(make_source)),
        kept=PictureFolder(runtime.profile.picture_folder),
        shrink=_shrink,
        hosts=hosts,
        most_bytes=lambda: runtime.settings.pictures.megabytes * 1_000_000,
    )


def _practice_hosts() -> Collection[str]:
    from loopdesk.simulator.cases import PICTURE_HOST

    return (PICTURE_HOST,)


async def _shrink(content: bytes) -> bytes:
    from loopdesk.ui.images import shrink

    return await asyncio.to_thread(shrink, content)


class PictureLoader:
    """Reads what the window wants to draw, one picture after the other, in a thread."""

    def __init__(self, pictures: ProductPictures, cache: PictureCache, tasks: Tasks) -> None:
        self._pictures = pictures
        self._cache = cache
        self._tasks = tasks
        self._wanted: deque[tuple[str, int]] = deque()
        self._is_running = False
        cache.wanted.connect(self._want)

    def changed(self, key: str) -> None:
        """A picture may be another one now."""
        if key:
            self._cache.forget(key)

    def close(self) -> None:
        """Load nothing any more, and give the memory back."""
        self._cache.wanted.disconnect(self._want)
        self._wanted.clear()
        self._cache.forget()

    def _want(self, key: str, edge: int) -> None:
        self._wanted.append((key, edge))
        if not self._is_running:
            self._is_running = True
            self._tasks.spawn(self._run(), name="load pictures")

    async def _run(self) -> None:
        try:
            while self._wanted:
                key, edge = self._wanted.popleft()
                content = await self._pictures.content(key)
                self._cache.take(key, edge, await asyncio.to_thread(_decoded, content, edge))
        finally:
            self._is_running = False


def _decoded(content: bytes, edge: int) -> QImage:
    """Decode a picture of ours; an empty image if it is none any more."""
    from PySide6.QtGui import QImage

    from loopdesk.ui.images import read_picture

    try:
        return read_picture(content, edge) if content else QImage()
    except PictureRefused:
        return QImage()
