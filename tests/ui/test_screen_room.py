"""The window fills the free area of its screen, whichever that is, at a size that fits there."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMargins, QRect, QSize
from PySide6.QtWidgets import QApplication

from loopdesk.ui.screen_room import ScreenRoom, fitting_scale, is_left_small
from loopdesk.ui.theme import look
from tests.ui.started_window import offscreen, started

SCREEN = QRect(0, 0, 1920, 1080)
ROUNDED = QMargins(1, 1, 1, 1)
"""A fractional factor rounds each edge on its own."""


@pytest.mark.parametrize(
    ("room", "wanted", "shown"),
    [
        ((1920, 1080), 150, 150),
        ((1920, 1080), 200, 174),
        ((3840, 2160), 200, 200),
        ((1280, 800), 150, 128),
        ((1024, 768), 200, 106),
        ((1092, 614), 125, 100),
        ((1080, 1920), 200, 112),
        ((960, 632), 101, 100),
        ((800, 480), 150, 100),
    ],
)
def test_a_size_that_the_screen_has_no_room_for_is_reduced_to_the_largest_that_fits(
    room: tuple[int, int], wanted: int, shown: int
) -> None:
    assert fitting_scale(wanted, QSize(*room)) == shown


def test_a_window_that_nobody_maximized_is_told_from_one_that_a_window_manager_placed() -> None:
    small, title = QRect(0, 0, 1280, 800), QMargins(0, 24, 0, 0)
    assert is_left_small(small, small, SCREEN)
    assert not is_left_small(SCREEN, SCREEN, SCREEN)
    assert not is_left_small(SCREEN.marginsRemoved(title), SCREEN, SCREEN)
    assert not is_left_small(small, small.marginsAdded(title), SCREEN), "framed: it was moved on purpose"


def test_the_theme_is_applied_at_the_size_that_fits(dressed: QApplication) -> None:
    room = ScreenRoom(dressed)
    size = dressed.primaryScreen().availableSize()
    room.dress("dark", 200)
    assert (look().name, look().scale) == ("dark", fitting_scale(200, size))
    assert look().scale < 200, "the screen in memory is small"
    room.deleteLater()


@pytest.mark.parametrize(
    ("width", "height", "factor"),
    [(1280, 800, 1), (1024, 768, 1), (1366, 768, 1.25), (1920, 1080, 1), (3840, 2160, 2), (1080, 1920, 1)],
)
def test_the_first_window_fills_the_screen_with_title_bar_and_status_strip_inside(
    width: int, height: int, factor: float, tmp_path: Path
) -> None:
    seen = started(offscreen(tmp_path, width, height, factor), 150)
    screen, frame, window, strip = (seen.rect(name) for name in ("screen", "frame", "window", "strip"))
    assert screen.size() == QSize(round(width / factor), round(height / factor))
    assert screen.marginsAdded(ROUNDED).contains(frame)
    assert frame.marginsAdded(ROUNDED).contains(screen)
    assert frame.top() < window.top(), "the title bar is above the window"
    assert window.contains(strip)
    assert seen.scale == fitting_scale(150, screen.size())
