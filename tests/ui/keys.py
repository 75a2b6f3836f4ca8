"""Keys as a scanner and as a person press them, for tests of anything that has a window.

Every key is sent to a *window* (not to a widget), with the time stamp it would have on a dock, so that
the scan filter, shortcuts, focus and default buttons see what they would see there. No real time
passes: ``type_text`` at 70 ms a key returns at once, and what the filter still holds at the end is
decided as if the person had paused.

    scan(window, "1Z999AA10123456784")            # burst, then Enter
    scan(window, "1164", terminator="")           # no terminator: ended by the pause after it
    scan(window, "0104...\\x1d21...", gap_ms=12)    # GS is sent as Ctrl+]
    type_text(window, "1164\\n")                   # a person; "\\n" is Enter, "\\t" is Tab
    press_key(window, "F12")                      # one key by its name: "Ctrl+1", "Esc", "Down"

``window`` is a widget or a ``QWindow``. Like the system, the keys go to an open pop-up (menu, combo
box) or to the modal dialog instead, when there is one. ``scan_through_qt`` takes Qt's own way in, at the
speed of the machine; only tests of the filter itself need it.

Inside a running asyncio loop pending Qt events are left to the loop: wait for what you expect.
"""

from __future__ import annotations

import asyncio
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from loopdesk.ui.input.scan_filter import ScanFilter

PAUSE_MS = 1000
"""How long everyone pauses between two calls."""

_SHIFTED = frozenset('ABCDEFGHIJKLMNOPQRSTUVWXYZ!@#$%^&*()_+{}|:"<>?~')
_NONE = Qt.KeyboardModifier.NoModifier
_at_ms = 1_000_000


def scan(window: QWidget | QWindow, text: str, terminator: str = "\r", gap_ms: int = 0) -> None:
    """Send a code as a scanner does.

    Args:
        window: Where the keys go.
        text: The code; control characters are sent as Ctrl chords.
        terminator: Keys after the code: "\\r" Enter, "\\t" Tab, "\\r\\n" both Enters, "" nothing.
        gap_ms: Milliseconds between two keys.
    """
    _decide()
    _pause(PAUSE_MS)
    for sign in text + terminator:
        send_key(window, *stroke(sign))
        _pause(gap_ms)
    _pause(PAUSE_MS)
    _decide()


def type_text(window: QWidget | QWindow, text: str, gap_ms: int = 70) -> None:
    """Type as a person does, key by key; see ``scan`` for the arguments."""
    _decide()
    _pause(PAUSE_MS)
    for sign in text:
        send_key(window, *stroke(sign))
        _pause(gap_ms)
    _pause(PAUSE_MS)
    _decide()


def press_key(window: QWidget | QWindow, name: str) -> None:
    """Press one key by its portable name, such as "F12", "Ctrl+1", "1", "Down", "Esc"."""
    sequence: Any = QKeySequence.fromString(name, QKeySequence.SequenceFormat.PortableText)
    combination = sequence[0]
    key, modifiers = combination.key(), combination.keyboardModifiers()
    text = "" if modifiers != _NONE or len(name) != 1 else name.lower()
    _decide()
    _pause(PAUSE_MS)
    send_key(window, key, modifiers, _plain_text(key) or text)
    _pause(PAUSE_MS)
    _decide()


def scan_through_qt(window: QWidget | QWindow, text: str, terminator: str = "\r") -> None:
    """Send a code through Qt's own entry point for key events, in real time."""
    for sign in text + terminator:
        key, modifiers, _ = stroke(sign)
        QTest.keyClick(_target(window), sign if sign.isprintable() else key, modifiers)  # type: ignore[arg-type]
    _decide()


def stroke(sign: str) -> tuple[Qt.Key, Qt.KeyboardModifier, str]:
    """Return key, modifiers and text with which a US keyboard types a character."""
    if sign in "\r\n":
        return (Qt.Key.Key_Return if sign == "\r" else Qt.Key.Key_Enter), _NONE, "\r"
    if sign == "\t":
        return Qt.Key.Key_Tab, _NONE, "\t"
    code = ord(sign)
    if code < 0x20:
        return Qt.Key(code + 0x40), Qt.KeyboardModifier.ControlModifier, sign
    modifiers = Qt.KeyboardModifier.ShiftModifier if sign in _SHIFTED else _NONE
    return (Qt.Key(ord(sign.upper())) if code < 0x7F else Qt.Key.Key_unknown), modifiers, sign


def send_key(
    window: QWidget | QWindow,
    key: Qt.Key,
    modifiers: Qt.KeyboardModifier = _NONE,
    text: str = "",
    *,
    is_repeat: bool = False,
) -> None:
    """Send one key, press and release, as the window system would: override, press, release."""
    kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
    for kind in kinds:
        event = QKeyEvent(kind, key, modifiers, text, is_repeat)
        event.setTimestamp(_at_ms)
        if kind == QEvent.Type.ShortcutOverride:
            event.ignore()
        QCoreApplication.sendEvent(_target(window), event)
    _let_run()


def _pause(ms: int) -> None:
    global _at_ms  # noqa: PLW0603  the one keyboard of the process has one time
    _at_ms += ms


def _decide() -> None:
    """Let the filter decide what it holds, as it does if no further key comes."""
    app = QCoreApplication.instance()
    for scan_filter in app.findChildren(ScanFilter) if app else ():
        scan_filter.flush()
    _let_run()


def _let_run() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        QCoreApplication.processEvents()


def _target(window: QWidget | QWindow) -> QWindow:
    popup = QApplication.activePopupWidget()
    if popup is not None and popup.windowHandle() is not None:
        return popup.windowHandle()
    handle = window if isinstance(window, QWindow) else window.window().windowHandle()
    modal = QGuiApplication.modalWindow()
    return handle if modal is None else modal


def _plain_text(key: Qt.Key) -> str:
    return {Qt.Key.Key_Return: "\r", Qt.Key.Key_Enter: "\r", Qt.Key.Key_Tab: "\t", Qt.Key.Key_Space: " "}.get(
        key, ""
    )
