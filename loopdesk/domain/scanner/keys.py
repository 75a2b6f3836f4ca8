"""The keys that a scanner types, and the characters they stand for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

GS = "\x1d"
"""The separator between the fields of a GS1 code."""

_DATA_CONTROLS = frozenset("\x04\x1c\x1d\x1e\x1f")
"""Control characters that 2D codes carry as data; every other chord in a burst is dropped."""

_LINE_ENDS = frozenset("\r\n\t")


class KeyKind(Enum):
    """What a key is to the decoder."""

    CHARACTER = auto()
    """Types visible text: one character, or several that an input method commits at once."""
    COMPOSED = auto()
    """A character that the system composed from an Alt code (Windows sends it after Alt was released)."""
    PAD = auto()
    """A keypad digit that moves the cursor, because NumLock is off; its text is the digit."""
    ALT_DIGIT = auto()
    """A keypad digit while Alt is held: part of an Alt code."""
    SEPARATOR = auto()
    """Stands for GS: the control character itself, Ctrl+], or F8."""
    TERMINATOR = auto()
    """Enter, Return or Tab, with or without modifiers."""
    CHORD = auto()
    """A key with Ctrl, Alt or Meta that types no visible text."""
    MODIFIER = auto()
    """Shift, Ctrl, Alt, Caps Lock … alone."""
    OTHER = auto()
    """Arrows, F-keys, Esc, Backspace and everything else that is not text."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key press.

    Attributes:
        kind: What it is to the decoder.
        text: What it would type; for chords the control character, "" if there is none.
        is_repeat: The keyboard reports key repeat.
        in_text: It is on its way into a text field, where a person wants to see it immediately; anywhere else
            a key may trigger something.
        origin: An opaque value that the caller gets back with a replayed key.
    """

    kind: KeyKind
    text: str = ""
    is_repeat: bool = False
    in_text: bool = False
    origin: object = None

    @property
    def ends_line(self) -> bool:
        """Whether it ends a code: Enter, Tab, Ctrl+M, Ctrl+J, Ctrl+I."""
        return self.kind is KeyKind.TERMINATOR or (
            self.kind is KeyKind.CHORD and self.text != "" and self.text in _LINE_ENDS
        )


def signs(keys: Iterable[Key]) -> str:
    """Return what keys stand for: text, separators, line ends; other keys stand for nothing.

    Alt codes are assembled here: X11 never sends their characters, Windows sends them in addition to the
    digits.
    """
    found: list[str] = []
    number = ""
    for key in keys:
        if key.kind is KeyKind.ALT_DIGIT:
            number += key.text
            continue
        if number and key.kind is not KeyKind.COMPOSED:
            found.append(_alt_sign(number))
        number = ""
        found.append(_data(key))
    return "".join((*found, _alt_sign(number)))


def typed(keys: Iterable[Key]) -> str:
    """Return what keys stand for, plus the text of those that stand for nothing: a prefix may contain
    them.
    """
    return "".join(signs((key,)) or key.text for key in keys)


def _data(key: Key) -> str:
    match key.kind:
        case KeyKind.CHARACTER | KeyKind.COMPOSED | KeyKind.PAD:
            return key.text
        case KeyKind.SEPARATOR:
            return GS
        case KeyKind.TERMINATOR:
            return "\t" if key.text == "\t" else "\n"
        case KeyKind.CHORD if key.text in _DATA_CONTROLS:
            return key.text
    return ""


def _alt_sign(number: str) -> str:
    """Return the character of an Alt code: code page 1252 with a leading zero, 437 without one."""
    if not number:
        return ""
    code = int(number[-6:])
    if code < 0x20 or code == 0x7F:
        sign = chr(code)
        return sign if sign in _DATA_CONTROLS or sign in _LINE_ENDS else ""
    if code < 0x100:
        return bytes((code,)).decode("cp1252" if number[0] == "0" else "cp437", "ignore")
    return chr(code) if code < 0x11_0000 and not 0xD800 <= code < 0xE000 else ""


def looks_like_code(text: str, least: int = 8) -> bool:
    """Whether a text is what labels print rather than what people write.

    Args:
        text: What was typed.
        least: Minimum number of characters.
    """
    letters = [sign for sign in text if sign.isalpha()]
    one_case = all(x.isupper() for x in letters) or all(x.islower() for x in letters)
    digits = sum(sign.isdigit() for sign in text)
    clean = all("!" <= sign <= "~" or sign == GS for sign in text)
    return len(text) >= least and clean and one_case and digits >= min(4, least)
