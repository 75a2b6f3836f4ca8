"""The window and its dialogs request the keyboard focus: not every X server has a window manager to give
it."""

from __future__ import annotations

from typing import ClassVar

import pytest
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from loopdesk.app import startup_window as front_module
from loopdesk.app.startup_window import StartupWindow
from loopdesk.selfcheck.tour import NotTrue, need_focus
from loopdesk.selfcheck.ui_driver import UiDriver
from loopdesk.system.settings.model import Settings
from loopdesk.ui.input.focus import open_with_focus
from loopdesk.ui.main_window import MainWindow


class Asking(QDialog):
    """A window that records requests for the focus."""

    asked: ClassVar[list[QWidget]] = []

    def activateWindow(self) -> None:  # noqa: N802 - Qt's name
        """Record the request."""
        self.asked.append(self)


def test_the_window_opens_maximized_so_that_its_frame_pushes_nothing_off_the_screen(
    dressed: QApplication,
) -> None:
    front = StartupWindow(dressed, Settings(), practice=False)
    try:
        assert front.window.isMaximized()
        room = dressed.primaryScreen().availableSize()
        assert front.window.width() <= room.width()
        assert front.window.height() <= room.height()
    finally:
        front.abandon()


def test_the_window_asks_for_the_focus_when_it_is_shown(
    dressed: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[QWidget] = []

    def note(window: QWidget) -> None:
        asked.append(window)

    monkeypatch.setattr(MainWindow, "activateWindow", note, raising=False)
    monkeypatch.setattr(front_module, "PAINT_SECONDS", 0.0)
    front = StartupWindow(dressed, Settings(), practice=False)
    try:
        front.paint()
        assert asked == [front.window]
        assert front.window.isVisible()
    finally:
        front.abandon()


def test_a_dialog_takes_the_focus_and_gives_it_back(
    dressed: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Asking, "asked", [])
    window = Asking()
    qtbot.addWidget(window)
    dialog = Asking(QWidget(window))
    open_with_focus(dialog)
    assert Asking.asked == [dialog]
    dialog.reject()
    assert Asking.asked == [dialog, window]


async def test_the_tour_says_at_once_that_keys_do_nothing(dressed: QApplication, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    hand = UiDriver(QWindow)
    with pytest.raises(NotTrue, match="no keyboard focus, so that keys such as 1 and F12 do nothing"):
        await need_focus(hand, window, seconds=0)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    await need_focus(hand, window, seconds=0)
