"""Makes foreign text safe to show.

Titles, comments and notes come from shoppers and shops. They are shown as plain text, never as markup;
characters that would reverse the reading direction or move the cursor are made visible; and a text of a
hundred kilobytes costs no more than what is shown of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel, QWidget

SHOWN_CHARACTERS = 600
_MOST_MARKS = 4
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANK = {"\t": " ", "\n": " ", "\r": " ", "\u2028": " ", "\u2029": " ", "\u00ad": "", "\u200b": ""}


def key_name(key: str) -> str:
    """Name a key of the table of commands ("Ctrl+1") as it is called on this system and in this language.

    The names are Qt's own: "Strg+1" in German, "⌘1" on macOS.
    """
    keys = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
    return keys.toString(QKeySequence.SequenceFormat.NativeText)


def clean(text: str, limit: int = SHOWN_CHARACTERS, *, lines: bool = False) -> str:
    """Return a foreign text as it may be shown.

    Args:
        text: Any text.
        limit: Maximum length; a longer text ends in "…".
        lines: Keep line breaks.
    """
    cut = text[:limit]
    safe = _clean(cut, lines)
    return f"{safe}…" if len(text) > limit else safe


def sentences(parts: Iterable[str]) -> str:
    """Say one part after the other, as a screen reader does: each ends once, "" is none."""
    said = ""
    for part in filter(None, parts):
        between = "" if not said else " " if said[-1] in ".!?…:" else ". "
        said = f"{said}{between}{part}"
    return said


@lru_cache(maxsize=2048)
def _clean(text: str, lines: bool) -> str:
    """Make the unsafe characters of a short text visible; cached, because rows are drawn often."""
    if text.isascii() and text.isprintable():
        return text
    keep = "\n" if lines else ""
    safe = _UNSAFE.sub(lambda found: found[0] if found[0] == keep else _visible(found[0]), text)
    return _few_marks(safe)


def _visible(character: str) -> str:
    """Return the visible replacement of an unsafe character."""
    if character in _BLANK:
        return _BLANK[character]
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"‹U+{code:04X}›"


def _few_marks(text: str) -> str:
    """Drop combining marks that pile up on one letter and would paint over neighboring rows."""
    if text.isascii():
        return text
    shown: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            shown.append(character)
    return "".join(shown)


def plain(label: QLabel, text: str, limit: int = SHOWN_CHARACTERS, *, lines: bool = False) -> None:
    """Show a foreign text in a label as plain text.

    Args:
        label: The label; unchanged if it has the text already.
        text: Any text.
        limit: Maximum length.
        lines: Keep line breaks.
    """
    shown = clean(text, limit, lines=lines)
    if label.textFormat() is not Qt.TextFormat.PlainText:
        label.setTextFormat(Qt.TextFormat.PlainText)
    if label.text() != shown:
        label.setText(shown)


def caption(text: str) -> str:
    """Return a foreign text for a button or menu: "&" is a character there, not a shortcut."""
    return clean(text).replace("&", "&&")


def tip_text(text: str) -> str:
    """Return a tool tip that shows a foreign text literally; "" stays ""."""
    if not text:
        return ""
    safe = clean(text, 1200, lines=True).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<p style='white-space:pre-wrap'>{safe}</p>"


def tip(widget: QWidget, text: str) -> None:
    """Give a widget a tool tip with a foreign text."""
    shown = tip_text(text)
    if widget.toolTip() != shown:
        widget.setToolTip(shown)


def title(text: str) -> str:
    """Return a window title; "[*]" in it is not the mark of unsaved changes."""
    return clean(text, 200).replace("[*]", "[*][*]")
