"""The folder of a wired or network camera: each new photo once, of what it was taken of, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from loopdesk.domain.errors import LoopdeskError, RuleBroken
from loopdesk.services.ports.photos import FileState
from loopdesk.services.station.photo_folder import PhotoFolder
from tests.fakes.clock import HandClock

PATH = "/photos of the camera"


class Camera:
    """A folder that a camera writes to, the bench beside it, and whoever keeps the photos."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.path = PATH
        self.contents: dict[str, FileState] = {}
        self.whole: dict[str, str] = {}
        self.refusals: dict[str, str] = {}
        self.subject: str | None = "socks"
        self.attached: list[tuple[str, str]] = []
        self.said: list[str] = []
        self.is_away = False
        self.folder = PhotoFolder[str](self, self, path=lambda: self.path, keep=self.keep, clock=self.clock)

    async def within(self, folder: str) -> Mapping[str, FileState]:
        assert folder == self.path
        if self.is_away:
            raise OSError(5, "gone")
        return dict(self.contents)

    def photo_subject(self) -> str | None:
        return self.subject

    def attach_photo(self, name: str, of: str) -> None:
        self.attached.append((name, of))

    def refuse_photo(self, failure: LoopdeskError) -> None:
        self.said.append(failure.detail)

    async def keep(self, path: str) -> str:
        folder, _, name = path.replace("\\", "/").rpartition("/")
        assert folder == self.path
        if name in self.refusals:
            raise RuleBroken(self.refusals[name])
        if name not in self.whole:
            raise RuleBroken("photo_cut")
        return self.whole[name]

    def write(self, name: str, size: int = 100, *, content: str = "", at: int = 1) -> None:
        """Write a file; it is whole once its content is named."""
        self.contents[name] = FileState(size, at)
        if content:
            self.whole[name] = f"{content}.jpg"

    async def look(self, times: int = 1) -> None:
        for _ in range(times):
            await self.folder.look()
            await self.clock.turn(1.0)


@pytest.fixture
async def camera() -> Camera:
    made = Camera()
    made.write("old.jpg", content="old")
    await made.look()
    return made


async def test_what_was_there_before_is_not_taken(camera: Camera) -> None:
    await camera.look(20)
    assert (camera.attached, camera.said) == ([], [])


async def test_a_new_photo_is_taken_once_when_it_has_stopped_growing(camera: Camera) -> None:
    camera.write("new.jpg", 10)
    await camera.look()
    camera.write("new.jpg", 60)
    await camera.look()
    assert camera.attached == []
    camera.write("new.jpg", 100, content="new")
    await camera.look()
    assert camera.attached == []
    await camera.look(20)
    assert camera.attached == [("new.jpg", "socks")]


async def test_it_is_of_what_was_decided_when_it_appeared_although_the_operator_goes_on(
    camera: Camera,
) -> None:
    camera.write("new.jpg", 10)
    await camera.look()
    camera.subject = "hat"
    camera.write("new.jpg", 100, content="new")
    await camera.look(3)
    assert camera.attached == [("new.jpg", "socks")]


async def test_a_file_that_stalls_half_written_is_waited_for_and_then_said(camera: Camera) -> None:
    camera.write("new.jpg", 10)
    await camera.look(10)
    assert camera.said == []
    await camera.look(20)
    assert camera.said == ["photo_cut"]
    camera.write("new.jpg", 100, content="new", at=9)
    await camera.look(3)
    assert camera.attached == [("new.jpg", "socks")], "it went on after all"


@pytest.mark.parametrize("code", ["photo_heic", "photo_too_large", "photo_pixels"])
async def test_what_can_never_be_a_photo_is_said_at_once_and_once(camera: Camera, code: str) -> None:
    camera.refusals["new.heic"] = code
    camera.write("new.heic")
    await camera.look(20)
    assert (camera.said, camera.attached) == ([code], [])


async def test_a_file_that_is_no_picture_is_said_once(camera: Camera) -> None:
    camera.refusals["notes.txt"] = "no_picture"
    camera.write("notes.txt")
    await camera.look(30)
    assert camera.said == ["no_picture"]


@pytest.mark.parametrize("name", ["Thumbs.db", ".DS_Store", "a.jpg.part", "b.tmp", "~c.jpg", "desktop.ini"])
async def test_what_the_system_leaves_there_is_passed_over(camera: Camera, name: str) -> None:
    camera.write(name, content="x")
    await camera.look(30)
    assert (camera.attached, camera.said) == ([], [])


async def test_a_file_that_gets_its_name_when_it_is_whole_is_taken_under_that(camera: Camera) -> None:
    camera.write("new.jpg.part", 100)
    await camera.look(3)
    del camera.contents["new.jpg.part"]
    camera.write("new.jpg", 100, content="new")  # a new name changes neither its size nor its time
    await camera.look(3)
    assert camera.attached == [("new.jpg", "socks")]


async def test_a_folder_that_looks_empty_for_a_while_brings_no_old_photo_back(
    camera: Camera,
) -> None:
    """As a mount point does while nothing is mounted there: listing it succeeds."""
    camera.write("new.jpg", content="new")
    await camera.look(3)
    shown, camera.contents = camera.contents, {}
    await camera.look(2)
    camera.contents = shown
    await camera.look(3)
    assert camera.attached == [("new.jpg", "socks")]
    camera.write("next.jpg", content="next", at=3)
    await camera.look(3)
    assert camera.attached == [("new.jpg", "socks"), ("next.jpg", "socks")]


async def test_the_same_photo_under_two_names_counts_once(camera: Camera) -> None:
    camera.write("new.jpg", content="new")
    await camera.look(3)
    camera.write("copy.jpg", content="new", at=5)
    await camera.look(3)
    assert (camera.attached, camera.said) == ([("new.jpg", "socks")], ["photo_twice"])


async def test_an_old_photo_that_is_renamed_is_no_new_one(camera: Camera) -> None:
    camera.contents["older.jpg"] = camera.contents.pop("old.jpg")
    camera.whole["older.jpg"] = "old.jpg"
    await camera.look(5)
    assert (camera.attached, camera.said) == ([], [])


async def test_a_camera_that_writes_the_same_name_again_takes_another_photo(camera: Camera) -> None:
    camera.write("old.jpg", 120, content="second", at=7)
    await camera.look(3)
    assert camera.attached == [("second.jpg", "socks")]


async def test_several_photos_come_in_the_order_in_which_they_were_taken(camera: Camera) -> None:
    camera.write("b.jpg", content="first", at=5)
    camera.write("a.jpg", content="second", at=6)
    await camera.look(3)
    assert [name for name, _ in camera.attached] == ["first.jpg", "second.jpg"]


async def test_without_anything_that_it_could_be_of_it_is_said_and_left_there(camera: Camera) -> None:
    camera.subject = None
    camera.write("new.jpg", content="new")
    await camera.look(20)
    assert (camera.said, camera.attached) == (["photo_of_nothing"], [])


@pytest.mark.expects_log("photo_folder_away")
async def test_a_folder_that_goes_away_is_said_once_and_what_came_meanwhile_is_not_attached(
    camera: Camera,
) -> None:
    camera.is_away = True
    await camera.look(5)
    assert camera.said == ["folder_away"]
    camera.write("meanwhile.jpg", content="meanwhile")
    camera.is_away = False
    await camera.look(5)
    assert (camera.said, camera.attached) == (["folder_away", "folder_back"], [])
    camera.write("new.jpg", content="new")
    await camera.look(3)
    assert camera.attached == [("new.jpg", "socks")]


async def test_another_folder_in_the_settings_begins_with_what_lies_in_it(camera: Camera) -> None:
    camera.path = "/elsewhere"
    camera.contents = {"there.jpg": FileState(5, 5)}
    camera.whole["there.jpg"] = "there.jpg"
    await camera.look(5)
    camera.path = ""
    await camera.look(5)
    assert (camera.attached, camera.said) == ([], [])


async def test_it_looks_by_itself_until_it_is_canceled(camera: Camera) -> None:
    running = asyncio.create_task(camera.folder.run())
    camera.write("new.jpg", content="new")
    await camera.clock.turn(4.0)
    assert camera.attached == [("new.jpg", "socks")]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
