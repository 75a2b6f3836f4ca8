"""Drives the window like a person: real key events, sent to the window as the system sends them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

LOOK_SECONDS = 0.02
PAUSE_MS = 1000
"""Between two bursts, on the time scale of the keys."""

PENDING_SECONDS = 0.28
"""After a key, until it has acted."""

GUN_SECONDS = 0.05
"""After a code, before the next action."""

DECIDING_KEYS = ("F10", "F12")
"""The keys of undo and confirm."""

_KEYS = {
    "\r": Qt.Key.Key_Return,
    "\t": Qt.Key.Key_Tab,
    "Esc": Qt.Key.Key_Escape,
    "Up": Qt.Key.Key_Up,
    "Down": Qt.Key.Key_Down,
    **{f"F{n}": Qt.Key(Qt.Key.Key_F1 + n - 1) for n in range(1, 13)},
}


class NeverCame(Exception):
    """A condition did not come true in time."""


class UiDriver:
    """Drives one window.

    Every action runs as a callback of the loop and not inside a task, as a real event does: Qt may run other
    callbacks while it delivers one.

    Args:
        target: Returns the window that receives the keys, at the time of each key.
        is_calm: Says whether a person would have seen enough to confirm or undo.
    """

    def __init__(self, target: Callable[[], QWindow], is_calm: Callable[[], bool] = lambda: True) -> None:
        self._target = target
        self._is_calm = is_calm
        self._pressed_ms = 0

    async def do(self, act: Callable[[], None]) -> None:
        """Run one action as a callback of the loop."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def run() -> None:
            try:
                act()
            except Exception as failure:  # noqa: BLE001 - handed to whoever waits
                done.set_exception(failure)
            else:
                done.set_result(None)

        loop.call_soon(run)
        await done

    async def scan(self, code: str, end: str = "\r") -> None:
        """Type a code as a scanner does, with its terminator ("" for none).

        Each key carries the time at which a gun would have pressed it, as the system's own events do: a busy
        machine must not split a code into two bursts.
        """
        await self.do(lambda: self._burst(code + end))
        await asyncio.sleep(GUN_SECONDS)

    async def press(self, *keys: str) -> None:
        """Press keys one after another, as slowly as a person: "1", "F12", "Ctrl+1", "Esc"."""
        for key in keys:
            await asyncio.sleep(0.12)
            if key in DECIDING_KEYS:
                await self.look()
            await self.do(lambda k=key: self._press(k))  # type: ignore[misc]
        await asyncio.sleep(PENDING_SECONDS)

    async def look(self) -> None:
        """Wait as long as a person looks at the screen before confirming or undoing."""
        await self.until("a calm moment", self._is_calm)

    async def click(self, widget: QWidget) -> None:
        """Click the middle of a widget."""
        await self.do(
            lambda: QTest.mouseClick(
                widget,
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
                QPoint(widget.rect().center()),
            )
        )

    async def until(self, what: str, holds: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait for a condition.

        Raises:
            NeverCame: It did not come true in time; ``what`` names it.
        """
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise NeverCame(what)
            await asyncio.sleep(LOOK_SECONDS)

    def _burst(self, characters: str) -> None:
        self._pressed_ms += PAUSE_MS
        for character in characters:
            self._pressed_ms += 1
            self._send(_key(character), _shift(character), character)

    def _press(self, name: str) -> None:
        self._pressed_ms += PAUSE_MS
        modifier, text = Qt.KeyboardModifier.NoModifier, ""
        if len(name) == 1:
            modifier, text = _shift(name), name
        elif name.startswith("Ctrl+"):
            modifier, name = Qt.KeyboardModifier.ControlModifier, name.removeprefix("Ctrl+")
        self._send(_key(name), modifier, text)

    def _send(self, key: Qt.Key, modifier: Qt.KeyboardModifier, text: str) -> None:
        for kind in _KEYSTROKE:
            event = QKeyEvent(kind, key, modifier, text)
            event.setTimestamp(self._pressed_ms)
            if kind == QEvent.Type.ShortcutOverride:
                event.ignore()
            QCoreApplication.sendEvent(self._target(), event)


_KEYSTROKE = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
"""The events that the system sends for one key."""

_SHIFTED = frozenset('!@#$%^&*()_+{}|:"<>?~')


def _shift(character: str) -> Qt.KeyboardModifier:
    """Return the modifier that is held while a character is typed."""
    shifted = character.isupper() or character in _SHIFTED
    return Qt.KeyboardModifier.ShiftModifier if shifted else Qt.KeyboardModifier.NoModifier


def _key(name: str) -> Qt.Key:
    """Return the key of a character or of a name ("F12", "Esc")."""
    return _KEYS.get(name) or Qt.Key(ord(name.upper()))
