"""Whatever may be wrong with the disk, in the real window: what the operator is told, word for word."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest
from PySide6.QtWidgets import QApplication

from loopdesk.domain.errors import DiskFull, SettingsWrong, StoreError, StoreTooNew
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Stage
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import errors
from loopdesk.simulator.samples import SAMPLES
from loopdesk.simulator.settings import Settings
from loopdesk.store.database import FILE_NAME
from loopdesk.system.host import paths
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

LONG_HOLD = {"LOOPDESK_HOLD_SECONDS": "60"}
PARCEL = SAMPLES["single"]

DAMAGED = "This station's store was damaged and has been replaced. The damaged file was kept."
MISSING = "This station's store was missing. What was kept in it is gone unless IT restores it."
OLDER = "An older copy of the store was restored. Loop is asked what is true before anything is sent."
FULL = "NOT KEPT: the disk is full."
FAILED = "This station's store failed."
SWAPPED = "Another program has replaced this station's store."
UNWRITABLE = "This station's store cannot be written."


@pytest.fixture
def shop() -> Iterator[SimulatorThread]:
    """Serve the practice shop."""
    with SimulatorThread(settings=Settings(processing_seconds=0.2)) as shop:
        yield shop


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path, shop: SimulatorThread) -> Desk:
    """Return a desk whose settlements are held for a minute."""
    return Desk(qapp, tmp_path / "profile", f"{shop.url}/api", key=shop.key, environ=LONG_HOLD)


def _store(desk: Desk) -> Path:
    return desk.folder / "store"


def _kept_one(desk: Desk, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Work until one settlement is held, then end."""

    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        await desk.press("1", "F12")
        await desk.until_lane(PARCEL.return_id, Stage.HELD)
        meanwhile()

    desk.play(body)


def _told_at_start(desk: Desk) -> tuple[str, str, str, Signal]:
    """Start again. Returns what the band says: word, sentence, detail, and its signal."""
    told: list[tuple[str, str, str, Signal]] = []

    async def body() -> None:
        await desk.hand.until("a word about the store", lambda: desk.screen.band.signal is Signal.ATTENTION)
        band = desk.screen.band
        told.append((band.word, band.sentence, band.detail, band.signal))

    desk.play(body)
    return told[0]


def _copy(source: Path, target: Path, *names: str) -> None:
    target.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(source / name, target / name)


# --- found at the start -----------------------------------------------------------------------------


@pytest.mark.fault(67)
def test_a_damaged_store_is_replaced_and_said(desk: Desk) -> None:
    _kept_one(desk)
    file = _store(desk) / FILE_NAME
    content = bytearray(file.read_bytes())
    (root,) = apsw.Connection(str(file)).execute("SELECT rootpage FROM sqlite_schema WHERE name = 'attempt'")
    content[(root[0] - 1) * 4096 : root[0] * 4096] = b"\xa5" * 4096
    file.write_bytes(bytes(content))
    assert _told_at_start(desk) == (
        "Call IT",
        DAMAGED,
        "3 unfinished actions were saved; see Attention.",
        Signal.ATTENTION,
    )
    assert len(list(_store(desk).glob("damaged-*.db"))) == 1


@pytest.mark.fault(68)
def test_a_missing_store_is_said(desk: Desk) -> None:
    _kept_one(desk)
    (_store(desk) / FILE_NAME).unlink()
    assert _told_at_start(desk)[:2] == ("Call IT", MISSING)


@pytest.mark.fault(68)
def test_an_older_copy_is_noticed_and_said(desk: Desk, tmp_path: Path) -> None:
    async def nothing() -> None:
        await desk.synced()

    desk.play(nothing)
    _copy(_store(desk), tmp_path / "copy", FILE_NAME)
    _kept_one(desk)
    _copy(tmp_path / "copy", _store(desk), FILE_NAME)
    assert _told_at_start(desk)[:2] == ("Call IT", OLDER)


@pytest.mark.fault(68)
def test_a_missing_log_is_noticed_and_said(desk: Desk, tmp_path: Path) -> None:
    """A copy is made as the running program has it; then its log is deleted and all else put back."""
    names = (FILE_NAME, f"{FILE_NAME}-wal")
    _kept_one(desk, lambda: _copy(_store(desk), tmp_path / "copy", *names))
    assert (tmp_path / "copy" / names[1]).stat().st_size > 0
    _copy(tmp_path / "copy", _store(desk), FILE_NAME)
    assert _told_at_start(desk)[:2] == ("Call IT", OLDER)


async def _nothing() -> None:
    raise AssertionError("the program must not come so far")


@pytest.mark.fault(139)
def test_a_newer_store_is_refused_untouched(desk: Desk) -> None:
    _kept_one(desk)
    file = _store(desk) / FILE_NAME
    connection = apsw.Connection(str(file))
    connection.pragma("user_version", 9_999)
    connection.close()
    before = file.read_bytes()
    with pytest.raises(StoreTooNew, match="version=9999"):
        desk.play(_nothing)
    assert file.read_bytes() == before


@pytest.mark.fault(70)
def test_a_profile_on_a_network_drive_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "_is_network", lambda *_: True)
    with pytest.raises(SettingsWrong) as caught:
        desk.play(_nothing)
    assert "on a network drive; choose a folder on this machine's own disk" in errors.reason(caught.value)
    assert not desk.folder.exists()


# --- while working ----------------------------------------------------------------------------------


def _told_when_confirming(desk: Desk, broken: Callable[[], None], mended: Callable[[], None]) -> list[str]:
    """Confirm on a broken disk, then again on a healthy one: it is kept once, whatever the first try did.

    What the program writes behind the window meanwhile may fail on that disk too.

    Returns what the band said the first time.
    """
    told: list[str] = []

    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        await desk.press("1")
        await _on_thread(desk, broken)
        await desk.press("F12")
        band = desk.screen.band
        told.extend((band.word, band.sentence, band.detail, band.signal.value))
        assert PARCEL.return_id in desk.title, "what was entered left the screen"
        await _on_thread(desk, mended)
        await desk.press("F12")
        kept = await desk.until_lane(PARCEL.return_id, Stage.HELD)
        assert [entry.kind for entry in kept] == [Kind.GRADE, Kind.ASSESS, Kind.PROCESS]

    desk.expects = (StoreError,)
    desk.play(body)
    return told


async def _on_thread(desk: Desk, act: Callable[[], None]) -> None:
    await desk.runtime.store.database.read(lambda _: act())


class Failing(apsw.VFS):
    """The system's file system, on which something fails while ``fails`` names it: sync, write, full."""

    def __init__(self) -> None:
        self.fails = ""
        self.base = apsw.vfs_names()[0]
        super().__init__("failing", self.base, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        """Open a file that fails on demand."""
        return _FailingFile(self, name, flags)


class _FailingFile(apsw.VFSFile):
    def __init__(self, files: Failing, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._files = files
        super().__init__(files.base, name, flags)

    def xSync(self, flags: int) -> None:  # noqa: N802
        if self._files.fails == "sync":
            raise apsw.IOError("fsync: EIO")
        super().xSync(flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self._files.fails == "write":
            raise apsw.IOError("write: EIO")
        if self._files.fails == "full":
            raise apsw.FullError("write: ENOSPC")
        super().xWrite(data, offset)


@contextmanager
def _failing() -> Iterator[Failing]:
    files = Failing()
    try:
        yield files
    finally:
        files.unregister()


@pytest.mark.fault(63, 65)
@pytest.mark.parametrize(
    ("what", "word", "sentence", "advice"),
    [
        ("full", "Not kept", FULL, errors.advice(DiskFull)),
        ("sync", "Blocked", FAILED, errors.advice(StoreError)),
        ("write", "Blocked", FAILED, errors.advice(StoreError)),
    ],
)
def test_a_failing_disk_is_said_with_the_input_still_there(
    desk: Desk, what: str, word: str, sentence: str, advice: str
) -> None:
    with _failing() as files:
        told = _told_when_confirming(
            desk, lambda: setattr(files, "fails", what), lambda: setattr(files, "fails", "")
        )
    assert told[0] in (word, "Fault")
    assert told[1:] == [sentence, advice, Signal.BLOCKED.value]


@pytest.mark.fault(69)
def test_a_store_that_was_swapped_is_not_written_and_said(desk: Desk, tmp_path: Path) -> None:
    file, away = _store(desk) / FILE_NAME, tmp_path / "away.db"

    def swap() -> None:
        file.rename(away)
        shutil.copy(away, file)

    def put_back() -> None:
        away.rename(file)

    told = _told_when_confirming(desk, swap, put_back)
    assert told[0] in ("Blocked", "Fault")
    assert told[1] == SWAPPED
    assert told[2].startswith("End loopdesk, exclude its folder from backup and cloud sync")
