"""Takes the photos that a camera puts into a folder: each new one, once it is whole.

What was there before is left alone, and nothing is ever moved or deleted. A photo is of what stood to be
photographed when its file appeared, however long it takes to arrive: copying over a network takes seconds, in
which the operator goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Generic, Protocol, TypeVar

from loopdesk.domain.errors import LoopdeskError, RuleBroken
from loopdesk.services.ports.photos import FileState, PhotoFiles
from loopdesk.services.ports.station import Clock

log = logging.getLogger("loopdesk.photos")

EVERY_SECONDS = 1.0
PATIENCE_SECONDS = 10.0
"""A file that cannot be read whole is looked at again until it has not changed for so long."""

_MAYBE_PART = frozenset({"photo_cut", "photo_broken", "photo_unreadable", "no_picture"})
"""What a file that is still being written looks like."""

_UNFINISHED = frozenset({".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart"})
_NOT_PHOTOS = frozenset({"thumbs.db", "desktop.ini"})

Of = TypeVar("Of")


class Bench(Protocol[Of]):
    """Who takes the photos."""

    def photo_subject(self) -> Of | None:
        """Say what a photo would be of now; None for nothing."""
        ...

    def attach_photo(self, name: str, of: Of) -> None:
        """Attach a photo that is in the profile under this name."""
        ...

    def refuse_photo(self, failure: LoopdeskError) -> None:
        """Say why one was not taken."""
        ...


@dataclass(slots=True)
class _Coming(Generic[Of]):
    """A new file: as it was seen last, since when, and what it is of."""

    state: FileState
    since: float
    of: Of | None


class PhotoFolder(Generic[Of]):
    """Watches one folder.

    Args:
        path: The folder by the settings, now; "" for none.
        keep: Copies a picture file into the profile and returns its name there; raises ``RuleBroken``.
    """

    def __init__(
        self,
        files: PhotoFiles,
        bench: Bench[Of],
        *,
        path: Callable[[], str],
        keep: Callable[[str], Awaitable[str]],
        clock: Clock,
    ) -> None:
        self._files = files
        self._bench = bench
        self._path = path
        self._keep = keep
        self._clock = clock
        self._watched = ""
        self._known: dict[str, FileState] | None = None
        self._coming: dict[str, _Coming[Of]] = {}
        self._taken: set[str] = set()
        self._is_away = False

    async def run(self) -> None:
        """Watch, until canceled."""
        while True:
            await self.look()
            await self._clock.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Look into the folder once, and take what is whole by now."""
        path = self._path()
        if path != self._watched:
            self._watched, self._known, self._coming, self._is_away = path, None, {}, False
        if not path:
            return
        try:
            files = await self._files.within(path)
        except OSError as failure:
            self._lose(failure)
            return
        if self._known is None:
            self._known = dict(files)  # what came while nobody looked is not attached to what is open now
            if self._is_away:
                self._is_away = False
                self._bench.refuse_photo(RuleBroken("folder_back"))
            log.info("photo_folder files=%s", len(files))
            return
        await self._notice(files, self._known)

    def _lose(self, failure: OSError) -> None:
        """Say once that the folder cannot be read."""
        self._known, self._coming = None, {}
        if not self._is_away:
            self._is_away = True
            log.warning("photo_folder_away why=%s", failure.strerror)
            self._bench.refuse_photo(RuleBroken("folder_away"))

    async def _notice(self, files: Mapping[str, FileState], known: dict[str, FileState]) -> None:
        """Follow what is new. What went is remembered: it comes back with the disk or the share it is on."""
        for name in [name for name in self._coming if name not in files]:
            del self._coming[name]
        new = [name for name, state in files.items() if known.get(name) != state]
        gone = {known[name] for name in known if name not in files and _may_be_photo(name)} if new else ()
        for name in sorted(new, key=lambda name: (files[name].changed_ns, name)):
            state = files[name]
            if state in gone or not _may_be_photo(name):
                known[name] = state  # it was only renamed, or is none
                continue
            await self._follow(name, state, known)

    async def _follow(self, name: str, state: FileState, known: dict[str, FileState]) -> None:
        """Take a new file if it has not changed since the last look."""
        now, coming = self._clock.monotonic(), self._coming.get(name)
        if coming is None:
            coming = self._coming[name] = _Coming(state, now, self._bench.photo_subject())
        elif coming.state != state:
            coming.state, coming.since = state, now
        elif await self._is_over(name, coming, is_last=now - coming.since >= PATIENCE_SECONDS):
            known[name] = state
            del self._coming[name]

    async def _is_over(self, name: str, coming: _Coming[Of], *, is_last: bool) -> bool:
        """Take a photo, or say why not. False while it may still be on its way."""
        if coming.of is None:
            self._bench.refuse_photo(RuleBroken("photo_of_nothing"))
            return True
        try:
            kept = await self._keep(str(PurePath(self._watched) / name))
        except LoopdeskError as refusal:
            if refusal.detail in _MAYBE_PART and not is_last:
                return False
            self._bench.refuse_photo(refusal)
            return True
        if kept in self._taken:
            self._bench.refuse_photo(RuleBroken("photo_twice"))
            return True
        self._taken.add(kept)
        self._bench.attach_photo(kept, coming.of)
        return True


def _may_be_photo(name: str) -> bool:
    """Whether a file is not obviously something else: a file on its way, or one of the system's own."""
    suffix = PurePath(name).suffix.lower()
    return not name.startswith((".", "~")) and suffix not in _UNFINISHED and name.lower() not in _NOT_PHOTOS
