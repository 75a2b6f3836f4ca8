"""Normalizes words for the search: without case, accents and number signs. Pure functions."""

from __future__ import annotations

import re
import unicodedata

from loopdesk.store.codes import storable

WORDS_MOST = 12
"""Maximum number of words in a query; each one costs time, and no person types more."""

_SEPARATORS = re.compile(r"[\x00-\x1f\x7f\s]+")

_NO_ACCENT = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
"""Letters that Unicode does not decompose, but that people type without the mark."""


def folded(text: str) -> str:
    """Normalize a text for the index; queries are normalized the same way."""
    plain = text.isascii() and text.lower()
    if plain:
        return plain
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", storable(text)).casefold())
    return "".join(ch for ch in parts if not unicodedata.combining(ch)).translate(_NO_ACCENT)


def question_words(text: str) -> tuple[str, ...]:
    """Split a query into distinct normalized words, without the ``#`` before a number."""
    words = (word.lstrip("#") for word in _SEPARATORS.split(folded(text)))
    return tuple(dict.fromkeys(word for word in words if word))[:WORDS_MOST]
