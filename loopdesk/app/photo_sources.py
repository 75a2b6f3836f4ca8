"""Where a station's photos come from besides a chosen file: dropped, pasted, and out of a camera's folder."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage

from loopdesk.app.program import Program
from loopdesk.domain.errors import RuleBroken
from loopdesk.presenters.bench.presenter import BenchPresenter
from loopdesk.presenters.bench.questions import MysteryAsked, PhotoAsked
from loopdesk.services.station.photo_folder import PhotoFolder
from loopdesk.system.host.folders import WatchedFolder, located, read_in_time
from loopdesk.ui.main_window import BENCH, MainWindow
from loopdesk.ui.photo_drop import PhotoDrop
from loopdesk.ui.photos import decoded, file_content, keep_image, write_photo


async def keep_file(path: str, folder: Path) -> str:
    """Copy a picture file into the profile; one on a share that does not answer holds nothing up for long.

    Returns:
        Its name there.

    Raises:
        RuleBroken, StoreError: As ``keep_photo``.
    """
    try:
        content = await read_in_time(lambda: file_content(located(path)))
    except OSError as refusal:
        raise RuleBroken("photo_unreadable") from refusal
    return await asyncio.to_thread(_keep_content, content, folder)


def _keep_content(content: bytes, folder: Path) -> str:
    return write_photo(decoded(content), folder)


class PhotoSources(QObject):
    """Brings photos to the bench.

    Args:
        keep: Copies a picture file into the profile, and returns its name there. Raises as ``keep_photo``.

    Attributes:
        folder: Watches the folder that the settings name.
    """

    def __init__(
        self,
        program: Program,
        window: MainWindow,
        bench: BenchPresenter,
        keep: Callable[[str], Awaitable[str]],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._bench = bench
        self._keep = keep
        runtime = program.runtime
        self._kept_in = runtime.profile.photo_folder
        self.drop = PhotoDrop(window)
        self.drop.file_came.connect(self._on_file)
        self.drop.image_came.connect(self._on_image)
        self.drop.nothing_came.connect(self._on_nothing)
        self.folder = PhotoFolder[PhotoAsked | MysteryAsked](
            WatchedFolder(),
            bench,
            path=lambda: runtime.settings.evidence.folder,
            keep=keep,
            clock=runtime.clock,
        )

    @property
    def _is_in_sight(self) -> bool:
        return self._window.shown_view() == BENCH

    @Slot(str)
    def _on_file(self, path: str) -> None:
        if self._is_in_sight:
            self._bench.take_photo(partial(self._keep, path))

    @Slot(QImage)
    def _on_image(self, image: QImage) -> None:
        if self._is_in_sight:
            self._bench.take_photo(partial(asyncio.to_thread, keep_image, image, self._kept_in))

    @Slot()
    def _on_nothing(self) -> None:
        if self._is_in_sight:
            self._bench.refuse_photo(RuleBroken("no_picture_pasted"))
