"""An API key as it arrives: pasted from an e-mail, a chat or a script, with extra characters."""

from __future__ import annotations

import re
from enum import StrEnum

LONGEST_KEY = 512
"""Longer texts are not keys, but something pasted by mistake."""

_AROUND = " \t\r\n\f\v\x00\xa0\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u2060\ufeff"
"""White space, visible and invisible, including a byte order mark."""

_QUOTES = "\"'`´“”„‟‘’‚‛«»‹›"

_BEFORE = re.compile(
    r"(?:(?:export\s+|\$env:|set\s+)?(?:x-authorization|authorization|loopdesk_api_key|api[ _-]?key|key)"
    r"\s*[:=]|bearer\s)",
    re.IGNORECASE,
)


class KeyFault(StrEnum):
    """Why a text cannot be a key."""

    EMPTY = "empty"
    SEVERAL_LINES = "several_lines"
    NOT_PLAIN = "not_plain"
    TOO_LONG = "too_long"


def pasted_key(text: str) -> str:
    """Strip what pasting brings along: white space, quotes, ``Bearer`` and the name of a header or
    variable.
    """
    while True:
        shorter = text.strip(_AROUND).strip(_QUOTES)
        if found := _BEFORE.match(shorter):
            shorter = shorter[found.end() :]
        if shorter == text:
            return text
        text = shorter


def key_fault(text: str) -> KeyFault | None:
    """Return why the result of ``pasted_key`` cannot be a key.

    Anything but 1 to 512 printable ASCII characters without spaces could alter the request it is part of.
    """
    key = pasted_key(text)
    if not key:
        return KeyFault.EMPTY
    if len(key.split("\n")) > 1 or len(key.split("\r")) > 1:
        return KeyFault.SEVERAL_LINES
    if not all("!" <= sign <= "~" for sign in key):
        return KeyFault.NOT_PLAIN
    return KeyFault.TOO_LONG if len(key) > LONGEST_KEY else None
