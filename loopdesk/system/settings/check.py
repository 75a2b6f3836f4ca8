"""Checks the texts and tables that settings come in, with a complaint that says where and what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from loopdesk.domain.errors import SettingsWrong
from loopdesk.system.settings.model import SECTIONS, SETTINGS, Mistake, made
from loopdesk.system.settings.setting import Setting
from loopdesk.system.settings.toml_text import did_you_mean, parse

KEY_VARIABLE = "LOOPDESK_API_KEY"
KNOWN_KEYS = frozenset(x.key for x in SETTINGS)
_SECRET_WORDS = frozenset({"key", "api_key", "apikey", "token", "secret", "password"})
_WORDS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def validated(text: str, file: Path, besides: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Parse and check the text of a settings file.

    Args:
        besides: Keys that may stand there and are no settings; the caller checks them.

    Raises:
        SettingsWrong: With the line and the key of the first mistake.
    """
    tree = parse(text, file)
    _, mistakes = made({key: value for key, value in tree.items() if key not in besides})
    if mistakes:
        from loopdesk.system.settings.toml_places import line_of  # noqa: PLC0415 - for a mistake alone

        first = min(mistakes, key=lambda wrong: line_of(text, wrong.place))
        line = line_of(text, first.place)
        raise SettingsWrong(_in_words(first), file=str(file), line=line, key=first.key)
    return tree


def given(known: Setting, text: str, origin: str) -> Any:
    """Turn text from the environment or the command line into a value, and check it by itself."""
    try:
        return known.checked(_from_text(known, text))
    except ValueError as error:
        raise SettingsWrong(str(error), file=origin, key=known.key) from None


def _from_text(known: Setting, text: str) -> Any:
    match known.kind:
        case "switch":
            if text.casefold() not in _WORDS:
                raise ValueError(known.expected())
            return _WORDS[text.casefold()]
        case "whole" | "number":
            try:
                return int(text) if known.kind == "whole" else float(text)
            except ValueError:
                raise ValueError(known.expected()) from None
        case "table":
            return _table_from(known, text)
        case "list":
            return [part.strip() for part in text.split(",") if part.strip()]
        case _:
            return text


def _table_from(known: Setting, text: str) -> Any:
    """Read a table as JSON: the environment and the Settings view have no TOML."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError(f'{known.expected()}; here as {{"rmaid": "{{return}}"}}')
    return found


def _in_words(wrong: Mistake) -> str:
    """Say what is wrong. The value itself is not repeated: it may be a misplaced secret."""
    if wrong.reason:
        return wrong.reason
    if wrong.place[-1].casefold() in _SECRET_WORDS:
        return f"the API key never stands in a file; enter it in Settings or give it as {KEY_VARIABLE}"
    near = did_you_mean(wrong.key, KNOWN_KEYS | SECTIONS)
    inside = f" in [{wrong.place[0]}]" if len(wrong.place) > 1 else ""
    return f"is not a known setting{inside}{near}"
