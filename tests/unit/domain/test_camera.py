"""Which camera is meant, in which format it is read, and when a frame is no photo."""

from __future__ import annotations

import pytest

from loopdesk.domain.camera import (
    CameraDevice,
    CameraFormat,
    StillFault,
    best_format,
    chosen,
    fault_of,
)

FRONT, TOP, TWIN = CameraDevice("1", "Front"), CameraDevice("2", "Top"), CameraDevice("3", "Top")


@pytest.mark.parametrize(
    ("found", "wanted", "meant"),
    [
        ((), "", None),
        ((), "Top", None),
        ((FRONT, TOP), "", FRONT),
        ((FRONT, TOP), "top", TOP),
        ((FRONT, TOP, TWIN), "Top", TOP),
        ((FRONT,), "Top", None),
    ],
)
def test_the_camera_of_that_name_is_meant_or_the_first(
    found: tuple[CameraDevice, ...], wanted: str, meant: CameraDevice | None
) -> None:
    assert chosen(found, wanted) == meant


@pytest.mark.parametrize(
    ("offered", "best"),
    [
        ((), None),
        (((0, 0, 30.0),), None),
        (((640, 480, 30.0), (1920, 1080, 30.0), (1280, 720, 30.0)), 1),
        (((640, 480, 30.0), (1920, 1080, 5.0)), 0),  # uncompressed over USB 2
        (((640, 480, 5.0), (1920, 1080, 5.0)), 1),
        (((1920, 1080, 30.0), (3840, 2160, 30.0)), 0),
        (((4000, 3000, 30.0), (3840, 2160, 30.0)), 1),
        (((1920, 1080, 30.0), (1920, 1080, 60.0)), 1),
        (((1920, 1440, 30.0), (1920, 1080, 30.0)), 0),
    ],
)
def test_the_largest_format_that_is_kept_whole_and_can_be_aimed_with_is_read(
    offered: tuple[tuple[int, int, float], ...], best: int | None
) -> None:
    assert best_format([CameraFormat(*each) for each in offered]) == best


@pytest.mark.parametrize(
    ("age", "brightest", "fault"),
    [
        (0.03, 200, None),
        (1.9, 16, None),
        (2.1, 200, StillFault.LATE),
        (0.03, 11, StillFault.BLACK),
        (9.0, 0, StillFault.LATE),
    ],
)
def test_an_old_frame_and_a_black_one_are_no_photos(
    age: float, brightest: int, fault: StillFault | None
) -> None:
    assert fault_of(age, brightest) is fault
