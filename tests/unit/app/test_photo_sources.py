"""A photo out of a file that the system does not give in time."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path, PurePath

import pytest
from PySide6.QtGui import QImage

from loopdesk.app import photo_sources
from loopdesk.app.photo_sources import keep_file
from loopdesk.domain.errors import RuleBroken
from loopdesk.system.host.folders import WatchedFolder, read_in_time


@pytest.mark.parametrize("path", ["gone.jpg", "a\0b.jpg", "n" * 5_000])
async def test_a_path_that_leads_to_no_file_is_said_to_be_unreadable(tmp_path: Path, path: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        await keep_file(str(tmp_path / path), tmp_path / "photos")
    assert refused.value.detail == "photo_unreadable"


async def test_a_share_that_never_answers_does_not_keep_the_bench_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()

    def hang(_source: Path) -> bytes:
        answers.wait()
        return b""

    monkeypatch.setattr(photo_sources, "file_content", hang)
    monkeypatch.setattr(photo_sources, "read_in_time", partial(read_in_time, limit_seconds=0.02))
    with pytest.raises(RuleBroken) as refused:
        await keep_file("//nas/photo.jpg", tmp_path / "photos")
    assert refused.value.detail == "photo_unreadable"
    answers.set()


async def test_a_file_in_the_home_folder_is_found_as_its_folder_is_written_in_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "USERPROFILE"):  # of Linux and macOS, and of Windows
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / "camera").mkdir()
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(0)
    assert image.save(str(tmp_path / "camera" / "new.jpg"))
    assert list(await WatchedFolder().within("~/camera")) == ["new.jpg"]
    kept = await keep_file(str(PurePath("~/camera") / "new.jpg"), tmp_path / "photos")
    assert (tmp_path / "photos" / kept).is_file()


async def test_a_file_of_somebody_unknown_is_said_to_be_unreadable(tmp_path: Path) -> None:
    with pytest.raises(RuleBroken, match="photo_unreadable"):
        await keep_file("~nobody-of-that-name/photo.jpg", tmp_path / "photos")
