"""An API key as text: as it arrives, pasted with extra characters, and what is bound to it in use.

A binding is the key's fingerprint and the host, ``0123456789abcdef@api.loopreturns.com``. Actions kept before
bindings had an address carry only the fingerprint.
"""

from __future__ import annotations

import re
from enum import StrEnum
from urllib.parse import urlsplit

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


# --- what a kept action is bound to -----------------------------------------------------------------


def host_of(url: str) -> str:
    """Return the host of an address, in lower case; "" if it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def binding_of(fingerprint: str, url: str) -> str:
    """Return the binding of a key and an address; "" without a key."""
    return f"{fingerprint}@{host_of(url)}" if fingerprint else ""


def address_in(binding: str) -> str:
    """Return the host in a binding; "" for one without an address."""
    return binding.partition("@")[2]


def fits(made_with: str, in_use: str) -> bool:
    """Whether what was decided under one binding may be sent under another without asking a person."""
    return made_with in ("", in_use, in_use.partition("@")[0])
