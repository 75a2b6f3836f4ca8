"""The optional body of a processing: its template is validated, and filled in when the action is kept.

Loop copies the keys of the body to the orders that processing creates, and to a note on the timeline. Their
maximum length is undocumented; two kilobytes are assumed to be safe.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from loopdesk.domain.errors import ValueWrong

PLACEHOLDERS = ("station", "operator", "settlement", "return", "order")
MOST_KEYS = 10
MOST_CHARACTERS = 255
MOST_BYTES = 2000

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}", re.ASCII)
_BRACES = re.compile(r"\{([^{}]*)\}")
_LONGEST = {"station": 40, "operator": 40, "settlement": 32, "return": 19, "order": 100}
"""Maximum length of each filled-in value."""


def check(template: Mapping[str, str]) -> None:
    """Reject a body that Loop might not accept, or that has unknown placeholders.

    Raises:
        ValueWrong: With the name of the text.
    """
    if len(template) > MOST_KEYS:
        raise ValueWrong("too_many_keys", n=MOST_KEYS)
    for key, text in template.items():
        if not _KEY.fullmatch(key):
            raise ValueWrong("odd_key")
        if not text.isprintable():
            raise ValueWrong("text_of_several_lines", name=key)
        unknown = [name for name in _BRACES.findall(text) if name not in PLACEHOLDERS]
        if unknown:
            known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            raise ValueWrong("unknown_placeholder_in", name=key, known=known)
        if len(_filled(text, {name: "x" * n for name, n in _LONGEST.items()})) > MOST_CHARACTERS:
            raise ValueWrong("may_become_longer", name=key, n=MOST_CHARACTERS)
    longest = filled(template, **{name: "x" * n for name, n in _LONGEST.items()})
    if len(json.dumps(longest)) > MOST_BYTES:
        raise ValueWrong("may_become_larger", n=MOST_BYTES)


def filled(template: Mapping[str, str], **values: str) -> dict[str, str]:
    """Fill in the placeholders in one pass: values are not searched for placeholders.

    Args:
        values: A text for each of ``PLACEHOLDERS``.
    """
    return {key: _filled(text, values) for key, text in template.items()}


def with_words(payload: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Return a payload with the placeholders of its body, if any, filled in."""
    body = payload.get("body")
    return dict(payload) | ({"body": filled(body, **words)} if body else {})


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _BRACES.sub(lambda found: values.get(found[1], found[0]), text)
