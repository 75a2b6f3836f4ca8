"""The room that a screen has: the scale at which everything fits on it, and the window that fills it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QRect, QSize, Qt
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication, QWidget

from loopdesk.ui.theme import apply_theme

LEAST: Final = QSize(960, 600)
"""The room that everything needs at 100 %, in device-independent pixels."""

TITLE_BAR: Final = 32
"""The height of the screen that a title bar takes, at most: no system says so before the window is shown."""

_X11 = "xcb"


def fitting_scale(wanted: int, room: QSize) -> int:
    """Return the scale to show: as wanted, or the largest with room for everything.

    Args:
        wanted: Percent.
        room: The free area of the screen, in device-independent pixels.

    Returns:
        Percent, at least 100: nothing is smaller than it can be read.
    """
    most = min(100 * room.width() // LEAST.width(), 100 * (room.height() - TITLE_BAR) // LEAST.height())
    return max(100, min(wanted, most))


def is_left_small(geometry: QRect, frame: QRect, room: QRect) -> bool:
    """Say whether nobody maximized a window that asked for it: it has no frame and does not fill the screen.

    An X server without a window manager ignores the request.
    """
    return frame == geometry and geometry != room


class ScreenRoom(QObject):
    """Keeps scale and window within the free area of the screen, also of the next one that it is moved to.

    Args:
        app: The application that is dressed.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._screen: QScreen = app.primaryScreen()
        self._theme, self._scale = "", 100

    def dress(self, theme: str, scale: int) -> None:
        """Apply a theme at a scale in percent, or at the largest that fits."""
        self._theme, self._scale = theme, scale
        apply_theme(self._app, theme, fitting_scale(scale, self._screen.availableSize()))

    def follow(self, window: QWidget) -> None:
        """Watch the screen that a window is on; the window was created before."""
        handle = window.windowHandle()
        handle.screenChanged.connect(self._move)
        self._move(handle.screen())

    def fill(self, window: QWidget) -> None:
        """Let a window that was shown maximized fill the screen where no window manager saw to it."""
        room = self._screen.availableGeometry()
        if (
            self._app.platformName() == _X11
            and window.isMaximized()
            and is_left_small(window.geometry(), window.frameGeometry(), room)
        ):
            window.setGeometry(room)

    def _move(self, screen: QScreen) -> None:
        """Measure another screen from now on."""
        self._screen = screen
        screen.availableGeometryChanged.connect(self._measure, Qt.ConnectionType.UniqueConnection)
        self._measure()

    def _measure(self) -> None:
        """Show the scale that fits now."""
        self.dress(self._theme, self._scale)
