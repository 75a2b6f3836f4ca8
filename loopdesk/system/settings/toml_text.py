"""Reading TOML that people write, so that every complaint can name the file, the line and the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from loopdesk.domain.errors import SettingsWrong

_PLACE = r"^(?P<what>.*?) \(at line (?P<line>\d+), column \d+\)$"

Path_ = tuple[str | int, ...]
"""Where a value stands: names of tables and keys, and 0-based places in an array of tables."""


def read_text(file: Path) -> str:
    """Read a settings or vocabulary file as UTF-8, with or without a byte order mark.

    Raises:
        SettingsWrong: The file cannot be read or is not UTF-8.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise SettingsWrong(f"cannot be read ({error.strerror})", file=str(file)) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise SettingsWrong("is not UTF-8 text", file=str(file), line=line) from error


def parse(text: str, file: Path | str) -> dict[str, Any]:
    """Parse TOML.

    Raises:
        SettingsWrong: With the line of the first mistake in the writing.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        placed = re.match(_PLACE, str(error), re.DOTALL)
        if placed is None:  # "at end of document": the mistake is on the last line
            line = max(1, len(text.splitlines()))
            raise SettingsWrong(str(error), file=str(file), line=line) from error
        raise SettingsWrong(placed["what"], file=str(file), line=int(placed["line"])) from error


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean "…"?` for the nearest known word, or "" when none is near."""
    import difflib  # noqa: PLC0415 - for a mistake alone

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def flatten(tree: Mapping[str, Any], tables: frozenset[str]) -> dict[str, Any]:
    """Turn nested tables into dotted keys, descending only into the tables named."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if key in tables and isinstance(value, Mapping):
            flat.update({f"{key}.{inner}": below for inner, below in value.items()})
        else:
            flat[key] = value
    return flat
