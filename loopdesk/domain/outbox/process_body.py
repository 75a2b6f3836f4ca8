"""The words that go with a processing, where the shop wants any: checked, and filled in when kept.

Loop copies the keys of the body to the orders that the processing makes, and to a note on the timeline. How
long they may be is not documented; two kilobytes are taken for safe.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

PLACEHOLDERS = ("station", "operator", "settlement", "return", "order")
MOST_KEYS = 10
MOST_CHARACTERS = 255
MOST_BYTES = 2000

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}", re.ASCII)
_BRACES = re.compile(r"\{([^{}]*)\}")
_LONGEST = {"station": 40, "operator": 40, "settlement": 32, "return": 19, "order": 100}
"""How long what is filled in may become."""


def check(template: Mapping[str, str]) -> None:
    """Refuse a body that Loop might not take, or that names what nobody can fill in.

    Raises:
        ValueError: With the key and what is wrong with it, in words.
    """
    if len(template) > MOST_KEYS:
        raise ValueError(f"must have at most {MOST_KEYS} keys")
    for key, text in template.items():
        if not _KEY.fullmatch(key):
            raise ValueError("has a key that is not a letter and up to 39 letters, digits, - and _")
        if not text.isprintable():
            raise ValueError(f'"{key}" must be one line of plain text')
        unknown = [name for name in _BRACES.findall(text) if name not in PLACEHOLDERS]
        if unknown:
            known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            raise ValueError(f'"{key}" has a placeholder that is not known; known are {known}')
        if len(_filled(text, {name: "x" * n for name, n in _LONGEST.items()})) > MOST_CHARACTERS:
            raise ValueError(f'"{key}" may become longer than {MOST_CHARACTERS} characters')
    longest = filled(template, **{name: "x" * n for name, n in _LONGEST.items()})
    if len(json.dumps(longest)) > MOST_BYTES:
        raise ValueError(f"may become larger than {MOST_BYTES} bytes")


def filled(template: Mapping[str, str], **values: str) -> dict[str, str]:
    """Fill the placeholders in, once: what is filled in is not read for placeholders again.

    Args:
        values: A text for each of ``PLACEHOLDERS``.
    """
    return {key: _filled(text, values) for key, text in template.items()}


def with_words(payload: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Return a payload whose body, where it has one, has its placeholders filled in."""
    body = payload.get("body")
    return dict(payload) | ({"body": filled(body, **words)} if body else {})


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _BRACES.sub(lambda found: values.get(found[1], found[0]), text)
