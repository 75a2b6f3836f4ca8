"""The folder of small pictures: whole files only, private, and never the disk's last room."""

from __future__ import annotations

import errno
import shutil
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from loopdesk.domain.errors import DiskFull, StoreError
from loopdesk.system import pictures
from loopdesk.system.pictures import PictureFolder, addresses_of

KEY = "0123456789abcdef0123456789abcdef"


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_half_written_pictures_are_removed_and_foreign_files_left_alone(tmp_path: Path) -> None:
    folder = PictureFolder(tmp_path)
    await folder.put(KEY, b"whole")
    for name in (f"{KEY}.part", "notes.txt", "x.jpg"):
        (tmp_path / name).write_bytes(b"?")
    assert list(await folder.kept()) == [KEY]
    assert _names(tmp_path) == [f"{KEY}.jpg", "notes.txt", "x.jpg"]


@pytest.mark.fault(180)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
async def test_a_picture_that_the_disk_cuts_off_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    folder = PictureFolder(tmp_path)
    await folder.put(KEY, b"before")

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(DiskFull if number == errno.ENOSPC else StoreError):
        await folder.put(KEY, b"after")
    assert _names(tmp_path) == [f"{KEY}.jpg"]
    assert await folder.get(KEY) == b"before"


@pytest.mark.fault(180)
async def test_the_stores_last_room_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = pictures.LEAST_FREE - 1

    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage)
    with pytest.raises(DiskFull):
        await PictureFolder(tmp_path / "pictures").put(KEY, b"x")
    Usage.free = pictures.LEAST_FREE
    await PictureFolder(tmp_path / "pictures").put(KEY, b"x")


async def test_a_folder_that_cannot_be_read_has_no_pictures(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")
    folder = PictureFolder(tmp_path / "file")
    assert not await folder.kept()
    assert await folder.get(KEY) == b""
    await folder.remove([KEY])
    with pytest.raises(StoreError):
        await folder.put(KEY, b"x")


if sys.platform != "win32":

    async def test_nobody_else_can_see_the_pictures(tmp_path: Path) -> None:
        await PictureFolder(tmp_path / "pictures").put(KEY, b"x")
        assert (tmp_path / "pictures").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "pictures" / f"{KEY}.jpg").stat().st_mode & 0o777 == 0o600

    async def test_a_link_in_the_folder_is_not_followed_when_written(tmp_path: Path) -> None:
        folder, elsewhere = tmp_path / "pictures", tmp_path / "elsewhere"
        folder.mkdir()
        elsewhere.write_bytes(b"precious")
        (folder / f"{KEY}.jpg").symlink_to(elsewhere)
        await PictureFolder(folder).put(KEY, b"x")
        assert elsewhere.read_bytes() == b"precious"


async def test_names_are_looked_up_in_a_thread_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str]] = []

    def look_up(host: str, port: int, **_: object) -> list[Any]:
        seen.append((host, threading.current_thread().name))
        v6 = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2606:4700::1", port, 0, 0))
        return [v6, (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("23.227.38.33", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert await addresses_of("cdn.example") == [("2606:4700::1", 443), ("23.227.38.33", 443)]
    assert seen == [("cdn.example", "loopdesk-names")]
