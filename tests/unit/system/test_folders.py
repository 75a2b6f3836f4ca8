"""A camera's folder, on this machine or on a share: what lies in it, or that it cannot be told in time."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopdesk.services.ports.photos import FileState
from loopdesk.system.host import folders
from loopdesk.system.host.folders import WatchedFolder

if sys.platform == "win32":
    pytest.skip("links need a right of their own there", allow_module_level=True)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    made = tmp_path / "photo.jpg"
    made.write_bytes(b"photo")
    return made


@pytest.mark.parametrize("target", ["bad.jpg", "nothing", "n" * 300])
async def test_a_link_that_leads_nowhere_does_not_hide_the_folder(photo: Path, target: str) -> None:
    (photo.parent / "bad.jpg").symlink_to(target)
    assert set(await WatchedFolder().within(str(photo.parent))) == {photo.name}


async def test_pipes_and_folders_are_no_photos(photo: Path) -> None:
    os.mkfifo(photo.parent / "pipe.jpg")
    (photo.parent / "folder.jpg").mkdir()
    (photo.parent / "device.jpg").symlink_to("/dev/zero")
    assert set(await WatchedFolder().within(str(photo.parent))) == {photo.name}


async def test_the_home_of_somebody_unknown_is_a_folder_that_is_not_there() -> None:
    with pytest.raises(OSError, match="home"):
        await WatchedFolder().within("~nobody-of-that-name/photos")


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let every look wait until the event is set."""
    answers, looks = threading.Event(), list[str]()

    def files(folder: str) -> dict[str, FileState]:
        looks.append(folder)
        answers.wait()
        return {"photo.jpg": FileState(5, len(looks))}

    monkeypatch.setattr(folders, "_files", files)
    yield answers
    answers.set()


async def test_a_share_that_does_not_answer_is_away_and_is_not_asked_again_until_it_does(
    hanging: threading.Event,
) -> None:
    folder, before = WatchedFolder(limit_seconds=0.02), threading.active_count()
    for _ in range(20):
        with pytest.raises(TimeoutError):
            await folder.within("/share")
    assert threading.active_count() == before + 1
    hanging.set()
    folder = WatchedFolder()
    assert await folder.within("/share") == {"photo.jpg": FileState(5, 2)}
    assert await folder.within("/share") == {"photo.jpg": FileState(5, 3)}


def test_the_program_ends_while_a_share_still_does_not_answer(hanging: threading.Event) -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(WatchedFolder(limit_seconds=0.02).within("/share"))
    waiting = [x for x in threading.enumerate() if x.name == "loopdesk-photo-files"]
    assert [x.daemon for x in waiting] == [True]
    assert not hanging.is_set()
