"""A write-ahead log with a broken frame: nothing of it is lost silently."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from loopdesk.store.recovery.broken_log import mend_log
from loopdesk.store.store import open_store
from tests.builders import a_keep_request, rebuild

FRAME = 24 + 4096
FLIPS = 16
"""Bits in one test; ``tests/torture/test_broken_log.py`` turns a thousand."""


async def a_crashed_store(folder: Path, kept: int) -> Path:
    """Keep some settlements and copy the files as a crash leaves them, the log not yet in the database.

    Returns:
        The database of the copy.
    """
    store = await open_store(folder / "live", rebuild)
    await store.close()  # what made the tables is in the database, and not in the log
    store = await open_store(folder / "live", rebuild)
    for number in range(kept):
        await store.outbox.keep(a_keep_request(return_id=f"7{number:07}"))
    shutil.copytree(folder / "live", folder / "crashed")
    await store.close()
    return folder / "crashed" / "loopdesk.db"


async def kept_in(folder: Path) -> tuple[int, int]:
    """Open a store and count the settlements that it knows, and the changes that it says are missing."""
    store = await open_store(folder, rebuild)
    report = store.database.report
    kept = len({entry.settlement_id for entry in await store.outbox.entries()})
    await store.close()
    return kept, report.log.changes if report.log else 0


def broken(crashed: Path, folder: Path, how: Callable[[bytearray], None]) -> Path:
    """Copy a crashed store and break its log. Returns the copy's database."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(crashed.parent, folder)
    log = folder / f"{crashed.name}-wal"
    data = bytearray(log.read_bytes())
    how(data)
    log.write_bytes(data)
    return folder / crashed.name


def flipped(bit: int) -> Callable[[bytearray], None]:
    """Turn one bit."""

    def turn(data: bytearray) -> None:
        data[bit // 8] ^= 1 << bit % 8

    return turn


def overwritten(number: int) -> Callable[[bytearray], None]:
    """Fill a part of one frame's page with random bytes."""

    def overwrite(data: bytearray) -> None:
        at = 32 + number * FRAME + 24
        data[at : at + 512] = random.Random(number).randbytes(512)

    return overwrite


@pytest.mark.fault(164)
@pytest.mark.expects_log("log_broken")
async def test_one_flipped_bit_anywhere_in_the_log_costs_nothing_that_was_kept(tmp_path: Path) -> None:
    crashed = await a_crashed_store(tmp_path, 6)
    size = crashed.with_name(f"{crashed.name}-wal").stat().st_size
    source = random.Random(7)
    for bit in [*(source.randrange(size * 8) for _ in range(FLIPS)), 8, 8 * 25, 8 * (32 + 5), size * 8 - 1]:
        store = broken(crashed, tmp_path / "try", flipped(bit))
        kept, missing = await kept_in(store.parent)
        assert kept == 6 or (kept, missing) == (5, 1), bit  # one of the last frame's check cannot be told


@pytest.mark.fault(164)
@pytest.mark.expects_log("log_broken", "damaged")
async def test_of_a_broken_page_the_rest_is_saved_and_what_is_missing_is_said(tmp_path: Path) -> None:
    crashed = await a_crashed_store(tmp_path, 6)
    frames = crashed.with_name(f"{crashed.name}-wal").stat().st_size // FRAME
    for number in range(0, frames, 5):
        path = broken(crashed, tmp_path / "try", overwritten(number))
        before = path.with_name(f"{path.name}-wal").read_bytes()
        store = await open_store(path.parent, rebuild)
        report = store.database.report
        kept = len({entry.settlement_id for entry in await store.outbox.entries()})
        whole = await store.database.integrity()
        (row,) = await store.audit.rows("log_mended")
        await store.close()
        assert report.log is not None, number
        assert report.log.aside.read_bytes() == before, "as it was found"
        assert row.detail["changes_missing"] == report.log.changes
        assert whole == ()
        assert kept + report.log.changes >= 6 or report.damaged is not None, "what is not kept is counted"
        assert kept == 6 or report.log.changes >= 1, number
        assert report.restored or report.damaged or not report.log.is_certain, "asked about before it is sent"


@pytest.mark.fault(164)
async def test_without_the_look_one_bit_makes_sqlite_forget_everything(tmp_path: Path) -> None:
    """The negative control: what the other tests would find without the check."""
    crashed = await a_crashed_store(tmp_path, 6)
    for bit, kept in ((None, 6), (8 * 100, 0)):
        path = broken(crashed, tmp_path / "try", flipped(bit) if bit else lambda _: None)
        connection = apsw.Connection(str(path))
        assert connection.execute("SELECT count(*) FROM settlement").get == kept
        connection.close()


async def test_a_log_that_is_whole_or_not_there_is_left_alone(tmp_path: Path) -> None:
    crashed = await a_crashed_store(tmp_path, 2)
    log = crashed.with_name(f"{crashed.name}-wal")
    data = log.read_bytes()
    assert mend_log(crashed) is None
    log.write_bytes(data + b"\x01" * (FRAME // 2))
    assert mend_log(crashed) is None, "half a frame was never a change"
    log.write_bytes(b"")
    assert mend_log(crashed) is None
    log.unlink()
    assert mend_log(crashed) is None
    assert not list(crashed.parent.glob("damaged-*"))


@pytest.mark.fault(164)
@pytest.mark.expects_log("log_broken")
async def test_frames_of_an_earlier_log_are_none_of_this_one(tmp_path: Path) -> None:
    """A log that is in the database is written again from its beginning; what is behind stays as it was."""
    store = await open_store(tmp_path / "live", rebuild)
    for number in range(9):
        await store.outbox.keep(a_keep_request(return_id=f"7{number:07}"))
        if number == 5:
            await store.database.read(lambda db: db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_FULL))
    shutil.copytree(tmp_path / "live", tmp_path / "crashed")
    await store.close()
    crashed = tmp_path / "crashed" / "loopdesk.db"
    for number in range(0, 24, 3):
        path = broken(crashed, tmp_path / "try", flipped((32 + number * FRAME + 9) * 8))
        assert await kept_in(path.parent) == (9, 0), number
    assert mend_log(crashed) is None
    assert await kept_in(crashed.parent) == (9, 0)
