"""Repairs a write-ahead log with a broken frame, after copying it aside, before anything opens it.

SQLite reads the log up to the first frame whose checksum fails, silently drops the rest, and overwrites it:
one flipped bit after a crash would cost everything kept since. So the owner of the profile checks first. The
checksum of each frame continues that of the previous frame, but every frame also stores its own result.
Frames behind a broken one can therefore be proven individually, and damage to a single word can be located
and undone. The log is rewritten with everything proven, what is missing is counted, and the store is checked
as a whole.

The format: https://sqlite.org/fileformat2.html#the_write_ahead_log
"""

from __future__ import annotations

import logging
import os
import shutil
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from loopdesk.store.open_database import last_written

log = logging.getLogger("loopdesk.store")

_HEADER: Final = struct.Struct(">8I")
_FRAME: Final = struct.Struct(">6I")
_MAGIC: Final = 0x377F0682
"""Magic number of a log whose checksum reads little-endian words; one more for big-endian words."""

_VERSION: Final = 3007000
_WORD: Final = 0xFFFFFFFF
_PAGE_SIZES: Final = frozenset(1 << power for power in range(9, 17))
_PAGE_SIZE_AT: Final = 16
"""Offset of the page size in a database header."""

_MOST_TRIES: Final = 64
"""In this many broken frames the damaged word is searched for; each takes a millisecond or two."""


@dataclass(frozen=True, slots=True)
class BrokenLog:
    """What became of a broken log.

    Attributes:
        aside: The copy of the log as it was found.
        changes: The maximum number of committed changes that are missing.
        is_certain: Later changes show that the missing ones were complete. Otherwise only the last change is
            missing, which may never have been acknowledged: the machine may have died while writing it.
    """

    aside: Path
    changes: int
    is_certain: bool


class _Sum(NamedTuple):
    """The running checksum of a log."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class _Frame:
    """One page as it was written.

    Attributes:
        size: Pages of the database after a commit; 0 inside a transaction.
        is_ours: It belongs to the current log, not to an earlier one whose space is reused.
        is_read: SQLite itself would read it.
        is_proven: Its checksum holds, possibly after one word was repaired.
    """

    page: int
    size: int
    data: bytes
    is_ours: bool
    is_read: bool
    is_proven: bool


@dataclass(frozen=True, slots=True)
class _Log:
    """A parsed log, up to its last frame; anything after that belongs to an earlier log."""

    page_size: int
    byte_order: str
    checkpoint: int
    salts: tuple[int, int]
    frames: Sequence[_Frame]


def mend_log(path: Path) -> BrokenLog | None:
    """Check the log of a closed store; copy it aside and repair it if SQLite would not read all of it.

    Nobody else may have the store open: the caller holds the profile's lock.

    Args:
        path: The database.

    Returns:
        What is missing; None if the log is intact or there is none.

    Raises:
        OSError: The copy or the repaired log cannot be written; the log is unchanged.
    """
    file = path.with_name(f"{path.name}-wal")
    if not file.exists():
        return None
    found = _take_apart(file.read_bytes(), path)
    if found is None or not any(frame.size for frame in found.frames if not frame.is_read):
        return None  # frames without a commit were never a change
    aside = _free_name(path)
    shutil.copy2(file, aside)
    kept, missing, is_certain = _worth_keeping(found.frames)
    _replace(file, _written(found, kept))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    log.warning("log_broken frames=%d kept=%d missing=%d", len(found.frames), len(kept), missing)
    return BrokenLog(aside, missing, is_certain)


# --- reading ----------------------------------------------------------------------------------------


def _take_apart(data: bytes, path: Path) -> _Log | None:
    """Read all frames of the current log. None if it was never a log."""
    if len(data) < _HEADER.size + _FRAME.size:
        return None
    magic, _, told_size, checkpoint, *numbers = _HEADER.unpack_from(data)
    page_size = _page_size(path, told_size)
    if page_size is None:
        return None
    stored, salts = _Sum(numbers[2], numbers[3]), _salts(data, page_size, (numbers[0], numbers[1]))
    orders = (">" if magic & 1 else "<",) if magic & ~1 == _MAGIC else ("<", ">")
    tried = []
    for order in orders:
        came_to = _continued(_Sum(0, 0), data[: _HEADER.size - 8], order)
        is_sound = came_to == stored and len(orders) == 1
        frames = _frames(data, page_size, order, salts, (stored, came_to), is_read=is_sound)
        tried.append(_Log(page_size, order, checkpoint, salts, frames))
    return max(tried, key=lambda each: sum(frame.is_proven for frame in each.frames))


def _page_size(path: Path, told: int) -> int | None:
    """Return the page size from the database header, else from the log's."""
    with path.open("rb") as database:
        head = database.read(_PAGE_SIZE_AT + 2)[_PAGE_SIZE_AT:]
    size = int.from_bytes(head, "big") if len(head) == 2 else told
    size = 65536 if size == 1 else size
    return size if size in _PAGE_SIZES else None


def _salts(data: bytes, page_size: int, told: tuple[int, int]) -> tuple[int, int]:
    """Return the salts of this log: the header's, unless its first two frames agree on others."""
    places = (_HEADER.size, _HEADER.size + _FRAME.size + page_size)
    marks = [_FRAME.unpack_from(data, at)[2:4] for at in places if at + _FRAME.size <= len(data)]
    return marks[0] if len(marks) == 2 and marks[0] == marks[1] else told


def _frames(
    data: bytes, page_size: int, order: str, salts: tuple[int, int], seeds: tuple[_Sum, ...], *, is_read: bool
) -> list[_Frame]:
    """Parse the frames one by one, up to the last of this log.

    Args:
        seeds: Possible checksums before the first frame; the second one is for a header whose own checksum
            was damaged.
        is_read: Whether SQLite considers the header sound.
    """
    frames: list[_Frame] = []
    tries = _MOST_TRIES
    step = _FRAME.size + page_size
    for at in range(_HEADER.size, len(data) - step + 1, step):
        *_, salt, other, first, second = _FRAME.unpack_from(data, at)
        ended, body = _Sum(first, second), _checked(data, at, page_size)
        reached = [_continued(seed, body, order) for seed in seeds]
        is_marked = (salt, other) == salts
        is_read = is_read and is_marked and ended == reached[0]
        proven: _Sum | None = ended if ended in reached else None
        if proven is None and is_marked and tries:
            tries -= 1
            is_continued = partial(_is_continued, data[at + step : at + 2 * step], order)
            proven, body = _undamaged(body, reached[0], ended, order, is_continued)
        page, size = struct.unpack_from(">2I", body)
        # The salts are not checksummed and may be what was damaged; but frames of an earlier log are proven
        # too, each by its predecessor.
        is_ours = is_marked or (proven is not None and (not frames or frames[-1].is_ours))
        is_proven = proven is not None and is_ours
        frames.append(_Frame(page, size, body[8:], is_ours, is_read, is_proven))
        seeds = (proven,) if proven is not None else (ended, reached[0])
    last = max((number for number, frame in enumerate(frames, 1) if frame.is_ours), default=0)
    return frames[:last]


def _checked(data: bytes, at: int, page_size: int) -> bytes:
    """Return what a frame's checksum covers: page number, size, and the page."""
    return data[at : at + 8] + data[at + _FRAME.size : at + _FRAME.size + page_size]


def _is_continued(frame: bytes, order: str, check: _Sum) -> bool:
    """Tell whether a frame continues a checksum; a missing frame continues none."""
    if len(frame) <= _FRAME.size:
        return False
    stored = _Sum(*_FRAME.unpack_from(frame)[4:])
    return _continued(check, frame[:8] + frame[_FRAME.size :], order) == stored


def _undamaged(
    body: bytes, reached: _Sum, stored: _Sum, order: str, is_continued: Callable[[_Sum], bool]
) -> tuple[_Sum | None, bytes]:
    """Decide what was damaged in a frame whose checksum fails: the stored checksum, or one word.

    Some damage looks like both; then the next frame decides.

    Returns:
        The checksum that the next frame continues, and the frame as it was written; no checksum if more than
            that is broken.
    """
    mended = _turned_back(body, reached, stored, order)
    is_near = reached.first == stored.first or reached.second == stored.second
    if mended is not None and (not is_near or is_continued(stored)):
        return stored, mended
    if is_near and (mended is None or is_continued(reached)):
        return reached, body
    return None, body


def _continued(check: _Sum, data: bytes, order: str) -> _Sum:
    first, second = check
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for one, two in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & _WORD
        second = (second + two + first) & _WORD
    return _Sum(first, second)


def _turned_back(body: bytes, reached: _Sum, wanted: _Sum, order: str) -> bytes | None:
    """Find the one word whose change gives the wanted checksum; None if more than one is damaged.

    The checksum is linear: a word that is larger by ``d`` moves its two sums by ``d`` times numbers that
    depend only on the word's position. One of the two is always odd, so it is invertible.
    """
    off = ((wanted.first - reached.first) & _WORD, (wanted.second - reached.second) & _WORD)
    words = list(struct.unpack(f"{order}{len(body) // 4}I", body))
    # What adding one to the first or second word of the last pair adds to both sums
    even, odd = (1, 1), (0, 1)
    for place in range(len(words) - 2, -1, -2):
        for at, moves in ((place, even), (place + 1, odd)):
            by = 0 if moves[0] & 1 else 1
            step = off[by] * pow(moves[by], -1, _WORD + 1) & _WORD
            if step * moves[1 - by] & _WORD == off[1 - by]:
                words[at] = (words[at] + step) & _WORD
                return struct.pack(f"{order}{len(words)}I", *words)
        even, odd = _one_pair_earlier(even), _one_pair_earlier(odd)
    return None


def _one_pair_earlier(moves: tuple[int, int]) -> tuple[int, int]:
    first, second = moves
    return (first + second) & _WORD, (first + 2 * second) & _WORD


# --- writing ----------------------------------------------------------------------------------------


def _worth_keeping(frames: Sequence[_Frame]) -> tuple[list[_Frame], int, bool]:
    """Choose what goes into the repaired log.

    A broken page that was written again later is left out, and nothing is missing. Any other broken page ends
    the log before its change, as in SQLite: later pages without it would form a store that never existed.

    Returns:
        The frames, how many changes are missing, and whether one of them is known to have been complete.
    """
    changes = _changes(frames)
    is_cut = bool(changes) and not all(frame.is_proven for frame in changes[-1])
    whole = changes[:-1] if is_cut else changes
    while whole and not whole[-1][-1].is_proven:  # without its commit frame it was not a change
        whole.pop()
    while (end := _first_missing(whole)) is not None:  # the changes after it build on lost pages
        whole = whole[:end]
    missing = len(changes) - len(whole)
    kept = [frame for change in whole for frame in change if frame.is_proven]
    return kept, missing, missing > is_cut


def _first_missing(changes: Sequence[Sequence[_Frame]]) -> int | None:
    """Return the index of the first change with a broken page that no later change rewrote, or None."""
    first, later = None, set[int]()
    for place in reversed(range(len(changes))):
        later |= {frame.page for frame in changes[place] if frame.is_proven}
        if any(not frame.is_proven and frame.page not in later for frame in changes[place]):
            first = place
    return first


def _changes(frames: Sequence[_Frame]) -> list[list[_Frame]]:
    """Group the frames into committed changes; uncommitted frames at the end are dropped."""
    changes: list[list[_Frame]] = []
    current: list[_Frame] = []
    for frame in frames:
        current.append(frame)
        if frame.size:
            changes.append(current)
            current = []
    return changes


def _written(found: _Log, kept: Sequence[_Frame]) -> bytes:
    """Serialize a log of these frames, with its checksums."""
    magic = _MAGIC | (found.byte_order == ">")
    head = _HEADER.pack(magic, _VERSION, found.page_size, found.checkpoint, *found.salts, 0, 0)[:-8]
    check = _continued(_Sum(0, 0), head, found.byte_order)
    parts = [head, struct.pack(">2I", *check)]
    for frame in kept:
        start = struct.pack(">2I", frame.page, frame.size)
        check = _continued(check, start + frame.data, found.byte_order)
        parts += [start, struct.pack(">2I", *found.salts), struct.pack(">2I", *check), frame.data]
    return b"".join(parts)


def _replace(file: Path, data: bytes) -> None:
    """Replace the content of a file atomically; the bytes are on disk before the rename."""
    fresh = file.with_name(f"{file.name}-mended")
    handle = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def _free_name(path: Path) -> Path:
    """Choose ``damaged-log-<day>-<n>.wal``."""
    day = last_written(path).date().isoformat()
    taken = {file.name for file in path.parent.iterdir()}
    number = next(n for n in range(1, len(taken) + 2) if f"damaged-log-{day}-{n}.wal" not in taken)
    return path.with_name(f"damaged-log-{day}-{number}.wal")
