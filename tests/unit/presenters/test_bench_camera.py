"""Photos by the camera at the bench: one input with a live picture, a sentence for whatever goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from loopdesk.domain.camera import CameraState, StillFault
from loopdesk.domain.returns.photos import photos_of
from loopdesk.presenters.screens.returns import LiveScreen, QuestionKind
from loopdesk.presenters.screens.window import BenchScreen, Signal
from loopdesk.services.station.camera import REST_SECONDS
from tests.bench_rig import BenchRig
from tests.builders import a_line, a_parcel, a_return
from tests.fakes.camera import PaintingCamera

UPS = "1Z999AA10123456784"
RETURN_ID, SOCKS, HAT = "91000123", "30000001", "30000002"
RETURN = a_return(
    RETURN_ID,
    parcels=(a_parcel(UPS),),
    lines=(
        a_line(SOCKS, title="Trail Socks", variant_title=""),
        a_line(HAT, title="Hat", variant_title=""),
    ),
)


@pytest.fixture
async def rig() -> AsyncIterator[BenchRig]:
    made = BenchRig(RETURN)
    made.camera.is_chosen = True
    yield await made.open()
    await made.close()


async def photos(rig: BenchRig, line_id: str) -> tuple[str, ...]:
    """Return the photos of a line as they are on disk."""
    draft = await rig.store.drafts.get(RETURN_ID)
    assert draft is not None
    return photos_of(draft, line_id)


async def live(rig: BenchRig) -> PaintingCamera:
    """Open the return, decide its first line, and make the camera live."""
    await rig.scan(UPS)
    await rig.press("grade_d", "photo")
    camera = rig.cameras.opened[-1]
    camera.see()
    await rig.clock.settle()
    return camera


def is_lit(rig: BenchRig) -> bool:
    """Whether the light is on."""
    return rig.screen.live is not None


def band(screen: BenchScreen) -> tuple[Signal, str, str]:
    """Return what is read first of the band."""
    return screen.band.signal, screen.band.word, screen.band.sentence


async def test_the_first_press_makes_the_picture_live_and_shows_a_light(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_d")
    assert not is_lit(rig)
    await rig.press("photo")
    assert rig.screen.live == LiveScreen("Camera on", "F8 takes the photo")
    waits = "It starts. F8 takes the photo once its picture is there."
    assert band(rig.screen) == (Signal.WAITING, "Camera", waits)
    rig.cameras.opened[-1].see()
    await rig.clock.settle()
    assert band(rig.screen) == (Signal.ASKED, "Camera", "Aim, then press F8 again: that takes the photo.")
    assert await photos(rig, SOCKS) == ()


async def test_with_a_live_picture_one_press_takes_a_photo_of_the_line_decided_last(rig: BenchRig) -> None:
    camera = await live(rig)
    await rig.press("photo")
    assert await photos(rig, SOCKS) == ("frame 1.jpg",)
    assert band(rig.screen)[1:] == ("Photo", "Trail Socks: one photo is kept.")
    camera.see()
    await rig.press("photo")
    assert await photos(rig, SOCKS) == ("frame 1.jpg", "frame 2.jpg")
    await rig.press("grade_c", "photo")
    assert await photos(rig, HAT) == ("frame 2.jpg",)


async def test_its_printed_code_takes_a_photo_like_its_key(rig: BenchRig) -> None:
    await live(rig)
    await rig.scan("LDCMDPHOTO")
    assert await photos(rig, SOCKS) == ("frame 1.jpg",)


async def test_nothing_is_opened_before_a_line_is_decided(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("photo")
    assert band(rig.screen)[::2] == (Signal.BLOCKED, "Grade the line first.")
    assert rig.cameras.opened == []


async def test_a_press_while_it_starts_is_answered_and_opens_nothing_else(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_d", "photo")
    serial = rig.screen.band.serial
    await rig.press("photo")
    assert rig.screen.band.serial == serial + 1
    assert len(rig.cameras.opened) == 1


async def test_what_was_decided_while_it_started_stays_in_the_band(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_d", "photo", "grade_c")
    said = band(rig.screen)
    rig.cameras.opened[-1].see()
    await rig.clock.settle()
    assert band(rig.screen) == said
    assert is_lit(rig)


async def test_the_picture_is_large_while_somebody_aims_and_gives_way_to_the_next_item(rig: BenchRig) -> None:
    def is_large() -> bool:
        return rig.screen.live is not None and rig.screen.live.is_large

    camera = await live(rig)
    assert is_large()
    await rig.press("photo")
    assert is_large()
    await rig.press("grade_c")
    assert (is_lit(rig), is_large()) == (True, False)
    camera.see()
    await rig.press("photo")
    assert is_large()
    assert await photos(rig, HAT) == ("frame 2.jpg",)


async def test_a_photo_that_is_kept_stays_said_when_the_camera_rests(rig: BenchRig) -> None:
    camera = await live(rig)
    await rig.press("photo")
    for _ in range(int(REST_SECONDS) + 1):
        camera.see()
        await rig.clock.turn(1)
    assert not is_lit(rig)
    assert band(rig.screen)[2] == "Trail Socks: one photo is kept."


async def test_a_minute_without_a_photo_puts_the_light_out(rig: BenchRig) -> None:
    camera = await live(rig)
    for _ in range(int(REST_SECONDS) + 1):
        camera.see()
        await rig.clock.turn(1)
    assert not is_lit(rig)
    assert band(rig.screen)[2] == "The camera is off. F8 turns it on again."
    await rig.press("photo")
    assert is_lit(rig)


@pytest.mark.fault(190)
@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (CameraState.DENIED, "The system lets this program use no camera."),
        (CameraState.HELD, "The camera cannot be opened."),
    ],
)
async def test_a_camera_that_cannot_be_opened_is_said_and_holds_nobody_up(
    rig: BenchRig, state: CameraState, sentence: str
) -> None:
    rig.cameras.refuses = state
    await rig.scan(UPS)
    await rig.press("grade_d", "photo")
    assert band(rig.screen) == (Signal.BLOCKED, "Camera", sentence)
    assert rig.screen.band.detail
    assert not is_lit(rig)
    await rig.press("grade_c", "confirm")
    assert rig.screen.band.signal is Signal.KEPT


@pytest.mark.fault(190)
async def test_a_machine_without_a_camera_says_so_and_takes_one_that_is_plugged_in(rig: BenchRig) -> None:
    device = rig.cameras.found.pop()
    await rig.scan(UPS)
    await rig.press("grade_d", "photo")
    assert band(rig.screen) == (Signal.BLOCKED, "Camera", "No camera is connected.")
    rig.cameras.found.append(device)
    await rig.press("photo")
    rig.cameras.opened[-1].see()
    await rig.press("photo")
    assert await photos(rig, SOCKS) == ("frame 1.jpg",)


@pytest.mark.fault(190)
async def test_a_camera_that_is_pulled_out_is_said_and_what_was_kept_stays(rig: BenchRig) -> None:
    camera = await live(rig)
    await rig.press("photo")
    camera.fail(CameraState.AWAY)
    await rig.clock.settle()
    assert band(rig.screen) == (Signal.BLOCKED, "Camera", "The camera is not connected.")
    assert not is_lit(rig)
    assert await photos(rig, SOCKS) == ("frame 1.jpg",)


@pytest.mark.fault(190)
@pytest.mark.parametrize("fault", StillFault)
async def test_a_frame_that_is_no_photo_is_refused_in_words_and_the_picture_stays_live(
    rig: BenchRig, fault: StillFault
) -> None:
    camera = await live(rig)
    camera.fault = fault
    await rig.press("photo")
    assert rig.screen.band.signal is Signal.BLOCKED
    assert rig.screen.band.sentence.endswith("no photo was taken.")
    assert is_lit(rig)
    assert await photos(rig, SOCKS) == ()


@pytest.mark.fault(192)
async def test_where_no_camera_can_be_read_that_is_said_once_and_files_are_asked_for(rig: BenchRig) -> None:
    rig.cameras.refuses = CameraState.UNSUPPORTED
    await rig.scan(UPS)
    await rig.press("grade_d", "photo")
    assert band(rig.screen) == (Signal.BLOCKED, "Camera", "Cameras cannot be read at this computer.")
    await rig.press("photo")
    assert rig.screen.prompt is not None
    assert rig.screen.prompt.kind is QuestionKind.PHOTO


async def test_where_photos_come_from_files_the_camera_is_left_alone(rig: BenchRig) -> None:
    rig.camera.is_chosen = False
    await rig.scan(UPS)
    await rig.press("grade_d", "photo")
    assert rig.screen.prompt is not None
    assert rig.cameras.opened == []


async def test_a_mystery_parcel_is_photographed_by_the_same_press(rig: BenchRig) -> None:
    await rig.press("mystery", "photo")
    rig.cameras.opened[-1].see()
    await rig.clock.settle()
    assert is_lit(rig)
    await rig.press("photo")
    assert rig.screen.prompt is not None
    assert rig.screen.prompt.kind is QuestionKind.MYSTERY
    await rig.press("confirm")
    (mystery,) = await rig.store.mysteries.all()
    assert mystery.photo == "frame 1.jpg"


async def test_a_photo_is_taken_again_in_its_own_place(rig: BenchRig) -> None:
    camera = await live(rig)
    await rig.press("photo")
    camera.see()
    await rig.press("photos", "photo")
    assert await photos(rig, SOCKS) == ("frame 2.jpg",)
    assert rig.screen.prompt is None
