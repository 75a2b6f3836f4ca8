"""Random guns of every kind, and what they type: keys for the decoder, key events for a window.

A gun is drawn at random from all those that ``docs/reliability.md`` makes a promise about. Times are
seconds from the first key on.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent, QWindow

from loopdesk.domain.scanner.keys import GS, Key, KeyKind
from tests.ui.keys import stroke

WAYS = ("keys", "keys", "keys", "shift", "alt", "alt of windows", "keypad", "keypad without numlock")
ENDS = ("cr", "lf", "crlf", "tab", "ctrl+m", "none")
_ALT = Qt.KeyboardModifier.AltModifier
_PAD = Qt.KeyboardModifier.KeypadModifier
_NONE = Qt.KeyboardModifier.NoModifier
_PAD_KEYS = {
    "0": Qt.Key.Key_Insert,
    "1": Qt.Key.Key_End,
    "2": Qt.Key.Key_Down,
    "3": Qt.Key.Key_PageDown,
    "4": Qt.Key.Key_Left,
    "5": Qt.Key.Key_Clear,
    "6": Qt.Key.Key_Right,
    "7": Qt.Key.Key_Home,
    "8": Qt.Key.Key_Up,
    "9": Qt.Key.Key_PageUp,
}
_ENDS = {"cr": "\r", "lf": "\n", "crlf": "\r\n", "tab": "\t", "ctrl+m": "\x0d^", "none": ""}


@dataclass(frozen=True)
class Stroke:
    """One key: what it is to the decoder, and to Qt."""

    kind: KeyKind
    text: str
    key: int
    modifiers: Qt.KeyboardModifier = _NONE
    qt_text: str = ""

    def as_key(self, *, in_text: bool) -> Key:
        """Return it as the decoder takes it."""
        goes_in = self.kind in (KeyKind.CHARACTER, KeyKind.COMPOSED, KeyKind.PAD)
        return Key(self.kind, self.text, in_text=in_text and goes_in)


@dataclass(frozen=True)
class Gun:
    """How a scanner types.

    Attributes:
        gap: Seconds between two keys.
        early: How much earlier the first key comes.
        pause: How long it stops once, somewhere.
        jitter: By what part each gap may differ.
        way: One of ``WAYS``.
        end: One of ``ENDS``.
    """

    gap: float
    early: float = 0.0
    pause: float = 0.0
    jitter: float = 0.0
    way: str = "keys"
    end: str = "cr"

    def types(self, code: str, chance: random.Random) -> list[tuple[Stroke, float]]:
        """Return the keys of a code with their times."""
        strokes = [each for sign in code for each in self._sign(sign)]
        strokes += _terminator(self.end)
        hiccup = chance.randrange(1, len(strokes)) if self.pause else -1
        at = 0.0
        timed: list[tuple[Stroke, float]] = []
        for place, each in enumerate(strokes):
            if place:
                at += self.gap * (1 + chance.uniform(-self.jitter, self.jitter))
            if place == 1:
                at += self.early
            elif place == hiccup:
                at = max(at, timed[-1][1] + self.pause)
            timed.append((each, round(at, 3)))
        return timed

    def _sign(self, sign: str) -> list[Stroke]:
        key, modifiers, text = stroke(sign)
        plain = Stroke(KeyKind.CHARACTER, sign, key, modifiers, text)
        if self.way.startswith("alt"):
            pressed = Stroke(KeyKind.MODIFIER, "", Qt.Key.Key_Alt, _ALT)
            digits = [
                Stroke(KeyKind.ALT_DIGIT, digit, ord(digit), _ALT | _PAD) for digit in f"{ord(sign):02d}"
            ]
            made = [Stroke(KeyKind.COMPOSED, sign, 0, _NONE, sign)] if self.way == "alt of windows" else []
            return [pressed, *digits, *made]
        if sign == GS:
            return [Stroke(KeyKind.SEPARATOR, GS, Qt.Key.Key_F8)]
        if self.way == "keypad without numlock" and sign.isdigit():
            return [Stroke(KeyKind.PAD, sign, _PAD_KEYS[sign], _PAD)]
        if self.way == "keypad" and sign.isdigit():
            return [replace(plain, modifiers=_PAD)]
        if self.way == "shift" and sign.isupper():
            return [Stroke(KeyKind.MODIFIER, "", Qt.Key.Key_Shift), plain]
        return [plain]


def _terminator(end: str) -> list[Stroke]:
    if end == "ctrl+m":
        return [Stroke(KeyKind.CHORD, "\r", Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier, "\r")]
    made = []
    for sign in _ENDS[end]:
        key, modifiers, text = stroke(sign)
        made.append(Stroke(KeyKind.TERMINATOR, "\t" if sign == "\t" else "\r", key, modifiers, text))
    return made


def draw(chance: random.Random) -> Gun:
    """Draw a gun of those that something is promised about."""
    jitter = chance.uniform(0.0, 0.15)
    return Gun(
        gap=chance.choice((chance.uniform(0.002, 0.020), chance.uniform(0.002, 0.149 / (1 + jitter)))),
        early=chance.choice((0.0, 0.0, chance.uniform(0.0, 0.100))),
        pause=chance.choice((0.0, 0.0, chance.uniform(0.0, 0.200))),
        jitter=jitter,
        way=chance.choice(WAYS),
        end=chance.choice(ENDS),
    )


def is_promised(gun: Gun, code: str) -> bool:
    """Whether something is promised about this gun and this code.

    Left out, and reported by the doctor: fewer than 8 characters, slower than 60 ms a key, no terminator.
    """
    slowest = gun.gap * (1 + gun.jitter)
    return len(code) >= 8 or gun.end != "none" or slowest < 0.060


def send(window: QWindow, each: Stroke, stamp_ms: int) -> None:
    """Send one key to a window as the system does, with its own time."""
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, each.key, each.modifiers, each.qt_text)
        event.setTimestamp(stamp_ms)
        if kind == QEvent.Type.ShortcutOverride:
            event.ignore()
        QCoreApplication.sendEvent(window, event)


def seconds(timed: Sequence[tuple[Stroke, float]]) -> float:
    """Return how long a gun types."""
    return timed[-1][1] if timed else 0.0
