"""A file system that remembers what was synchronized, and what a power loss leaves of the rest.

While ``Recorder`` is installed, every database of this process is opened through it. Of each file it keeps
the content as of its last synchronization and every write since. An image of a power loss is, for each
file, that content with a random part of the later writes: each of them is there, is not, or is torn at the
borders of sectors, and they arrive in any order. What was synchronized is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import apsw

from tests.torture.failpoints import Killed

SECTOR = 512
_SERIAL = iter(range(1_000_000_000))


@dataclass(frozen=True, slots=True)
class Write:
    """One write that was not synchronized; a truncation when ``data`` is None."""

    offset: int
    data: bytes | None


@dataclass(slots=True)
class Kept:
    """A file: its content as of the last synchronization, and what was done to it since."""

    safe: bytearray = field(default_factory=bytearray)
    later: list[Write] = field(default_factory=list)

    def synchronize(self) -> None:
        """Take everything over."""
        for write in self.later:
            _apply(self.safe, write)
        self.later.clear()

    def image(self, random: Random) -> bytes:
        """Return what a power loss leaves."""
        content = bytearray(self.safe)
        share = random.choice((0.0, 0.2, 0.5, 0.8, 1.0))
        for write in self.later:
            if random.random() < share:
                for part in _torn(write, random):
                    _apply(content, part)
        return bytes(content)


def _apply(content: bytearray, write: Write) -> None:
    if write.data is None:
        del content[write.offset :]
        return
    end = write.offset + len(write.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[write.offset : end] = write.data


def _torn(write: Write, random: Random) -> Iterator[Write]:
    """Give a write whole, or only some of its sectors."""
    if write.data is None or len(write.data) <= SECTOR or random.random() < 0.6:
        yield write
        return
    for start in range(0, len(write.data), SECTOR):
        if random.random() < 0.5:
            yield Write(write.offset + start, write.data[start : start + SECTOR])


class Recorder(apsw.VFS):
    """Passes everything on to the system's own file system and remembers the writes.

    Attributes:
        files: By path; files that were there before are taken over as they are at their first opening.
        operations: How many writes, truncations and synchronizations there were.
        cut_at: At which of them the power fails; 0 for none.
        on_cut: Called then, before anything else can happen.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self.files: dict[str, Kept] = {}
        self.operations = 0
        self.cut_at = 0
        self.on_cut: Callable[[], None] = lambda: None
        super().__init__(f"recorder-{next(_SERIAL)}", base, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        """Open a file and begin to watch it."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if path is not None and path not in self.files:
            there = Path(path)
            self.files[path] = Kept(bytearray(there.read_bytes() if there.exists() else b""))
        return _File(self, self.base, name, flags, path)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        """Delete a file; the program deletes its log only after all of it is in the database."""
        self.files.pop(filename, None)
        super().xDelete(filename, syncdir)

    def tick(self) -> None:
        """Count an operation; at the chosen one the power fails.

        Raises:
            Killed: The power has failed.
        """
        self.operations += 1
        if self.operations == self.cut_at:
            self.on_cut()
            raise Killed("power")

    def write_image(self, folder: Path, random: Random) -> None:
        """Write what a power loss leaves now into a folder, under the files' own names."""
        for path, kept in self.files.items():
            if not path.endswith("-shm"):
                (folder / Path(path).name).write_bytes(kept.image(random))


class _File(apsw.VFSFile):
    """One open file."""

    def __init__(
        self,
        recorder: Recorder,
        base: str,
        name: str | apsw.URIFilename | None,
        flags: list[int],
        path: str | None,
    ) -> None:
        self._recorder = recorder
        self._path = path
        super().__init__(base, name, flags)

    def _kept(self) -> Kept | None:
        return self._recorder.files.get(self._path) if self._path else None

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        """Write, and remember it as not synchronized."""
        self._recorder.tick()
        if (kept := self._kept()) is not None:
            kept.later.append(Write(offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        """Cut the file off."""
        self._recorder.tick()
        if (kept := self._kept()) is not None:
            kept.later.append(Write(newsize, None))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        """Synchronize: from here on everything written before is safe."""
        self._recorder.tick()
        if (kept := self._kept()) is not None:
            kept.synchronize()


@contextmanager
def recording() -> Iterator[Recorder]:
    """Let every database be opened through a recorder."""
    recorder = Recorder("unix" if "unix" in apsw.vfs_names() else apsw.vfs_names()[0])
    try:
        yield recorder
    finally:
        recorder.unregister()
