"""Printed command codes and badges: their signature letters, and how to recognize a scan of one.

Anyone can print ``LDCMDCONFIRM`` on a parcel. A command code therefore ends with five letters that only a
holder of the station's or the site's secret can make; the bare word is recognized but never acts.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from loopdesk.domain.labels import layouts
from loopdesk.domain.labels.scans import CodeKind, CodeRead, without_aim
from loopdesk.domain.labels.splits import repeated
from loopdesk.domain.scanner.burst import PREFIX

BADGE_PREFIX = "LDBADGE"

ALPHABET = "BCDEFGHJKLNPRSTUVX"
"""The alphabet of the signature: no letters that French, German and US keyboards swap."""

LETTERS = 5

HIDDEN = "•••••"
"""Replaces the letters wherever a code is stored or shown."""

_LINE_ENDS = re.compile(r"[\r\n\t\x1e]+")
_UNPRINTED = re.compile(r"[\x00-\x20\x7f]")
_TORN_PREFIXES = ("CMD", "LDCM", "LDCD", "LDMD", "LCMD")
"""What remains of ``PREFIX`` if one key of it is lost; the first one also stands for more."""


def letters(word: str, secret: str) -> str:
    """Return the five letters for a word: its HMAC-SHA256, in ``ALPHABET``."""
    number = int.from_bytes(hmac.digest(secret.encode(), word.encode(), hashlib.sha256))
    out = ""
    for _ in range(LETTERS):
        number, place = divmod(number, len(ALPHABET))
        out += ALPHABET[place]
    return out


def printed(word: str, secret: str) -> str:
    """Return the code to print for a command's word."""
    return word + letters(word, secret)


def recognize(raw: str, words: Collection[str], secrets: Collection[str]) -> CodeRead | None:
    """Tell whether a scan is a command code, a badge, or something close to one.

    Args:
        raw: As read; may contain an AIM identifier, wrong case, or another keyboard layout's characters.
        words: Every command's word.
        secrets: Those whose codes act: the station's, the site's.

    Returns:
        What it is, with a text that is safe to store; None for every other code.
    """
    lines = [line for line in _LINE_ENDS.split(raw) if line.strip()]
    if len(lines) < 2:
        return _one(raw, frozenset(words), frozenset(secrets))
    reads = [_one(line, frozenset(words), frozenset(secrets)) for line in lines]
    if not any(reads):
        return None
    first = reads[0]
    if first is not None and len(set(reads)) == 1:
        return first  # one code, read twice in one scan
    masked = "\n".join(read.masked if read else line for read, line in zip(reads, lines, strict=True))
    return CodeRead(CodeKind.SEVERAL, "", masked)


def _one(raw: str, words: frozenset[str], secrets: frozenset[str]) -> CodeRead | None:
    """Recognize one line."""
    issued = _issued(words, secrets)
    texts = tuple(_texts(raw))
    for text in texts:
        word = issued.get(repeated(text) or text)
        if word:
            return CodeRead(CodeKind.COMMAND, word, word + HIDDEN)
    for text in texts:
        if BADGE_PREFIX in text:
            return CodeRead(CodeKind.BADGE, "", BADGE_PREFIX + HIDDEN)
        if PREFIX in text:
            return _unproven(repeated(text) or text, words)
        if _is_torn(text, words, secrets):
            return CodeRead(CodeKind.WRONG, "", PREFIX + HIDDEN)
    return None


def _texts(raw: str) -> Iterator[str]:
    """The scan as it is, and as it may have been before another keyboard layout."""
    shown = _UNPRINTED.sub("", raw)
    for text in (shown, *(reading.text for reading in layouts.readings(shown))):
        yield without_aim(text.upper())


def _unproven(text: str, words: frozenset[str]) -> CodeRead:
    """Name a code that has the prefix but not the right letters."""
    if text in words:
        return CodeRead(CodeKind.BARE, text, text)
    if text.count(PREFIX) > 1:
        names = [_named(f"{PREFIX}{part}", words) for part in text.split(PREFIX)[1:]]
        return CodeRead(CodeKind.SEVERAL, "", " ".join(f"{name}{HIDDEN}" for name in names))
    name = _named(text, words)
    return CodeRead(CodeKind.WRONG, "" if name == PREFIX else name, name + HIDDEN)


def _named(text: str, words: frozenset[str]) -> str:
    """The longest word contained in a text; the prefix alone if there is none."""
    return max((word for word in words if word in text), key=len, default=PREFIX)


def _is_torn(text: str, words: frozenset[str], secrets: frozenset[str]) -> bool:
    """Whether a text is the remainder of a code after some keys were lost.

    Its letters alone, or the end of its word with them, or its word after a prefix that lacks a letter.
    """
    ends = _ends(words, secrets)
    if text in ends or any(text[at : at + LETTERS + 1] in ends for at in range(len(text) - LETTERS)):
        return True
    if not any(torn in text for torn in _TORN_PREFIXES):  # as in nearly every label
        return False
    bodies = (word.removeprefix(PREFIX) for word in words)
    return any(f"{torn}{body}" in text for body in bodies for torn in _TORN_PREFIXES)


@lru_cache(maxsize=8)
def _issued(words: frozenset[str], secrets: frozenset[str]) -> Mapping[str, str]:
    """The word of every code that acts."""
    return {printed(word, secret): word for secret in secrets for word in words}


@lru_cache(maxsize=8)
def _ends(words: frozenset[str], secrets: frozenset[str]) -> frozenset[str]:
    """The letters of every code that acts, alone and with the last letter of its word before them."""
    issued = _issued(words, secrets)
    return frozenset(code[len(word) - before :] for code, word in issued.items() for before in (0, 1))
