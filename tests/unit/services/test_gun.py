"""The learned speed of the gun survives a restart, and losing it does no harm."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from loopdesk.domain.scanner.rhythm import GunPace, Rhythm
from loopdesk.services.station.scanners import ScannerPace
from loopdesk.services.station.tasks import Tasks
from loopdesk.system.host.scanners import GunFile

SLOW = Rhythm((0.1,) * 17)


def a_desk(folder: Path, start_ms: int = 35) -> tuple[ScannerPace, Tasks]:
    tasks = Tasks(lambda where, failure: pytest.fail(f"{where}: {failure}"))
    return ScannerPace(GunFile(folder / "gun.json"), tasks, lambda: start_ms), tasks


async def done(tasks: Tasks) -> None:
    while tasks.names:
        await asyncio.to_thread(tuple)


@pytest.mark.fault(150)
async def test_a_change_is_told_once_and_kept_over_a_restart(tmp_path: Path) -> None:
    desk, tasks = a_desk(tmp_path)
    assert [desk.learn(SLOW) for _ in range(6)] == [False, False, True, False, False, False]
    await done(tasks)
    again, _ = a_desk(tmp_path)
    assert again.pace.gap_ms == 150
    assert again.pace.typical_ms == 100
    assert not again.learn(SLOW)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"gap_ms": 9999, "recent": []}', '{"gap_ms": "x"}'])
async def test_a_file_that_makes_no_sense_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "gun.json").write_text(text, "utf-8")
    desk, _ = a_desk(tmp_path)
    assert desk.pace == GunPace(35)


async def test_a_longer_gap_in_the_settings_wins_and_another_one_begins_again(tmp_path: Path) -> None:
    GunFile(tmp_path / "gun.json").save(GunPace(60, (40.0, 40.0, 40.0)))
    desk, _ = a_desk(tmp_path, start_ms=90)
    assert desk.pace.gap_ms == 90
    desk.begin_again(120)
    assert desk.pace == GunPace(120)


@pytest.mark.expects_log("gun_pace_not_kept")
async def test_a_disk_that_keeps_nothing_stops_no_scan(tmp_path: Path) -> None:
    desk, tasks = a_desk(tmp_path / "gone")
    assert [desk.learn(SLOW) for _ in range(3)][-1]
    await done(tasks)
    assert desk.pace.gap_ms == 150
