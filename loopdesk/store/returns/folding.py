"""How words are compared in the search: without case, accents and number signs. Pure."""

from __future__ import annotations

import re
import unicodedata

from loopdesk.store.codes import storable

WORDS_MOST = 12
"""Most words of a question that count; each one costs time, and no person types more."""

_SEPARATORS = re.compile(r"[\x00-\x1f\x7f\s]+")

_NO_ACCENT = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
"""Letters that Unicode does not take for a letter with a mark, but people type without it."""


def folded(text: str) -> str:
    """Write a text as the index holds it; what is typed is written the same way before it is looked for."""
    plain = text.isascii() and text.lower()
    if plain:
        return plain
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", storable(text)).casefold())
    return "".join(ch for ch in parts if not unicodedata.combining(ch)).translate(_NO_ACCENT)


def question_words(text: str) -> tuple[str, ...]:
    """Split what was typed into folded words, each once, without the ``#`` before a number."""
    words = (word.lstrip("#") for word in _SEPARATORS.split(folded(text)))
    return tuple(dict.fromkeys(word for word in words if word))[:WORDS_MOST]
