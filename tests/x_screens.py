"""Screens of a real X server, with a window manager or without one, and the window that is opened on them.

``python -m tests.x_screens`` opens it on each; it needs Xvfb and openbox, Debian's packages
xvfb and openbox.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QMargins

from loopdesk.ui.screen_room import fitting_scale
from tests.ui.started_window import Started, started

WANTED = ("Xvfb", "openbox")
ROUNDED = QMargins(1, 1, 1, 1)
"""A fractional factor rounds each edge on its own."""


@dataclass(frozen=True, slots=True)
class XScreen:
    """A screen, by how much the computer enlarges, the size that is set, and whether openbox manages it."""

    width: int
    height: int
    factor: float = 1
    scale: int = 100
    is_managed: bool = True

    def __str__(self) -> str:
        manager = "openbox" if self.is_managed else "no window manager"
        return f"{self.width}x{self.height} at {self.factor:g}, size {self.scale} %, {manager}"


SCREENS = (
    XScreen(1280, 800),
    XScreen(1024, 768),
    XScreen(1366, 768, 1.25),
    XScreen(1280, 800, scale=200),
    XScreen(1080, 1920),
    XScreen(3840, 2160, 2),
    XScreen(1920, 1080, is_managed=False),
    XScreen(1080, 1920, is_managed=False),
)


def missing() -> list[str]:
    """Return which of the programs that are needed are not installed."""
    return [name for name in WANTED if shutil.which(name) is None]


@contextmanager
def display(screen: XScreen) -> Iterator[str]:
    """Run an X server with this screen, and its window manager, and yield the display's name."""
    reading, writing = os.pipe()
    size = f"{screen.width}x{screen.height}x24"
    command = ("Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp", "-noreset")
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    manager = None
    try:
        with os.fdopen(reading) as told:
            name = f":{told.readline().strip()}"
        if screen.is_managed:
            environ = {**os.environ, "DISPLAY": name}
            manager = subprocess.Popen(("openbox",), env=environ, stderr=subprocess.DEVNULL)
        yield name
    finally:
        for process in filter(None, (manager, server)):
            process.terminate()
            process.wait()


def opened_on(screen: XScreen) -> Started:
    """Open the window on a screen, and return where it is."""
    with display(screen) as name:
        environ = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": name, "QT_SCALE_FACTOR": str(screen.factor)}
        return started(environ, screen.scale)


def wrong(screen: XScreen, seen: Started) -> list[str]:
    """Return what is wrong with a window on a screen."""
    room, frame, window, strip = (seen.rect(name) for name in ("screen", "frame", "window", "strip"))
    found = []
    if not room.marginsAdded(ROUNDED).contains(frame):
        found.append(f"the frame {seen.frame} leaves the screen {seen.screen}")
    if not frame.marginsAdded(ROUNDED).contains(room):
        found.append(f"the frame {seen.frame} does not fill the screen {seen.screen}")
    if screen.is_managed is (frame.top() == window.top()):
        found.append(f"the title bar is not where the frame is: {seen.frame}, {seen.window}")
    if not window.contains(strip):
        found.append(f"the status strip {seen.strip} is not inside the window {seen.window}")
    if seen.scale != fitting_scale(screen.scale, room.size()):
        found.append(f"everything is shown at {seen.scale} %")
    return found


def main() -> int:
    """Open the window on every screen; 1 if something is wrong, 2 if a program is missing."""
    if lacking := missing():
        sys.stderr.write(f"missing: {', '.join(lacking)}; install the packages xvfb and openbox\n")
        return 2
    is_wrong = False
    for screen in SCREENS:
        found = wrong(screen, opened_on(screen))
        is_wrong = is_wrong or bool(found)
        sys.stdout.write(
            f"{screen}: {'; '.join(found) or 'fills it, with title bar and status strip inside'}\n"
        )
        sys.stdout.flush()
    return int(is_wrong)


if __name__ == "__main__":
    raise SystemExit(main())
