"""The station's camera: what makes it live, what it says when it cannot be, and what puts it out."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from loopdesk.domain.camera import CameraDevice, CameraState, StillFault
from loopdesk.domain.errors import CameraUnusable
from loopdesk.services.station.camera import REST_SECONDS, SILENT_SECONDS, LiveCamera
from loopdesk.services.station.events import CameraChanged, Feed, StationChanged
from loopdesk.services.station.tasks import Tasks
from tests.fakes.camera import DESK, OVERHEAD, PaintingCamera, PaintingCameras
from tests.fakes.clock import HandClock


class Desk:
    """A camera at a station, and what was told of it."""

    def __init__(self) -> None:
        self.faults: list[BaseException] = []
        self.clock = HandClock()
        self.tasks = Tasks(self._fault)
        self.feed = Feed(self._fault)
        self.cameras = PaintingCameras(DESK, OVERHEAD)
        self.wanted = ""
        self.told: list[CameraChanged] = []
        self.feed.on(CameraChanged, self.told.append)
        self.live = LiveCamera(
            self.cameras, clock=self.clock, tasks=self.tasks, feed=self.feed, wanted=lambda: self.wanted
        )

    def _fault(self, _name: str, failure: BaseException) -> None:
        self.faults.append(failure)

    @property
    def camera(self) -> PaintingCamera:
        """The one that was opened last."""
        return self.cameras.opened[-1]

    @property
    def states(self) -> list[CameraState]:
        """The states that were told, in order."""
        return [event.state for event in self.told]

    async def go_live(self) -> PaintingCamera:
        """Open the camera, and let it send its first frame."""
        self.live.open()
        await self.clock.settle()
        self.camera.see()
        await self.clock.settle()
        assert self.live.state is CameraState.LIVE
        return self.camera


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    yield made
    await made.tasks.aclose()
    assert all(camera.is_closed for camera in made.cameras.opened)
    assert made.faults == []


async def test_nothing_is_opened_before_a_photo_is_wanted(desk: Desk) -> None:
    await desk.clock.turn(600)
    assert (desk.cameras.opened, desk.live.state) == ([], CameraState.OFF)


async def test_it_is_live_with_its_first_frame_and_each_frame_is_painted(desk: Desk) -> None:
    desk.live.open()
    await desk.clock.settle()
    assert desk.live.state is CameraState.OPENING
    for _ in range(3):
        desk.camera.see()
        await desk.clock.settle()
    assert desk.states == [CameraState.OPENING, CameraState.LIVE]
    assert desk.camera.painted == 3
    assert desk.camera.device == DESK


async def test_a_still_is_what_the_camera_sees_now(desk: Desk) -> None:
    camera = await desk.go_live()
    camera.see()
    assert await desk.live.still() == b"frame 2"


async def test_the_camera_that_the_settings_name_is_opened(desk: Desk) -> None:
    desk.wanted = "overhead CAMERA"
    assert (await desk.go_live()).device == OVERHEAD


@pytest.mark.fault(191)
async def test_a_minute_without_a_photo_puts_it_out_and_a_photo_prolongs_it(desk: Desk) -> None:
    camera = await desk.go_live()

    async def watch(seconds: int) -> None:
        for _ in range(seconds):
            camera.see()
            await desk.clock.turn(1)

    await watch(int(REST_SECONDS) - 5)
    await desk.live.still()
    await watch(int(REST_SECONDS) - 5)
    assert [camera.is_closed] == [False]
    await watch(6)
    assert camera.is_closed
    assert desk.states[-1] is CameraState.OFF
    assert desk.told[-1].failure is None
    assert desk.tasks.names == ()


@pytest.mark.fault(190)
@pytest.mark.parametrize(
    ("found", "wanted", "state"),
    [
        ((), "", CameraState.NONE),
        ((), "Desk camera", CameraState.NONE),
        ((OVERHEAD,), "Desk camera", CameraState.AWAY),
    ],
)
async def test_a_camera_that_is_not_there_is_said(
    desk: Desk, found: tuple[CameraDevice, ...], wanted: str, state: CameraState
) -> None:
    desk.cameras.found, desk.wanted = list(found), wanted
    desk.live.open()
    await desk.clock.settle()
    assert desk.told[-1].state is state
    assert desk.told[-1].failure is not None
    assert desk.tasks.names == ()


@pytest.mark.fault(190)
@pytest.mark.parametrize("state", [CameraState.UNSUPPORTED, CameraState.DENIED, CameraState.HELD])
async def test_a_camera_that_may_not_be_used_is_said_and_tried_again_by_the_next_press(
    desk: Desk, state: CameraState
) -> None:
    desk.cameras.refuses = state
    desk.live.open()
    await desk.clock.settle()
    assert desk.states == [CameraState.OPENING, state]
    assert str(desk.told[-1].failure) == str(CameraUnusable(why=state))
    with pytest.raises(CameraUnusable):
        await desk.live.still()
    desk.cameras.refuses = None
    await desk.go_live()


@pytest.mark.fault(190)
async def test_a_camera_that_sends_no_frame_is_given_up(desk: Desk) -> None:
    desk.live.open()
    await desk.clock.turn(SILENT_SECONDS + 1)
    assert desk.states[-1] is CameraState.SILENT
    assert desk.camera.is_closed


@pytest.mark.fault(190)
async def test_a_camera_whose_frames_cease_is_given_up(desk: Desk) -> None:
    camera = await desk.go_live()
    await desk.clock.turn(SILENT_SECONDS + 1)
    assert (desk.states[-1], camera.is_closed) == (CameraState.SILENT, True)


@pytest.mark.fault(190)
async def test_a_camera_that_is_pulled_out_while_live_is_said_at_once(desk: Desk) -> None:
    camera = await desk.go_live()
    camera.fail(CameraState.AWAY)
    await desk.clock.settle()
    assert (desk.states[-1], camera.is_closed) == (CameraState.AWAY, True)
    await desk.go_live()


@pytest.mark.parametrize("fault", StillFault)
async def test_a_frame_that_is_no_photo_leaves_the_camera_live(desk: Desk, fault: StillFault) -> None:
    camera = await desk.go_live()
    camera.fault = fault
    with pytest.raises(CameraUnusable) as refused:
        await desk.live.still()
    assert refused.value.why == fault
    assert desk.live.state is CameraState.LIVE


@pytest.mark.fault(191)
async def test_closing_puts_it_out_in_the_same_turn_of_the_loop(desk: Desk) -> None:
    camera = await desk.go_live()
    desk.live.close()
    assert (camera.is_closed, desk.live.state) == (True, CameraState.OFF)
    desk.live.close()
    await desk.clock.settle()
    assert desk.tasks.names == ()
    with pytest.raises(CameraUnusable):
        await desk.live.still()


async def test_what_is_opened_again_at_once_is_not_closed_by_what_ends_before_it(desk: Desk) -> None:
    first = await desk.go_live()
    desk.live.close()
    second = await desk.go_live()
    assert first is not second
    assert (first.is_closed, second.is_closed) == (True, False)


async def test_closing_before_it_has_begun_leaves_nothing_open(desk: Desk) -> None:
    desk.live.open()
    desk.live.close()
    await desk.clock.turn(SILENT_SECONDS + 1)
    assert (desk.cameras.opened, desk.live.state, desk.tasks.names) == ([], CameraState.OFF, ())


async def test_another_camera_in_the_settings_closes_the_one_that_is_live(desk: Desk) -> None:
    camera = await desk.go_live()
    desk.feed.tell(StationChanged())
    assert [camera.is_closed] == [False]
    desk.wanted = "Overhead camera"
    desk.feed.tell(StationChanged())
    assert camera.is_closed
    assert (await desk.go_live()).device == OVERHEAD


async def test_opening_what_is_live_opens_nothing_else_and_lets_it_rest_later(desk: Desk) -> None:
    camera = await desk.go_live()
    for _ in range(3):
        for _ in range(40):
            camera.see()
            await desk.clock.turn(1)
        desk.live.open()
    assert desk.cameras.opened == [camera]
    assert not camera.is_closed
