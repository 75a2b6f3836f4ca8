"""Settings as they are given, as text: of a file, the environment, the command line or the Settings view."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from loopdesk.domain.errors import SettingsWrong, ValueWrong
from loopdesk.system.settings.model import KEY_VARIABLE, KNOWN_KEYS, SECTIONS, Mistake, made
from loopdesk.system.settings.toml import nearest, parse
from loopdesk.system.settings.values import Setting

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
    """Parse and validate the text of a settings file.

    Args:
        besides: Keys that are allowed but are not settings; the caller checks them.

    Raises:
        SettingsWrong: With the line and the key of the first mistake.
    """
    tree = parse(text, file)
    _, mistakes = made({key: value for key, value in tree.items() if key not in besides})
    if mistakes:
        from loopdesk.system.settings.toml import line_of  # noqa: PLC0415 - for a mistake alone

        first = min(mistakes, key=lambda wrong: line_of(text, wrong.place))
        line = line_of(text, first.place)
        raise SettingsWrong(first.wrong or _unknown(first), file=str(file), line=line, key=first.key)
    return tree


def given(known: Setting, text: str, origin: str) -> Any:
    """Convert text from the environment or the command line to a value, and validate it on its own."""
    try:
        return known.checked(_from_text(known, text))
    except ValueWrong as wrong:
        raise SettingsWrong(wrong, file=origin, key=known.key) from None


def _from_text(known: Setting, text: str) -> Any:
    match known.kind:
        case "switch":
            if text.casefold() not in _WORDS:
                raise known.expected()
            return _WORDS[text.casefold()]
        case "whole" | "number":
            try:
                return int(text) if known.kind == "whole" else float(text)
            except ValueError:
                raise known.expected() from None
        case "table":
            return _table_from(text)
        case "list":
            return [part.strip() for part in text.split(",") if part.strip()]
        case _:
            return text


def _table_from(text: str) -> Any:
    """Read a table as JSON: the environment and the Settings view have no TOML."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ValueWrong("must_be_json_table")
    return found


def _unknown(found: Mistake) -> ValueWrong:
    """Return what is wrong with a key that is no setting's."""
    if found.place[-1].casefold() in _SECRET_WORDS:
        return ValueWrong("key_in_a_file", variable=KEY_VARIABLE)
    near = nearest(found.key, KNOWN_KEYS | SECTIONS)
    if len(found.place) > 1:
        return ValueWrong("unknown_setting_in", section=found.place[0], near=near)
    return ValueWrong("unknown_setting", near=near)
