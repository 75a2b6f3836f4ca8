"""Translates Qt key events for the wedge decoder, and tells when they happened."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QKeySequence

from loopdesk.domain.scanner.keys import GS, Key, KeyKind

_MODIFIER_KEYS = frozenset(
    {
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_Super_L,
        Qt.Key.Key_Super_R,
        Qt.Key.Key_Hyper_L,
        Qt.Key.Key_Hyper_R,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
        Qt.Key.Key_ScrollLock,
        Qt.Key.Key_Mode_switch,
    }
)
_ENTER_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_TAB_KEYS = frozenset({Qt.Key.Key_Tab, Qt.Key.Key_Backtab})
_EDITING_KEYS = frozenset({Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Escape})
_PAD_DIGITS = {
    Qt.Key.Key_Insert: "0",
    Qt.Key.Key_End: "1",
    Qt.Key.Key_Down: "2",
    Qt.Key.Key_PageDown: "3",
    Qt.Key.Key_Left: "4",
    Qt.Key.Key_Clear: "5",
    Qt.Key.Key_Right: "6",
    Qt.Key.Key_Home: "7",
    Qt.Key.Key_Up: "8",
    Qt.Key.Key_PageUp: "9",
    Qt.Key.Key_Delete: ".",
}
"""What the keypad's keys would type if NumLock were on."""
_FIELD_CHORDS = frozenset(
    {Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_V, Qt.Key.Key_X, Qt.Key.Key_Y, Qt.Key.Key_Z}
)
"""Letters that a text field handles with Ctrl."""

_IS_MAC = sys.platform == "darwin"
_CTRL = Qt.KeyboardModifier.MetaModifier if _IS_MAC else Qt.KeyboardModifier.ControlModifier
_COMMAND = Qt.KeyboardModifier.ControlModifier if _IS_MAC else Qt.KeyboardModifier.MetaModifier
_ALT = Qt.KeyboardModifier.AltModifier
_ANY = _CTRL | _COMMAND | _ALT
_NONE = Qt.KeyboardModifier.NoModifier


def key_of(event: QKeyEvent, origin: object = None, *, in_field: bool = False) -> Key:
    """Translate a key press for the decoder.

    Chords with Alt or the system key are ``OTHER``: on their own they are passed on immediately, because the
    system itself handles some of them (Alt+F4), and a replayed event would be too late. Alt with a keypad
    digit is the exception: scanners send arbitrary characters that way.

    Args:
        event: The event at the window stage.
        origin: Returned with the key when it is replayed.
        in_field: A text field has the focus.
    """
    kind = _kind(event)
    in_text = in_field and (kind in _TYPING or _is_for_field(event))
    return Key(kind, _text(event, kind), event.isAutoRepeat(), in_text, origin)


def key_of_commit(event: QInputMethodEvent, origin: object = None) -> Key | None:
    """Translate what an input method commits; None for what cannot be a scanner's.

    Args:
        event: The event on its way to a text field.
        origin: Returned with the key when it is replayed.
    """
    text = event.commitString()
    is_plain = bool(text) and text.isascii() and text.isprintable() and not event.preeditString()
    if not is_plain or event.replacementLength():
        return None
    return Key(KeyKind.CHARACTER, text, in_text=True, origin=origin)


def name_of(event: QKeyEvent) -> str:
    """Return a key in the notation of the table of commands ("1", "Ctrl+1", "F8")."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    combination = QKeySequence(event.key() | modifiers.value)
    return combination.toString(QKeySequence.SequenceFormat.PortableText)


_TYPING = frozenset({KeyKind.CHARACTER, KeyKind.COMPOSED, KeyKind.PAD})


def _kind(event: QKeyEvent) -> KeyKind:
    key = event.key()
    if key in _MODIFIER_KEYS:
        return KeyKind.MODIFIER
    if key in _ENTER_KEYS or key in _TAB_KEYS:
        return KeyKind.TERMINATOR
    if key == 0 and len(event.text()) == 1:
        return KeyKind.COMPOSED
    if _pad_digit(event):
        return KeyKind.ALT_DIGIT if event.modifiers() & _ALT else KeyKind.PAD
    if _is_separator(event):
        return KeyKind.SEPARATOR
    if _types_text(event):
        return KeyKind.CHARACTER
    if key in _EDITING_KEYS:
        return KeyKind.OTHER
    return KeyKind.CHORD if _control(event) else KeyKind.OTHER


def _pad_digit(event: QKeyEvent) -> str:
    """Return the digit of a keypad key that types none, because of Alt or because NumLock is off.

    A Mac has no NumLock, and marks its arrow keys as keypad keys.
    """
    pressed = event.modifiers() & _ANY
    if _IS_MAC or not event.modifiers() & Qt.KeyboardModifier.KeypadModifier or pressed not in (_NONE, _ALT):
        return ""
    if pressed == _ALT and Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9:
        return chr(event.key())
    digit = _PAD_DIGITS.get(Qt.Key(event.key()), "") if event.key() in _PAD_DIGITS else ""
    return "" if pressed == _ALT and digit == "." else digit


def _is_for_field(event: QKeyEvent) -> bool:
    """Whether it is copy, paste and the like, which a text field handles itself."""
    return event.key() in _FIELD_CHORDS and event.modifiers() & _ANY in (_CTRL, _COMMAND)


def _text(event: QKeyEvent, kind: KeyKind) -> str:
    key = event.key()
    if kind in (KeyKind.PAD, KeyKind.ALT_DIGIT):
        return _pad_digit(event)
    if kind is KeyKind.COMPOSED:
        return event.text()
    if key in _TAB_KEYS:
        return "\t"
    if key in _ENTER_KEYS:
        return "\r"
    return event.text() if _types_text(event) else _control(event)


def _is_separator(event: QKeyEvent) -> bool:
    if event.key() == Qt.Key.Key_F8:
        return event.modifiers() & _ANY == _NONE
    return _control(event) == GS


def _types_text(event: QKeyEvent) -> bool:
    """Whether the key types something visible. AltGr looks like Ctrl+Alt on Windows, Option like Alt."""
    text = event.text()
    if not text or not text.isprintable():
        return False
    pressed = event.modifiers() & _ANY
    return pressed in (_NONE, _CTRL | _ALT) or (_IS_MAC and pressed == _ALT)


def _control(event: QKeyEvent) -> str:
    """The control character that a key sends: its own text, or that of Ctrl with a letter; "" if none."""
    text = event.text()
    if len(text) == 1 and not text.isprintable() and event.key() not in _EDITING_KEYS:
        return text
    key = event.key()
    if event.modifiers() & _ANY == _CTRL and 0x40 <= key <= 0x5F:
        return chr(key & 0x1F)
    if event.modifiers() & _ANY == _CTRL and 0x20 <= key <= 0xFF:
        return "\x00"
    return ""


class StreamClock:
    """Puts the times of key events on one scale that never goes back, in seconds.

    Uses the system's own timestamps where they are plausible, so that a stalled event loop turns neither a
    burst into typing nor typing into a burst; otherwise the time of arrival.
    """

    _LONGEST_BACKLOG_SECONDS = 30.0

    def __init__(self) -> None:
        self._at = 0.0
        self._stamp_ms = 0
        self._arrived = 0.0

    def at(self, stamp_ms: int, arrived: float) -> float:
        """Return when an event happened.

        Args:
            stamp_ms: The event's timestamp in milliseconds on the system's scale, 0 if it has none.
            arrived: When it reached us, on a monotonic scale in seconds.
        """
        waited = max(0.0, arrived - self._arrived)
        if stamp_ms > 0 and self._stamp_ms > 0:
            passed = (stamp_ms - self._stamp_ms) / 1000
            if 0 <= passed <= waited + self._LONGEST_BACKLOG_SECONDS:
                return self._at + passed
        return self._at + waited

    def note(self, stamp_ms: int, arrived: float) -> float:
        """Return when an event happened, and measure later ones relative to it."""
        self._at = self.at(stamp_ms, arrived)
        self._stamp_ms, self._arrived = stamp_ms, arrived
        return self._at

    def now(self, arrived: float) -> float:
        """Return the current time on the same scale."""
        return self._at + max(0.0, arrived - self._arrived)
