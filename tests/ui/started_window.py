"""Opens the window as the program does, and tells where it is: ``python -m tests.ui.started_window [SCALE]``.

A process of its own for each screen: Qt asks for its screens once. What it prints is JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QDeadlineTimer, QPoint, QRect
from PySide6.QtWidgets import QApplication

from loopdesk.app.startup_window import StartupWindow
from loopdesk.system.settings.model import Settings
from loopdesk.ui.app import make_app
from loopdesk.ui.theme import look

Box = Sequence[int]
SETTLED_MS = 3_000
"""Until then a window manager has framed the window."""

STARTED_SECONDS = 60


@dataclass(frozen=True)
class Started:
    """Where the window is, in device-independent pixels: left, top, width, height.

    Attributes:
        screen: The free area of the screen.
        frame: The window with its title bar.
        window: The window without it.
        strip: Its status strip.
        scale: The size of everything, in percent.
    """

    screen: Box
    frame: Box
    window: Box
    strip: Box
    scale: int

    def rect(self, name: str) -> QRect:
        """Return a box by its name."""
        return QRect(*getattr(self, name))


def started(environ: Mapping[str, str], scale: int = 100) -> Started:
    """Open the window in a process of its own.

    Args:
        environ: Says on which screen: Qt's platform, and the factor by which the computer enlarges.
        scale: The size of everything that is set, in percent.
    """
    ran = subprocess.run(
        [sys.executable, "-m", "tests.ui.started_window", str(scale)],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=STARTED_SECONDS,
        check=True,
    )
    told: dict[str, Any] = json.loads(ran.stdout)
    return Started(**told)


def offscreen(folder: Path, width: int, height: int, factor: float = 1) -> dict[str, str]:
    """Return the environment of a screen in memory, with frames but without a window manager of its own."""
    screen = {"name": "bench", "x": 0, "y": 0, "width": width, "height": height}
    file = folder / "screens.json"
    ways = {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    file.write_text(json.dumps({"windowFrameMargins": True, "screens": [{**screen, **ways}]}), "utf-8")
    return {"QT_QPA_PLATFORM": f"offscreen:configfile={file}", "QT_SCALE_FACTOR": str(factor)}


def _box(rect: QRect) -> Box:
    return rect.x(), rect.y(), rect.width(), rect.height()


def _look(app: QApplication, front: StartupWindow) -> Started:
    window = front.window
    strip = QRect(window.strip.mapToGlobal(QPoint()), window.strip.size())
    return Started(
        _box(app.primaryScreen().availableGeometry()),
        _box(window.frameGeometry()),
        _box(window.geometry()),
        _box(strip),
        look().scale,
    )


def main(arguments: list[str]) -> int:
    """Open the window and print where it is, once it no longer changes."""
    app = make_app(["started"])
    front = StartupWindow(app, Settings(scale=int(arguments[0]) if arguments else 100), practice=False)
    front.paint()
    latest = QDeadlineTimer(SETTLED_MS)
    while not latest.hasExpired():
        app.processEvents()
        now = _look(app, front)
        if abs(now.frame[3] - now.screen[3]) <= 1 and now.strip[1] > now.window[1]:
            break
    sys.stdout.write(json.dumps(asdict(_look(app, front))))
    front.abandon()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
