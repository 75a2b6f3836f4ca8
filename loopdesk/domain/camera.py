"""Cameras at the station: which one is meant, in which format it is read, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class CameraState(StrEnum):
    """The state of the station's camera; those behind ``LIVE`` say why no photo can be taken."""

    OFF = "off"
    OPENING = "opening"
    LIVE = "live"
    UNSUPPORTED = "unsupported"  # this copy of the program, or this system, has no part that reads cameras
    NONE = "none"  # no camera is connected
    AWAY = "away"  # the one that is chosen is not connected, or was pulled out
    DENIED = "denied"  # the system lets this program use no camera
    HELD = "held"  # it cannot be opened; mostly another program has it
    SILENT = "silent"  # it is open and sends no picture


class StillFault(StrEnum):
    """Why the newest frame is no photo; the camera stays live."""

    LATE = "late"
    BLACK = "black"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class CameraDevice:
    """A camera of this machine, as the system describes it.

    Attributes:
        key: What the system knows it by; another one after each start.
        name: What people know it by; two cameras of one kind have the same.
    """

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class CameraFormat:
    """A form in which a camera can send its picture: pixels and most frames a second."""

    width: int
    height: int
    rate: float


def chosen(found: Sequence[CameraDevice], wanted: str) -> CameraDevice | None:
    """Return the camera that is meant, None if it is not there.

    Args:
        found: The cameras of this machine, the system's own choice first.
        wanted: The name in the settings; "" for the first that is found.
    """
    if not wanted:
        return found[0] if found else None
    return next((each for each in found if each.name.casefold() == wanted.casefold()), None)


PHOTO_EDGE = 2048
"""A photo is kept at most this wide and high, in pixels: more is read for nothing."""

LEAST_RATE = 10.0
"""With fewer frames a second nobody can aim; cameras send their largest pictures slower than this."""


def best_format(offered: Sequence[CameraFormat]) -> int | None:
    """Choose the format to read a camera in: the largest up to ``PHOTO_EDGE`` that one can aim with.

    Returns:
        Its place among those that are offered; None leaves the choice to the camera.
    """
    places = [place for place, each in enumerate(offered) if each.width > 0 and each.height > 0]
    quick = [place for place in places if offered[place].rate >= LEAST_RATE]
    if not places:
        return None
    return max(quick or places, key=lambda place: _worth(offered[place]))


def _worth(form: CameraFormat) -> tuple[bool, int, float]:
    """Order formats: those up to ``PHOTO_EDGE`` by their size, then the others from the smallest on."""
    fits = max(form.width, form.height) <= PHOTO_EDGE
    size = form.width * form.height
    return fits, size if fits else -size, form.rate


LATE_SECONDS = 2.0
"""A frame that is older shows what was there, not what is."""

DARK = 16
"""Of 255: a picture whose brightest spot is darker than this shows nothing; a covered lens stays below 12."""


def fault_of(age_seconds: float, brightest: int) -> StillFault | None:
    """Say why a frame is no photo; None if it is one.

    Args:
        age_seconds: How long ago it came.
        brightest: The brightest spot of the picture made small, from 0 to 255.
    """
    if age_seconds > LATE_SECONDS:
        return StillFault.LATE
    return StillFault.BLACK if brightest < DARK else None
