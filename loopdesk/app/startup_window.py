"""The first thing an operator sees: the painted window, ready to scan."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from PySide6.QtCore import QEventLoop, QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication

from loopdesk.domain.scanner.burst import PREFIX, WedgeRules
from loopdesk.domain.scanner.rhythm import GunPace
from loopdesk.domain.scanner.wedge import Notice
from loopdesk.presenters.bench.ready import ending_screen, ready_screen, starting_screen
from loopdesk.presenters.commands import COMMANDS
from loopdesk.system.settings.model import Settings
from loopdesk.ui.input.focus import show_with_focus
from loopdesk.ui.input.scan_filter import ScanFilter
from loopdesk.ui.language import speak
from loopdesk.ui.main_window import MainWindow
from loopdesk.ui.screen_room import ScreenRoom

PAINT_SECONDS = 2.0
"""A window that starts minimized or covered may never be painted; nothing waits longer for it."""

SIZE = QSize(1280, 800)
"""The size of the window once a person no longer wants it maximized, if the screen has room."""


class StartupWindow:
    """The window and the scan filter, from before the services are loaded until after they have stopped.

    What comes before ``hand_over`` (scans, notices, commands, views, the wish to leave) is queued in order
    and acknowledged in words immediately. What comes after ``end`` is acknowledged but not queued.

    Attributes:
        window: The window.
        scans: The scan filter.
    """

    def __init__(self, app: QApplication, settings: Settings, *, practice: bool) -> None:
        self._room = ScreenRoom(app)
        self.dress(settings)
        speak(app, settings.language)
        self._app = app
        self._practice = practice
        self._is_painted = False
        self._is_over = False
        self._early: list[tuple[str, object]] = []
        self._takers: dict[str, Callable[[Any], None]] = {}
        self.window = MainWindow(
            [(command.id, command.key) for command in COMMANDS if command.key],
            {command.id: command.icon for command in COMMANDS},
        )
        self.window.resize(SIZE.boundedTo(app.primaryScreen().availableSize()))
        # By its size alone, the frame around it would push its lower edge off a screen that it just fits.
        self.window.setWindowState(Qt.WindowState.WindowMaximized)
        self.window.render(ready_screen(practice=practice))
        self.scans = ScanFilter(app, rules_of(settings), begins=False)
        self.scans.scanned.connect(self._scanned)
        self.scans.noticed.connect(self._noticed)
        self.window.command_requested.connect(self._requested)
        self.window.view_missed.connect(self._missed)
        self.window.close_requested.connect(self._left)
        self.window.first_painted.connect(self._begin)

    def dress(self, settings: Settings) -> None:
        """Apply theme and size; a size that the screen has no room for is shown as large as it fits."""
        self._room.dress(settings.theme, settings.scale)

    def paint(self) -> None:
        """Show the window and wait for its first paint; only at startup, before there is an event loop."""
        self._show()
        latest = QTimer(self.window, singleShot=True)
        latest.timeout.connect(self._begin)
        latest.start(round(PAINT_SECONDS * 1000))
        while not self._is_painted:
            self._app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        latest.stop()

    async def painted(self) -> None:
        """Show the window and wait for its first paint."""
        import asyncio

        seen = asyncio.Event()
        self.window.first_painted.connect(seen.set)
        self._show()
        if not self._is_painted:
            with suppress(TimeoutError):
                async with asyncio.timeout(PAINT_SECONDS):
                    await seen.wait()
        self._begin()

    def _show(self) -> None:
        """Show the window with the focus, its keys filtered from the first one on.

        A key that came before the first paint would not be part of its scan otherwise.
        """
        if not self._is_painted:
            self.window.create()
            self._room.follow(self.window)
            self.scans.begin_at(self.window.windowHandle())
        show_with_focus(self.window)

    def _begin(self) -> None:
        """Filter scans in every window: not before the first paint, which filtering every event would
        delay.
        """
        if not self._is_painted:
            self._is_painted = True
            self._room.fill(self.window)
            self.scans.begin()

    def hand_over(
        self,
        *,
        scan: Callable[[str], None],
        notice: Callable[[Notice], None],
        command: Callable[[str], None],
        leave: Callable[[], None],
    ) -> None:
        """Set who receives scans, notices, commands and the wish to leave; queued ones are delivered now."""
        self._takers = {
            "scan": scan,
            "notice": notice,
            "command": command,
            "view": self.window.show_view,
            "leave": lambda _: leave(),
        }
        early, self._early = self._early, []
        for kind, what in early:
            self._takers[kind](what)

    def end(self) -> None:
        """Deliver nothing more: the services stop. The window tells anyone who keeps scanning."""
        self._is_over = True

    def abandon(self) -> None:
        """Take no more scans and close the window: the startup failed."""
        self.scans.remove()
        self.scans.deleteLater()
        self.close()

    def close(self) -> None:
        """Close the window for good; the scan filter was removed before."""
        self._is_painted = True  # or the filter would begin after its end
        self.window.finish()
        self.window.deleteLater()
        self._room.deleteLater()

    def _scanned(self, raw: str) -> None:
        self._take("scan", raw)

    def _noticed(self, notice: Notice) -> None:
        self._take("notice", notice)

    def _requested(self, command: str) -> None:
        self._take("command", command)

    def _missed(self, view: str) -> None:
        """Remember the request for a view that cannot be made yet."""
        if not self._takers:
            self._take("view", view)

    def _left(self) -> None:
        self._take("leave", "")

    def _take(self, kind: str, what: object) -> None:
        if self._is_over:
            self.window.render(ending_screen(practice=self._practice))
        elif self._takers:
            self._takers[kind](what)
        else:
            self._early.append((kind, what))
            self.window.render(starting_screen(practice=self._practice))


def rules_of(settings: Settings, pace: GunPace | None = None) -> WedgeRules:
    """Return what the scanner types around a code, by the settings, and how fast.

    Args:
        pace: What was learned about its speed; None at first.
    """
    scanner = settings.scanner
    gap_ms = pace.gap_ms if pace is not None else scanner.gap_ms
    typical_ms = pace.typical_ms if pace is not None else None
    return WedgeRules(
        prefix=scanner.prefix,
        suffix=scanner.suffix,
        least_length=scanner.least_length,
        gap_seconds=gap_ms / 1000,
        typical_seconds=typical_ms / 1000 if typical_ms is not None else None,
        marks=(PREFIX,),
    )
