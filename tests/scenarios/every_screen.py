"""Every place of the program in every theme, size, scale and language: what is looked at, and how.

``test_25_every_screen`` takes a choice of it, ``make screens`` all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget

from loopdesk.ui.screen_room import TITLE_BAR, fitting_scale
from loopdesk.ui.theme import THEMES, apply_theme
from tests.ui.measured import faults, laid_out

LANGUAGES = ("en", "de", "pseudo")
SCALES = (100, 150, 200)
"""What is set, in percent; a screen that has no room for it shows the largest that fits."""


@dataclass(frozen=True, slots=True)
class ScreenSize:
    """A screen: its pixels, and by how much the computer enlarges everything, in percent."""

    name: str
    width: int
    height: int
    enlarged: int = 100

    @property
    def free(self) -> QSize:
        """Its area in device-independent pixels."""
        return QSize(self.width * 100 // self.enlarged, self.height * 100 // self.enlarged)


SIZES = (
    ScreenSize("1024x768", 1024, 768),
    ScreenSize("1280x800", 1280, 800),
    ScreenSize("1366x768 at 125 %", 1366, 768, 125),
    ScreenSize("1920x1080", 1920, 1080),
    ScreenSize("4K", 3840, 2160),
    ScreenSize("1080x1920", 1080, 1920),
)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to show everything."""

    theme: str
    size: ScreenSize
    scale: int

    @property
    def shown_scale(self) -> int:
        """The scale that the screen has room for."""
        return fitting_scale(self.scale, self.size.free)

    @property
    def name(self) -> str:
        """What it is called in files and messages."""
        return f"{self.theme}, {self.size.name}, {self.shown_scale} %"


def ways() -> Iterator[Way]:
    """Yield every way, without those that look the same; the theme and the scale, which cost most, change
    least often.
    """
    seen = set()
    every = [Way(theme, size, scale) for theme, size, scale in product(THEMES, SIZES, SCALES)]
    for way in sorted(every, key=lambda way: (THEMES.index(way.theme), way.shown_scale)):
        if way.name not in seen:
            seen.add(way.name)
            yield way


def looked_at(window: QWidget, way: Way, *, may_elide: bool = False) -> list[str]:
    """Show a window in a way, and return what is wrong with it.

    Args:
        may_elide: Its data is too long for any screen.
    """
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, way.theme, way.shown_scale)
    laid_out(window, way.size.free.width(), way.size.free.height() - TITLE_BAR)
    return faults(window, may_elide=may_elide)
